"""Forgetting what was removed or replaced long enough ago; its objects become orphans, which the keeper sweeps.

Room is given back here and nowhere else.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, or_, select, update

from vault.model.identifiers import StorageId
from vault.model.records import ResourceKind
from vault.stores import usage
from vault.stores.driver import Statement
from vault.stores.revisions import unseal
from vault.stores.schema import removed, resource, revision
from vault.stores.tables import Tables

# Who could see an old revision is told by the ACLs of its time, so those stay as long as revisions do.
_IS_HISTORY = or_(removed.c.restored_ms.is_not(None), removed.c.kind == ResourceKind.ACL.value)
_EXPIRED = Statement(
    select(removed.c.number, removed.c.key, removed.c.restored_ms)
    .where(
        removed.c.removed_ms < bindparam("removed_before"),
        or_(~_IS_HISTORY, removed.c.removed_ms < bindparam("replaced_before")),
    )
    .order_by(removed.c.removed_ms)
    .limit(bindparam("most"))
)
_FORGET = Statement(delete(removed).where(removed.c.number == bindparam("of")))
_END_ALL = Statement(update(revision).where(revision.c.resource == bindparam("of")).values(replaced_ms=0))
_IS_CURRENT = (
    select(resource.c.key)
    .where(resource.c.key == revision.c.resource, resource.c.revision == revision.c.id)
    .exists()
)
_REVISIONS = select(
    revision.c.id,
    revision.c.storage,
    revision.c.resource,
    revision.c.size,
    revision.c.sealed,
    revision.c.charged,
).limit(bindparam("most"))
_REPLACED = Statement(
    _REVISIONS.where(revision.c.replaced_ms < bindparam("replaced_before"), ~_IS_CURRENT).order_by(
        revision.c.replaced_ms
    )
)
_UNCHARGED = Statement(_REVISIONS.where(revision.c.charged == 0))
_CHARGED = Statement(update(revision).where(revision.c.id == bindparam("of")).values(charged=1))
_DELETE = Statement(delete(revision).where(revision.c.id == bindparam("of")))


def prune(tables: Tables, removed_before_ms: int, replaced_before_ms: int, limit: int) -> int:
    """Forget at most `limit` removed resources and as many revisions; how many there were.

    The current revision of a resource never goes.
    """
    before = {"removed_before": removed_before_ms, "replaced_before": replaced_before_ms, "most": limit}
    expired = tables.all(_EXPIRED, **before)
    for number, key, restored_ms in expired:
        if restored_ms is None:
            # Nothing can be brought back any more, so no revision of it is kept either, however new.
            tables.run(_END_ALL, of=key)
        tables.run(_FORGET, of=number)
    replaced = tables.all(_REPLACED, replaced_before=replaced_before_ms, most=limit)
    for id_, of, key, size, sealed, is_charged in replaced:
        agent = _writer(tables, (of, key, id_, sealed)) if is_charged else None
        usage.add(tables, StorageId(of), agent, -size - usage.revision_bytes)
        tables.run(_DELETE, of=id_)
    return len(expired) + len(replaced)


def charge_older(tables: Tables, limit: int) -> int:
    """Count for their agents some of the revisions that were written before agents were; how many there were."""
    rows = tables.all(_UNCHARGED, most=limit)
    for id_, of, key, size, sealed, _ in rows:
        storage = StorageId(of)
        party = usage.find_party(tables, storage, _writer(tables, (of, key, id_, sealed)))
        if party is not None:
            usage.add_to_party(tables, storage, party, size + usage.revision_bytes)
        tables.run(_CHARGED, of=id_)
    return len(rows)


def _writer(tables: Tables, row: tuple[str, str, str, bytes]) -> str | None:
    of, key, id_, sealed = row
    return unseal(tables, StorageId(of), f"{key}:{id_}", sealed)[1]
