"""Rows of revisions: written with each change of a resource, kept when it is replaced or removed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from sqlalchemy import bindparam, func, select, update

from vault.model.identifiers import StorageId
from vault.model.records import NewRevision, ResourceKind, RevisionRecord, StoredObject
from vault.stores import usage
from vault.stores.driver import Statement, inserting
from vault.stores.schema import revision
from vault.stores.tables import Row, Tables

COLUMNS = (
    revision.c.id,
    revision.c.resource,
    revision.c.ordinal,
    revision.c.media_type,
    revision.c.object,
    revision.c.size,
    revision.c.modified_ms,
    revision.c.replaced_ms,
    revision.c.sealed,
)
_OF_RESOURCE = select(*COLUMNS).where(revision.c.resource == bindparam("resource"))
_BEFORE = Statement(
    _OF_RESOURCE.where(revision.c.ordinal < bindparam("before")).order_by(revision.c.ordinal.desc())
)
_FIND = Statement(_OF_RESOURCE.where(revision.c.id == bindparam("id")))
_FIND_AT = Statement(
    _OF_RESOURCE.where(revision.c.modified_ms <= bindparam("time"))
    .order_by(revision.c.ordinal.desc())
    .limit(1)
)
_NEWEST = Statement(select(func.max(revision.c.ordinal)).where(revision.c.resource == bindparam("resource")))
_INSERT = inserting(revision)
_END = Statement(
    update(revision)
    .where(revision.c.resource == bindparam("of"), revision.c.replaced_ms.is_(None))
    .values(replaced_ms=bindparam("time"))
)
_FIND_OBJECT = Statement(select(revision.c.id).where(revision.c.object == bindparam("object")).limit(1))


def keep(tables: Tables, storage: StorageId, key: str, new: NewRevision, kind: ResourceKind) -> None:
    """Add the revision that is current from now on; what was the last one ends.

    Raises:
        StorageFull: there is no room for it. For access rules there always is.
    """
    usage.charge(tables, storage, new, None if kind is ResourceKind.ACL else new.limits)
    # The hash of the plain bytes is sealed too: in clear it would tell who guesses a text that he guessed right.
    sha256 = new.stored.sha256 if new.stored else b""
    plain = bytes([len(sha256)]) + sha256 + (new.agent or "").encode()
    newest = (tables.one(_NEWEST, resource=key) or (None,))[0]
    if newest is not None:
        tables.run(_END, of=key, time=new.time_ms)
    tables.run(
        _INSERT,
        id=new.revision,
        storage=storage.value,
        resource=key,
        ordinal=1 + (newest or 0),
        media_type=new.media_type,
        object=new.stored.key if new.stored else None,
        size=new.stored.size if new.stored else 0,
        modified_ms=new.time_ms,
        replaced_ms=None,
        charged=1,
        sealed=tables.cipher.encrypt(storage, f"revision:{key}:{new.revision}", plain),
    )


def find_all(tables: Tables, storage: StorageId, key: str, before: int | None) -> Iterator[RevisionRecord]:
    """The revisions of a resource, newest first, streamed; only those before an ordinal when given."""
    for row in tables.stream(_BEFORE, resource=key, before=sys.maxsize if before is None else before):
        yield read(tables, storage, row)


def find(tables: Tables, storage: StorageId, key: str, id_: str) -> RevisionRecord | None:
    """One revision of a resource."""
    row = tables.one(_FIND, resource=key, id=id_)
    return None if row is None else read(tables, storage, row)


def find_at(tables: Tables, storage: StorageId, key: str, time_ms: int) -> RevisionRecord | None:
    """The revision that was the last one at a moment."""
    row = tables.one(_FIND_AT, resource=key, time=time_ms)
    return None if row is None else read(tables, storage, row)


def knows_object(tables: Tables, key: str) -> bool:
    """Whether some revision, current or kept, rests in this object."""
    return tables.one(_FIND_OBJECT, object=key) is not None


def read(tables: Tables, storage: StorageId, row: Row) -> RevisionRecord:
    """Read a row of `COLUMNS`."""
    id_, key, ordinal, media_type, object_key, size, modified_ms, replaced_ms, sealed = row
    sha256, agent = unseal(tables, storage, f"{key}:{id_}", sealed)
    stored = None if object_key is None else StoredObject(object_key, size, sha256)
    return RevisionRecord(id_, ordinal, media_type, stored, modified_ms, replaced_ms, agent)


def unseal(tables: Tables, storage: StorageId, name: str, sealed: bytes) -> tuple[bytes, str | None]:
    """The hash of the plain bytes and who wrote them; `name` is the key of the resource, a colon and the revision."""
    plain = tables.cipher.decrypt(storage, f"revision:{name}", sealed)
    split = 1 + plain[0]
    return plain[1:split], plain[split:].decode() or None
