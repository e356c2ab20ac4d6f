"""A storage behind the application, made anew for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.asgi import Home, make_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The storage of a citizen, with an owner and strangers to ask as."""
    return make_home(tmp_path)
