"""Objects as files in a folder, spread over subfolders by the first characters of their keys."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from vault.errors import Unavailable
from vault.stores.files import naming_disk_failures, sync_folder

read_bytes = 256 * 1024


class FolderStore:
    """Keeps objects in a folder; durable on return of `put`.

    Bytes are written under their key at once: it is new, and nobody knows it before its row is in the catalogue. A put
    that is cut by the end of its process leaves a key without a row, which is an orphan that gets swept.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = str(folder)

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        """Keep the chunks under a new key.

        Raises:
            StorageFull: no room is left.
            Unavailable: the folder cannot be written.
        """
        path = self._path(key)
        with naming_disk_failures():
            self._make(os.path.dirname(path))
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write(descriptor, chunks)
            # The file's own sync has written its name too on most file systems; then this one costs nearly nothing.
            with naming_disk_failures():
                sync_folder(os.path.dirname(path))
        except BaseException:
            # Whoever failed, what was written so far goes.
            _remove(path)
            raise

    def get(self, key: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """Give bytes from a place on, in chunks. Raises KeyError when there is no such object."""
        try:
            with open(self._path(key), "rb", buffering=0) as file:
                file.seek(start)
                yield from _read(file, size)
        except FileNotFoundError as error:
            raise KeyError(key) from error
        except OSError as error:
            raise Unavailable("an object cannot be read") from error

    def delete(self, key: str) -> None:
        """Remove the object, also when it is absent."""
        _remove(self._path(key))

    def keys(self) -> Iterator[tuple[str, int]]:
        """Every key with the wall second it was written."""
        for folder in sorted(entry.path for entry in os.scandir(self._folder) if entry.is_dir()):
            for entry in os.scandir(folder):
                try:
                    yield entry.name, int(entry.stat().st_mtime)
                except FileNotFoundError:
                    continue

    def _path(self, key: str) -> str:
        return os.path.join(self._folder, key[:2], key)

    def _make(self, folder: str) -> None:
        if not os.path.isdir(folder):
            os.makedirs(folder, mode=0o700, exist_ok=True)
            sync_folder(self._folder)


def _read(file: io.RawIOBase, size: int | None) -> Iterator[bytes]:
    left = sys.maxsize if size is None else size
    while chunk := file.read(min(read_bytes, left)):
        left -= len(chunk)
        yield chunk


def _write(descriptor: int, chunks: Iterable[bytes]) -> None:
    with open(descriptor, "wb", buffering=0) as file:
        for chunk in chunks:
            # Around the disk alone: a failure of whoever sends the chunks must pass on as it is.
            with naming_disk_failures():
                _write_all(file, chunk)
        with naming_disk_failures():
            os.fsync(descriptor)


def _write_all(file: io.RawIOBase, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
