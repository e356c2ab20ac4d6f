"""The import contracts of `pyproject.toml` hold."""

from __future__ import annotations

from importlinter.cli import lint_imports


def test_import_contracts_hold() -> None:
    assert lint_imports(no_cache=True) == 0
