"""The people of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.people import People, make_people
from tests.support.relocation import register_new_team


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A citizen who gave a worker her plan, and a team in the town she moves to."""
    made = make_people(tmp_path)
    made.meet()
    made.give(made.add("plannen/rust/plan"))
    made.add("brieven/brief")
    register_new_team(made)
    return made
