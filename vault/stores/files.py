"""Files that are there wholly and durably, or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vault.errors import StorageFull, Unavailable

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def sync_folder(folder: str | os.PathLike[str]) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder, and what is missing above it, that only their owner may enter."""
    # What `mkdir` makes above a folder has the mode of the process, whatever mode was asked for.
    for one in (*reversed(folder.parents), folder):
        one.mkdir(exist_ok=True, mode=0o700)


def close_folder(folder: Path) -> None:
    """Let nobody but its owner enter a folder that is there, as far as it is this process's to close."""
    found = folder.stat()
    if found.st_mode & 0o077 and found.st_uid == os.geteuid():
        folder.chmod(0o700)


def create_file(path: Path, content: bytes) -> bool:
    """Write a file that only its owner may read, durable on return; False (and untouched) when it is there already."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        # A link, unlike a rename, never replaces what another process made in the meantime.
        os.link(part, path)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


@contextmanager
def naming_disk_failures() -> Iterator[None]:
    """Let a failure of the disk pass on as the fact behind it.

    Raises:
        StorageFull: no room is left.
        Unavailable: anything else.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull("no room is left on the disk") from error
        raise Unavailable("the object store cannot be written") from error


@contextmanager
def locked(path: str | os.PathLike[str]) -> Iterator[bool]:
    """Hold the lock of a file or folder alone; False when somebody else has it, alone or shared. Never waits."""
    with _opened(path) as descriptor:
        yield _take_lock(descriptor)


@contextmanager
def sharing_lock(path: str | os.PathLike[str]) -> Iterator[None]:
    """Hold the lock of a file or folder together with others who share it; waits for whoever has it alone."""
    with _opened(path) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[int]:
    # Closing it also lets the lock go, and so does the end of the process, however it ends.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _take_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
