"""Choosing a media type (`rfc-editor.org/rfc/rfc9110#name-content-negotiation-field-v`)."""

from __future__ import annotations

from functools import lru_cache

from vault.model.operation import Select
from vocab.media_types import essence, parse_accept, quality_of


@lru_cache(maxsize=512)
def selector(accept: str | None) -> Select:
    """Make the choice for an Accept header: the most welcome media type, of equals the first; None when none is."""
    accepted = parse_accept(accept or "")

    @lru_cache(maxsize=64)
    def select(available: tuple[str, ...]) -> str | None:
        best = max(available, key=lambda media_type: quality_of(essence(media_type), accepted))
        return best if quality_of(essence(best), accepted) > 0 else None

    return select
