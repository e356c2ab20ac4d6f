"""Storages with their owners and epochs."""

from __future__ import annotations

import pytest

from tests.support.vaults import add_storage, keyring_of
from vault.context import Context
from vault.errors import Conflict, NoSuchResource
from vault.model.identifiers import StorageId
from vault.model.records import Epochs, StorageRecord
from vault.stores.ports import CatalogueTransaction

ELSEWHERE = StorageId("zzcdefghjkmnpqrs")


def test_a_storage_is_found_with_its_owner(context: Context, home: StorageRecord) -> None:
    for _ in range(2):
        with context.catalogue.view() as view:
            assert view.find_storage(home.storage) == home
    assert (home.name, home.issuer) == ("Samira", context.issuer_url)


def test_a_transaction_sees_the_storage_it_created(context: Context, home: StorageRecord) -> None:
    assert context.catalogue.write(lambda tx: tx.find_storage(home.storage)) == home


def test_an_unknown_storage_is_not_there(context: Context) -> None:
    with context.catalogue.view() as view:
        assert view.find_storage(ELSEWHERE) is None
        with pytest.raises(NoSuchResource):
            view.epochs(ELSEWHERE)
    with pytest.raises(NoSuchResource):
        context.catalogue.write(lambda tx: tx.raise_storage_epoch(ELSEWHERE))


def test_storages_are_listed_in_order_of_creation(context: Context) -> None:
    made = [add_storage(context, name) for name in ("Samira", "Henk", "Kevin")]
    with context.catalogue.view() as view:
        assert list(view.storages()) == made


def test_storages_are_known_in_and_out_of_sight_without_any_key(context: Context) -> None:
    made = [add_storage(context, name) for name in ("Samira", "Henk")]
    context.catalogue.write(lambda tx: tx.hide_storage(made[0].storage, 9))
    for storage in made:
        keyring_of(context).destroy(storage.storage)
    with context.catalogue.view() as view:
        assert list(view.storage_epochs()) == [(made[0].storage, made[0].epoch + 1), (made[1].storage, 1)]
        assert [view.knows_storage(one) for one in (made[0].storage, made[1].storage, ELSEWHERE)] == [
            True,
            True,
            False,
        ]


def test_a_storage_is_created_once(context: Context, home: StorageRecord) -> None:
    with pytest.raises(Conflict):
        context.catalogue.write(lambda tx: tx.create_storage(home))


def test_the_epochs_move_apart(context: Context, home: StorageRecord) -> None:
    other = add_storage(context, "Henk")
    context.catalogue.write(lambda tx: tx.raise_storage_epoch(home.storage))
    context.catalogue.write(lambda tx: tx.raise_storage_epoch(home.storage))
    context.catalogue.write(lambda tx: tx.raise_server_epoch())
    with context.catalogue.view() as view:
        assert view.epochs(home.storage) == Epochs(home.epoch + 2, 2)
        assert view.epochs(other.storage) == Epochs(other.epoch, 2)
        assert view.server_epoch() == 2


def test_a_view_keeps_its_epochs_while_others_raise_them(context: Context, home: StorageRecord) -> None:
    with context.catalogue.view() as view:
        before = view.epochs(home.storage)
        context.catalogue.write(lambda tx: tx.raise_storage_epoch(home.storage))
        assert view.epochs(home.storage) == before


def test_a_transaction_sees_the_epoch_it_raised(context: Context, home: StorageRecord) -> None:
    def change(tx: CatalogueTransaction) -> tuple[Epochs, Epochs]:
        before = tx.epochs(home.storage)
        tx.raise_storage_epoch(home.storage)
        return before, tx.epochs(home.storage)

    before, after = context.catalogue.write(change)
    assert after == Epochs(before.storage + 1, before.server)
