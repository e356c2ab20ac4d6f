"""Letting sign-ins go: those of one account with everything that hangs on it, or of everybody after a restore."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from pod_server.identity import records
from vault.model.identifiers import StorageId
from vault.stores.ports import CatalogueTransaction
from vault.stores.schema import metadata

_OF_SESSIONS = (records.authorization_code, records.refresh_token, records.session_client)


def forget_account(tx: CatalogueTransaction, storage: StorageId, issuer: str, webid: str) -> None:
    """Take away the account of a storage: nobody signs in with it any more, nor any program."""
    connection = records.connection_of(tx)
    row = records.find_row(connection, records.account, storage=storage.value)
    if row is None:
        return
    programs = records.credential.c
    for (program,) in connection.execute(select(programs.id).where(programs.account == row["id"])).all():
        tx.put_app_limit(webid, f"{issuer}.oidc/clients/{program}", None)
    tx.put_sign_outs(webid, 0)
    _forget_sessions(connection, row["id"])
    for table in reversed(metadata.sorted_tables):
        if "account" in table.c:
            connection.execute(delete(table).where(table.c.account == row["id"]))
    records.drop_rows(connection, records.account, id=row["id"])


def forget_sign_ins(tx: CatalogueTransaction) -> None:
    """End every session, code and refresh token of this server, and every way back of the operator: it may have been stopped."""
    connection = records.connection_of(tx)
    for table in (*_OF_SESSIONS, records.session, records.recovery):
        connection.execute(delete(table))


def forget_programs(tx: CatalogueTransaction) -> None:
    """Let no program sign in any more that was made before."""
    records.connection_of(tx).execute(delete(records.credential))


def _forget_sessions(connection: Connection, account: str) -> None:
    own = select(records.session.c.id).where(records.session.c.account == account)
    for table in _OF_SESSIONS:
        connection.execute(delete(table).where(table.c.session.in_(own)))
