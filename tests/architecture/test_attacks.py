"""The table of attacks names tests that are there, and every attack has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs/reference/attacks-on-sign-in.md"
GROUPS = ROOT / "docs/reference/groups.md"
FOLDERS = {
    "http": "tests/http",
    "authentication": "tests/unit/pod_server/authentication",
    "identity": "tests/unit/pod_server/identity",
    "pod_server": "tests/unit/pod_server",
    "conformance": "tests/conformance",
}
_NAMED = re.compile(r"`(\w+)/(test_\w+\.py)::(test_\w+)`")


def rows() -> list[str]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith("| Attack |")]


def test_every_attack_has_a_test() -> None:
    assert len(rows()) > 40
    assert [row for row in rows() if not _NAMED.search(row)] == []


@pytest.mark.parametrize("table", [TABLE, GROUPS], ids=lambda path: path.stem)
def test_every_test_of_the_table_is_there(table: Path) -> None:
    missing = []
    for folder, file, name in _NAMED.findall(table.read_text(encoding="utf-8")):
        text = (ROOT / FOLDERS[folder] / file).read_text(encoding="utf-8")
        if f"def {name}(" not in text:
            missing.append(name)
    assert missing == []
