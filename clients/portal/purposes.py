"""Purposes and legal bases in the citizen's words."""

from __future__ import annotations

from clients.portal.here import text
from vocab.concepts import label

_BASES = ("a", "b", "c", "d", "e", "f")


def purpose_label(purpose: str | None) -> str:
    """What a purpose is called; "" when none was named."""
    if purpose is None:
        return ""
    return label(purpose) or text("waarom.onbekend")


def law_of(legal_basis: tuple[str, ...]) -> tuple[str, ...]:
    """A sentence for each legal basis of Article 6."""
    letters = [basis.rsplit("A6-1-", 1)[-1] for basis in legal_basis if "A6-1-" in basis]
    return tuple(text(f"grondslag.{letter}") for letter in letters if letter in _BASES)
