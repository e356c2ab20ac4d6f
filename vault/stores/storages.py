"""Rows of storages: the owner is sealed, the epoch is clear."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from sqlalchemy import bindparam, delete, select, update

from vault.errors import Conflict, NoSuchResource
from vault.model.identifiers import StorageId
from vault.model.records import Epochs, HiddenStorage, StorageRecord
from vault.stores.codec import to_json
from vault.stores.driver import Statement, inserting
from vault.stores.schema import metadata, server, storage
from vault.stores.tables import Tables

_ALL = Statement(
    select(storage.c.id, storage.c.epoch, storage.c.sealed, storage.c.paused_but).order_by(storage.c.number)
)
_ALL_EPOCHS = Statement(select(storage.c.id, storage.c.epoch).order_by(storage.c.number))
_IS_KNOWN = Statement(select(storage.c.id).where(storage.c.id == bindparam("of")))
EPOCHS = Statement(
    select(storage.c.epoch, server.c.epoch)
    .select_from(storage.join(server, server.c.id == 1))
    .where(storage.c.id == bindparam("storage"), storage.c.erase_at_s.is_(None))
)
_INSERT = inserting(storage)
_HIDDEN = Statement(
    select(storage.c.id, storage.c.erase_at_s)
    .where(storage.c.erase_at_s.is_not(None))
    .order_by(storage.c.number)
)
_HIDE = Statement(update(storage).where(storage.c.id == bindparam("of")).values(erase_at_s=bindparam("at")))
_PAUSE = Statement(update(storage).where(storage.c.id == bindparam("of")).values(paused_but=bindparam("but")))
_DELETE = Statement(delete(storage).where(storage.c.id == bindparam("of")))
_LABEL = "storage"


def epochs(tables: Tables, of: StorageId) -> Epochs:
    """Both epochs. Raises NoSuchResource for an unknown storage."""
    standing = tables.standing(of)
    if standing is None:
        raise NoSuchResource("no such storage")
    return Epochs(standing.storage_epoch, standing.server_epoch)


def find(tables: Tables, of: StorageId) -> StorageRecord | None:
    """The storage, None when there is none."""
    standing = tables.standing(of)
    if standing is None:
        return None
    is_paused = standing.paused_but is not None
    return StorageRecord(of, *_owner(tables, of, standing.sealed), standing.storage_epoch, is_paused)


def find_all(tables: Tables) -> Iterator[StorageRecord]:
    """All storages, also those out of sight, in order of creation."""
    for id_, epoch, sealed, paused_but in tables.stream(_ALL):
        of = StorageId(id_)
        yield StorageRecord(of, *_owner(tables, of, sealed), epoch, paused_but is not None)


def all_epochs(tables: Tables) -> Iterator[tuple[StorageId, int]]:
    """Every storage, also those out of sight, with its access epoch, in order of creation; nothing is decrypted."""
    for id_, epoch in tables.stream(_ALL_EPOCHS):
        yield StorageId(id_), epoch


def is_known(tables: Tables, of: StorageId) -> bool:
    """Whether there is such a storage, also one out of sight."""
    return tables.one(_IS_KNOWN, of=of.value) is not None


def hidden(tables: Tables) -> Iterator[HiddenStorage]:
    """The storages that are out of sight, oldest first; nothing of them is decrypted."""
    for id_, erase_at_s in tables.stream(_HIDDEN):
        yield HiddenStorage(StorageId(id_), erase_at_s)


def hide(tables: Tables, of: StorageId, erase_at_s: int | None) -> None:
    """Put a storage out of sight, or (None) back; every decision on it is stale."""
    tables.run(_HIDE, of=of.value, at=erase_at_s)
    tables.raise_storage_epoch(of)


def pause(tables: Tables, of: StorageId, but: str | None) -> None:
    """Let no rules count, but those of one resource, or (None) all of them; every decision on it is stale."""
    tables.run(_PAUSE, of=of.value, but=but)
    tables.raise_storage_epoch(of)


def destroy(tables: Tables, of: StorageId) -> None:
    """Delete every row of a storage; its account must be gone."""
    for table in reversed(metadata.sorted_tables):
        if "storage" in table.c:
            tables.run(Statement(delete(table).where(table.c.storage == bindparam("of"))), of=of.value)
    tables.run(_DELETE, of=of.value)
    tables.raise_server_epoch()


def create(tables: Tables, record: StorageRecord) -> None:
    """Add a storage. Raises Conflict when it exists."""
    owner = to_json([record.owner, record.issuer, record.name])
    sealed = tables.cipher.encrypt(record.storage, _LABEL, owner)
    try:
        values = {"epoch": record.epoch, "sealed": sealed, "erase_at_s": None, "paused_but": None}
        tables.run(_INSERT, id=record.storage.value, **values)
    except sqlite3.IntegrityError as error:
        raise Conflict("the storage exists already") from error


def _owner(tables: Tables, of: StorageId, sealed: bytes) -> tuple[str, str, str]:
    key = (of, sealed)
    known = tables.owners.get(key)
    if known is None:
        owner, issuer, name = json.loads(tables.cipher.decrypt(of, _LABEL, sealed))
        known = tables.owners.put(key, (owner, issuer, name))
    return known
