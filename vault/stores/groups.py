"""Groups: who is in them, found by keyed hash, which ACLs name them, and when those of other servers were fetched.

Members of a group count only while some ACL names it. Every hash is of a member in one group, so that the disk does not
tell who is in two.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, exists, select, update

from vault.errors import Unavailable
from vault.model.groups import Group, document_of
from vault.model.identifiers import StorageId
from vault.model.records import ResourceRecord
from vault.stores import growth
from vault.stores.driver import Statement, inserting
from vault.stores.growth import group_hash as _group_hash
from vault.stores.growth import member_hash as _member_hash
from vault.stores.schema import group_fetch, group_member, group_use
from vault.stores.tables import Tables

_IN_GROUP = group_member.c.group_hash == bindparam("of")
_IS_NAMED = group_use.c.group_hash == bindparam("of")
_IS_MEMBER = Statement(
    select(group_member.c.group_hash).where(
        _IN_GROUP,
        group_member.c.member_hash == bindparam("member"),
        exists(select(group_use.c.group_hash).where(_IS_NAMED)),
    )
)
_NAMED = Statement(select(group_use.c.group_hash).where(_IS_NAMED).limit(1))
_NAMED_DOCUMENT = Statement(
    select(group_use.c.group_hash).where(group_use.c.document_hash == bindparam("document")).limit(1)
)
_USES = Statement(
    select(group_use.c.group_hash, group_use.c.storage, group_use.c.resource, group_use.c.sealed)
)
_USES_IN = Statement(
    select(group_use.c.group_hash, group_use.c.storage, group_use.c.resource, group_use.c.sealed).where(
        group_use.c.storage == bindparam("storage")
    )
)
_USES_OF = Statement(select(group_use.c.group_hash).where(group_use.c.resource == bindparam("resource")))
_NAMED_IN = Statement(
    select(group_use.c.group_hash).where(_IS_NAMED, group_use.c.storage == bindparam("storage")).limit(1)
)
_INSERT_USE = inserting(group_use)
_DELETE_USES = Statement(delete(group_use).where(group_use.c.resource == bindparam("from")))
_USED_ELSEWHERE = Statement(
    select(group_use.c.resource)
    .select_from(group_use.join(group_member, group_member.c.group_hash == group_use.c.group_hash))
    .where(group_member.c.storage == bindparam("storage"), group_use.c.storage != bindparam("storage"))
    .limit(1)
)
_MEMBERS = Statement(select(group_member.c.member_hash).where(_IN_GROUP))
_MEMBERS_FROM = Statement(
    select(group_member.c.group_hash, group_member.c.member_hash).where(
        group_member.c.resource == bindparam("resource")
    )
)
_INSERT_MEMBER = inserting(group_member)
_DELETE_MEMBERS = Statement(delete(group_member).where(_IN_GROUP, group_member.c.storage.is_(None)))
_DELETE_MEMBERS_FROM = Statement(delete(group_member).where(group_member.c.resource == bindparam("from")))
_FETCHED_AT = Statement(select(group_fetch.c.fetched_at).where(group_fetch.c.group_hash == bindparam("of")))
_INSERT_FETCH = inserting(group_fetch)
_REPLACE_FETCH = Statement(
    update(group_fetch).where(group_fetch.c.group_hash == bindparam("of")).values(fetched_at=bindparam("at"))
)
_DELETE_FETCH = Statement(delete(group_fetch).where(group_fetch.c.group_hash == bindparam("of")))


def is_member(tables: Tables, group: str, who: str) -> bool:
    """Whether somebody is in a group that some ACL names."""
    found = tables.one(_IS_MEMBER, of=_group_hash(tables, group), member=_member_hash(tables, group, who))
    return found is not None


def fetched_at(tables: Tables, group: str) -> int | None:
    """When a group of another server was last fetched, wall seconds; None when never."""
    row = tables.one(_FETCHED_AT, of=_group_hash(tables, group))
    return None if row is None else row[0]


def names_document(tables: Tables, document: str) -> bool:
    """Whether some ACL names a group of the document with this URL."""
    return tables.one(_NAMED_DOCUMENT, document=_document_hash(tables, document)) is not None


def named(tables: Tables, storage: StorageId | None = None) -> frozenset[str]:
    """The groups that ACLs of a storage name, or those of all storages."""
    rows = tables.all(_USES) if storage is None else tables.all(_USES_IN, storage=storage.value)
    found: dict[bytes, str] = {}
    for group_hash, home, resource, sealed in rows:
        if group_hash not in found:
            try:
                found[group_hash] = tables.cipher.decrypt(
                    StorageId(home), _label(resource, group_hash), sealed
                ).decode()
            except Unavailable:
                # The key of that storage is gone, and with it whatever it named.
                continue
    return frozenset(found.values())


def put_uses(tables: Tables, subject: ResourceRecord, groups: Iterable[str]) -> None:
    """Note which groups the ACL of a subject names; raises the server's epoch for one that nobody named before."""
    storage, resource = subject.identifier.storage, subject.key
    before = {row[0] for row in tables.all(_USES_OF, resource=resource)}
    tables.run(_DELETE_USES, **{"from": resource})
    now = {_group_hash(tables, group): group for group in groups}
    is_new = any(tables.one(_NAMED, of=one) is None for one in now.keys() - before)
    for group_hash, group in now.items():
        tables.run(
            _INSERT_USE,
            resource=resource,
            group_hash=group_hash,
            document_hash=_document_hash(tables, document_of(group)),
            storage=storage.value,
            sealed=tables.cipher.encrypt(storage, _label(resource, group_hash), group.encode()),
        )
    tables.unnamed |= {(storage, gone) for gone in before - now.keys()}
    if is_new:
        tables.raise_server_epoch()
    for new in now.keys() - before:
        growth.give(tables, storage, new)


def put_described(tables: Tables, document: ResourceRecord, groups: Iterable[Group]) -> None:
    """Keep the members of the groups that a document describes, and no others; raises the server's epoch when the
    members of a group that some ACL names differ."""
    before = {(row[0], row[1]) for row in tables.all(_MEMBERS_FROM, resource=document.key)}
    now = {
        (_group_hash(tables, group.iri), _member_hash(tables, group.iri, member))
        for group in groups
        for member in group.members
    }
    if before == now:
        return
    tables.run(_DELETE_MEMBERS_FROM, **{"from": document.key})
    home = document.identifier.storage.value
    for group_hash, member_hash in sorted(now):
        tables.run(
            _INSERT_MEMBER,
            group_hash=group_hash,
            member_hash=member_hash,
            storage=home,
            resource=document.key,
        )
    if any(tables.one(_NAMED, of=group_hash) for group_hash, _ in before ^ now):
        tables.raise_server_epoch()


def put_fetched(tables: Tables, group: Group, at: int) -> tuple[StorageId, ...]:
    """Keep the members of a group of another server, fetched at this wall second; nothing when no ACL names it (any
    more). Raises the server's epoch when the members differ. Gives the storages in which that pauses it."""
    of = _group_hash(tables, group.iri)
    if tables.one(_NAMED, of=of) is None or (fetched_at(tables, group.iri) or 0) > at:
        return ()
    if tables.run(_REPLACE_FETCH, of=of, at=at) == 0:
        tables.run(_INSERT_FETCH, group_hash=of, fetched_at=at)
    now = {_member_hash(tables, group.iri, member) for member in group.members}
    if now != {row[0] for row in tables.all(_MEMBERS, of=of)}:
        tables.run(_DELETE_MEMBERS, of=of)
        for member_hash in sorted(now):
            tables.run(_INSERT_MEMBER, group_hash=of, member_hash=member_hash, storage=None, resource=None)
        tables.raise_server_epoch()
    return growth.follow(tables, of, now, at)


def raise_elsewhere(tables: Tables, storage: StorageId) -> None:
    """Make decisions of other storages stale when the rules of this one change, if they name groups that rest here:
    those count only while whoever named them may read them."""
    if tables.one(_USED_ELSEWHERE, storage=storage.value) is not None:
        tables.raise_server_epoch()


def end_uses(tables: Tables, storage: StorageId) -> None:
    """Note that a storage is about to name nothing any more, because it is destroyed."""
    tables.unnamed |= {(storage, row[0]) for row in tables.all(_USES_IN, storage=storage.value)}


def forget_unnamed(tables: Tables) -> None:
    """Forget the groups that nothing names any more, at the end of a transaction: in it they may move from ACL to ACL."""
    for storage, gone in sorted(tables.unnamed, key=str):
        if tables.one(_NAMED_IN, of=gone, storage=storage.value) is None:
            growth.take(tables, storage, gone)
        # One that was never fetched as another server's is of the register, whose workers stay known.
        if tables.one(_NAMED, of=gone) is None and tables.run(_DELETE_FETCH, of=gone):
            tables.run(_DELETE_MEMBERS, of=gone)
            growth.forget(tables, gone)


def _document_hash(tables: Tables, document: str) -> bytes:
    return tables.cipher.lookup_hash(None, "group document", document)


def _label(resource: str, group_hash: bytes) -> str:
    return f"group:{resource}:{group_hash.hex()}"
