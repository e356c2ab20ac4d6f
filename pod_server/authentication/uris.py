"""Comparing request URIs as RFC 9449 does, and telling origins (`rfc-editor.org/rfc/rfc9449#section-4.3`)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = {"http": 80, "https": 443}
Origin = tuple[str, str, int]


def without_query(url: str) -> str:
    """The URL without query and fragment."""
    return url.partition("#")[0].partition("?")[0]


def is_same_uri(one: str, other: str) -> bool:
    """Whether two URLs are one but for query and fragment, after syntax-based and scheme-based normalisation only."""
    one, other = without_query(one), without_query(other)
    if one == other:
        return True
    try:
        return _normalised(one) == _normalised(other)
    except ValueError:
        return False


def origin_of(url: str) -> Origin:
    """Scheme, host and port of an http(s) URL.

    Raises:
        ValueError: not an http(s) URL, or one with credentials in it.
    """
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise ValueError("a URL has characters that it may not have")
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("not a plain http(s) URL")
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]


def _normalised(url: str) -> tuple[Origin, str]:
    path = _ESCAPE.sub(_normalised_escape, urlsplit(url).path)
    return origin_of(url), _without_dot_segments(path) or "/"


def _normalised_escape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def _without_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in {".", ".."}:
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)
