"""What is about to be shown of a resource, and how much of it is wanted (`rfc-editor.org/rfc/rfc9110#name-range-requests`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """`size` bytes from `start` on, counted from 0."""

    start: int
    size: int

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.start + self.size


@dataclass(frozen=True, slots=True)
class Candidate:
    """A representation that was chosen and not opened yet.

    `modified_ms` is None for a container, whose listing changes without it. `size` is that of the bytes as they are
    kept; None where they are made for the occasion, so that no part of them can be given. `is_first_state` says that
    the resource never had other bytes.
    """

    version: str
    media_type: str
    modified_ms: int | None
    size: int | None
    is_first_state: bool


NOTHING = Span(0, 0)
# How much of a candidate is wanted: None for all of it, `NOTHING` for what is told about it only.
Wanted = Callable[[Candidate], Span | None]


def everything(_: Candidate) -> None:
    """Want all of it."""
