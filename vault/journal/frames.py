"""Frames of an intake file: how a line rests between its answer and its sealing, and how it is found again.

A frame is a head (mark, length and checksum of the rest, counter, access epoch, running hash) and a payload (storage id,
sealed entry). The running hash goes over all frames of the file so far; the payload is bound to file and counter.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from vault.errors import InvalidIdentifier, Unavailable
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry
from vault.stores.codec import decode_entry, encode_entry
from vault.stores.ports import Cipher

MARK = b"\xf5WKF"
hash_bytes = 32
max_payload_bytes = 1024 * 1024
_storage_bytes = 16
_START = struct.Struct(">4sII")
_COUNTERS = struct.Struct(">QQ")
_head_bytes = _START.size + _COUNTERS.size + hash_bytes


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two frames of a file: the byte, the counter of the last frame, and the running hash."""

    position: int = 0
    counter: int = 0
    running: bytes = bytes(hash_bytes)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame whose checksum holds; `after` is the place behind it as the frame itself says."""

    epoch: int
    payload: bytes
    after: Place

    @property
    def storage(self) -> StorageId | None:
        """The storage that it is about, as the frame itself says; None when that is no id."""
        try:
            return StorageId(self.payload[:_storage_bytes].decode())
        except (InvalidIdentifier, UnicodeDecodeError):
            return None

    def follows(self, before: Place) -> bool:
        """Whether nothing is missing between a place and this frame."""
        return self.after.counter == before.counter + 1 and self.after.running == _run(before, self.payload)


def make_frame(cipher: Cipher, file: str, before: Place, entry: JournalEntry) -> tuple[bytes, Place]:
    """Make the bytes of the frame that follows a place, and the place behind it."""
    counter = before.counter + 1
    sealed = cipher.encrypt(entry.storage, _label(file, counter), encode_entry(entry))
    payload = entry.storage.value.encode() + sealed
    running = _run(before, payload)
    rest = _COUNTERS.pack(counter, entry.epoch) + running + payload
    written = _START.pack(MARK, len(rest), zlib.crc32(rest)) + rest
    return written, Place(before.position + len(written), counter, running)


def open_frame(cipher: Cipher, file: str, frame: Frame) -> JournalEntry | None:
    """Decrypt the entry of a frame; None when it is not authentic.

    Raises:
        Unavailable: the key of its storage cannot be read, so that nothing can be said.
    """
    storage = frame.storage
    if storage is None:
        return None
    try:
        sealed = frame.payload[_storage_bytes:]
        return decode_entry(cipher.decrypt(storage, _label(file, frame.after.counter), sealed))
    except Unavailable:
        # Raises by itself when the key is what is missing: an unreadable key must never cost a line.
        cipher.lookup_hash(storage, "intake", "")
        return None


def read_frames(data: bytes, start: int = 0) -> Iterator[Frame]:
    """Give the whole frames in the bytes of a file that begin at byte `start`.

    Damaged bytes are skipped up to the next whole frame; the counters then show how many are missing. What follows the
    last whole frame is torn, or is still being written.
    """
    at = 0
    while at >= 0:
        frame = _frame_at(data, at, start)
        if frame is None:
            at = data.find(MARK, at + 1)
            continue
        yield frame
        at = frame.after.position - start


def _frame_at(data: bytes, at: int, start: int) -> Frame | None:
    if len(data) - at < _head_bytes:
        return None
    mark, length, checksum = _START.unpack_from(data, at)
    rest_at = at + _START.size
    end = rest_at + length
    if mark != MARK or not _COUNTERS.size + hash_bytes <= length <= max_payload_bytes or end > len(data):
        return None
    if zlib.crc32(data[rest_at:end]) != checksum:
        return None
    counter, epoch = _COUNTERS.unpack_from(data, rest_at)
    payload_at = at + _head_bytes
    running = data[payload_at - hash_bytes : payload_at]
    return Frame(epoch, data[payload_at:end], Place(start + end, counter, running))


def _run(before: Place, payload: bytes) -> bytes:
    return hashlib.sha256(before.running + payload).digest()


def _label(file: str, counter: int) -> str:
    return f"intake:{file}:{counter}"
