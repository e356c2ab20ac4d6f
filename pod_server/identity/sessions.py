"""Who is signed in here: a row for each browser, found by a hash of its cookie (`owasp.org/www-project-cheat-sheets/cheatsheets/Session_Management_Cheat_Sheet`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from sqlalchemy import Connection, RowMapping

from pod_server.identity import records, session_clients
from pod_server.identity.parts import IdentityParts
from vault.stores.ports import CatalogueTransaction

idle_s = 15 * 60
lifetime_s = 8 * 3600
max_browser_length = 300
_touched_every_s = 30


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which an account is signed in since a second; `id` is not the cookie.

    `way_since_s` is how old the way in is (password, passkey) that was last proved here. `proved_s` is when she
    last proved that it is she: by signing in, or again since (`fresh_proof`).
    """

    id: str
    account: str
    signed_in_s: int
    way_since_s: int
    proved_s: int


def begin(parts: IdentityParts, account: str, way_since_s: int, browser: str = "") -> tuple[Session, str]:
    """Start a session of somebody who proved a way in of that age, and give the new cookie's value with it.

    `browser` is what the browser says of itself.
    """
    cookie = secrets.token_urlsafe(32)
    begun = Session(parts.context.new_id(), account, parts.now_s, way_since_s, parts.now_s)
    sealed = parts.cipher.encrypt(None, _label(begun.id), browser[:max_browser_length].encode())

    def change(connection: Connection) -> None:
        _forget_old(connection, begun.signed_in_s)
        records.add_row(
            connection,
            records.session,
            id=begun.id,
            cookie_hash=_cookie_hash(parts, cookie),
            account=account,
            signed_in_s=begun.signed_in_s,
            seen_s=begun.signed_in_s,
            way_since_s=way_since_s,
            proved_s=begun.proved_s,
            sealed=sealed,
        )

    parts.database.write(change)
    return begun, cookie


def find(parts: IdentityParts, cookie: str | None) -> Session | None:
    """The session of a cookie, seen again now; None when it ended or stood still for too long."""
    if not cookie:
        return None
    with parts.database.read() as connection:
        row = records.find_row(connection, records.session, cookie_hash=_cookie_hash(parts, cookie))
    now_s = parts.now_s
    if row is None or now_s - row["seen_s"] > idle_s or now_s - row["signed_in_s"] > lifetime_s:
        return None
    if now_s - row["seen_s"] >= _touched_every_s:
        parts.database.write(
            lambda connection: records.change_rows(
                connection, records.session, {"id": row["id"]}, seen_s=now_s
            )
        )
    # Sessions of before know nothing of it; then there were passwords only.
    way_since_s = row["way_since_s"] or 0
    return Session(row["id"], row["account"], row["signed_in_s"], way_since_s, row["proved_s"])


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that goes on, for the page that tells of it; `browser` is what the browser said of itself."""

    id: str
    signed_in_s: int
    seen_s: int
    browser: str


def sessions_of(parts: IdentityParts, account: str) -> list[OpenSession]:
    """The sessions of an account that go on, the last seen first."""
    with parts.database.read() as connection:
        rows = records.rows_where(connection, records.session, account=account)
    now_s = parts.now_s
    found = [
        OpenSession(row["id"], row["signed_in_s"], row["seen_s"], _browser(parts, row))
        for row in rows
        if now_s - row["seen_s"] <= idle_s and now_s - row["signed_in_s"] <= lifetime_s
    ]
    return sorted(found, key=lambda one: (-one.seen_s, one.id))


def prove(parts: IdentityParts, session: Session, way_since_s: int) -> tuple[Session, str]:
    """Note that she just proved that it is she by a way in of that age, and give the new cookie's value.

    The old cookie is worth nothing any more.
    """
    cookie, now_s = secrets.token_urlsafe(32), parts.now_s
    parts.database.write(
        lambda connection: records.change_rows(
            connection,
            records.session,
            {"id": session.id},
            cookie_hash=_cookie_hash(parts, cookie),
            proved_s=now_s,
            way_since_s=way_since_s,
        )
    )
    return replace(session, proved_s=now_s, way_since_s=way_since_s), cookie


def end(parts: IdentityParts, session: str) -> None:
    """End a session with the codes, tokens and limits that came from it; nothing happens when it is gone."""

    parts.context.catalogue.write(lambda tx: end_in(parts, tx, session))


def end_all_in(parts: IdentityParts, tx: CatalogueTransaction, account: str) -> None:
    """End every session of an account, in a transaction."""
    for row in records.rows_where(records.connection_of(tx), records.session, account=account):
        end_in(parts, tx, row["id"])


def end_in(parts: IdentityParts, tx: CatalogueTransaction, session: str) -> None:
    """The same as `end`, in a transaction."""
    session_clients.end(parts, tx, session)
    connection = records.connection_of(tx)
    records.drop_rows(connection, records.session, id=session)
    records.drop_rows(connection, records.authorization_code, session=session)
    records.drop_rows(connection, records.refresh_token, session=session)


def _forget_old(connection: Connection, now_s: int) -> None:
    records.drop_older(connection, records.session, "seen_s", now_s - idle_s)
    records.drop_older(connection, records.authorization_code, "expires_s", now_s)
    records.drop_older(connection, records.refresh_token, "expires_s", now_s)
    records.drop_older(connection, records.session_client, "expires_s", now_s)
    records.drop_older(connection, records.identity_attempt, "since_s", now_s - lifetime_s)


def _cookie_hash(parts: IdentityParts, cookie: str) -> bytes:
    return parts.cipher.lookup_hash(None, "session cookie", cookie)


def _browser(parts: IdentityParts, row: RowMapping) -> str:
    sealed = row["sealed"]
    return "" if sealed is None else parts.cipher.decrypt(None, _label(row["id"]), sealed).decode()


def _label(session: str) -> str:
    return f"session {session}"
