"""Documents of services: requests, grants, invitations, meetings and relocations, each sealed as a whole."""

from __future__ import annotations

import json
import sqlite3

from sqlalchemy import bindparam, func, select, update

from vault.errors import ConcurrentChange
from vault.model.identifiers import StorageId
from vault.model.records import DocumentKind, ServiceDocument
from vault.stores.codec import to_json
from vault.stores.driver import Statement, inserting
from vault.stores.schema import document, storage
from vault.stores.tables import Row, Tables

_ROWS = select(
    document.c.storage,
    document.c.kind,
    document.c.id,
    document.c.version,
    document.c.time_ms,
    document.c.sealed,
).order_by(document.c.number)
_OF_STORAGE = _ROWS.where(document.c.storage == bindparam("storage"), document.c.kind == bindparam("kind"))
_OF_PARTY = document.c.party_hash == bindparam("party_hash")

_FIND = Statement(_OF_STORAGE.where(document.c.id == bindparam("id")))
_LIST = Statement(_OF_STORAGE)
_LIST_OF_PARTY = Statement(_OF_STORAGE.where(_OF_PARTY))
# Over all storages only those that are in sight and not paused: of others nobody hears anything here.
_IS_OPEN = document.c.storage.in_(
    select(storage.c.id).where(storage.c.erase_at_s.is_(None), storage.c.paused_but.is_(None))
)
_LIST_EVERYWHERE = Statement(_ROWS.where(document.c.kind == bindparam("kind"), _OF_PARTY, _IS_OPEN))
_FIND_CODE = Statement(_ROWS.where(document.c.code_hash == bindparam("code_hash"), _IS_OPEN))
_INSERT = inserting(document)
# A code stays with its invitation when a later version does not name it again.
_REPLACE = Statement(
    update(document)
    .where(
        document.c.storage == bindparam("in"),
        document.c.kind == bindparam("of"),
        document.c.id == bindparam("named"),
        document.c.version == bindparam("old"),
    )
    .values(
        version=bindparam("new"),
        party_hash=bindparam("party"),
        code_hash=func.coalesce(bindparam("code"), document.c.code_hash),
        time_ms=bindparam("time"),
        sealed=bindparam("body"),
    )
)


def find(tables: Tables, storage: StorageId, kind: DocumentKind, id_: str) -> ServiceDocument | None:
    """One document of a service."""
    row = tables.one(_FIND, storage=storage.value, kind=kind.value, id=id_)
    return None if row is None else _document(tables, row)


def find_all(
    tables: Tables, storage: StorageId, kind: DocumentKind, party: str | None
) -> list[ServiceDocument]:
    """Documents of one kind, oldest first; only of one party when given."""
    if party is None:
        rows = tables.all(_LIST, storage=storage.value, kind=kind.value)
    else:
        rows = tables.all(
            _LIST_OF_PARTY, storage=storage.value, kind=kind.value, party_hash=_party_hash(tables, party)
        )
    return [_document(tables, row) for row in rows]


def find_everywhere(tables: Tables, kind: DocumentKind, party: str) -> list[ServiceDocument]:
    """Documents of one kind of one party over all storages, oldest first."""
    rows = tables.all(_LIST_EVERYWHERE, kind=kind.value, party_hash=_party_hash(tables, party))
    return [_document(tables, row) for row in rows]


def find_code(tables: Tables, code: str) -> ServiceDocument | None:
    """The invitation with this code, whatever its status."""
    row = tables.one(_FIND_CODE, code_hash=_code_hash(tables, code))
    return None if row is None else _document(tables, row)


def put(tables: Tables, new: ServiceDocument, code: str | None) -> None:
    """Insert the first version or replace the one before. Raises ConcurrentChange when that is not so."""
    plain = to_json([new.status, new.party]) + b"\n" + new.body
    sealed = tables.cipher.encrypt(new.storage, _label(new.kind.value, new.id, new.version), plain)
    party_hash = None if new.party is None else _party_hash(tables, new.party)
    code_hash = None if code is None else _code_hash(tables, code)
    if new.version == 1:
        _insert(tables, new, {"party_hash": party_hash, "code_hash": code_hash, "sealed": sealed})
        return
    where = {"in": new.storage.value, "of": new.kind.value, "named": new.id, "old": new.version - 1}
    values = {"party": party_hash, "code": code_hash, "time": new.time_ms, "body": sealed}
    if tables.run(_REPLACE, **where, **values, new=new.version) == 0:
        raise ConcurrentChange("the document was changed first")


def _insert(tables: Tables, new: ServiceDocument, hidden: dict[str, bytes | None]) -> None:
    try:
        tables.run(
            _INSERT,
            storage=new.storage.value,
            kind=new.kind.value,
            id=new.id,
            version=new.version,
            time_ms=new.time_ms,
            **hidden,
        )
    except sqlite3.IntegrityError as error:
        raise ConcurrentChange("the document, or one with this code, exists already") from error


def _document(tables: Tables, row: Row) -> ServiceDocument:
    storage, kind, id_, version, time_ms, sealed = row
    of = StorageId(storage)
    head, _, body = tables.cipher.decrypt(of, _label(kind, id_, version), sealed).partition(b"\n")
    status, party = json.loads(head)
    return ServiceDocument(of, DocumentKind(kind), id_, version, status, party, body, time_ms)


def _label(kind: str, id_: str, version: int) -> str:
    return f"document:{kind}:{id_}:{version}"


def _party_hash(tables: Tables, party: str) -> bytes:
    # With the server's key: a worker's own meetings are found over all storages.
    return tables.cipher.lookup_hash(None, "party", party)


def _code_hash(tables: Tables, code: str) -> bytes:
    return tables.cipher.lookup_hash(None, "code", code)
