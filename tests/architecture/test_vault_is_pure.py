"""The vault takes clock, chance and surroundings from outside; and what is numbered is numbered once."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sizes import ROOT, source_files

_CLOCKS = frozenset(
    {"time.time", "time.time_ns", "time.monotonic", "datetime.now", "datetime.utcnow", "date.today"}
)
_SURROUNDINGS = frozenset({"os.environ", "os.getenv", "sys.argv"})
_MODULES = frozenset({"time", "flask", "socket", "minio"})
_ADAPTER = "vault/stores/objects_s3.py"


def breaches(path: Path, tree: ast.AST) -> Iterator[str]:
    """What a module of the vault takes from outside by itself."""
    for node in ast.walk(tree):
        name = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Attribute) and ast.unparse(node) in _CLOCKS | _SURROUNDINGS:
            yield f"{name} {ast.unparse(node)}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
            if module.split(".")[0] in _MODULES and not name.startswith(f"{_ADAPTER}:"):
                yield f"{name} {module}"


def test_no_module_of_the_vault_asks_the_clock_or_its_surroundings() -> None:
    files = source_files(("vault",))
    assert len(files) > 50
    assert [found for path in files for found in breaches(path, ast.parse(path.read_text("utf-8")))] == []


@pytest.mark.parametrize(
    "text", ["import time", "from flask import Flask", "now = datetime.now(UTC)", "home = os.environ['HOME']"]
)
def test_the_look_at_a_module_sees_what_it_must_not_do(text: str) -> None:
    assert list(breaches(ROOT / "vault" / "x.py", ast.parse(text)))


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = Counter(path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [number for number, count in numbers.items() if count > 1] == []
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]
