"""Parts of modules, told by a table: a function, a class or a name of a module, or all of it."""

from __future__ import annotations

import ast
import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant

_ALL = "*"


@dataclass(frozen=True, slots=True)
class Parts:
    """The lines that some parts have, by module."""

    lines: Mapping[Path, frozenset[int]]

    def have(self, path: Path, mutant: Mutant) -> bool:
        """Whether the fault of a mutant is in one of them."""
        return mutant.line in self.lines.get(path, frozenset())


def read_parts(table: Path) -> Parts:
    """Read a table with the columns path, name and reason.

    Raises:
        LookupError: a module has no such name any more, or a part has no reason.
    """
    lines: dict[Path, frozenset[int]] = {}
    with table.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            if not row["reason"]:
                raise LookupError(f"{row['name']} of {row['path']} is in {table} without a reason")
            path = Path(row["path"])
            lines[path] = lines.get(path, frozenset()) | _lines_of(path, row["name"])
    return Parts(lines)


def _lines_of(path: Path, name: str) -> frozenset[int]:
    found = {
        line
        for node in ast.parse(path.read_text("utf-8")).body
        if name in {_ALL, *_names_of(node)}
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    if not found:
        raise LookupError(f"{path} has nothing with the name {name}")
    return frozenset(found)


def _names_of(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case _:
            return set()
