"""Worker and keeper killed with -9 at every line of their code: each answered request stays in exactly one line.

The processes are forked, so the catalogue is opened only in them: SQLite does not survive a fork.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.support.journals import entry
from tests.support.vaults import NOON_MS, TestClock, make_keyring
from vault.journal.chain import Chain
from vault.journal.heartbeat import Heartbeat, write_heartbeat
from vault.journal.intake import IntakeFile
from vault.journal.lines import no_hash
from vault.journal.seal import Sealer
from vault.model.identifiers import StorageId, random_id
from vault.model.journal import JournalEntry, JournalHead
from vault.model.records import StorageRecord
from vault.stores.catalogue import SqlCatalogue
from vault.stores.sqlite import migrate, open_database

STORAGE = StorageId("ncsv6x3mmnsnut6x")
KILLED_IN = ("vault/journal/seal.py", "vault/journal/intake.py", "vault/stores/journal_lines.py")
pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Place:
    """A data folder, and what processes do in it."""

    folder: Path

    def catalogue(self) -> SqlCatalogue:
        """Open the catalogue in this process."""
        keyring = make_keyring(self.folder)
        return SqlCatalogue(open_database(self.folder / "catalogue.sqlite"), keyring)

    def sealer(self) -> Sealer:
        """A keeper's sealer."""
        return Sealer(self.catalogue(), make_keyring(self.folder), TestClock(), self.folder / "intake")

    def worker(self) -> IntakeFile:
        """A worker's intake."""
        keyring, alive = make_keyring(self.folder), self.folder / "alive"
        return IntakeFile(self.folder / "intake", keyring, TestClock(), random_id, alive)

    def found(self) -> Counter[str]:
        """How often each trace stands in the chain, which is whole."""
        chain, found = Chain(JournalHead(0, no_hash)), Counter[str]()
        with self.catalogue().view() as view:
            for sealed in view.sealed_lines(STORAGE):
                line = json.loads(sealed.body)
                chain.follow(line)
                found[line.get("traceId", "gap")] += 1
        return found


def read(trace: str) -> JournalEntry:
    """A line of a request."""
    return entry(STORAGE, trace_id=trace, time_ms=NOON_MS)


def in_process(do: Callable[[], object], kill_at: int = 0) -> tuple[int, bytes]:
    """Do something in a process of its own, killed at the n-th line of the code above (0: never).

    Gives the signal that ended it (0: none) and what it told through `tell`.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writing, TOLD)
        status = 1
        try:
            if kill_at:
                sys.settrace(Killer(kill_at).trace)
            do()
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), told


TOLD = 200


def tell(text: str) -> None:
    """Tell the test something that survives a kill."""
    os.write(TOLD, f"{text}\n".encode())


@dataclass
class Killer:
    """Kills its own process at the n-th line."""

    left: int

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        """Count the lines of the code under test; follow no other."""
        if not frame.f_code.co_filename.endswith(KILLED_IN):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    keyring = make_keyring(tmp_path)
    keyring.create(STORAGE)
    write_heartbeat(tmp_path / "alive", Heartbeat(NOON_MS, 0))

    def make() -> None:
        migrate(tmp_path / "catalogue.sqlite")
        place.catalogue().write(lambda tx: tx.create_storage(StorageRecord(STORAGE, "o", "i", "n", 1)))

    assert in_process(make) == (0, b"")
    return place


def check(place: Place, expected: Counter[str]) -> None:
    """Let a new keeper seal what is left, and compare the chain with what must be in it, exactly once each."""

    def seal_and_tell() -> None:
        place.sealer().seal_all()
        tell(json.dumps(place.found()))

    ended, told = in_process(seal_and_tell)
    assert ended == 0
    assert json.loads(told) == expected


def test_a_keeper_killed_at_any_line_of_its_code_costs_and_doubles_nothing(place: Place) -> None:
    expected: Counter[str] = Counter()
    step, ended = 0, signal.SIGKILL
    while ended:
        step += 1
        traces = [f"{step}-{part}" for part in ("read", "wrote", "left")]

        def live(traces: list[str] = traces) -> None:
            catalogue, worker = place.catalogue(), place.worker()
            worker.append(read(traces[0]))
            catalogue.write(lambda tx: tx.append_lines([read(traces[1])]))
            worker.close()
            worker.append(read(traces[2]))

        in_process(live)
        expected.update(traces)
        ended, _ = in_process(lambda: place.sealer().seal_all(), step)
        if step % 5 == 0 or not ended:
            check(place, expected)
    assert step > 50


def test_a_writing_thread_killed_at_any_line_costs_and_doubles_nothing(place: Place) -> None:
    expected: Counter[str] = Counter()
    step, ended = 0, signal.SIGKILL
    while ended:
        step += 1
        in_process(lambda step=step: place.worker().append(read(str(step))))
        expected[str(step)] += 1
        ended, _ = in_process(lambda step=step: traced_writer(place, step))
        if step % 5 == 0 or not ended:
            check(place, expected)
    assert step > 10


def traced_writer(place: Place, step: int) -> None:
    """Seal; killed at the n-th line that the catalogue's own thread runs."""
    import threading

    threading.settrace(Killer(step).trace)
    place.sealer().seal_all()


def test_a_worker_killed_at_any_line_of_its_code_keeps_every_line_it_answered_for(place: Place) -> None:
    answered: Counter[str] = Counter()
    step, ended = 0, signal.SIGKILL
    while ended:
        step += 1

        def work(step: int = step) -> None:
            worker = place.worker()
            for number in range(3):
                worker.append(read(f"{step}-{number}"))
                tell(f"{step}-{number}")
            worker.close()

        ended, told = in_process(work, step)
        answered.update(told.decode().split())
    _, told = in_process(lambda: (place.sealer().seal_all(), tell(json.dumps(place.found()))))
    found = json.loads(told)
    assert {trace: found.get(trace) for trace in answered} == dict.fromkeys(answered, 1)
    # What was killed between its line and its answer may stand there too, once.
    assert set(found.values()) == {1}
    assert len(found) - len(answered) <= step
    assert step > 30
    assert not list((place.folder / "intake").iterdir())


def test_the_killer_kills(place: Place) -> None:
    assert in_process(lambda: place.worker().append(read("a")), 1)[0] == signal.SIGKILL
