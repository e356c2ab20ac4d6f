from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.backups import forget_nothing, furnish
from tests.support.vaults import TestClock, keyring_of, make_context
from vault.context import Context
from vault.errors import Conflict, MalformedContent, NoSuchResource, Unavailable
from vault.keeping.erase import ErasingParts, erase_due, hidden, hide, out_of_sight_s, show
from vault.keeping.erasures import add_erasures, read_erasures
from vault.model.identifiers import StorageId
from vault.model.records import StorageRecord
from vault.stores.ports import CatalogueTransaction


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def context(tmp_path: Path, clock: TestClock) -> Context:
    return make_context(tmp_path, clock)


@pytest.fixture
def home(context: Context) -> StorageRecord:
    return furnish(context)


@pytest.fixture
def parts(context: Context, tmp_path: Path) -> ErasingParts:
    return ErasingParts(context, keyring_of(context), tmp_path / "secret" / "erased.list", forget_nothing)


def is_there(context: Context, home: StorageRecord) -> bool:
    with context.catalogue.view() as view:
        return view.find_storage(home.storage) is not None


def activities(context: Context) -> list[str]:
    with context.catalogue.view() as view:
        return [line.entry.activity for line in view.pending_lines(100)]


def test_a_storage_out_of_sight_is_absent_at_once(context: Context, home: StorageRecord) -> None:
    found = hide(context, home.storage)
    assert not is_there(context, home)
    assert hidden(context) == (found,)
    assert found.erase_at_s == context.clock().wall_s + out_of_sight_s
    with context.catalogue.view() as view, pytest.raises(NoSuchResource):
        view.epochs(home.storage)
    assert activities(context) == ["erase"]


def test_undo_brings_it_back_as_it_was(context: Context, home: StorageRecord) -> None:
    hide(context, home.storage)
    show(context, home.storage)
    with context.catalogue.view() as view:
        found = view.find_storage(home.storage)
    assert found is not None
    assert replace(found, epoch=home.epoch) == home
    assert found.epoch > home.epoch, "decisions from before count no more"
    assert activities(context) == ["erase", "undo-erase"]


def test_what_is_out_of_sight_or_absent_cannot_be_hidden(context: Context, home: StorageRecord) -> None:
    hide(context, home.storage)
    for storage in (home.storage, StorageId("abcdefghjkmnpqrs")):
        with pytest.raises(NoSuchResource):
            hide(context, storage)


def test_what_is_in_sight_cannot_be_shown(context: Context, home: StorageRecord) -> None:
    with pytest.raises(NoSuchResource):
        show(context, home.storage)


def test_nothing_is_destroyed_before_its_time(
    parts: ErasingParts, home: StorageRecord, clock: TestClock
) -> None:
    hide(parts.context, home.storage)
    clock.forward(out_of_sight_s - 1)
    assert erase_due(parts) == 0
    assert keyring_of(parts.context).has(home.storage)
    show(parts.context, home.storage)
    clock.forward(10)
    assert erase_due(parts) == 0
    assert is_there(parts.context, home)


def test_after_its_time_it_cannot_be_undone(
    parts: ErasingParts, home: StorageRecord, clock: TestClock
) -> None:
    hide(parts.context, home.storage)
    clock.forward(out_of_sight_s)
    with pytest.raises(Conflict):
        show(parts.context, home.storage)


def test_key_and_rows_are_destroyed_and_the_id_is_remembered(
    parts: ErasingParts, home: StorageRecord, clock: TestClock
) -> None:
    context, other = parts.context, furnish(parts.context)
    hide(context, home.storage)
    clock.forward(out_of_sight_s)
    assert erase_due(parts) == 1
    assert read_erasures(parts.erasures) == {home.storage}
    assert not keyring_of(context).has(home.storage)
    with pytest.raises(Unavailable):
        keyring_of(context).storage_key(home.storage)
    assert hidden(context) == ()
    with context.catalogue.view() as view:
        assert [found.storage for found in view.storages()] == [other.storage]
        assert view.pending_lines(10) == []
    assert erase_due(parts) == 0


def test_the_account_goes_in_the_same_transaction(
    parts: ErasingParts, home: StorageRecord, clock: TestClock
) -> None:
    def refuse(_tx: CatalogueTransaction, _storage: StorageId) -> None:
        raise Unavailable("not now")

    hide(parts.context, home.storage)
    clock.forward(out_of_sight_s)
    with pytest.raises(Unavailable):
        erase_due(replace(parts, forget_account=refuse))
    assert keyring_of(parts.context).has(home.storage), "the key goes after the rows"
    assert erase_due(parts) == 1


def test_an_erasing_that_was_cut_before_the_key_went_is_finished(
    parts: ErasingParts, home: StorageRecord
) -> None:
    add_erasures(parts.erasures, [home.storage])
    parts.context.catalogue.write(lambda tx: tx.destroy_storage(home.storage))
    assert keyring_of(parts.context).has(home.storage)
    assert erase_due(parts) == 0
    assert not keyring_of(parts.context).has(home.storage)


def test_a_storage_on_the_list_keeps_its_key_as_long_as_its_rows_are_there(
    parts: ErasingParts, home: StorageRecord
) -> None:
    hide(parts.context, home.storage)
    add_erasures(parts.erasures, [home.storage])
    assert erase_due(parts) == 0
    assert keyring_of(parts.context).has(home.storage)


def test_destroying_a_key_twice_does_nothing(parts: ErasingParts, home: StorageRecord) -> None:
    parts.keys.destroy(home.storage)
    parts.keys.destroy(home.storage)
    assert not parts.keys.has(home.storage)


def test_the_list_holds_each_id_once_and_only_its_owner_reads_it(tmp_path: Path, home: StorageRecord) -> None:
    path = tmp_path / "erased.list"
    assert read_erasures(path) == frozenset()
    add_erasures(path, [home.storage])
    add_erasures(path, [home.storage, StorageId("abcdefghjkmnpqrs")])
    assert path.read_text() == f"{home.storage}\nabcdefghjkmnpqrs\n"
    assert path.stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("content", ["geen id\n", "é\n"])
def test_a_damaged_list_is_not_taken_for_an_empty_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "erased.list"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MalformedContent):
        read_erasures(path)
