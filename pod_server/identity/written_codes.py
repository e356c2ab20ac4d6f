"""Codes that people write down and type: 60 random bits in three groups, in letters that cannot be mistaken (`crockford.com/base32`)."""

from __future__ import annotations

import secrets

# No I, L, O or U: who writes one of the first three gets the figure that it looks like.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
length = 12
group_length = 4
max_typed_length = 100
_READ_AS = str.maketrans("ILO", "110")


def new_code() -> str:
    """Make a code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def written(code: str) -> str:
    """A code as people read it: in groups of four."""
    return " ".join(code[start : start + group_length] for start in range(0, length, group_length))


def read(typed: str) -> str | None:
    """The code that somebody typed, however she wrote it; None when it cannot be one."""
    if len(typed) > max_typed_length:
        return None
    code = "".join(character for character in typed.upper() if character.isalnum()).translate(_READ_AS)
    return code if len(code) == length and set(code) <= set(ALPHABET) else None
