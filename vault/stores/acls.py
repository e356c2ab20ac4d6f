"""Compiled ACLs and what they govern: each row names the resource whose ACL governs it, kept right at every change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import and_, bindparam, delete, select, update

from vault.errors import ConcurrentChange, NoSuchResource, Unavailable
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.records import AUXILIARY_KINDS, ResourceRecord
from vault.model.rules import CompiledAcl
from vault.stores import groups, resources
from vault.stores.codec import decode_rules, encode_rules
from vault.stores.driver import Statement, inserting
from vault.stores.schema import boundary, resource, rules
from vault.stores.tables import Tables

_IS_GOVERNED = and_(*(resource.c.kind != kind.value for kind in AUXILIARY_KINDS))
# Down the containment, and not past a resource that has an ACL of its own.
_INHERITS = select(resource.c.key).where(resource.c.key == bindparam("of")).cte("inherits", recursive=True)
_INHERITS = _INHERITS.union_all(
    select(resource.c.key).where(
        resource.c.parent == _INHERITS.c.key, resource.c.acl_key != resource.c.key, _IS_GOVERNED
    )
)

_FIND = Statement(
    select(rules.c.sealed).where(
        rules.c.resource == bindparam("resource"), rules.c.storage == bindparam("storage")
    )
)
_INSERT = inserting(rules)
_DELETE = Statement(delete(rules).where(rules.c.resource == bindparam("of")))
_GOVERNING = Statement(
    select(resource.c.acl_key, resource.c.parent).where(resource.c.key == bindparam("key"))
)
_GOVERN_BELOW = Statement(
    update(resource).where(resource.c.key.in_(select(_INHERITS.c.key))).values(acl_key=bindparam("of"))
)
_HAND_OVER = Statement(
    update(resource)
    .where(resource.c.storage == bindparam("in"), resource.c.acl_key == bindparam("of"), _IS_GOVERNED)
    .values(acl_key=bindparam("to"))
)
_FIND_BOUNDARY = Statement(
    select(boundary.c.storage).where(
        boundary.c.storage == bindparam("storage"), boundary.c.path_hash == bindparam("path_hash")
    )
)
_DELETE_BOUNDARIES = Statement(delete(boundary).where(boundary.c.storage == bindparam("of")))
_INSERT_BOUNDARY = inserting(boundary)


def find(tables: Tables, storage: StorageId, acl_key: str) -> CompiledAcl:
    """The compiled ACL of the resource with this key; an absent, unreadable or paused one is empty."""
    standing = tables.standing(storage)
    if standing is not None and standing.paused_but not in {None, acl_key}:
        return CompiledAcl()
    return find_written(tables, storage, acl_key)


def find_written(tables: Tables, storage: StorageId, acl_key: str) -> CompiledAcl:
    """The same as it stands written, whether the storage is paused or not."""
    try:
        return _remembered(tables, storage, acl_key)
    except (Unavailable, ValueError):
        return CompiledAcl()


def put(tables: Tables, subject: ResourceRecord, compiled: CompiledAcl) -> None:
    """Make the subject's own ACL govern it and everything below that has no nearer one; raises the access epoch."""
    storage, key = subject.identifier.storage, subject.key
    governing = _governing(tables, key)[0]
    # What it repeats, of itself or from above, stays written with the app that wrote it there.
    compiled = compiled.after(find_written(tables, storage, governing))
    if governing != key:
        tables.run(_GOVERN_BELOW, of=key)
    tables.run(_DELETE, of=key)
    written = compiled if compiled.writer else replace(compiled, writer=_writer(tables, subject))
    sealed = tables.cipher.encrypt(storage, f"rules:{key}", encode_rules(written))
    tables.run(_INSERT, resource=key, storage=storage.value, sealed=sealed)
    groups.put_uses(tables, subject, compiled.groups())
    _raise_epochs(tables, storage)


def drop(tables: Tables, subject: ResourceRecord) -> None:
    """Let the subject inherit again, and what inherited from it; raises the access epoch."""
    storage, key = subject.identifier.storage, subject.key
    parent = _governing(tables, key)[1]
    tables.run(_DELETE, of=key)
    if parent is not None:
        tables.run(_HAND_OVER, **{"in": storage.value, "of": key, "to": _governing(tables, parent)[0]})
    groups.put_uses(tables, subject, ())
    _raise_epochs(tables, storage)


def forget(tables: Tables, subject: ResourceRecord) -> None:
    """Remove the rules of a resource that goes."""
    if tables.run(_DELETE, of=subject.key):
        groups.put_uses(tables, subject, ())
        _raise_epochs(tables, subject.identifier.storage)


def is_boundary(tables: Tables, identifier: ResourceIdentifier) -> bool:
    """Whether some grant keeps out of this path."""
    try:
        path_hash = tables.path_hash(identifier)
    except NoSuchResource:
        return False
    return tables.one(_FIND_BOUNDARY, storage=identifier.storage.value, path_hash=path_hash) is not None


def put_boundaries(tables: Tables, storage: StorageId, paths: Sequence[str]) -> None:
    """Replace the set of paths that grants keep out of; only their hashes are kept."""
    hashes = {tables.path_hash(ResourceIdentifier(storage, path)) for path in paths}
    tables.run(_DELETE_BOUNDARIES, of=storage.value)
    for path_hash in hashes:
        tables.run(_INSERT_BOUNDARY, storage=storage.value, path_hash=path_hash)


def _writer(tables: Tables, subject: ResourceRecord) -> str | None:
    acl = resources.find(tables, subject.identifier.acl)
    return None if acl is None else acl.agent


def _raise_epochs(tables: Tables, storage: StorageId) -> None:
    tables.raise_storage_epoch(storage)
    groups.raise_elsewhere(tables, storage)


def _remembered(tables: Tables, storage: StorageId, acl_key: str) -> CompiledAcl:
    standing = tables.standing(storage) if tables.memory else None
    if tables.memory is None or standing is None:
        return _read(tables, storage, acl_key)
    key = (storage, acl_key, standing.storage_epoch)
    return tables.memory.rules.get(key) or tables.memory.rules.put(key, _read(tables, storage, acl_key))


def _read(tables: Tables, storage: StorageId, acl_key: str) -> CompiledAcl:
    row = tables.one(_FIND, resource=acl_key, storage=storage.value)
    if row is None:
        return CompiledAcl()
    return decode_rules(tables.cipher.decrypt(storage, f"rules:{acl_key}", row[0]))


def _governing(tables: Tables, key: str) -> tuple[str, str | None]:
    row = tables.one(_GOVERNING, key=key)
    if row is None:
        raise ConcurrentChange("the resource is gone")
    return row[0], row[1]
