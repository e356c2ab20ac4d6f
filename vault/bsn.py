"""Citizen service numbers (BSN): recognised by the eleven-proof, so that none gets into an address, a request or a grant."""

from __future__ import annotations

import re
from urllib.parse import unquote

_NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def holds_bsn(text: str) -> bool:
    """Whether a text holds a number of nine digits that passes the eleven-proof, percent-encoded or not."""
    return any(_passes(number) for form in {text, unquote(text)} for number in _NINE_DIGITS.findall(form))


def _passes(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=True))
    return number.strip("0") != "" and total % 11 == 0
