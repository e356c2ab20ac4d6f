"""How much a storage keeps, in all and of each agent but its owner: counted with each revision, given back when it is pruned."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from vault.errors import NoSuchResource
from vault.model.identifiers import StorageId
from vault.model.limits import Usage, VaultLimits, check_room
from vault.model.records import NewRevision
from vault.stores import storages
from vault.stores.driver import Statement, inserting
from vault.stores.schema import usage
from vault.stores.tables import Tables

# What a revision takes besides its bytes, about: else empty ones would be free. A migration counts with it too.
revision_bytes = 512
_TOTAL = b""
_FIND = Statement(
    select(usage.c.bytes).where(
        usage.c.storage == bindparam("storage"), usage.c.party_hash == bindparam("party_hash")
    )
)
_ADD = Statement(
    update(usage)
    .where(usage.c.storage == bindparam("in"), usage.c.party_hash == bindparam("of"))
    .values(bytes=usage.c.bytes + bindparam("more"))
)
_INSERT = inserting(usage)


def find(tables: Tables, storage: StorageId, agent: str | None) -> Usage:
    """What is kept in all, and what of it an agent filled (None for the owner, and for the vault itself)."""
    return _of_party(tables, storage, find_party(tables, storage, agent))


def charge(tables: Tables, storage: StorageId, new: NewRevision, limits: VaultLimits | None) -> None:
    """Count a new revision.

    Raises:
        StorageFull: with it there is more than the limits allow; without limits there always is room.
    """
    more = (new.stored.size if new.stored else 0) + revision_bytes
    party = find_party(tables, storage, new.agent)
    if limits is not None:
        check_room(limits, _of_party(tables, storage, party), more)
    _add(tables, storage, party, more)


def add(tables: Tables, storage: StorageId, agent: str | None, more: int) -> None:
    """Count bytes in all, and for the agent unless she is the owner; also fewer."""
    _add(tables, storage, find_party(tables, storage, agent), more)


def add_to_party(tables: Tables, storage: StorageId, party: bytes, more: int) -> None:
    """Count bytes for one party."""
    if tables.run(_ADD, **{"in": storage.value, "of": party, "more": more}) == 0:
        tables.run(_INSERT, storage=storage.value, party_hash=party, bytes=more)


def _add(tables: Tables, storage: StorageId, party: bytes | None, more: int) -> None:
    add_to_party(tables, storage, _TOTAL, more)
    if party is not None:
        add_to_party(tables, storage, party, more)


def _of_party(tables: Tables, storage: StorageId, party: bytes | None) -> Usage:
    total = _bytes(tables, storage, _TOTAL)
    return Usage(total, None if party is None else _bytes(tables, storage, party))


def _bytes(tables: Tables, storage: StorageId, party: bytes) -> int:
    row = tables.one(_FIND, storage=storage.value, party_hash=party)
    return 0 if row is None else int(row[0])


def find_party(tables: Tables, storage: StorageId, agent: str | None) -> bytes | None:
    """Under what an agent's part is counted; None for the owner and for the vault itself, who have the whole."""
    if agent is None:
        return None
    record = storages.find(tables, storage)
    if record is None:
        raise NoSuchResource("no such storage")
    return None if agent == record.owner else tables.cipher.lookup_hash(storage, "writer", agent)
