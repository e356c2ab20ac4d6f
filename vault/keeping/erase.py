"""Erasing a storage: fourteen days out of sight, in which it can be undone; then its key and rows are destroyed.

In this order, so that it can be cut anywhere and taken up again: on the erasure list, rows gone, key gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vault.context import Context
from vault.errors import Conflict, NoSuchResource
from vault.keeping.erasures import add_erasures, read_erasures
from vault.keeping.lines import line_of_operator
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry
from vault.model.records import HiddenStorage
from vault.stores.ports import CatalogueTransaction

out_of_sight_s = 14 * 24 * 3600
MakeEntry = Callable[[CatalogueTransaction], JournalEntry]


class StorageKeys(Protocol):
    """Where the keys of storages rest."""

    def has(self, storage: StorageId) -> bool:
        """Whether there is a key."""

    def destroy(self, storage: StorageId) -> None:
        """Destroy the key, also when it is gone."""


@dataclass(frozen=True, slots=True)
class ErasingParts:
    """What erasing works with; `forget_account` takes away the sign-in that belongs to a storage."""

    context: Context
    keys: StorageKeys
    erasures: Path
    forget_account: Callable[[CatalogueTransaction, StorageId], None]


def hide(context: Context, storage: StorageId) -> HiddenStorage:
    """Let a storage be as one that never was, from now on for everybody; after fourteen days it is destroyed.

    Raises:
        NoSuchResource: there is no such storage, or it is out of sight already.
    """

    def entry(tx: CatalogueTransaction) -> JournalEntry:
        return line_of_operator(context, tx, storage, "erase")

    return context.catalogue.write(lambda tx: hide_in(context, tx, storage, entry))


def hide_in(
    context: Context, tx: CatalogueTransaction, storage: StorageId, entry: MakeEntry
) -> HiddenStorage:
    """The same in a transaction; `entry` makes the line that tells who did it."""
    if tx.find_storage(storage) is None:
        raise NoSuchResource("there is no such storage, or it is out of sight already")
    # Before it goes: afterwards no line can be told of it.
    tx.append_lines([entry(tx)])
    tx.hide_storage(storage, context.clock().wall_s + out_of_sight_s)
    return _find(tx, storage)


def show(context: Context, storage: StorageId) -> None:
    """Undo `hide`: the storage is as it was.

    Raises:
        NoSuchResource: it is not out of sight.
        Conflict: the fourteen days are over.
    """

    def entry(tx: CatalogueTransaction) -> JournalEntry:
        return line_of_operator(context, tx, storage, "undo-erase")

    context.catalogue.write(lambda tx: show_in(context, tx, storage, entry))


def show_in(context: Context, tx: CatalogueTransaction, storage: StorageId, entry: MakeEntry) -> None:
    """The same in a transaction; `entry` makes the line that tells who did it."""
    if _find(tx, storage).erase_at_s <= context.clock().wall_s:
        raise Conflict("the time in which this could be undone is over")
    tx.show_storage(storage)
    tx.append_lines([entry(tx)])


def hidden(context: Context) -> tuple[HiddenStorage, ...]:
    """The storages that are out of sight, oldest first."""
    with context.catalogue.view() as view:
        return tuple(view.hidden_storages())


def erase_due(parts: ErasingParts) -> int:
    """Destroy what has been out of sight for long enough, and finish what was cut before; how many storages went.

    Raises:
        VaultError: it could not be done now; the next pass takes it up.
    """
    now_s = parts.context.clock().wall_s
    due = [found.storage for found in hidden(parts.context) if found.erase_at_s <= now_s]
    for storage in due:
        add_erasures(parts.erasures, [storage])
        _destroy_rows(parts, storage)
    for storage in _half_erased(parts):
        parts.keys.destroy(storage)
    return len(due)


def _half_erased(parts: ErasingParts) -> Iterator[StorageId]:
    """Storages on the list whose rows are gone and whose key is not."""
    still_there = {found.storage for found in hidden(parts.context)}
    for storage in sorted(read_erasures(parts.erasures) - still_there):
        if parts.keys.has(storage):
            yield storage


def _destroy_rows(parts: ErasingParts, storage: StorageId) -> None:
    def change(tx: CatalogueTransaction) -> None:
        parts.forget_account(tx, storage)
        tx.destroy_storage(storage)

    parts.context.catalogue.write(change)


def _find(tx: CatalogueTransaction, storage: StorageId) -> HiddenStorage:
    found = next((one for one in tx.hidden_storages() if one.storage == storage), None)
    if found is None:
        raise NoSuchResource("there is no such storage out of sight")
    return found
