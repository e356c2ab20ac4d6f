"""Templates compiled once for all the applications that tests make."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache

from jinja2 import FileSystemBytecodeCache


@cache
def compiled_templates() -> FileSystemBytecodeCache:
    """What templates are compiled to, kept in a folder as long as this process lives."""
    folder = tempfile.mkdtemp(prefix="wijkkluis-templates-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return FileSystemBytecodeCache(folder)
