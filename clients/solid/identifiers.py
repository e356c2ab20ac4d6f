"""Random ids for new documents: they say nothing about what they name."""

from __future__ import annotations

import secrets

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LETTERS = 23


def random_id() -> str:
    """Make a random id of 16 characters (78 bits), beginning with a letter."""
    return secrets.choice(_ALPHABET[:_LETTERS]) + "".join(secrets.choice(_ALPHABET) for _ in range(15))
