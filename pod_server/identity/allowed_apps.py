"""The apps that a person let in, as her account page tells of them; what each may do is a limit in the vault's catalogue."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from pod_server.identity import records
from pod_server.identity.accounts import Account
from pod_server.identity.clients import Client
from pod_server.identity.parts import IdentityParts
from vault.model.requester import AppLimit
from vault.stores.ports import CatalogueReader, CatalogueTransaction

_touched_every_s = 3600


@dataclass(frozen=True, slots=True)
class AllowedApp:
    """An app as it called itself when she last signed in at it; `limit` is None for one that belongs to the house."""

    app_hash: bytes
    iri: str
    client_id: str
    name: str
    host: str
    since_s: int
    used_s: int
    limit: AppLimit | None


def note(
    parts: IdentityParts, tx: CatalogueTransaction, account: Account, client: Client, *, is_anew: bool
) -> None:
    """Note that she signed in at an app, and whether she just said what it may do."""
    connection, app_hash = records.connection_of(tx), hash_of(parts, account.id, client.iri)
    before = records.find_row(connection, records.allowed_app, app_hash=app_hash)
    since_s = parts.now_s if before is None or is_anew else before["since_s"]
    plain = json.dumps([client.iri, client.id, client.name, client.host]).encode()
    records.drop_rows(connection, records.allowed_app, app_hash=app_hash)
    _forget_over(parts, tx, account)
    records.add_row(
        connection,
        records.allowed_app,
        app_hash=app_hash,
        account=account.id,
        since_s=since_s,
        used_s=parts.now_s,
        sealed=parts.cipher.encrypt(None, _label(app_hash), plain),
    )


def touch(parts: IdentityParts, connection: Connection, app_hash: bytes) -> None:
    """Note that an app was used, to the hour."""
    row = records.find_row(connection, records.allowed_app, app_hash=app_hash)
    if row is not None and row["used_s"] < parts.now_s - _touched_every_s:
        records.change_rows(connection, records.allowed_app, {"app_hash": app_hash}, used_s=parts.now_s)


def apps_of(parts: IdentityParts, account: Account) -> list[AllowedApp]:
    """The apps that may do something for her now, the last used first."""
    with parts.context.catalogue.view() as view, parts.database.read() as connection:
        found = apps_in(parts, view, connection, account)
    return sorted(found, key=lambda app: (-app.used_s, app.iri))


def apps_in(
    parts: IdentityParts, view: CatalogueReader, connection: Connection, account: Account
) -> list[AllowedApp]:
    """The same in no order, as one view and connection see it."""
    rows = records.rows_where(connection, records.allowed_app, account=account.id)
    apps = (_read(parts, view, account, row) for row in rows)
    return [app for app in apps if app.limit is not None or is_of_house(parts, app.client_id)]


def is_of_house(parts: IdentityParts, client_id: str) -> bool:
    """Whether an app gets its rights by configuration."""
    return client_id in parts.settings.trusted_clients


def hash_of(parts: IdentityParts, account: str, iri: str) -> bytes:
    """By what an app of an account is found."""
    return parts.cipher.lookup_hash(None, f"app of {account}", iri)


def _forget_over(parts: IdentityParts, tx: CatalogueTransaction, account: Account) -> None:
    """Forget apps that may do nothing any more: what unknown ones might do ended with her session."""
    connection = records.connection_of(tx)
    kept = {app.app_hash for app in apps_in(parts, tx, connection, account)}
    for row in records.rows_where(connection, records.allowed_app, account=account.id):
        if bytes(row["app_hash"]) not in kept:
            records.drop_rows(connection, records.allowed_app, app_hash=row["app_hash"])


def _read(parts: IdentityParts, view: CatalogueReader, account: Account, row: RowMapping) -> AllowedApp:
    app_hash = bytes(row["app_hash"])
    iri, client_id, name, host = json.loads(parts.cipher.decrypt(None, _label(app_hash), row["sealed"]))
    limit = None if is_of_house(parts, client_id) else view.app_limit(account.webid, iri)
    return AllowedApp(app_hash, iri, client_id, name, host, row["since_s"], row["used_s"], limit)


def _label(app_hash: bytes) -> str:
    return f"app {app_hash.hex()}"
