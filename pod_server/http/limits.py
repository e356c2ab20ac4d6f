"""Limits on what one request may take, checked before anything else looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds.

    A body must begin within `grace_s` and keep coming at `least_bytes_per_s` on average.
    """

    max_body_bytes: int = 64 * 1024 * 1024
    max_head_bytes: int = 32 * 1024
    max_head_lines: int = 100
    grace_s: float = 30.0
    least_bytes_per_s: int = 1024


@dataclass(frozen=True, slots=True)
class HeadFault:
    """Why a request's head is not read any further: a status and a sentence."""

    status: int
    sentence: str


def find_head_fault(headers: Mapping[str, tuple[str, ...]], limits: Limits) -> HeadFault | None:
    """Find what makes a request's head unacceptable (`rfc-editor.org/rfc/rfc9112#section-3.2`, `#section-6.3`)."""
    lines = sum(map(len, headers.values()))
    size = sum(len(name) + sum(map(len, values)) for name, values in headers.items())
    if size > limits.max_head_bytes or lines > limits.max_head_lines:
        return HeadFault(431, "The head of the request is too large.")
    if len(headers.get("host", ())) != 1:
        return HeadFault(400, "A request names exactly one Host.")
    if "content-length" in headers and "transfer-encoding" in headers:
        return HeadFault(400, "A request has a Content-Length or a Transfer-Encoding, not both.")
    return None
