"""Worker and keeper killed with -9 at every line of their code: each answered request stays in exactly one line.

The processes are forked, so the catalogue is opened only in them: SQLite does not survive a fork.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import pytest

from tests.support.journals import entry, make_intake
from tests.support.vaults import NOON_MS, TestClock, make_keyring
from vault.journal.chain import Chain
from vault.journal.heartbeat import Heartbeat, write_heartbeat
from vault.journal.intake import IntakeFile
from vault.journal.lines import no_hash
from vault.journal.redaction import REDACT
from vault.journal.seal import Sealer
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry, JournalHead, Redaction
from vault.model.records import StorageRecord
from vault.stores.catalogue import SqlCatalogue
from vault.stores.sqlite import migrate, open_database

STORAGE = StorageId("ncsv6x3mmnsnut6x")
KILLED_IN = (
    "vault/journal/seal.py",
    "vault/journal/redaction.py",
    "vault/journal/intake.py",
    "vault/stores/journal_lines.py",
)
MEMORY = Path("/dev/shm")
TOLD = 200
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
        return make_intake(self.folder / "intake", keyring, TestClock(), alive)

    def found(self) -> Counter[str]:
        """How often each trace stands in the chain, which is whole."""
        chain, found = Chain(JournalHead(0, no_hash)), Counter[str]()
        with self.catalogue().view() as view:
            for sealed in view.sealed_lines(STORAGE):
                line = json.loads(sealed.body)
                chain.follow(line)
                found[line.get("traceId", "gap")] += 1
        # Also that whatever was taken away is said to be, and the other way round.
        chain.finish()
        assert set(chain.redacted) == set(chain.unsalted)
        return found


def read(trace: str) -> JournalEntry:
    """A line of a request."""
    return entry(STORAGE, trace_id=trace, time_ms=NOON_MS)


def in_process(do: Callable[[], object]) -> tuple[int, bytes]:
    """Do something in a process of its own; gives the signal that ended it (0: none) and what it told."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writing, TOLD)
        status = 1
        try:
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
def place() -> Iterator[Place]:
    # In memory where there is such a folder: a kill leaves what was written, so thousands of syncs prove nothing here.
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        place = Place(Path(folder))
        make_keyring(place.folder).create(STORAGE)
        write_heartbeat(place.folder / "alive", Heartbeat(NOON_MS, 0))

        def make() -> None:
            migrate(place.folder / "catalogue.sqlite")
            place.catalogue().write(lambda tx: tx.create_storage(StorageRecord(STORAGE, "o", "i", "n", 1)))

        assert in_process(make) == (0, b"")
        yield place


def check(place: Place, expected: Counter[str]) -> None:
    """Let a new keeper seal what is left, and compare the chain with what must be in it, exactly once each."""
    ended, told = in_process(partial(seal_and_tell, place))
    assert ended == 0
    assert json.loads(told) == expected


def seal_and_tell(place: Place) -> None:
    """Seal what is left, and tell what is in the chain."""
    place.sealer().seal_all()
    tell(json.dumps(place.found()))


def test_a_keeper_killed_at_any_line_of_its_code_costs_and_doubles_nothing(place: Place) -> None:
    expected: Counter[str] = Counter()
    step, ended = 0, int(signal.SIGKILL)
    while ended:
        step += 1
        traces = [f"{step}-{part}" for part in ("wrote", "read", "left")]
        ended, _ = in_process(partial(live_and_seal, place, traces, Killer(step)))
        expected.update(traces)
        if step % 5 == 0 or not ended:
            check(place, expected)
    assert step > 50


def live_and_seal(place: Place, traces: list[str], killer: Killer) -> None:
    """Write, read, and read again in another file; then seal, and be killed."""
    worker, sealer = place.worker(), place.sealer()
    place.catalogue().write(lambda tx: tx.append_lines([read(traces[0])]))
    worker.append(read(traces[1]))
    worker.close()
    worker.append(read(traces[2]))
    sys.settrace(killer.trace)
    sealer.seal_all()


def test_a_keeper_killed_while_it_takes_values_away_does_all_of_it_or_nothing(place: Place) -> None:
    expected: Counter[str] = Counter()
    step, ended = 0, int(signal.SIGKILL)
    while ended:
        step += 1
        ended, _ = in_process(partial(write_and_redact, place, step, Killer(step)))
        expected.update([f"{step}-line", f"{step}-redaction"])
        if step % 5 == 0 or not ended:
            check(place, expected)
    assert step > 30


def write_and_redact(place: Place, step: int, killer: Killer) -> None:
    """Seal a line, ask to take a value away from the oldest that has it, and be killed while that is sealed."""
    sealer, catalogue = place.sealer(), place.catalogue()
    catalogue.write(lambda tx: tx.append_lines([read(f"{step}-line")]))
    sealer.seal_all()
    asked = Redaction(step, step, ("agent",), "on-request")
    told = replace(read(f"{step}-redaction"), activity=REDACT, redaction=asked)
    catalogue.write(lambda tx: tx.append_lines([told]))
    sys.settrace(killer.trace)
    sealer.seal_all()


def test_a_writing_thread_killed_at_any_line_costs_and_doubles_nothing(place: Place) -> None:
    expected: Counter[str] = Counter()
    step, ended = 0, int(signal.SIGKILL)
    while ended:
        step += 1
        ended, _ = in_process(partial(read_and_seal, place, str(step), Killer(step)))
        expected[str(step)] += 1
        if step % 5 == 0 or not ended:
            check(place, expected)
    assert step > 10


def read_and_seal(place: Place, trace: str, killer: Killer) -> None:
    """Read; then seal, and be killed in the catalogue's own thread."""
    place.worker().append(read(trace))
    threading.settrace(killer.trace)
    place.sealer().seal_all()


def test_a_worker_killed_at_any_line_of_its_code_keeps_every_line_it_answered_for(place: Place) -> None:
    answered: Counter[str] = Counter()
    step, ended = 0, int(signal.SIGKILL)
    while ended:
        step += 1
        ended, told = in_process(partial(answer, place, step, Killer(step)))
        answered.update(told.decode().split())
    _, told = in_process(partial(seal_and_tell, place))
    found = json.loads(told)
    assert {trace: found.get(trace) for trace in answered} == dict.fromkeys(answered, 1)
    # What was killed between its line and its answer may stand there too, once.
    assert set(found.values()) == {1}
    assert len(found) - len(answered) <= step
    assert step > 30
    assert not list((place.folder / "intake").iterdir())


def answer(place: Place, step: int, killer: Killer) -> None:
    """Answer three requests, each after its line, and be killed."""
    sys.settrace(killer.trace)
    worker = place.worker()
    for number in range(3):
        worker.append(read(f"{step}-{number}"))
        tell(f"{step}-{number}")
    worker.close()


def test_the_killer_kills(place: Place) -> None:
    ended, told = in_process(partial(answer, place, 1, Killer(1)))
    assert (ended, told) == (signal.SIGKILL, b"")
