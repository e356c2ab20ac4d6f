"""Registered clients that were let in during a session: what they may do ends with it, for nobody knows who they are."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pod_server.identity import records
from pod_server.identity.parts import IdentityParts
from vault.stores.ports import CatalogueTransaction


@dataclass(frozen=True, slots=True)
class LetIn:
    """An agent let a client in (`client` is its IRI); that counts no longer than her session."""

    session: str
    agent: str
    client: str


def keep(parts: IdentityParts, tx: CatalogueTransaction, let_in: LetIn, expires_s: int) -> None:
    """Keep it until the session has ended at the latest."""
    connection = records.connection_of(tx)
    client_hash = _hash(parts, let_in)
    records.drop_rows(connection, records.session_client, session=let_in.session, client_hash=client_hash)
    pair = json.dumps([let_in.agent, let_in.client]).encode()
    records.add_row(
        connection,
        records.session_client,
        session=let_in.session,
        client_hash=client_hash,
        expires_s=expires_s,
        sealed=parts.cipher.encrypt(None, _label(client_hash), pair),
    )


def is_kept(parts: IdentityParts, let_in: LetIn) -> bool:
    """Whether she let it in during this very session."""
    where: dict[str, object] = {"session": let_in.session, "client_hash": _hash(parts, let_in)}
    with parts.database.read() as connection:
        return records.find_row(connection, records.session_client, **where) is not None


def end(parts: IdentityParts, tx: CatalogueTransaction, session: str) -> None:
    """Take away what the clients of a session may do."""
    connection = records.connection_of(tx)
    for row in records.rows_where(connection, records.session_client, session=session):
        label = _label(bytes(row["client_hash"]))
        agent, client = json.loads(parts.cipher.decrypt(None, label, row["sealed"]))
        tx.put_app_limit(agent, client, None)
    records.drop_rows(connection, records.session_client, session=session)


def _hash(parts: IdentityParts, let_in: LetIn) -> bytes:
    return parts.cipher.lookup_hash(None, f"client of session {let_in.session}", let_in.client)


def _label(client_hash: bytes) -> str:
    return f"client of session {client_hash.hex()}"
