"""How groups grow: who is in them since when, and how large one was when a storage gave it access.

A group that has more than twice the members of then is paused in that storage until its owner says yes. Who came and went
is kept once for each group, by keyed hash and by server epoch, which orders it exactly; what is kept of a storage is one
row for each group that its ACLs name, whatever the number of members.
"""

from __future__ import annotations

from collections.abc import Set

from sqlalchemy import and_, bindparam, delete, exists, func, null, or_, select, update

from vault.model.groups import Growth
from vault.model.identifiers import StorageId
from vault.stores.driver import Statement, inserting
from vault.stores.schema import group_access, group_presence
from vault.stores.tables import Tables

_OF = group_presence.c.group_hash == bindparam("of")
_IS_IN = group_presence.c.until_epoch.is_(None)
_GIVEN = and_(group_access.c.storage == bindparam("in"), group_access.c.group_hash == bindparam("of"))
_PRESENT = Statement(select(group_presence.c.member_hash).where(_OF, _IS_IN))
_COUNT = Statement(select(func.count()).select_from(group_presence).where(_OF, _IS_IN))
_JOIN = inserting(group_presence)
_LEAVE = Statement(
    update(group_presence)
    .where(_OF, _IS_IN, group_presence.c.member_hash == bindparam("who"))
    .values(until_epoch=bindparam("epoch"))
)
_before = group_presence.alias()
_WAS_IN = exists(
    select(_before.c.group_hash).where(
        _before.c.group_hash == group_presence.c.group_hash,
        _before.c.member_hash == group_presence.c.member_hash,
        _before.c.since_epoch <= bindparam("epoch"),
        or_(_before.c.until_epoch.is_(None), _before.c.until_epoch > bindparam("epoch")),
    )
)
_JOINED = Statement(
    select(group_presence.c.since_s)
    .where(_OF, _IS_IN, group_presence.c.since_epoch > bindparam("epoch"), ~_WAS_IN)
    .order_by(group_presence.c.since_s)
)
_OLDEST_GIVEN = select(func.min(group_access.c.since_epoch)).where(
    group_access.c.group_hash == bindparam("of"), group_access.c.size.is_not(None)
)
# Whoever left before all that was given is of no use to any count.
_PRUNE = Statement(
    delete(group_presence).where(
        _OF,
        group_presence.c.until_epoch <= func.coalesce(_OLDEST_GIVEN.scalar_subquery(), bindparam("epoch")),
    )
)
_DELETE_PRESENCE = Statement(delete(group_presence).where(_OF))
_FIND = Statement(
    select(
        group_access.c.since_epoch, group_access.c.size, group_access.c.paused_s, group_access.c.confirmed_s
    ).where(_GIVEN)
)
_IS_PAUSED = Statement(select(group_access.c.storage).where(_GIVEN, group_access.c.paused_s.is_not(None)))
_INSERT_ACCESS = inserting(group_access)
_DELETE_ACCESS = Statement(delete(group_access).where(_GIVEN))
_MEASURE = Statement(
    update(group_access)
    .where(group_access.c.group_hash == bindparam("of"), group_access.c.size.is_(None))
    .values(size=bindparam("members"), since_epoch=bindparam("epoch"))
)
_HAS_DOUBLED = and_(
    group_access.c.group_hash == bindparam("of"),
    group_access.c.paused_s.is_(None),
    group_access.c.size * 2 < bindparam("members"),
)
_DOUBLED = Statement(select(group_access.c.storage).where(_HAS_DOUBLED).order_by(group_access.c.storage))
_PAUSE = Statement(update(group_access).where(_HAS_DOUBLED).values(paused_s=bindparam("now")))
_ACCEPT = Statement(
    update(group_access)
    .where(_GIVEN)
    .values(
        size=bindparam("members"),
        since_epoch=bindparam("epoch"),
        paused_s=null(),
        confirmed_s=bindparam("now"),
    )
)


def is_paused(tables: Tables, storage: StorageId, group: str) -> bool:
    """Whether a group waits for the owner's yes in a storage."""
    return tables.one(_IS_PAUSED, **_given(tables, storage, group)) is not None


def find(tables: Tables, storage: StorageId, group: str) -> Growth | None:
    """How a group grew since a storage gave it access; None when it did not, or its members are not known yet."""
    row = tables.one(_FIND, **_given(tables, storage, group))
    if row is None or row[1] is None:
        return None
    of, (epoch, _, paused_s, confirmed_s) = group_hash(tables, group), row
    joined = tables.all(_JOINED, of=of, epoch=epoch)
    return Growth(_size(tables, of), tuple(since for (since,) in joined), paused_s, confirmed_s)


def give(tables: Tables, storage: StorageId, of: bytes) -> None:
    """Remember how large a group is now that a storage names it for the first time; what is remembered already stays."""
    if tables.one(_FIND, **{"in": storage.value, "of": of}) is None:
        tables.run(
            _INSERT_ACCESS,
            storage=storage.value,
            group_hash=of,
            since_epoch=tables.server_counters()[0],
            # Nobody known: it is measured when it is fetched.
            size=_size(tables, of) or None,
            paused_s=None,
            confirmed_s=None,
        )


def take(tables: Tables, storage: StorageId, of: bytes) -> None:
    """Forget what was remembered of a group that a storage names no more."""
    tables.run(_DELETE_ACCESS, **{"in": storage.value, "of": of})


def forget(tables: Tables, of: bytes) -> None:
    """Forget who was in a group."""
    tables.run(_DELETE_PRESENCE, of=of)


def follow(tables: Tables, of: bytes, members: Set[bytes], now_s: int) -> tuple[StorageId, ...]:
    """Note who is in a group now, as fetched at a wall second; gives the storages in which that pauses it.

    Whoever keeps members that differ raises the server's epoch before.
    """
    before = {row[0] for row in tables.all(_PRESENT, of=of)}
    epoch = tables.server_counters()[0]
    for who in sorted(before - members):
        tables.run(_LEAVE, of=of, who=who, epoch=epoch)
    for who in sorted(members - before):
        tables.run(_JOIN, group_hash=of, member_hash=who, since_epoch=epoch, since_s=now_s, until_epoch=None)
    tables.run(_MEASURE, of=of, members=len(members), epoch=epoch)
    tables.run(_PRUNE, of=of, epoch=epoch)
    doubled = tables.all(_DOUBLED, of=of, members=len(members))
    if doubled:
        tables.run(_PAUSE, of=of, members=len(members), now=now_s)
        tables.raise_server_epoch()
    return tuple(StorageId(storage) for (storage,) in doubled)


def accept(tables: Tables, storage: StorageId, group: str, now_s: int) -> None:
    """Let the group as it is now be the one that the storage gave access; raises the access epoch."""
    members = _size(tables, group_hash(tables, group))
    epoch = tables.server_counters()[0]
    tables.run(_ACCEPT, **_given(tables, storage, group), members=members, epoch=epoch, now=now_s)
    tables.raise_storage_epoch(storage)


def group_hash(tables: Tables, group: str) -> bytes:
    """What a group is found by."""
    return tables.cipher.lookup_hash(None, "group", group)


def member_hash(tables: Tables, group: str, who: str) -> bytes:
    """What a member of a group is found by: differently for each group."""
    return tables.cipher.lookup_hash(None, "member", f"{group}\n{who}")


def _size(tables: Tables, of: bytes) -> int:
    row = tables.one(_COUNT, of=of)
    return 0 if row is None else int(row[0])


def _given(tables: Tables, storage: StorageId, group: str) -> dict[str, object]:
    return {"in": storage.value, "of": group_hash(tables, group)}
