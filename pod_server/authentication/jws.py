"""The compact form of a signed token, taken apart without trusting it (`rfc-editor.org/rfc/rfc7515#section-7.1`)."""

from __future__ import annotations

import json
import re
from binascii import a2b_base64
from dataclasses import dataclass
from typing import Any

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
# What the last character may be when a segment has a whole number of groups, and 1, 2 or 3 characters over.
_LAST_CHARACTERS = (None, "", "AQgw", "AEIMQUYcgkosw048")
_STANDARD = bytes.maketrans(b"-_", b"+/")
max_token_length = 16 * 1024
_end_of_time_s = 2**40


@dataclass(frozen=True, slots=True)
class CompactJws:
    """The three segments of a token as they were sent."""

    header: str
    payload: str
    signature: str

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over."""
        return f"{self.header}.{self.payload}".encode("ascii")


def split_compact(text: str, max_length: int = max_token_length) -> CompactJws:
    """Take a token apart.

    Raises:
        ValueError: not the compact form, or longer than allowed.
    """
    found = None if len(text) > max_length else _COMPACT.fullmatch(text)
    if found is None:
        raise ValueError("not a signed token in compact form")
    return CompactJws(*found.groups())


def decode_segment(segment: str) -> bytes:
    """Decode base64url without padding; the alphabet has been checked by `split_compact`.

    Raises:
        ValueError: an impossible length, or another spelling of the same bytes.
    """
    last = _LAST_CHARACTERS[len(segment) % 4]
    if last is not None and segment[-1] not in last:
        raise ValueError("not canonical base64url")
    # `base64.urlsafe_b64decode` does the same by way of three calls more.
    return a2b_base64(segment.encode("ascii").translate(_STANDARD) + b"=" * (-len(segment) % 4))


def read_object(segment: str) -> dict[str, Any]:
    """Read a segment that holds a JSON object.

    Raises:
        ValueError: not base64url, not JSON, or not an object.
    """
    try:
        value = json.loads(decode_segment(segment))
    except RecursionError as error:
        raise ValueError("a segment is nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("a segment is not a JSON object")
    return value


def numeric_date(value: object) -> int:
    """Read seconds since the epoch (`rfc-editor.org/rfc/rfc7519#section-2`), whole or not.

    Raises:
        ValueError: not a number, or one that no clock shows.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _end_of_time_s:
        raise ValueError("not a moment")
    return int(value)
