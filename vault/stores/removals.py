"""Rows of what was removed: where it was, what governed it, and who removed it when."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from sqlalchemy import bindparam, or_, select, update

from vault.errors import ConcurrentChange, NoSuchResource
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.records import AUXILIARY_KINDS, Removal, RemovedRecord, ResourceKind
from vault.stores.driver import Statement, inserting
from vault.stores.revisions import COLUMNS, read
from vault.stores.schema import removed, resource, revision
from vault.stores.tables import Row, Tables

_COPIED = (
    resource.c.storage,
    resource.c.key,
    resource.c.path_hash,
    resource.c.path,
    resource.c.kind,
    resource.c.parent,
    resource.c.revision,
    resource.c.acl_key,
    resource.c.created_ms,
)
_GOING = Statement(select(*_COPIED).where(resource.c.key == bindparam("key")))
_GOING_ALONG = Statement(
    select(*_COPIED).where(
        resource.c.parent == bindparam("key"),
        or_(*(resource.c.kind == kind.value for kind in AUXILIARY_KINDS)),
    )
)
_INSERT = inserting(removed)
_ROWS = select(
    removed.c.number,
    removed.c.key,
    removed.c.path,
    removed.c.kind,
    removed.c.parent,
    removed.c.acl_key,
    removed.c.created_ms,
    removed.c.removed_ms,
    removed.c.restored_ms,
    removed.c.sealed,
    *COLUMNS,
).select_from(removed.join(revision, revision.c.id == removed.c.revision))
_NEWEST_FIRST = _ROWS.where(removed.c.storage == bindparam("storage")).order_by(removed.c.number.desc())
_BEFORE = Statement(_NEWEST_FIRST.where(removed.c.number < bindparam("before")))
_FIND = Statement(_NEWEST_FIRST.where(removed.c.key == bindparam("key"), removed.c.restored_ms.is_(None)))
_FIND_AT = Statement(
    _NEWEST_FIRST.where(
        removed.c.path_hash == bindparam("path_hash"),
        removed.c.created_ms <= bindparam("time"),
        removed.c.removed_ms > bindparam("time"),
    )
)
_MARK = Statement(
    update(removed)
    .where(removed.c.number == bindparam("of"), removed.c.restored_ms.is_(None))
    .values(restored_ms=bindparam("time"))
)


def note(tables: Tables, key: str, removal: Removal) -> None:
    """Write down that a resource goes, with its auxiliary resources; before it does."""
    for row in (*tables.all(_GOING, key=key), *tables.all(_GOING_ALONG, key=key)):
        values = dict(zip((column.name for column in _COPIED), row, strict=True))
        sealed = tables.cipher.encrypt(
            StorageId(values["storage"]),
            _label(values["key"], removal.time_ms),
            (removal.agent or "").encode(),
        )
        tables.run(_INSERT, **values, removed_ms=removal.time_ms, restored_ms=None, sealed=sealed)


def find_all(tables: Tables, storage: StorageId, before: int | None) -> Iterator[RemovedRecord]:
    """Everything that was removed and is not pruned yet, what came back too, newest first, streamed.

    Only what was removed before the one with a number when given.
    """
    for row in tables.stream(
        _BEFORE, storage=storage.value, before=sys.maxsize if before is None else before
    ):
        yield _record(tables, storage, row)


def find(tables: Tables, storage: StorageId, key: str) -> RemovedRecord | None:
    """What was removed and has not come back, by the key it had."""
    row = tables.one(_FIND, storage=storage.value, key=key)
    return None if row is None else _record(tables, storage, row)


def find_at(tables: Tables, identifier: ResourceIdentifier, time_ms: int) -> RemovedRecord | None:
    """What was at exactly this path at a moment, and was removed later."""
    try:
        path_hash = tables.path_hash(identifier)
    except NoSuchResource:
        return None
    storage = identifier.storage
    row = tables.one(_FIND_AT, storage=storage.value, path_hash=path_hash, time=time_ms)
    found = None if row is None else _record(tables, storage, row)
    return found if found is not None and found.identifier == identifier else None


def mark_restored(tables: Tables, record: RemovedRecord, time_ms: int) -> None:
    """Write down that something came back. Raises ConcurrentChange when it has already, or is pruned."""
    if tables.run(_MARK, of=record.number, time=time_ms) == 0:
        raise ConcurrentChange("it was brought back first, or is not kept any more")


def _record(tables: Tables, storage: StorageId, row: Row) -> RemovedRecord:
    number, key, path, kind, parent, acl_key, created_ms, removed_ms, restored_ms, sealed = row[:10]
    plain = tables.cipher.decrypt(storage, f"path:{key}", path).decode()
    agent = tables.cipher.decrypt(storage, _label(key, removed_ms), sealed).decode() or None
    return RemovedRecord(
        number=number,
        key=key,
        identifier=ResourceIdentifier(storage, plain),
        kind=ResourceKind(kind),
        parent=parent,
        acl_key=acl_key,
        last=read(tables, storage, row[10:]),
        created_ms=created_ms,
        removal=Removal(agent, removed_ms),
        restored_ms=restored_ms,
    )


def _label(key: str, time_ms: int) -> str:
    return f"removed:{key}:{time_ms}"
