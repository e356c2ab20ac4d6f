"""Counting what anybody may read and somebody who is not signed in reads: one line for many (`docs/explanation/journal.md`)."""

from __future__ import annotations

import threading
from dataclasses import replace

from vault.errors import Unavailable
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry
from vault.model.moments import Clock
from vault.stores.ports import Intake

PUBLIC_READS = "public-reads"
# Each worker adds at most one line to a journal in this time, however often somebody reads.
tell_every_s = 600.0


class PublicReads:
    """The count of each storage since it was last told; only in memory, so that such a read costs no write."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[StorageId, JournalEntry] = {}

    def count(self, read: JournalEntry) -> None:
        """Count a read by the line that it would have been."""
        with self._lock:
            seen = self._counted.get(read.storage)
            count = read.count if seen is None else seen.count + read.count
            self._counted[read.storage] = replace(read, count=count)

    def tell(self, intake: Intake, now_ms: int) -> None:
        """Tell the journal of each storage how often it was read, without saying what.

        Raises:
            Unavailable: the journal cannot keep it; it stays counted.
        """
        with self._lock:
            counted, self._counted = self._counted, {}
        while counted:
            _, read = counted.popitem()
            try:
                intake.append(_line(read, now_ms))
            except Unavailable:
                for left in (read, *counted.values()):
                    self.count(left)
                raise

    def keep_telling(self, intake: Intake, clock: Clock, stopping: threading.Event) -> None:
        """Tell again and again, until told to stop, and then once more."""
        while not stopping.wait(tell_every_s):
            self._try(intake, clock)
        self._try(intake, clock)

    def _try(self, intake: Intake, clock: Clock) -> None:
        try:
            self.tell(intake, clock().wall_ms)
        except Unavailable:
            # Readiness shows a journal that stands still, and what was counted is told when it goes on.
            return


def _line(read: JournalEntry, now_ms: int) -> JournalEntry:
    return JournalEntry(
        read.storage,
        now_ms,
        read.epoch,
        read.trace_id,
        PUBLIC_READS,
        "",
        read.mode,
        count=read.count,
    )
