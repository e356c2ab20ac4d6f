"""The intake file of one worker: a line is in it before its answer leaves, and survives a kill of the process."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

from vault.errors import Unavailable
from vault.journal.backlog import Backlog
from vault.journal.frames import Place, make_frame
from vault.model.identifiers import IdSource
from vault.model.journal import JournalEntry
from vault.stores.files import sync_folder
from vault.stores.ports import Cipher

SUFFIX = ".intake"
rotate_bytes = 4 * 1024 * 1024
sync_every_s = 0.1


class IntakeFile:
    """Appends lines to files of its own, one at a time, each locked for as long as it is written to.

    The lock tells the keeper that more may follow; the kernel frees it when the process ends. `start` makes lines
    durable against a power cut from then on, every 100 ms; without it they only survive the process.
    """

    def __init__(self, folder: Path, cipher: Cipher, new_id: IdSource, backlog: Backlog) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._cipher = cipher
        self._new_id = new_id
        self._backlog = backlog
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._name = ""
        self._place = Place()
        self._dirty = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def append(self, entry: JournalEntry) -> None:
        """Keep a line.

        Raises:
            Unavailable: it cannot be written, or lines before it are not being sealed.
        """
        self._backlog.check(entry.time_ms)
        with self._lock:
            try:
                self._write(self._ready(), entry)
            except OSError as error:
                raise Unavailable("the journal cannot be written") from error
            except BaseException:
                # Half a line, or who knows what: the keeper sees, and nothing may follow it there.
                self._leave()
                raise

    def start(self) -> None:
        """Sync in the background until `close`."""
        self._thread = threading.Thread(target=self._keep_syncing, name="intake-sync", daemon=True)
        self._thread.start()

    def sync(self) -> None:
        """Make what was appended durable against a power cut.

        A file that cannot be synced is left to the keeper as it is, and the next line begins another one: what a second
        attempt would say of the first could not be trusted.
        """
        with self._lock:
            descriptor = os.dup(self._descriptor) if self._dirty and self._descriptor is not None else None
            self._dirty = False
        if descriptor is None:
            return
        try:
            os.fsync(descriptor)
        except OSError:
            with self._lock:
                self._leave()
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Sync and leave the file to the keeper."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self.sync()
        with self._lock:
            self._leave()

    def _ready(self) -> int:
        if self._descriptor is not None and self._place.position >= rotate_bytes:
            try:
                os.fsync(self._descriptor)
            finally:
                self._leave()
        if self._descriptor is None:
            self._descriptor, self._name = self._open()
            self._place = Place()
        return self._descriptor

    def _open(self) -> tuple[int, str]:
        while True:
            name = f"{self._new_id()}{SUFFIX}"
            path = self._folder / name
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Before it was locked the keeper may have taken it for the empty file of a dead worker.
            if os.fstat(descriptor).st_nlink == 1:
                sync_folder(self._folder)
                return descriptor, name
            os.close(descriptor)

    def _write(self, descriptor: int, entry: JournalEntry) -> None:
        written, after = make_frame(self._cipher, self._name, self._place, entry)
        if os.write(descriptor, written) != len(written):
            raise Unavailable("the journal has no room")
        self._place = after
        self._dirty = True

    def _leave(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _keep_syncing(self) -> None:
        while not self._stopping.wait(sync_every_s):
            self.sync()
