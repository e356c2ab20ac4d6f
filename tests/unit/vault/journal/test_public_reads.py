"""Anonymous reading of what is public is counted, and told as one line of each storage."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from tests.support.journals import NOON_MS, entry
from tests.support.vaults import RecordingIntake, TestClock
from vault.errors import Unavailable
from vault.journal import public_reads as module
from vault.journal.public_reads import PublicReads
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry

ONE, OTHER = StorageId("abcdefghjkmnpqrs"), StorageId("bcdefghjkmnpqrst")


@dataclass
class FullIntake:
    """Takes some lines and then no more, until told otherwise."""

    room: int
    entries: list[JournalEntry] = field(default_factory=list)

    def append(self, line: JournalEntry) -> None:
        if self.room == 0:
            raise Unavailable("no room")
        self.room -= 1
        self.entries.append(line)


def counted(*storages: StorageId) -> PublicReads:
    reads = PublicReads()
    for storage in storages:
        reads.count(entry(storage, agent=None, client=None, issuer=None))
    return reads


def counts(intake: RecordingIntake | FullIntake) -> dict[StorageId, int]:
    return {line.storage: line.count for line in intake.entries}


def test_many_reads_of_a_storage_are_one_line_that_says_only_how_many() -> None:
    intake, reads = RecordingIntake(), counted(ONE, ONE, ONE)
    reads.tell(intake, NOON_MS + 5)
    (line,) = intake.entries
    assert (line.activity, line.count, line.time_ms) == ("public-reads", 3, NOON_MS + 5)
    assert (line.agent, line.resource) == (None, "")


def test_each_storage_is_told_of_its_own_reads() -> None:
    intake = RecordingIntake()
    counted(ONE, OTHER, ONE).tell(intake, NOON_MS)
    assert counts(intake) == {ONE: 2, OTHER: 1}


def test_what_was_told_is_not_told_again() -> None:
    intake, reads = RecordingIntake(), counted(ONE)
    for _ in range(2):
        reads.tell(intake, NOON_MS)
    assert len(intake.entries) == 1


def test_what_the_journal_cannot_keep_stays_counted() -> None:
    intake, reads = FullIntake(room=1), counted(ONE, OTHER, OTHER)
    with pytest.raises(Unavailable):
        reads.tell(intake, NOON_MS)
    reads.count(entry(ONE))
    intake.room = 2
    reads.tell(intake, NOON_MS)
    assert sum(line.count for line in intake.entries) == 4


def test_it_is_told_from_time_to_time_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    intake, reads, stopping = FullIntake(room=0), counted(ONE), threading.Event()
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        intake.room = len(waited) - 1
        return len(waited) == 3

    monkeypatch.setattr(stopping, "wait", wait)
    reads.keep_telling(intake, TestClock(), stopping)
    assert waited == [module.tell_every_s] * 3
    assert counts(intake) == {ONE: 1}
