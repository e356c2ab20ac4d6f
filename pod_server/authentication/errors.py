"""What authentication refuses with, and what fetching a document fails with (`rfc-editor.org/rfc/rfc9449#section-7.1`)."""

from __future__ import annotations

from typing import Literal

ErrorCode = Literal["invalid_token", "invalid_dpop_proof", "invalid_request"]


class InvalidToken(Exception):
    """What was presented does not prove who asks.

    `code` is the error of the challenge. `description` is one of our own constant sentences (no quote, no backslash,
    nothing of what was sent), so that it may stand in a header and in a log.
    """

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.code: ErrorCode = code
        self.description = description


class CannotFetch(Exception):
    """A document of another server could not be had; the message says why, without addresses inside our network."""


class ForbiddenUrl(CannotFetch):
    """A URL that is never fetched, whatever answers there."""
