"""Which proofs were used before: one file of fixed size that all processes share (`rfc-editor.org/rfc/rfc9449#section-11.1`)."""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import threading
from dataclasses import dataclass
from pathlib import Path

from pod_server.authentication.errors import InvalidToken
from vault.errors import Unavailable

proof_lifetime_s = 60
_magic = b"wijkkluis-replay1"
_head = struct.Struct("<17s36s3xQ")
_moment = struct.Struct("<Q")
_moment_place = slice(_head.size - _moment.size, _head.size)
_slot = struct.Struct("<16sQ")
_slots_in_bucket = 16
_bucket_size = _slot.size * _slots_in_bucket
_boot_id = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class UsedProof:
    """A proof by the thumbprint of its key, its `jti` and the second it was made."""

    thumbprint: str
    jti: str
    issued_at: int

    @property
    def digest(self) -> bytes:
        """16 bytes that stand for key and `jti`; a thumbprint has no space in it."""
        return hashlib.sha256(f"{self.thumbprint} {self.jti}".encode("utf-8", "surrogatepass")).digest()[:16]


def read_boot_id(path: Path = _boot_id) -> str:
    """What tells one start of the machine from another; "" where that cannot be known."""
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class _Locked:
    """Holds a part of the file against other processes; a generator would take twice as long."""

    __slots__ = ("_file", "_length", "_start")

    def __init__(self, file: int, start: int, length: int) -> None:
        self._file, self._start, self._length = file, start, length

    def __enter__(self) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_EX, self._length, self._start)

    def __exit__(self, *_: object) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN, self._length, self._start)


class ReplayStore:
    """A table of used proofs in a memory-mapped file, locked by bucket, for threads and processes alike.

    It survives a restart of processes. After a restart of the machine, whose last writes may be lost, it starts anew
    and refuses every proof made before that moment, as a new file does. A proof is refused as well when its bucket is full
    or when its slot may have been given to another one (the clock went back).
    """

    def __init__(self, path: Path, now_s: int, *, buckets: int = 2**15, boot_id: str | None = None) -> None:
        self._buckets = buckets
        self._size = _head.size + buckets * _bucket_size
        self._boot = (read_boot_id() if boot_id is None else boot_id).encode("ascii")[:36].ljust(36, b"\0")
        self._thread_lock = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with _Locked(self._file, 0, _head.size):
                is_known = os.fstat(self._file).st_size == self._size
                os.ftruncate(self._file, self._size)
                self._map = mmap.mmap(self._file, self._size)
                if not (is_known and self._is_of_this_boot()):
                    self._start_anew(now_s)
        except BaseException:
            os.close(self._file)
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
        os.close(self._file)

    def remember(self, proof: UsedProof, now_s: int) -> None:
        """Take note of a proof whose signature holds.

        Raises:
            InvalidToken: it was used before, or may have been.
            Unavailable: there is no room for it now.
        """
        digest, last_s = proof.digest, proof.issued_at + proof_lifetime_s
        start = _head.size + int.from_bytes(digest[:8]) % self._buckets * _bucket_size
        with self._thread_lock, _Locked(self._file, start, _bucket_size):
            bucket = self._map[start : start + _bucket_size]
            # Wherever it stands: that it does by chance is as likely as two equal digests, and refuses.
            if digest in bucket:
                raise InvalidToken("invalid_dpop_proof", "the proof was used before")
            if last_s <= self._forgotten_until():
                raise InvalidToken("invalid_dpop_proof", "the proof is too old")
            self._put(start + _free_slot(bucket, now_s), digest, last_s)

    def _put(self, place: int, digest: bytes, last_s: int) -> None:
        _, evicted_until = _slot.unpack_from(self._map, place)
        if evicted_until > self._forgotten_until():
            with _Locked(self._file, 0, _head.size):
                # Eight aligned bytes in one copy: others read them without this lock.
                self._map[_moment_place] = _moment.pack(max(evicted_until, self._forgotten_until()))
        self._map[place : place + _slot.size] = _slot.pack(digest, last_s)

    def _is_of_this_boot(self) -> bool:
        magic, boot, _ = _head.unpack_from(self._map)
        return bool(magic == _magic and boot == self._boot and boot.strip(b"\0"))

    def _start_anew(self, now_s: int) -> None:
        self._map[:] = bytes(self._size)
        # The head comes last: a process killed before this line leaves a file that the next one starts anew.
        _head.pack_into(self._map, 0, _magic, self._boot, now_s - 1 + proof_lifetime_s)

    def _forgotten_until(self) -> int:
        return int(_moment.unpack(self._map[_moment_place])[0])


def _free_slot(bucket: bytes, now_s: int) -> int:
    for number, (_, last_s) in enumerate(_slot.iter_unpack(bucket)):
        if last_s < now_s:
            return number * _slot.size
    raise Unavailable("too many proofs at this moment", 1)
