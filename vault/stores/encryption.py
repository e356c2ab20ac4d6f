"""Objects as a stream of sealed segments, so that nothing is given out that was not authenticated.

`eprint.iacr.org/2015/189` (STREAM): each segment's nonce is its number and whether it is the last, so segments cannot
be swapped, repeated or cut off. The key is an object's own, derived from the storage's key and what the object is.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import Unavailable
from vault.model.identifiers import StorageId
from vault.model.representation import Span

segment_bytes = 64 * 1024
tag_bytes = 16
salt_bytes = 16
_VERSION = b"\x01"
header_bytes = len(_VERSION) + salt_bytes
sealed_bytes = segment_bytes + tag_bytes
# Reads a part of a sealed object: from where, and how many bytes at most (None: all that follow).
GetPart = Callable[[int, int | None], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class ObjectBinding:
    """What an object is: it opens only under the same key, storage, resource and revision."""

    key: bytes = field(repr=False)
    storage: StorageId
    resource_key: str
    revision: str


def sealed_size(plain_bytes: int) -> int:
    """How many bytes an object takes that holds so many plain ones."""
    segments = max(1, -(-plain_bytes // segment_bytes))
    return header_bytes + plain_bytes + segments * tag_bytes


def seal(binding: ObjectBinding, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Encrypt chunks of any size into a header and segments."""
    salt = os.urandom(salt_bytes)
    cipher = _cipher(binding, salt)
    yield _VERSION + salt
    number, waiting = 0, bytearray()
    for chunk in chunks:
        waiting += chunk
        # A full segment waits until more follows: only then it is known not to be the last.
        while len(waiting) > segment_bytes:
            yield cipher.encrypt(_nonce(number, last=False), bytes(waiting[:segment_bytes]), None)
            del waiting[:segment_bytes]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), None)


def unseal(
    binding: ObjectBinding, chunks: Iterable[bytes], first: int = 0, *, to_end: bool = True
) -> Iterator[bytes]:
    """Decrypt what `seal` made, from chunks of any size, a segment at a time.

    The chunks are the header, and segments from number `first` on; without `to_end` the last of them is not the
    object's last.

    Raises:
        Unavailable: a byte was changed, or segments were swapped or cut off.
    """
    number, cipher, waiting = first, None, bytearray()
    for chunk in chunks:
        waiting += chunk
        if cipher is None and len(waiting) >= header_bytes:
            cipher = _cipher(binding, _read_header(waiting))
        while cipher is not None and len(waiting) > sealed_bytes:
            yield _open(cipher, _nonce(number, last=False), bytes(waiting[:sealed_bytes]))
            del waiting[:sealed_bytes]
            number += 1
    if cipher is None:
        raise Unavailable("an object is cut off")
    yield _open(cipher, _nonce(number, last=to_end), bytes(waiting))


def unseal_span(binding: ObjectBinding, get: GetPart, total: int, span: Span) -> Iterator[bytes]:
    """Decrypt a stretch of an object of `total` plain bytes: only the segments in which it lies are read.

    Where it reaches the end of the object, so must its last segment. Raises as `unseal`.
    """
    first, last, final = (place // segment_bytes for place in (span.start, span.end - 1, max(total, 1) - 1))
    to_end = last >= final
    size = None if to_end else (last - first + 1) * sealed_bytes
    sealed = chain(get(0, header_bytes), get(header_bytes + first * sealed_bytes, size))
    skipped, left = span.start - first * segment_bytes, span.size
    for number, segment in enumerate(unseal(binding, sealed, first, to_end=to_end), first):
        if number > last:
            raise Unavailable("an object is longer than it should be")
        plain = segment[skipped : skipped + left]
        skipped, left = 0, left - len(plain)
        yield plain


def _read_header(waiting: bytearray) -> bytes:
    version, salt = bytes(waiting[: len(_VERSION)]), bytes(waiting[len(_VERSION) : header_bytes])
    if version != _VERSION:
        raise Unavailable("an object is of an unknown format")
    del waiting[:header_bytes]
    return salt


def _cipher(binding: ObjectBinding, salt: bytes) -> AESGCM:
    bound = "\0".join((binding.storage.value, binding.resource_key, binding.revision)).encode()
    return AESGCM(hmac.digest(binding.key, _VERSION + salt + bound, "sha256"))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _open(cipher: AESGCM, nonce: bytes, segment: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, segment, None)
    except (InvalidTag, ValueError) as error:
        raise Unavailable("an object is not authentic") from error
