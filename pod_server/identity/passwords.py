"""Passwords: hashed with argon2id, long enough, and none of those everybody tries (`pages.nist.gov/800-63-4/sp800-63b.html#passwordver`)."""

from __future__ import annotations

import re
import threading
from enum import StrEnum
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

min_length = 10
max_length = 200
# The second recommended option of RFC 9106, 64 MiB a hash: so never many at once, whoever asks.
HASHER = PasswordHasher()
_turns = threading.BoundedSemaphore(2)
_DECORATION = re.compile(r"[\W\d_]+")
_DUTCH_WORDS = Path(__file__).with_name("dutch_words.txt")


class PasswordFault(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    TOO_COMMON = "too-common"
    OWN_NAME = "own-name"


def hash_password(password: str) -> str:
    """Hash for keeping."""
    with _turns:
        return HASHER.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password; without a kept hash it takes as long, and is not."""
    with _turns:
        try:
            HASHER.verify(kept or _nobodys_hash(HASHER), password)
        except VerificationError:
            return False
    return kept is not None


def find_fault(password: str, *own_words: str) -> PasswordFault | None:
    """What is wrong with a new password; `own_words` are the login name and the name of the person."""
    if len(password) < min_length:
        return PasswordFault.TOO_SHORT
    if len(password) > max_length:
        return PasswordFault.TOO_LONG
    bare = _bare(password)
    if password.lower() in _common() or _is_common(bare) or len(set(password)) < 4:
        return PasswordFault.TOO_COMMON
    if bare in {_bare(part) for word in own_words for part in (word, *word.split(), *word.split("@"))}:
        return PasswordFault.OWN_NAME
    return None


def _is_common(bare: str) -> bool:
    """Whether nothing is left, or one common word, perhaps twice."""
    half = bare[: len(bare) // 2]
    word = half if half * 2 == bare else bare
    return not word or word in _common()


def _bare(text: str) -> str:
    """The letters of a text: `Welkom2026!` is still `welkom`."""
    return _DECORATION.sub("", text.lower())


@cache
def _common() -> frozenset[str]:
    # Imported here: the lists are large, and only needed when somebody chooses a password.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    words: list[str] = FREQUENCY_LISTS["passwords"]
    dutch = _DUTCH_WORDS.read_text(encoding="utf-8").split()
    return frozenset(word.lower() for word in (*words, *dutch))


@cache
def _nobodys_hash(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")
