"""Depth of nesting, counted in the bytes before any parser sees them: deep input can end a parser's process."""

from __future__ import annotations

import re

from vault.errors import TooLarge

max_json_depth = 64
max_triple_terms = 100
# A string is taken whole, closed or not, and never tried again from its middle: the time grows with the size only.
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.|\\)*+"?|([\[{])|([\]}])', re.DOTALL)


def check_json_depth(data: bytes, limit: int = max_json_depth) -> None:
    """Refuse JSON that nests deeper than the limit, whatever else is wrong with it.

    Raises:
        TooLarge: deeper than the limit.
    """
    depth = 0
    for token in _JSON_TOKEN.finditer(data):
        if token[1]:
            depth += 1
        elif token[2]:
            depth -= 1
        if depth > limit:
            raise TooLarge(f"the document nests deeper than {limit} levels")


def check_triple_terms(data: bytes, limit: int = max_triple_terms) -> None:
    """Refuse Turtle or N-Triples that could nest triple terms deeper than the limit.

    Every `<<` counts, also in a text: what closes one cannot be told without reading the document as the parser does.

    Raises:
        TooLarge: more of them than the limit.
    """
    if data.count(b"<<") > limit:
        raise TooLarge(f"the document has more than {limit} triple terms")
