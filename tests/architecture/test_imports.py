"""The import contracts of `pyproject.toml` hold."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.sizes import ROOT


def test_import_contracts_hold() -> None:
    # In a process of its own: it sets logging up anew, which would silence the loggers of every later test.
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout
