"""Rows of storages: the owner is sealed, the epoch is clear."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from sqlalchemy import bindparam, select

from vault.errors import Conflict, NoSuchResource
from vault.model.identifiers import StorageId
from vault.model.records import Epochs, StorageRecord
from vault.stores.codec import to_json
from vault.stores.driver import Statement, inserting
from vault.stores.schema import server, storage
from vault.stores.tables import Tables

_ALL = Statement(select(storage.c.id, storage.c.epoch, storage.c.sealed).order_by(storage.c.number))
EPOCHS = Statement(
    select(storage.c.epoch, server.c.epoch)
    .select_from(storage.join(server, server.c.id == 1))
    .where(storage.c.id == bindparam("storage"))
)
_INSERT = inserting(storage)
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
    return StorageRecord(of, *_owner(tables, of, standing.sealed), standing.storage_epoch)


def find_all(tables: Tables) -> Iterator[StorageRecord]:
    """All storages, in order of creation."""
    for id_, epoch, sealed in tables.stream(_ALL):
        of = StorageId(id_)
        yield StorageRecord(of, *_owner(tables, of, sealed), epoch)


def create(tables: Tables, record: StorageRecord) -> None:
    """Add a storage. Raises Conflict when it exists."""
    owner = to_json([record.owner, record.issuer, record.name])
    sealed = tables.cipher.encrypt(record.storage, _LABEL, owner)
    try:
        tables.run(_INSERT, id=record.storage.value, epoch=record.epoch, sealed=sealed)
    except sqlite3.IntegrityError as error:
        raise Conflict("the storage exists already") from error


def _owner(tables: Tables, of: StorageId, sealed: bytes) -> tuple[str, str, str]:
    key = (of, sealed)
    known = tables.memory.owners.get(key) if tables.memory else None
    if known is None:
        owner, issuer, name = json.loads(tables.cipher.decrypt(of, _LABEL, sealed))
        known = (owner, issuer, name)
        if tables.memory:
            tables.memory.owners.put(key, known)
    return known
