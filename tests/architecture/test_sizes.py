"""The gates on size, and that they can fail."""

from __future__ import annotations

import ast

from tests.architecture.sizes import ROOT, functions, line_count, percentile, source_files


def test_no_file_is_longer_than_400_lines_and_most_are_far_below() -> None:
    lines = {str(path.relative_to(ROOT)): line_count(path) for path in source_files()}
    assert [name for name, count in lines.items() if count > 400] == []
    assert percentile(list(lines.values()), 0.95) <= 300
    assert percentile(list(lines.values()), 0.5) < 160


def test_no_function_is_longer_than_50_lines_and_most_are_far_below() -> None:
    sizes = [size for path in source_files() for size in functions(path)]
    assert [size for size in sizes if size.body_lines > 50] == []
    assert percentile([size.body_lines for size in sizes], 0.95) <= 30
    assert percentile([size.body_lines for size in sizes], 0.5) < 10


def test_packages_are_at_most_two_levels_deep() -> None:
    assert [path for path in source_files() if len(path.relative_to(ROOT).parts) > 3] == []


def test_the_measure_sees_a_long_function() -> None:
    body = "\n".join(f"    x = {number}" for number in range(60))
    node = ast.parse(f"def long():\n{body}\n").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert (node.body[-1].end_lineno or 0) - node.body[0].lineno + 1 == 60


def test_every_module_says_what_it_is() -> None:
    silent = [
        path
        for path in source_files()
        if line_count(path) and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []
