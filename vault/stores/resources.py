"""Rows of resources: found by the hash of their whole path, changed by compare-and-swap of their revision."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlalchemy import and_, bindparam, delete, not_, select, update

from vault.errors import ConcurrentChange, Conflict, NoSuchResource
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.records import (
    AUXILIARY_KINDS,
    MemberMark,
    NewRevision,
    Removal,
    RemovedRecord,
    ResourceKind,
    ResourceRecord,
    StoredObject,
)
from vault.stores import removals, revisions
from vault.stores.driver import Statement, inserting
from vault.stores.schema import resource, revision
from vault.stores.tables import Row, Tables

_KINDS = {kind.value: kind for kind in ResourceKind}
_IS_MEMBER = and_(*(resource.c.kind != kind.value for kind in AUXILIARY_KINDS))
_CURRENT = select(
    resource.c.key,
    resource.c.kind,
    resource.c.revision,
    resource.c.acl_key,
    resource.c.created_ms,
    revision.c.media_type,
    revision.c.object,
    revision.c.size,
    revision.c.modified_ms,
    revision.c.sealed,
    resource.c.path,
).select_from(resource.join(revision, revision.c.id == resource.c.revision))
_BELOW = select(resource.c.key).where(resource.c.key == bindparam("key")).cte("below", recursive=True)
_BELOW = _BELOW.union_all(
    select(resource.c.key).where(
        resource.c.parent == _BELOW.c.key, resource.c.key != bindparam("key"), _IS_MEMBER
    )
)

_FIND = Statement(
    _CURRENT.where(resource.c.storage == bindparam("storage"), resource.c.path_hash == bindparam("path_hash"))
)
_DESCENDANTS = Statement(
    _CURRENT.where(resource.c.key.in_(select(_BELOW.c.key)), resource.c.key != bindparam("key"))
)
# What is below the root is known without walking down.
_BELOW_ROOT = Statement(
    _CURRENT.where(resource.c.storage == bindparam("storage"), resource.c.key != bindparam("key"), _IS_MEMBER)
)
_ACLS = Statement(
    _CURRENT.where(resource.c.storage == bindparam("storage"), resource.c.kind == ResourceKind.ACL.value)
)
_EVERYTHING = Statement(
    _CURRENT.where(resource.c.storage == bindparam("storage")).order_by(resource.c.number)
)
_HAS_MEMBER = Statement(
    select(resource.c.key).where(resource.c.parent == bindparam("key"), _IS_MEMBER).limit(1)
)
_INSERT = inserting(resource)
_REPLACE = Statement(
    update(resource)
    .where(resource.c.key == bindparam("of"), resource.c.revision == bindparam("old"))
    .values(revision=bindparam("new"))
)
_DELETE = Statement(
    delete(resource).where(resource.c.key == bindparam("of"), resource.c.revision == bindparam("old"))
)
_DELETE_AUXILIARIES = Statement(
    delete(resource).where(resource.c.parent == bindparam("of"), not_(_IS_MEMBER))
)


def find(tables: Tables, identifier: ResourceIdentifier) -> ResourceRecord | None:
    """The resource with exactly this path, None when absent."""
    if tables.found is None:
        return _look_up(tables, identifier)
    if identifier not in tables.found:
        tables.found[identifier] = _look_up(tables, identifier)
    return tables.found[identifier]


def _look_up(tables: Tables, identifier: ResourceIdentifier) -> ResourceRecord | None:
    row = _find_row(tables, identifier)
    if row is None or (row[1] == ResourceKind.CONTAINER.value) != identifier.is_container:
        return None
    return _record(tables, identifier, row)


def slash_twin_exists(tables: Tables, identifier: ResourceIdentifier) -> bool:
    """Whether the same path with the other slash form exists."""
    row = _find_row(tables, identifier)
    return row is not None and (row[1] == ResourceKind.CONTAINER.value) != identifier.is_container


def nearest_container(tables: Tables, identifier: ResourceIdentifier) -> ResourceRecord:
    """The nearest existing container above a path. Raises NoSuchResource for an unknown storage."""
    above: ResourceIdentifier | None = identifier.parent or identifier
    while above is not None:
        found = find(tables, above)
        if found is not None:
            return found
        above = above.parent
    raise NoSuchResource("no such storage")


def descendants(
    tables: Tables, container: ResourceRecord, is_wanted: Callable[[MemberMark], bool]
) -> Iterator[ResourceRecord]:
    """Documents and containers anywhere below it that are wanted, by path; of others nothing is decrypted."""
    storage = container.identifier.storage
    if container.identifier.path:
        found = tables.all(_DESCENDANTS, key=container.key)
    else:
        found = tables.all(_BELOW_ROOT, storage=storage.value, key=container.key)
    wanted = (row for row in found if is_wanted((row[0], row[2], row[3])))
    rows = [(_identifier(tables, storage, row), row) for row in wanted]
    for identifier, row in sorted(rows, key=lambda pair: pair[0].path):
        yield _record(tables, identifier, row)


def everything(tables: Tables, storage: StorageId) -> Iterator[ResourceRecord]:
    """Every resource of a storage, auxiliary ones too, oldest first, streamed."""
    for row in tables.stream(_EVERYTHING, storage=storage.value):
        yield _record(tables, _identifier(tables, storage, row), row)


def own_acls(tables: Tables, storage: StorageId) -> list[ResourceRecord]:
    """Every ACL resource of a storage, by path of its subject."""
    rows = tables.all(_ACLS, storage=storage.value)
    found = [_record(tables, _identifier(tables, storage, row), row) for row in rows]
    return sorted(found, key=lambda record: record.identifier.subject)


def find_at(tables: Tables, identifier: ResourceIdentifier, time_ms: int) -> ResourceRecord | None:
    """What was at exactly this path at a moment, in the state of that moment; None when nothing was, or it is pruned.

    `acl_key` is that of now, or of when it was removed.
    """
    living = find(tables, identifier)
    if living is None or living.created_ms > time_ms:
        gone = removals.find_at(tables, identifier, time_ms)
        if gone is None:
            return None
        living = gone.as_it_was
    then = revisions.find_at(tables, identifier.storage, living.key, time_ms)
    return None if then is None else living.in_state(then)


def create(
    tables: Tables, identifier: ResourceIdentifier, kind: ResourceKind, new: NewRevision, key: str
) -> ResourceRecord:
    """Add a resource in its existing parent; see the port."""
    if (kind is ResourceKind.CONTAINER) != identifier.is_container:
        raise ValueError("the path of a container, and of nothing else, ends in a slash")
    parent = _parent(tables, identifier, kind)
    record = ResourceRecord(
        key=key,
        identifier=identifier,
        kind=kind,
        revision=new.revision,
        media_type=new.media_type,
        stored=new.stored,
        created_ms=new.time_ms,
        modified_ms=new.time_ms,
        agent=new.agent,
        acl_key=_governing_key(parent, kind, key),
    )
    try:
        revisions.keep(tables, identifier.storage, key, new, kind)
        _insert(tables, record, parent)
    except sqlite3.IntegrityError as error:
        raise ConcurrentChange("the resource exists already") from error
    return record


def replace_current(tables: Tables, record: ResourceRecord, new: NewRevision) -> ResourceRecord:
    """Put a new current revision, keeping the old one. Raises ConcurrentChange unless the record is current."""
    revisions.keep(tables, record.identifier.storage, record.key, new, record.kind)
    if tables.run(_REPLACE, of=record.key, old=record.revision, new=new.revision) == 0:
        raise ConcurrentChange("the resource was changed or removed first")
    return replace(
        record,
        revision=new.revision,
        media_type=new.media_type,
        stored=new.stored,
        modified_ms=new.time_ms,
        agent=new.agent,
    )


def bring_back(
    tables: Tables, gone: RemovedRecord, identifier: ResourceIdentifier, new: NewRevision
) -> ResourceRecord:
    """Let what was removed be there again, under its old key; see the port."""
    removals.mark_restored(tables, gone, new.time_ms)
    return create(tables, identifier, gone.kind, new, gone.key)


def remove(tables: Tables, record: ResourceRecord, removal: Removal) -> None:
    """Remove a resource with its auxiliary resources; revisions stay, and what was where. Raises ConcurrentChange or Conflict."""
    if tables.one(_HAS_MEMBER, key=record.key) is not None:
        raise Conflict("the container has members")
    removals.note(tables, record.key, removal)
    tables.run(_DELETE_AUXILIARIES, of=record.key)
    if tables.run(_DELETE, of=record.key, old=record.revision) == 0:
        raise ConcurrentChange("the resource was changed or removed first")


def _find_row(tables: Tables, identifier: ResourceIdentifier) -> Row | None:
    try:
        path_hash = tables.path_hash(identifier)
    except NoSuchResource:
        return None
    return tables.one(_FIND, storage=identifier.storage.value, path_hash=path_hash)


def _parent(tables: Tables, identifier: ResourceIdentifier, kind: ResourceKind) -> ResourceRecord | None:
    above = identifier.subject if kind in AUXILIARY_KINDS else identifier.parent
    if above is None:
        return None
    found = find(tables, above)
    if found is None:
        raise ConcurrentChange("the resource it belongs to is gone")
    return found


def _governing_key(parent: ResourceRecord | None, kind: ResourceKind, key: str) -> str:
    if parent is None:
        return key
    return parent.key if kind in AUXILIARY_KINDS else parent.acl_key


def _insert(tables: Tables, record: ResourceRecord, parent: ResourceRecord | None) -> None:
    storage, path = record.identifier.storage, record.identifier.path
    tables.run(
        _INSERT,
        storage=storage.value,
        key=record.key,
        path_hash=tables.path_hash(record.identifier),
        path=tables.cipher.encrypt(storage, f"path:{record.key}", path.encode()),
        kind=record.kind.value,
        parent=parent.key if parent else None,
        revision=record.revision,
        acl_key=record.acl_key,
        created_ms=record.created_ms,
    )


def _identifier(tables: Tables, storage: StorageId, row: Row) -> ResourceIdentifier:
    return ResourceIdentifier(storage, tables.cipher.decrypt(storage, f"path:{row[0]}", row[10]).decode())


def _record(tables: Tables, identifier: ResourceIdentifier, row: Row) -> ResourceRecord:
    key, kind, current, acl_key, created_ms, media_type, object_key, size, modified_ms, sealed, _ = row
    sha256, agent = revisions.unseal(tables, identifier.storage, f"{key}:{current}", sealed)
    return ResourceRecord(
        key=key,
        identifier=identifier,
        kind=_KINDS[kind],
        revision=current,
        media_type=media_type,
        stored=None if object_key is None else StoredObject(object_key, size, sha256),
        created_ms=created_ms,
        modified_ms=modified_ms,
        agent=agent,
        acl_key=acl_key,
    )
