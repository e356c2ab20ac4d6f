"""Addresses within this site, as they come back from a browser: nobody is led elsewhere by them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

max_length = 10 * 1024
# No backslash (browsers read it as a slash), no space, no control character, nothing beyond ASCII.
_PLAIN = re.compile(r"/[!#-\[\]^_a-z{}|~]*")


def own_path(text: str) -> str | None:
    """A path with its query within this site; None for anything that could lead a browser elsewhere."""
    if len(text) > max_length or _PLAIN.fullmatch(text) is None or text.startswith("//"):
        return None
    parts = urlsplit(text)
    return None if parts.scheme or parts.netloc or parts.fragment else text
