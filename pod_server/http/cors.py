"""Cross-origin requests: allowed at this level, so that access rules alone decide (`solidproject.org/TR/protocol#cors-server`)."""

from __future__ import annotations

import re

from pod_server.http.limits import Header
from pod_server.http.requests import Request

_METHODS = b"GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
_REQUEST_HEADERS = (
    "Accept, Authorization, Content-Digest, Content-Type, DPoP, If-Match, If-Modified-Since, If-None-Match, If-Range, "
    "If-Unmodified-Since, Link, Origin, Purpose-Of-Use, Range, Slug, Want-Content-Digest, Want-Repr-Digest"
)
_EXPOSED = (
    b"Accept-Patch, Accept-Post, Accept-Put, Accept-Ranges, Allow, Cache-Control, Content-Digest, Content-Length, Content-Range, "
    b"Content-Security-Policy, Content-Type, Date, ETag, Last-Modified, Link, Location, Repr-Digest, Retry-After, "
    b"Server, Trace-Id, Vary, WAC-Allow, WWW-Authenticate, X-Content-Type-Options"
)
_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:\s*,\s*[A-Za-z0-9!#$%&'*+.^_`|~-]+)*")
max_age_s = 86_400


def is_preflight(request: Request) -> bool:
    """Whether a browser asks whether it may ask."""
    return (
        request.method == "OPTIONS"
        and "origin" in request.headers
        and "access-control-request-method" in request.headers
    )


def cors_headers(request: Request) -> list[Header]:
    """The headers of an answer to a cross-origin request; none without a valid Origin."""
    origin = request.origin
    if origin is None:
        return []
    return [
        (b"access-control-allow-origin", origin.encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-allow-headers", _REQUEST_HEADERS.encode()),
        (b"access-control-expose-headers", _EXPOSED),
    ]


def preflight_headers(request: Request) -> list[Header]:
    """The headers of the answer to a preflight: the same whatever is asked for."""
    origin = request.origin
    if origin is None:
        return []
    asked = request.joined("access-control-request-headers") or ""
    more = f", {asked}" if _NAMES.fullmatch(asked) else ""
    return [
        (b"access-control-allow-origin", origin.encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-allow-headers", (_REQUEST_HEADERS + more).encode()),
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-max-age", str(max_age_s).encode()),
    ]
