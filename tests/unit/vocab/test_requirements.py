"""The register of normative statements, and that tests refer to rows that exist."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import vocab

_ROOT = Path(vocab.__file__).parents[1]
_MARK = re.compile(r"^ *@pytest\.mark\.requirement\(\s*\"([^\"]+)\",\s*\"([^\"]+)\"", re.MULTILINE)


def _rows() -> list[tuple[str, str]]:
    with (Path(vocab.__file__).parent / "requirements.csv").open(encoding="utf-8", newline="") as file:
        return [(row["spec"], row["id"]) for row in csv.DictReader(file)]


def test_every_statement_has_its_own_name_within_its_specification() -> None:
    rows = _rows()
    assert len(rows) == len(set(rows)) == 196


def test_every_requirement_that_a_test_names_is_in_the_register() -> None:
    named = {
        found
        for path in (_ROOT / "tests").rglob("test_*.py")
        for found in _MARK.findall(path.read_text("utf-8"))
    }
    assert named - set(_rows()) == set()
    assert named
