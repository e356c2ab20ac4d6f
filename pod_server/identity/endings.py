"""Making and ending what lets somebody in: an app, a browser, a program, or all at once.

What ended is worth nothing from that second. Each is one transaction with its line in the journal. Access tokens that are
out count no more: those of an app or a program because what they may do is gone, those of the house's own apps because she
counts one sign-out more.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from pod_server.identity import allowed_apps, credentials, records, sessions
from pod_server.identity.account_lines import line_of
from pod_server.identity.accounts import Account, end_tokens, find_account_in, keep_changed
from pod_server.identity.allowed_apps import AllowedApp
from pod_server.identity.credentials import NewCredential
from pod_server.identity.parts import IdentityParts
from pod_server.identity.sessions import Session
from pod_server.identity.ways_in import Refusal, WayRefused, is_held_back
from vault.errors import Conflict
from vault.grants.keep import Change, apply_changes
from vault.grants.layout import GrantChange
from vault.model.requester import AppLimit
from vault.stores.ports import CatalogueTransaction

max_programs = 20


def end_app(parts: IdentityParts, account: Account, app: AllowedApp, trace_id: str) -> None:
    """Let an app do nothing any more, end its tokens, and what it set by hand for others in the vault."""

    def end(tx: CatalogueTransaction) -> None:
        _end_app(tx, account, app)
        if app.limit is None:
            end_tokens(parts, tx, account.id)
        line = line_of(parts, tx, account, "end-app", trace_id)
        tx.append_lines([replace(line, client=app.iri)])

    change = Change(GrantChange(without_app=app.iri), also=end)
    apply_changes(parts.context, account.storage, lambda _: change)


def change_password(
    parts: IdentityParts, session: Session, account: Account, password_hash: str, trace_id: str
) -> None:
    """Set a password that was checked and hashed; every other session ends, and what came from it.

    Raises:
        WayRefused: the old one is older than the way by which she proved that it is she.
    """
    if account.password_hash is not None and is_held_back(parts, session, account.password_since_s):
        raise WayRefused(Refusal.TOO_NEW)

    def change(tx: CatalogueTransaction) -> None:
        connection = records.connection_of(tx)
        now = find_account_in(parts, connection, account.id) or account
        # As old as the way by which she came: whoever did not know the old one gains nothing by a new one. A first one is new.
        has_one = now.password_hash is not None
        since_s = max(now.password_since_s, session.way_since_s) if has_one else parts.now_s
        keep_changed(parts, connection, replace(now, password_hash=password_hash, password_since_s=since_s))
        for row in records.rows_where(connection, records.session, account=account.id):
            if row["id"] != session.id:
                sessions.end_in(parts, tx, row["id"])
        # Those of sessions that stood still for too long: their rows are gone, what came from them is not.
        for app in allowed_apps.apps_in(parts, tx, connection, account):
            for table in (records.authorization_code, records.refresh_token):
                records.drop_but(connection, table, "session", session.id, app_hash=app.app_hash)
        end_tokens(parts, tx, account.id)
        tx.append_lines([line_of(parts, tx, account, "change-password", trace_id)])

    parts.context.catalogue.write(change)


def make_program(
    parts: IdentityParts, account: Account, label: str, limit: AppLimit, trace_id: str
) -> NewCredential:
    """Make credentials for a program of hers.

    Raises:
        Conflict: she has too many.
    """

    def make(tx: CatalogueTransaction) -> NewCredential:
        connection = records.connection_of(tx)
        if len(records.rows_where(connection, records.credential, account=account.id)) >= max_programs:
            raise Conflict("there are too many credentials")
        made = credentials.create_in(parts, tx, account, label, limit)
        line = line_of(parts, tx, account, "make-program", trace_id)
        tx.append_lines([replace(line, client=made.client)])
        return made

    return parts.context.catalogue.write(make)


def end_session(parts: IdentityParts, account: Account, session: str, trace_id: str) -> bool:
    """End one of her sessions with all that came from it; whether there was one."""

    def end(tx: CatalogueTransaction) -> bool:
        connection = records.connection_of(tx)
        if records.find_row(connection, records.session, id=session, account=account.id) is None:
            return False
        sessions.end_in(parts, tx, session)
        end_tokens(parts, tx, account.id)
        tx.append_lines([line_of(parts, tx, account, "end-session", trace_id)])
        return True

    return parts.context.catalogue.write(end)


def end_credential(parts: IdentityParts, account: Account, client_id: str, trace_id: str) -> bool:
    """End the credentials of a program; whether there were any."""

    def end(tx: CatalogueTransaction) -> bool:
        connection = records.connection_of(tx)
        if records.find_row(connection, records.credential, id=client_id, account=account.id) is None:
            return False
        _end_credential(parts, tx, account, client_id)
        line = line_of(parts, tx, account, "end-program", trace_id)
        tx.append_lines([replace(line, client=credentials.client_iri(parts, client_id))])
        return True

    return parts.context.catalogue.write(end)


def sign_out_everywhere(parts: IdentityParts, account: Account, trace_id: str) -> None:
    """End every session, code and token, all credentials of programs, and what unknown apps may do.

    What a checked app may do stays; it needs her to sign in again.
    """

    def end(tx: CatalogueTransaction) -> None:
        end_everything_in(parts, tx, account)
        tx.append_lines([line_of(parts, tx, account, "sign-out-everywhere", trace_id)])

    parts.context.catalogue.write(end)


def end_everything_in(parts: IdentityParts, tx: CatalogueTransaction, account: Account) -> None:
    """The same in a transaction, without a line."""
    connection = records.connection_of(tx)
    sessions.end_all_in(parts, tx, account.id)
    for row in records.rows_where(connection, records.credential, account=account.id):
        _end_credential(parts, tx, account, row["id"])
    known = {client for organisation in tx.register().organisations for client in organisation.clients}
    for app in allowed_apps.apps_in(parts, tx, connection, account):
        if app.limit is None or app.client_id in known:
            _end_tokens_of_app(connection, app)
        else:
            _end_app(tx, account, app)
    now = find_account_in(parts, connection, account.id) or account
    keep_changed(parts, connection, replace(now, signed_out_s=parts.now_s))
    end_tokens(parts, tx, account.id)


def _end_app(tx: CatalogueTransaction, account: Account, app: AllowedApp) -> None:
    connection = records.connection_of(tx)
    tx.put_app_limit(account.webid, app.iri, None)
    _end_tokens_of_app(connection, app)
    records.drop_rows(connection, records.allowed_app, app_hash=app.app_hash)


def _end_tokens_of_app(connection: Connection, app: AllowedApp) -> None:
    for table in (records.authorization_code, records.refresh_token):
        records.drop_rows(connection, table, app_hash=app.app_hash)


def _end_credential(parts: IdentityParts, tx: CatalogueTransaction, account: Account, client_id: str) -> None:
    records.drop_rows(records.connection_of(tx), records.credential, id=client_id)
    tx.put_app_limit(account.webid, credentials.client_iri(parts, client_id), None)
