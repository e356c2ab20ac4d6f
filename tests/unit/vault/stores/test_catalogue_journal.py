"""Lines kept with changes, the sealed chain, positions in intake files, checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests.support.vaults import add_storage
from vault.context import Context
from vault.errors import ConcurrentChange
from vault.model.journal import JournalEntry, JournalHead, PendingLine, SealedLine
from vault.model.modes import AccessMode
from vault.model.records import StorageRecord
from vault.model.rules import RefusalReason
from vault.stores import schema
from vault.stores.catalogue import SqlTransaction
from vault.stores.ports import CatalogueTransaction


def entry(home: StorageRecord, trace: str = "t1") -> JournalEntry:
    """A line as a write gives it."""
    url = f"https://vault.example/{home.storage}/plan"
    return JournalEntry(home.storage, 7, 1, trace, "create", url, AccessMode.APPEND)


def line(sequence: int) -> SealedLine:
    """A sealed line with this number."""
    return SealedLine(sequence, bytes([sequence]) * 32, f'{{"sequence":{sequence}}}'.encode())


def pending(context: Context, limit: int = 100) -> list[PendingLine]:
    """What waits to be sealed."""
    return context.catalogue.write(lambda tx: tx.pending_lines(limit))


def sequences(context: Context, home: StorageRecord) -> list[int]:
    """The numbers of the sealed lines."""
    with context.catalogue.view() as view:
        return [found.sequence for found in view.sealed_lines(home.storage)]


def keep(context: Context, *entries: JournalEntry) -> None:
    """Keep lines with a change."""
    context.catalogue.write(lambda tx: tx.append_lines(entries))


def seal(context: Context, home: StorageRecord, *numbers: int, taken: Sequence[PendingLine] = ()) -> None:
    """Seal lines with these numbers."""
    context.catalogue.write(lambda tx: tx.seal_lines(home.storage, [line(n) for n in numbers], taken=taken))


def test_lines_wait_with_the_change_that_wrote_them(context: Context, home: StorageRecord) -> None:
    other = add_storage(context, "Henk")
    refused = replace(
        entry(home, "t2"), refusal=RefusalReason.TOO_LATE, agent="https://bob.example/#me", absent=True
    )
    for made in (entry(home), refused, entry(other)):
        keep(context, made)
    assert [kept.entry for kept in pending(context)] == [entry(home), refused, entry(other)]
    assert [kept.entry for kept in pending(context, 1)] == [entry(home)]


def test_the_line_of_an_undone_change_is_undone_too(context: Context, home: StorageRecord) -> None:
    def change(tx: CatalogueTransaction) -> None:
        tx.append_lines([entry(home)])
        raise LookupError

    with pytest.raises(LookupError):
        context.catalogue.write(change)
    assert pending(context) == []


def test_a_chain_starts_at_zero(context: Context, home: StorageRecord) -> None:
    with context.catalogue.view() as view:
        assert view.journal_head(home.storage) == JournalHead(0, bytes(32))
        assert list(view.sealed_lines(home.storage)) == []


def test_sealing_moves_lines_from_waiting_to_the_chain(context: Context, home: StorageRecord) -> None:
    keep(context, entry(home, "t1"), entry(home, "t2"))
    taken = pending(context, 1)
    seal(context, home, 1, 2, taken=taken)
    with context.catalogue.view() as view:
        assert view.journal_head(home.storage) == JournalHead(2, line(2).hash)
        assert list(view.sealed_lines(home.storage)) == [line(1), line(2)]
    assert [kept.entry.trace_id for kept in pending(context)] == ["t2"]


@pytest.mark.parametrize("numbers", [(2,), (4,), (3, 5), (0,)])
def test_lines_that_do_not_follow_are_refused(
    context: Context, home: StorageRecord, numbers: tuple[int, ...]
) -> None:
    seal(context, home, 1, 2)
    with pytest.raises(ConcurrentChange):
        seal(context, home, *numbers)
    assert sequences(context, home) == [1, 2]


def test_a_waiting_line_is_sealed_once(context: Context, home: StorageRecord) -> None:
    keep(context, entry(home))
    taken = pending(context)
    seal(context, home, 1, taken=taken)
    with pytest.raises(ConcurrentChange):
        seal(context, home, 2, taken=taken)
    assert sequences(context, home) == [1]


def test_lines_are_read_from_either_end(context: Context, home: StorageRecord) -> None:
    seal(context, home, 1, 2, 3, 4, 5)
    with context.catalogue.view() as view:
        middle = list(view.sealed_lines(home.storage, first=2, last=4))
        newest = list(view.sealed_lines(home.storage, first=4, newest_first=True))
        oldest = list(view.sealed_lines(home.storage, last=2, newest_first=True))
    assert [found.sequence for found in middle + newest + oldest] == [2, 3, 4, 5, 4, 2, 1]


def test_each_storage_has_its_own_chain(context: Context, home: StorageRecord) -> None:
    other = add_storage(context, "Henk")
    seal(context, home, 1)
    assert sequences(context, other) == []


def move(context: Context, file: str, position: int) -> None:
    """Remember how far a file has been sealed."""
    context.catalogue.write(lambda tx: tx.put_intake_position(file, position))


def position(context: Context, file: str) -> int:
    """How far a file has been sealed."""
    return context.catalogue.write(lambda tx: tx.intake_position(file))


def test_positions_in_intake_files_are_kept_and_forgotten(context: Context) -> None:
    move(context, "w1", 10)
    move(context, "w1", 20)
    assert (position(context, "w1"), position(context, "w2")) == (20, 0)
    context.catalogue.write(lambda tx: tx.forget_intake("w1"))
    assert position(context, "w1") == 0


def checkpoint(context: Context, time_ms: int, document: bytes) -> None:
    """Keep a checkpoint."""
    context.catalogue.write(lambda tx: tx.put_checkpoint(time_ms, document))


def test_the_newest_checkpoint_is_the_one_put_last(context: Context) -> None:
    with context.catalogue.view() as view:
        assert view.latest_checkpoint() is None
    checkpoint(context, 5, b"first")
    checkpoint(context, 4, b"second")
    with context.catalogue.view() as view:
        assert view.latest_checkpoint() == b"second"


def test_a_sealed_line_of_which_only_the_hash_is_kept_is_left_out_where_whole_ones_are_asked_for(
    context: Context, home: StorageRecord
) -> None:
    seal(context, home, 1, 2, 3)
    context.catalogue.write(lambda tx: tx.rewrite_line(home.storage, replace(line(2), body=b"")))
    with context.catalogue.view() as view:
        assert list(view.sealed_lines(home.storage)) == [line(1), replace(line(2), body=b""), line(3)]
        whole = list(view.sealed_lines(home.storage, newest_first=True, whole_only=True))
        assert whole == [line(3), line(1)]
        assert list(view.sealed_lines(home.storage, first=2, whole_only=True)) == [line(3)]


def test_a_line_of_which_only_the_hash_was_kept_can_be_sealed_as_such(
    context: Context, home: StorageRecord
) -> None:
    alone = replace(line(1), body=b"")
    context.catalogue.write(lambda tx: tx.seal_lines(home.storage, [alone]))
    with context.catalogue.view() as view:
        assert list(view.sealed_lines(home.storage)) == [alone]


def test_what_a_line_says_is_replaced_only_under_its_own_hash(context: Context, home: StorageRecord) -> None:
    seal(context, home, 1)
    less = replace(line(1), body=b"{}")
    context.catalogue.write(lambda tx: tx.rewrite_line(home.storage, less))
    with pytest.raises(ConcurrentChange):
        context.catalogue.write(lambda tx: tx.rewrite_line(home.storage, replace(less, hash=bytes(32))))
    with context.catalogue.view() as view:
        assert list(view.sealed_lines(home.storage)) == [less]


def test_only_the_newest_checkpoints_are_kept(context: Context) -> None:
    for number in range(30):
        checkpoint(context, number, str(number).encode())
    assert context.catalogue.write(count_checkpoints) == 24
    with context.catalogue.view() as view:
        assert view.latest_checkpoint() == b"29"


def count_checkpoints(tx: CatalogueTransaction) -> int:
    assert isinstance(tx, SqlTransaction)
    found: int = tx.connection.execute(select(func.count()).select_from(schema.checkpoint)).scalar_one()
    return found
