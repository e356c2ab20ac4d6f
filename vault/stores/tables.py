"""One view of the tables, or one transaction on them, with what turns rows into values."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, update

from vault.errors import NoSuchResource, Unavailable
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.organisation import Register
from vault.model.records import ResourceRecord
from vault.model.requester import AppLimit
from vault.model.rules import CompiledAcl
from vault.stores.bounded import BoundedCache
from vault.stores.driver import Statement
from vault.stores.ports import Cipher
from vault.stores.schema import server, storage

Row = tuple[Any, ...]
_FIND_STANDING = Statement(
    select(storage.c.epoch, server.c.epoch, server.c.register, storage.c.sealed, storage.c.paused_but)
    .select_from(storage.join(server, server.c.id == 1))
    .where(storage.c.id == bindparam("storage"), storage.c.erase_at_s.is_(None))
)
_FIND_SERVER = Statement(select(server.c.epoch, server.c.register).where(server.c.id == 1))
_RAISE_STORAGE = Statement(
    update(storage).where(storage.c.id == bindparam("of")).values(epoch=storage.c.epoch + 1)
)
_RAISE_SERVER = Statement(
    update(server).where(server.c.id == 1).values(epoch=server.c.epoch + 1, register=server.c.register + 1)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the counters of a storage and of the server stand, and the storage's sealed owner.

    `paused_but`: see the schema. What is out of sight has no standing.
    """

    storage_epoch: int
    server_epoch: int
    register: int
    sealed: bytes
    paused_but: str | None


# A storage and the sealed bytes of its owner, and what is in them: WebID, issuer and name.
Owners = BoundedCache[tuple[StorageId, bytes], tuple[str, str, str]]
max_owners = 4096


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process decoded before, under keys that change when the value does."""

    rules: BoundedCache[tuple[StorageId, str, int], CompiledAcl] = field(
        default_factory=lambda: BoundedCache(16_384)
    )
    limits: BoundedCache[tuple[str, str, int], tuple[AppLimit | None]] = field(
        default_factory=lambda: BoundedCache(4096)
    )
    sign_outs: BoundedCache[tuple[str, int], int] = field(default_factory=lambda: BoundedCache(4096))
    registers: BoundedCache[int, Register] = field(default_factory=lambda: BoundedCache(2))


@dataclass(slots=True)
class Tables:
    """What the queries work with.

    `memory` is None inside a transaction: its counters count only once it is committed, so nothing read there may be
    remembered under them. `owners` are known by their sealed bytes themselves, which holds in a transaction too. `found`
    are the resources that were looked up in a view, which does not change; None inside a transaction. `unnamed` are the
    groups that an ACL of a storage named before and names no more: what is kept of them goes when the transaction ends.
    """

    driver: sqlite3.Connection
    cipher: Cipher
    memory: Memory | None
    owners: Owners
    found: dict[ResourceIdentifier, ResourceRecord | None] | None = None
    unnamed: set[tuple[StorageId, bytes]] = field(default_factory=set)
    _standings: dict[StorageId, Standing] = field(default_factory=dict)
    _streams: list[sqlite3.Cursor] = field(default_factory=list)

    def run(self, statement: Statement, **values: object) -> int:
        """Execute a change and give the number of rows it touched."""
        return statement.run(self.driver, values).rowcount

    def one(self, statement: Statement, **values: object) -> Row | None:
        """The first row, None when there is none."""
        row: Row | None = statement.run(self.driver, values).fetchone()
        return row

    def all(self, statement: Statement, **values: object) -> list[Row]:
        """All rows."""
        return statement.run(self.driver, values).fetchall()

    def stream(self, statement: Statement, **values: object) -> Iterator[Row]:
        """Rows one by one, until the view ends."""
        cursor = statement.run(self.driver, values)
        self._streams.append(cursor)
        return cursor

    def close(self) -> None:
        """End what still streams: an open cursor would keep the connection in the past."""
        for cursor in self._streams:
            cursor.close()

    def standing(self, of: StorageId) -> Standing | None:
        """Counters and sealed owner of a storage; read once in a view, each time in a transaction."""
        known = self._standings.get(of)
        if known is not None:
            return known
        row = self.one(_FIND_STANDING, storage=of.value)
        if row is None:
            return None
        standing = Standing(*row)
        if self.memory is not None:
            self._standings[of] = standing
        return standing

    def server_counters(self) -> tuple[int, int]:
        """The server's epoch, and the counter that also moves with each fetched group."""
        for standing in self._standings.values():
            return standing.server_epoch, standing.register
        row = self.one(_FIND_SERVER)
        assert row is not None, "a migration made this row"
        return row[0], row[1]

    def raise_storage_epoch(self, of: StorageId) -> None:
        """Make every decision on this storage stale."""
        if self.run(_RAISE_STORAGE, of=of.value) == 0:
            raise NoSuchResource("no such storage")

    def raise_server_epoch(self) -> None:
        """Make every decision on this server stale."""
        self.run(_RAISE_SERVER)

    def path_hash(self, identifier: ResourceIdentifier) -> bytes:
        """The hash a resource is found by: of its path without the last slash.

        Raises:
            NoSuchResource: the storage is unknown, so it has no key either.
        """
        try:
            return self.cipher.lookup_hash(identifier.storage, "path", identifier.path.removesuffix("/"))
        except Unavailable:
            if self.standing(identifier.storage) is None:
                raise NoSuchResource("no such storage") from None
            raise
