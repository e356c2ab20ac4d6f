"""Attempts are counted by scope and period, and outlive the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.vaults import make_context
from vault.errors import Conflict


def test_attempts_are_counted_for_their_scope_and_period_only(tmp_path: Path) -> None:
    catalogue = make_context(tmp_path).catalogue
    for _ in range(3):
        catalogue.write(lambda tx: tx.count_attempt("server", 7))
    catalogue.write(lambda tx: tx.count_attempt("issuer x", 7))
    with catalogue.view() as view:
        assert (view.attempts("server", 7), view.attempts("issuer x", 7)) == (3, 1)
        assert (view.attempts("server", 8), view.attempts("nobody", 7)) == (0, 0)


def test_a_new_period_starts_at_nothing_and_forgets_the_old_one(tmp_path: Path) -> None:
    catalogue = make_context(tmp_path).catalogue
    catalogue.write(lambda tx: tx.count_attempt("server", 7))
    catalogue.write(lambda tx: tx.count_attempt("server", 8))
    with catalogue.view() as view:
        assert (view.attempts("server", 7), view.attempts("server", 8)) == (0, 1)


def test_what_raises_undoes_the_counting(tmp_path: Path) -> None:
    catalogue = make_context(tmp_path).catalogue

    def change(tx: object) -> None:
        tx.count_attempt("server", 7)  # type: ignore[attr-defined]  # any transaction
        raise Conflict("stop")

    with pytest.raises(Conflict):
        catalogue.write(change)
    with catalogue.view() as view:
        assert view.attempts("server", 7) == 0
