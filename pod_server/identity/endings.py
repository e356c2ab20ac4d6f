"""Ending what lets somebody in: an app, a browser, a program, or all at once. From that second it is worth nothing.

Each ends in one transaction with its line in the journal. Access tokens that are out count no more: those of an app or a
program because what they may do is gone, those of the house's own apps because she counts one sign-out more.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from pod_server.identity import allowed_apps, credentials, records, sessions
from pod_server.identity.account_lines import line_of
from pod_server.identity.accounts import Account, end_tokens, find_account_in, keep_changed
from pod_server.identity.allowed_apps import AllowedApp
from pod_server.identity.parts import IdentityParts
from vault.grants.keep import Change, apply_changes
from vault.grants.layout import GrantChange
from vault.stores.ports import CatalogueTransaction


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
        tx.append_lines([line_of(parts, tx, account, "sign-out-everywhere", trace_id)])

    parts.context.catalogue.write(end)


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
