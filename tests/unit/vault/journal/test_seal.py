from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.support.journals import START, entry, make_intake
from tests.support.vaults import NOON_MS, TestClock, add_storage, keyring_of, make_keyring
from vault.context import Context
from vault.errors import ConcurrentChange, Unavailable, VaultError
from vault.journal import seal as module
from vault.journal.chain import Chain
from vault.journal.frames import Place, make_frame
from vault.journal.heartbeat import Heartbeat, write_heartbeat
from vault.journal.intake import IntakeFile
from vault.journal.lines import Line
from vault.journal.seal import Sealer
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry
from vault.model.records import Epochs, StorageRecord
from vault.model.rules import RefusalReason
from vault.stores.files import locked
from vault.stores.ports import Catalogue, CatalogueTransaction

T = TypeVar("T")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "intake"


@pytest.fixture
def worker(context: Context, folder: Path) -> IntakeFile:
    write_heartbeat(folder.parent / "alive", Heartbeat(NOON_MS, 0))
    return make_intake(folder, keyring_of(context), context.clock, folder.parent / "alive")


@pytest.fixture
def sealer(context: Context, folder: Path) -> Sealer:
    return make_sealer(context, folder)


def make_sealer(context: Context, folder: Path, catalogue: Catalogue | None = None) -> Sealer:
    return Sealer(catalogue or context.catalogue, keyring_of(context), context.clock, folder)


def lines_of(context: Context, home: StorageRecord) -> list[Line]:
    with context.catalogue.view() as view:
        lines = [json.loads(line.body) for line in view.sealed_lines(home.storage)]
    chain = Chain(START)
    for line in lines:
        chain.follow(line)
    chain.finish()
    return lines


def traces(context: Context, home: StorageRecord) -> list[str]:
    return [line.get("traceId", "gap") for line in lines_of(context, home)]


def read(home: StorageRecord, trace: str, **changes: Any) -> JournalEntry:
    return entry(home.storage, time_ms=NOON_MS, trace_id=trace, **changes)


def wrote(context: Context, *entries: JournalEntry) -> None:
    context.catalogue.write(lambda tx: tx.append_lines(entries))


def test_lines_of_reads_and_of_writes_are_sealed(
    context: Context, home: StorageRecord, worker: IntakeFile, sealer: Sealer
) -> None:
    worker.append(read(home, "a"))
    wrote(context, read(home, "b", activity="create"))
    assert sealer.seal_all().count == 2
    assert sorted(traces(context, home)) == ["a", "b"]


def test_a_pass_tells_the_time_of_the_newest_line(
    home: StorageRecord, worker: IntakeFile, sealer: Sealer
) -> None:
    worker.append(replace(read(home, "a"), time_ms=NOON_MS + 5))
    worker.append(read(home, "b"))
    assert sealer.seal_all().until_ms == NOON_MS + 5
    assert sealer.seal_all() == module.Sealed(0, 0)


def test_lines_are_ordered_by_epoch_and_then_by_time(
    context: Context, home: StorageRecord, worker: IntakeFile, sealer: Sealer
) -> None:
    worker.append(replace(read(home, "third"), epoch=2, time_ms=NOON_MS))
    worker.append(replace(read(home, "second"), epoch=1, time_ms=NOON_MS + 9))
    wrote(context, replace(read(home, "first"), epoch=1, time_ms=NOON_MS + 8))
    sealer.seal_all()
    assert traces(context, home) == ["first", "second", "third"]


def test_each_storage_has_a_chain_of_its_own(
    context: Context, home: StorageRecord, worker: IntakeFile, sealer: Sealer
) -> None:
    other = add_storage(context)
    for number in range(4):
        worker.append(read((home, other)[number % 2], str(number)))
    sealer.seal_all()
    assert traces(context, home) == ["0", "2"]
    assert traces(context, other) == ["1", "3"]


def test_more_than_a_batch_is_sealed_in_one_pass(
    context: Context, home: StorageRecord, worker: IntakeFile, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "batch_lines", 3)
    expected = [f"{number:02}" for number in range(20)]
    for trace in expected:
        worker.append(read(home, trace))
    wrote(context, *(read(home, f"w{number}") for number in range(7)))
    assert sealer.seal_all().count == 27
    assert sorted(traces(context, home)) == sorted([*expected, *(f"w{n}" for n in range(7))])


def test_equal_refusals_of_a_window_are_one_line_and_those_of_the_next_window_another(
    context: Context, home: StorageRecord, worker: IntakeFile, sealer: Sealer
) -> None:
    for count in (3, 2):
        for number in range(count):
            worker.append(read(home, f"{count}-{number}", refusal=RefusalReason.NO_GRANT))
        worker.append(read(home, f"allowed-{count}"))
        assert sealer.seal_all().count == count + 1
    assert [(line["traceId"], line["count"]) for line in lines_of(context, home)] == [
        ("3-0", 3),
        ("allowed-3", 1),
        ("2-0", 2),
        ("allowed-2", 1),
    ]


def test_the_owners_own_looking_folds_for_the_owner_of_that_storage_only(
    context: Context, home: StorageRecord, worker: IntakeFile, sealer: Sealer
) -> None:
    other = add_storage(context)
    for storage in (home, home, other, other):
        worker.append(read(storage, "a", agent=home.owner, activity="consult-journal"))
    sealer.seal_all()
    assert [line["count"] for line in lines_of(context, home)] == [2]
    assert [line["count"] for line in lines_of(context, other)] == [1, 1]


def test_a_line_that_stands_for_others_names_no_resource(
    context: Context, home: StorageRecord, worker: IntakeFile, sealer: Sealer
) -> None:
    for number in range(30):
        worker.append(
            read(home, str(number), refusal=RefusalReason.NO_GRANT, purpose=f"https://p.example/{number}")
        )
    sealer.seal_all()
    lines = lines_of(context, home)
    assert sum(line["count"] for line in lines) == 30
    assert "resource" not in lines[-1]
    assert lines[-1]["activity"] == "more"


def test_a_second_pass_and_another_keeper_seal_nothing_twice(
    context: Context, home: StorageRecord, folder: Path, worker: IntakeFile, sealer: Sealer
) -> None:
    worker.append(read(home, "a"))
    sealer.seal_all()
    sealer.seal_all()
    make_sealer(context, folder).seal_all()
    worker.append(read(home, "b"))
    make_sealer(context, folder).seal_all()
    sealer.seal_all()
    assert traces(context, home) == ["a", "b"]


def test_the_file_of_a_living_worker_stays_and_that_of_a_dead_one_goes(
    context: Context, home: StorageRecord, folder: Path, worker: IntakeFile, sealer: Sealer
) -> None:
    worker.append(read(home, "a"))
    sealer.seal_all()
    (name,) = [path.name for path in folder.iterdir()]
    worker.close()
    sealer.seal_all()
    assert list(folder.iterdir()) == []
    with context.catalogue.view() as view:
        assert view.intake_position(name) == 0
    assert traces(context, home) == ["a"]


@dataclass
class Meanwhile:
    """A catalogue before whose first write something else happens."""

    catalogue: Catalogue
    happens: list[Callable[[], object]]

    def epochs(self, storage: StorageId) -> Epochs:
        return self.catalogue.epochs(storage)

    def view(self) -> Any:
        return self.catalogue.view()

    def write(self, change: Callable[[CatalogueTransaction], T]) -> T:
        if self.happens:
            self.happens.pop()()
        return self.catalogue.write(change)


def test_what_a_dying_worker_still_wrote_is_sealed_before_its_file_goes(
    context: Context, home: StorageRecord, folder: Path, worker: IntakeFile
) -> None:
    def last_words() -> None:
        worker.append(read(home, "b"))
        worker.close()

    sealer = make_sealer(context, folder, Meanwhile(context.catalogue, [last_words]))
    worker.append(read(home, "a"))
    sealer.seal_all()
    assert len(list(folder.iterdir())) == 1
    sealer.seal_all()
    assert traces(context, home) == ["a", "b"]
    assert list(folder.iterdir()) == []


def test_a_torn_tail_of_a_dead_worker_is_let_go(
    context: Context, home: StorageRecord, folder: Path, worker: IntakeFile, sealer: Sealer
) -> None:
    worker.append(read(home, "a"))
    worker.append(read(home, "torn"))
    worker.close()
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    sealer.seal_all()
    assert traces(context, home) == ["a"]
    assert list(folder.iterdir()) == []


def test_half_a_frame_of_a_living_worker_is_waited_for(
    context: Context, home: StorageRecord, folder: Path, sealer: Sealer
) -> None:
    written, _ = make_frame(keyring_of(context), "x.intake", Place(), read(home, "a"))
    path = folder / "x.intake"
    path.write_bytes(written[:50])
    with locked(path):
        sealer.seal_all()
        assert traces(context, home) == []
        path.write_bytes(written)
        sealer.seal_all()
    assert traces(context, home) == ["a"]


def damaged_file(
    context: Context, home: StorageRecord, folder: Path, spoil: Callable[[list[bytes]], bytes]
) -> None:
    pieces, place = [], Place()
    for trace in "abcd":
        piece, place = make_frame(keyring_of(context), "x.intake", place, read(home, trace))
        pieces.append(piece)
    (folder / "x.intake").write_bytes(spoil(pieces))


def flip(piece: bytes) -> bytes:
    return piece[:-1] + bytes([piece[-1] ^ 1])


@pytest.mark.parametrize(
    ("spoil", "missing"),
    [
        (lambda p: p[0] + flip(p[1]) + p[2] + p[3], 1),
        (lambda p: p[0] + p[3], 2),
        (lambda p: p[1] + p[2] + p[3], 1),
    ],
)
def test_lost_lines_become_a_line_in_every_storage(
    context: Context,
    home: StorageRecord,
    folder: Path,
    sealer: Sealer,
    spoil: Callable[[list[bytes]], bytes],
    missing: int,
) -> None:
    other = add_storage(context)
    damaged_file(context, home, folder, spoil)
    sealer.seal_all()
    for storage in (home, other):
        gap = lines_of(context, storage)[-1]
        assert (gap["activity"], gap["count"]) == ("gap", missing)
    assert len(lines_of(context, home)) == 4 - missing + 1


def test_a_frame_that_is_no_longer_authentic_is_a_lost_line(
    context: Context, home: StorageRecord, folder: Path, sealer: Sealer
) -> None:
    piece, _ = make_frame(keyring_of(context), "other.intake", Place(), read(home, "a"))
    (folder / "x.intake").write_bytes(piece)
    sealer.seal_all()
    assert traces(context, home) == ["gap"]


def test_a_frame_that_does_not_follow_from_the_one_before_is_noticed(
    context: Context, home: StorageRecord, folder: Path, sealer: Sealer
) -> None:
    keyring = keyring_of(context)
    first, place = make_frame(keyring, "x.intake", Place(), read(home, "a"))
    second, _ = make_frame(keyring, "x.intake", replace(place, running=b"?" * 32), read(home, "b"))
    (folder / "x.intake").write_bytes(first + second)
    sealer.seal_all()
    assert traces(context, home) == ["a", "b", "gap"]


def test_a_frame_that_was_copied_is_sealed_once(
    context: Context, home: StorageRecord, folder: Path, sealer: Sealer
) -> None:
    damaged_file(context, home, folder, lambda p: p[0] + p[1] + p[0] + p[1] + p[2] + p[1] + p[3] + p[3])
    path = folder / "x.intake"
    with locked(path):
        sealer.seal_all()
        make_sealer(context, folder).seal_all()
    sealer.seal_all()
    assert traces(context, home) == ["a", "b", "c", "d"]


def test_somebody_else_who_seals_the_same_is_noticed(
    context: Context, home: StorageRecord, folder: Path, worker: IntakeFile, sealer: Sealer
) -> None:
    worker.append(read(home, "a"))
    first = make_sealer(context, folder, Meanwhile(context.catalogue, [sealer.seal_all]))
    with pytest.raises(ConcurrentChange):
        first.seal_all()
    first.seal_all()
    assert traces(context, home) == ["a"]


@dataclass
class Failing:
    """A catalogue whose n-th call fails, before or after it took effect."""

    catalogue: Catalogue
    calls_left: int
    after: bool

    def epochs(self, storage: StorageId) -> Epochs:
        return self.catalogue.epochs(storage)

    def view(self) -> Any:
        if self._fails():
            raise Unavailable("the test says so")
        return self.catalogue.view()

    def write(self, change: Callable[[CatalogueTransaction], T]) -> T:
        fails = self._fails()
        if fails and not self.after:
            raise Unavailable("the test says so")
        done = self.catalogue.write(change)
        if fails:
            raise Unavailable("the test says so, but it is done")
        return done

    def _fails(self) -> bool:
        self.calls_left -= 1
        return self.calls_left == 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", range(1, 12))
def test_a_catalogue_that_fails_at_any_call_costs_and_doubles_no_line(
    context: Context, home: StorageRecord, folder: Path, worker: IntakeFile, nth: int, after: bool
) -> None:
    failing = Failing(context.catalogue, nth, after)
    sealer = make_sealer(context, folder, failing)
    expected = []
    for trace in "abcdef":
        worker.append(read(home, trace))
        wrote(context, read(home, trace.upper()))
        expected += [trace, trace.upper()]
        if trace in "bd":
            worker.close()
        try:
            sealer.seal_all()
        except VaultError:
            continue
    sealer.seal_all()
    assert sorted(traces(context, home)) == sorted(expected)


def test_while_a_key_cannot_be_read_nothing_is_sealed_and_nothing_lost(
    context: Context, home: StorageRecord, tmp_path: Path, folder: Path, worker: IntakeFile
) -> None:
    worker.append(read(home, "a"))
    key = tmp_path / "keys" / f"{home.storage}.key"
    kept = key.rename(tmp_path / "aside")
    blind = Sealer(context.catalogue, make_keyring(tmp_path), TestClock(), folder)
    with pytest.raises(Unavailable):
        blind.seal_all()
    kept.rename(key)
    blind.seal_all()
    assert traces(context, home) == ["a"]


def forget(context: Context, storage: StorageRecord) -> None:
    """Erase a storage as the keeper does, once it was out of sight for long enough."""
    context.catalogue.write(lambda tx: tx.hide_storage(storage.storage, 0))
    context.catalogue.write(lambda tx: tx.destroy_storage(storage.storage))
    keyring_of(context).destroy(storage.storage)


def test_lines_of_an_erased_storage_keep_nobody_elses_from_being_sealed(
    context: Context,
    home: StorageRecord,
    folder: Path,
    worker: IntakeFile,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    gone = add_storage(context)
    for storage, trace in ((gone, "1"), (home, "a"), (gone, "2"), (home, "b")):
        worker.append(read(storage, trace))
    forget(context, gone)
    erased = frozenset({gone.storage})
    sealer = Sealer(context.catalogue, keyring_of(context), context.clock, folder, lambda: erased)
    assert sealer.seal_all().count == 2
    assert traces(context, home) == ["a", "b"]
    (record,) = caplog.records
    assert record.__dict__["count"] == 2
    assert gone.storage.value not in caplog.text


def test_a_frame_of_a_storage_that_never_was_is_a_lost_line(
    context: Context, home: StorageRecord, worker: IntakeFile, sealer: Sealer
) -> None:
    gone = add_storage(context)
    worker.append(read(gone, "1"))
    worker.append(read(home, "a"))
    forget(context, gone)
    sealer.seal_all()
    assert sorted(traces(context, home)) == ["a", "gap"]


def test_a_storage_that_is_on_the_list_and_still_there_is_sealed(
    context: Context, home: StorageRecord, folder: Path, worker: IntakeFile
) -> None:
    worker.append(read(home, "a"))
    listed = frozenset({home.storage})
    Sealer(context.catalogue, keyring_of(context), context.clock, folder, lambda: listed).seal_all()
    assert traces(context, home) == ["a"]


def test_a_storage_that_is_erased_while_its_lines_are_sealed_costs_one_pass(
    context: Context, home: StorageRecord, folder: Path, worker: IntakeFile
) -> None:
    gone = add_storage(context)
    worker.append(read(gone, "1"))
    worker.append(read(home, "a"))
    meanwhile = Meanwhile(context.catalogue, [lambda: forget(context, gone)])
    erased = frozenset({gone.storage})
    sealer = Sealer(meanwhile, keyring_of(context), context.clock, folder, lambda: erased)
    with pytest.raises(ConcurrentChange):
        sealer.seal_all()
    sealer.seal_all()
    assert traces(context, home) == ["a"]
