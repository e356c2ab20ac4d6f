"""Depth of nesting, counted in the bytes before any parser sees them: deep input can end a parser's process."""

from __future__ import annotations

from vault.errors import TooLarge

max_json_depth = 64
max_triple_term_depth = 8
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")
_QUOTE, _BACKSLASH = ord('"'), ord("\\")


def check_json_depth(data: bytes, limit: int = max_json_depth) -> None:
    """Refuse JSON that nests deeper than the limit, whatever else is wrong with it.

    Raises:
        TooLarge: deeper than the limit.
    """
    depth = 0
    in_string = escaped = False
    for byte in data:
        if in_string:
            in_string, escaped = _in_string(byte, escaped=escaped)
        elif byte == _QUOTE:
            in_string = True
        elif byte in _OPENING:
            depth += 1
            if depth > limit:
                raise TooLarge(f"the document nests deeper than {limit} levels")
        elif byte in _CLOSING:
            depth -= 1


def _in_string(byte: int, *, escaped: bool) -> tuple[bool, bool]:
    if escaped:
        return True, False
    return byte != _QUOTE, byte == _BACKSLASH


def check_triple_terms(data: bytes, limit: int = max_triple_term_depth) -> None:
    """Refuse Turtle or N-Triples with triple terms; the standards' documents have none.

    Only `<<` can open one; counting it without reading strings refuses a little more, never less.

    Raises:
        TooLarge: more of them in a row than the limit.
    """
    if data.count(b"<<") > limit and _deepest(data) > limit:
        raise TooLarge(f"the document nests triple terms deeper than {limit} levels")


def _deepest(data: bytes) -> int:
    depth = deepest = position = 0
    while position < len(data):
        pair = data[position : position + 2]
        if pair == b"<<":
            depth += 1
            deepest = max(deepest, depth)
        elif pair == b">>" and depth:
            depth -= 1
        position += 2 if pair in {b"<<", b">>"} else 1
    return deepest
