"""Digests of content: checked on the way in, told on the way out (`rfc-editor.org/rfc/rfc9530`).

Of structured fields (`rfc-editor.org/rfc/rfc9651#section-3.2`) only dictionaries are read here, without inner lists.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from vault.errors import BadInput

CONTENT, REPRESENTATION = "Content-Digest", "Repr-Digest"
ALGORITHMS: Mapping[str, str] = {"sha-256": "sha256", "sha-512": "sha512"}
_KEY = r"[a-z*][a-z0-9_\-.*]*"
_ITEM = (
    r'(?::[A-Za-z0-9+/=]*:|"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"|-?\d{1,15}(?:\.\d{1,3})?|\?[01]'
    r"|[A-Za-z*][A-Za-z0-9:/!#$%&'*+.^_`|~-]*)"
)
_MEMBER = re.compile(rf"({_KEY})(?:=({_ITEM}))?((?:;\ *{_KEY}(?:={_ITEM})?)*)[ \t]*(?:,[ \t]*(?=.)|$)")
_PREFERENCE = re.compile(r"(?:10|[0-9])")


@dataclass(frozen=True, slots=True)
class Digest:
    """What a header says the content's digest is."""

    header: str
    algorithm: str
    value: bytes


@dataclass(slots=True)
class DigestCheck:
    """Compares content with what headers say of it, piece by piece."""

    expected: tuple[Digest, ...]
    _hashes: dict[str, hashlib._Hash] = field(init=False)

    def __post_init__(self) -> None:
        self._hashes = {one.algorithm: hashlib.new(ALGORITHMS[one.algorithm]) for one in self.expected}

    def add(self, piece: bytes) -> None:
        """Take the next piece into account."""
        for running in self._hashes.values():
            running.update(piece)

    def finish(self) -> None:
        """Compare, now that all of it has passed.

        Raises:
            BadInput: a header names another digest.
        """
        for one in self.expected:
            if self._hashes[one.algorithm].digest() != one.value:
                raise BadInput(f"the content is not what {one.header} says: it was changed on its way")


def read_digests(header: str, text: str | None) -> tuple[Digest, ...]:
    """Read the digests of the algorithms that are known here; the others say nothing.

    Raises:
        BadInput: it is no dictionary, or such a digest is not in base64 between colons.
    """
    found = () if text is None else read_dictionary(header, text).items()
    return tuple(Digest(header, name, _decode(header, value)) for name, value in found if name in ALGORITHMS)


def wants_sha256(wanted: str | None, *, unasked: bool) -> bool:
    """Whether a Want-… header asks for the digest that is at hand; `unasked` when there is no such header."""
    if wanted is None:
        return unasked
    try:
        preference = read_dictionary("Want-Digest", wanted).get("sha-256", "0")
    except BadInput:
        # A wish that cannot be understood is none.
        return False
    return _PREFERENCE.fullmatch(preference) is not None and preference != "0"


def sha256_field(digest: bytes) -> bytes:
    """A SHA-256 as the value of a header."""
    return b"sha-256=:" + base64.b64encode(digest) + b":"


def read_dictionary(header: str, text: str) -> dict[str, str]:
    """Read a dictionary of items as they are written, without their parameters; of equal keys the last counts.

    Raises:
        BadInput: it is none.
    """
    found: dict[str, str] = {}
    place, text = 0, text.strip(" ")
    while place < len(text):
        member = _MEMBER.match(text, place)
        if member is None:
            raise BadInput(f"{header} is malformed: it is a dictionary such as sha-256=:base64:")
        found[member[1]] = member[2] or "?1"
        place = member.end()
    return found


def _decode(header: str, value: str) -> bytes:
    try:
        if len(value) > 2 and value[0] == value[-1] == ":":
            return base64.b64decode(value[1:-1], validate=True)
    except binascii.Error:
        pass
    raise BadInput(f"{header} is malformed: a digest is base64 between colons")
