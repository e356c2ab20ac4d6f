"""The people of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.people import People
from tests.support.relocation import people_who_move


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A citizen who gave a worker her plan, and a team in the town she moves to."""
    return people_who_move(tmp_path)
