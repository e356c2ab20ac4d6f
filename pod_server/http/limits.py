"""Limits on what one request may take, checked before anything else looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds; those per agent count in each worker process.

    A body must begin within `grace_s`, keep coming at `least_bytes_per_s` on average, and have come within
    `max_request_s`; so must an answer have gone.
    """

    max_body_bytes: int = 2 * 1024 * 1024 * 1024
    max_head_bytes: int = 32 * 1024
    max_head_lines: int = 90
    max_path_bytes: int = 2048
    max_query_bytes: int = 4096
    grace_s: float = 30.0
    least_bytes_per_s: int = 1024
    max_request_s: float = 3600.0
    max_concurrent: int = 1024
    max_concurrent_per_agent: int = 256
    max_refusals_per_minute: int = 120_000


@dataclass(frozen=True, slots=True)
class HeadFault:
    """Why a request's head is not read any further: a status and a sentence."""

    status: int
    sentence: str


def find_head_fault(headers: Mapping[str, tuple[str, ...]], limits: Limits) -> HeadFault | None:
    """Find what makes a request's head unacceptable (`rfc-editor.org/rfc/rfc9112#section-3.2`, `#section-6.3`)."""
    lines = sum(map(len, headers.values()))
    size = sum(len(name) + sum(map(len, values)) for name, values in headers.items())
    if size > limits.max_head_bytes:
        return HeadFault(431, f"The headers may be at most {limits.max_head_bytes} bytes. Send fewer.")
    if lines > limits.max_head_lines:
        return HeadFault(431, f"There may be at most {limits.max_head_lines} headers. Send fewer.")
    hosts = headers.get("host", ())
    # The server in front fills in an empty one.
    if len(hosts) != 1 or not hosts[0]:
        return HeadFault(400, "A request names exactly one Host.")
    if "content-length" in headers and "transfer-encoding" in headers:
        return HeadFault(400, "A request has a Content-Length or a Transfer-Encoding, not both.")
    return None


def find_target_fault(path: str, query: str, limits: Limits) -> HeadFault | None:
    """Find what makes a request's target too long (`rfc-editor.org/rfc/rfc9110#status.414`)."""
    if len(path) > limits.max_path_bytes:
        return HeadFault(414, f"The path may be at most {limits.max_path_bytes} bytes. Use a shorter name.")
    if len(query) > limits.max_query_bytes:
        return HeadFault(
            414, f"The query may be at most {limits.max_query_bytes} bytes. Ask for less at once."
        )
    return None
