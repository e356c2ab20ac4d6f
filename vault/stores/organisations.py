"""The register of organisations with their workers, the limits of apps, and sign-outs; each change raises the server's epoch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select, update

from vault.errors import NoSuchResource
from vault.model.identifiers import StorageId
from vault.model.organisation import Membership, Organisation, Register, Worker
from vault.model.requester import AppLimit
from vault.stores import growth
from vault.stores.codec import (
    decode_limit,
    decode_organisation,
    decode_workers,
    encode_limit,
    encode_organisation,
    encode_workers,
)
from vault.stores.driver import Statement, inserting
from vault.stores.schema import app_limit, organisation, server, sign_out
from vault.stores.tables import Tables

_ALL = Statement(
    select(
        organisation.c.iri_hash, organisation.c.sealed, organisation.c.workers, organisation.c.fetched_at
    ).order_by(organisation.c.number)
)
_IS_NAMED = organisation.c.iri_hash == bindparam("named")
_WORKERS = Statement(select(organisation.c.workers, organisation.c.sealed).where(_IS_NAMED))
_INSERT = inserting(organisation)
_REPLACE = Statement(update(organisation).where(_IS_NAMED).values(sealed=bindparam("new")))
_DELETE = Statement(delete(organisation).where(_IS_NAMED))
_PUT_WORKERS = Statement(
    update(organisation).where(_IS_NAMED).values(workers=bindparam("new"), fetched_at=bindparam("at"))
)
_RAISE_REGISTER = Statement(update(server).where(server.c.id == 1).values(register=server.c.register + 1))
_FIND_LIMIT = Statement(select(app_limit.c.sealed).where(app_limit.c.pair_hash == bindparam("pair")))
_INSERT_LIMIT = inserting(app_limit)
_DELETE_LIMIT = Statement(delete(app_limit).where(app_limit.c.pair_hash == bindparam("pair")))
_FIND_SIGN_OUTS = Statement(select(sign_out.c.count).where(sign_out.c.agent_hash == bindparam("agent")))
_INSERT_SIGN_OUTS = inserting(sign_out)
_DELETE_SIGN_OUTS = Statement(delete(sign_out).where(sign_out.c.agent_hash == bindparam("agent")))


def find_register(tables: Tables) -> Register:
    """The register with its workers."""
    if tables.memory is None:
        return _read_register(tables)
    _, version = tables.server_counters()
    registers = tables.memory.registers
    return registers.get(version) or registers.put(version, _read_register(tables))


def put_organisation(tables: Tables, new: Organisation) -> None:
    """Insert or replace an organisation; its workers stay."""
    named = _iri_hash(tables, new.iri)
    sealed = tables.cipher.encrypt(None, _label(named), encode_organisation(new))
    if tables.run(_REPLACE, named=named, new=sealed) == 0:
        tables.run(_INSERT, iri_hash=named, sealed=sealed, workers=None, fetched_at=None)
    tables.raise_server_epoch()


def remove_organisation(tables: Tables, iri: str) -> None:
    """Take an organisation and its workers out of the register."""
    tables.run(_DELETE, named=_iri_hash(tables, iri))
    tables.raise_server_epoch()


def put_workers(
    tables: Tables, iri: str, workers: Sequence[Worker], fetched_at: int
) -> tuple[StorageId, ...]:
    """Keep a fetched group; raises the server's epoch only when the workers differ. Gives the storages in which that
    pauses it.

    Raises:
        NoSuchResource: the organisation is not (any more) in the register.
    """
    named = _iri_hash(tables, iri)
    row = tables.one(_WORKERS, named=named)
    if row is None:
        raise NoSuchResource("no such organisation")
    kept = _workers(tables, named, row[0])
    sealed = tables.cipher.encrypt(None, _workers_label(named), encode_workers(workers))
    tables.run(_PUT_WORKERS, named=named, new=sealed, at=fetched_at)
    if set(kept) == set(workers):
        tables.run(_RAISE_REGISTER)
    else:
        tables.raise_server_epoch()
    group = decode_organisation(tables.cipher.decrypt(None, _label(named), row[1])).group
    members = {growth.member_hash(tables, group, worker.webid) for worker in workers}
    return growth.follow(tables, growth.group_hash(tables, group), members, fetched_at)


def find_limit(tables: Tables, agent: str, client: str) -> AppLimit | None:
    """What the agent said this client may do at most; None when nothing is recorded."""
    if tables.memory is None:
        return _read_limit(tables, agent, client)
    key = (agent, client, tables.server_counters()[0])
    known = tables.memory.limits.get(key)
    if known is None:
        # In a tuple, so that "nothing recorded" is remembered too.
        known = tables.memory.limits.put(key, (_read_limit(tables, agent, client),))
    return known[0]


def put_limit(tables: Tables, agent: str, client: str, limit: AppLimit | None) -> None:
    """Record, replace or (None) remove what a client may do at most."""
    pair = _pair_hash(tables, agent, client)
    tables.run(_DELETE_LIMIT, pair=pair)
    if limit is not None:
        sealed = tables.cipher.encrypt(None, f"limit:{pair.hex()}", encode_limit(limit))
        tables.run(_INSERT_LIMIT, pair_hash=pair, sealed=sealed)
    tables.raise_server_epoch()


def find_sign_outs(tables: Tables, agent: str) -> int:
    """How often the agent ended what was issued for her."""
    if tables.memory is None:
        return _read_sign_outs(tables, agent)
    key = (agent, tables.server_counters()[0])
    known = tables.memory.sign_outs.get(key)
    return tables.memory.sign_outs.put(key, _read_sign_outs(tables, agent)) if known is None else known


def put_sign_outs(tables: Tables, agent: str, count: int) -> None:
    """Record how often; none is as if nothing was ever recorded."""
    agent_hash = _agent_hash(tables, agent)
    tables.run(_DELETE_SIGN_OUTS, agent=agent_hash)
    if count:
        tables.run(_INSERT_SIGN_OUTS, agent_hash=agent_hash, count=count)
    tables.raise_server_epoch()


def _read_sign_outs(tables: Tables, agent: str) -> int:
    row = tables.one(_FIND_SIGN_OUTS, agent=_agent_hash(tables, agent))
    return 0 if row is None else int(row[0])


def _agent_hash(tables: Tables, agent: str) -> bytes:
    return tables.cipher.lookup_hash(None, "sign-outs", agent)


def _read_register(tables: Tables) -> Register:
    organisations, memberships = [], {}
    for named, sealed, workers, fetched_at in tables.all(_ALL):
        found = decode_organisation(tables.cipher.decrypt(None, _label(named), sealed))
        organisations.append(found)
        memberships[found.iri] = Membership(_workers(tables, named, workers), fetched_at)
    return Register(tuple(organisations), memberships)


def _workers(tables: Tables, named: bytes, sealed: bytes | None) -> tuple[Worker, ...]:
    return (
        () if sealed is None else decode_workers(tables.cipher.decrypt(None, _workers_label(named), sealed))
    )


def _read_limit(tables: Tables, agent: str, client: str) -> AppLimit | None:
    pair = _pair_hash(tables, agent, client)
    row = tables.one(_FIND_LIMIT, pair=pair)
    return None if row is None else decode_limit(tables.cipher.decrypt(None, f"limit:{pair.hex()}", row[0]))


def _iri_hash(tables: Tables, iri: str) -> bytes:
    return tables.cipher.lookup_hash(None, "organisation", iri)


def _pair_hash(tables: Tables, agent: str, client: str) -> bytes:
    return tables.cipher.lookup_hash(None, "limit", f"{agent}\n{client}")


def _label(named: bytes) -> str:
    return f"organisation:{named.hex()}"


def _workers_label(named: bytes) -> str:
    return f"workers:{named.hex()}"
