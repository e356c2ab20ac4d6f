"""The people of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.people import People, make_people


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A citizen who met a worker."""
    made = make_people(tmp_path)
    made.meet()
    return made
