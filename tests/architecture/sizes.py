"""Measures what STYLE gates: lines a file, lines a function body, parameters, nesting, depth of packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("vault", "pod_server", "clients", "vocab")
_BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match, ast.AsyncFor, ast.AsyncWith)


@dataclass(frozen=True)
class FunctionSize:
    """One function: where it is, and what is measured of it."""

    place: str
    body_lines: int
    parameters: int


def source_files(packages: tuple[str, ...] = PACKAGES) -> list[Path]:
    """Every Python file of the packages; migrations are data."""
    found = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def line_count(path: Path) -> int:
    """Lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[FunctionSize]:
    """Each function and method of a file; a docstring does not count as body."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _measure(path, node)


def _measure(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> FunctionSize:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
    positional = [*node.args.posonlyargs, *node.args.args]
    own = [a for a in positional if a.arg not in {"self", "cls"}]
    return FunctionSize(
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", lines, len(own) + len(node.args.kwonlyargs)
    )


def percentile(values: list[int], share: float) -> int:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]
