"""Tables of the identity part, in the catalogue's database, and the few statements that its modules need.

Clear: random ids and times. `sealed` columns are encrypted with the server key, hash columns are keyed hashes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    String,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)

from vault.stores.ports import CatalogueTransaction
from vault.stores.schema import metadata, storage

account = Table(
    "account",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("storage", String(16), ForeignKey(storage.c.id), nullable=False, unique=True),
    Column("login_hash", LargeBinary(16), unique=True),
    Column("created_s", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# Client credentials of an account; `id` is the client_id. Those of the operator's command have no end.
credential = Table(
    "credential",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("account", String(16), ForeignKey(account.c.id), nullable=False),
    Column("secret_hash", LargeBinary(16), nullable=False),
    Column("created_s", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_s", BigInteger),
    Column("used_s", BigInteger),
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("algorithm", String(5), primary_key=True),
    Column("created_s", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# Keys that take over from those of `signing_key` at a second, and are published before.
next_signing_key = Table(
    "next_signing_key",
    metadata,
    Column("algorithm", String(5), primary_key=True),
    Column("signs_from_s", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# `id` is the `sid` of ID tokens; only the hash of the cookie is kept. `sealed` is what the browser said of itself.
session = Table(
    "session",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("cookie_hash", LargeBinary(16), nullable=False, unique=True),
    Column("account", String(16), ForeignKey(account.c.id), nullable=False),
    Column("signed_in_s", BigInteger, nullable=False),
    Column("seen_s", BigInteger, nullable=False),
    Column("way_since_s", BigInteger),
    Column("proved_s", BigInteger, nullable=False, server_default="0"),
    Column("sealed", LargeBinary),
)

# Apps that a person let in, as the account page tells of them; what they may do is in the vault's limits. `app_hash` is of
# the account and the app: codes and refresh tokens have it too, so that they end with it.
allowed_app = Table(
    "allowed_app",
    metadata,
    Column("app_hash", LargeBinary(16), primary_key=True),
    Column("account", String(16), ForeignKey(account.c.id), nullable=False),
    Column("since_s", BigInteger, nullable=False),
    Column("used_s", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

Index("allowed_app_account", allowed_app.c.account)

# A used code is kept until it expires, so that using it again is noticed.
authorization_code = Table(
    "authorization_code",
    metadata,
    Column("code_hash", LargeBinary(16), primary_key=True),
    Column("family", String(16), nullable=False),
    Column("session", String(16), nullable=False),
    Column("expires_s", BigInteger, nullable=False),
    Column("used_s", BigInteger),
    Column("sealed", LargeBinary, nullable=False),
    Column("app_hash", LargeBinary(16)),
)
Index("authorization_code_app", authorization_code.c.app_hash)

refresh_token = Table(
    "refresh_token",
    metadata,
    Column("token_hash", LargeBinary(16), primary_key=True),
    Column("family", String(16), nullable=False),
    Column("session", String(16), nullable=False),
    Column("expires_s", BigInteger, nullable=False),
    Column("used_s", BigInteger),
    Column("sealed", LargeBinary, nullable=False),
    Column("app_hash", LargeBinary(16)),
)
Index("refresh_token_app", refresh_token.c.app_hash)
Index("refresh_token_family", refresh_token.c.family)
Index("refresh_token_session", refresh_token.c.session)

# Clients that registered themselves. `secret_hash` is empty for those without a secret, `used_s` until somebody let one in.
registered_client = Table(
    "registered_client",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("secret_hash", LargeBinary(16)),
    Column("created_s", BigInteger, nullable=False),
    Column("used_s", BigInteger),
    Column("sealed", LargeBinary, nullable=False),
)

# Which registered clients were let in during a session: what they may do ends with it. `sealed` names agent and client.
session_client = Table(
    "session_client",
    metadata,
    Column("session", String(16), primary_key=True),
    Column("client_hash", LargeBinary(16), primary_key=True),
    Column("expires_s", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# Passkeys of an account; the credential id is found by its hash. `sealed` holds its name, that id, the public key and how to reach it.
passkey = Table(
    "passkey",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("account", String(16), ForeignKey(account.c.id), nullable=False),
    Column("credential_hash", LargeBinary(16), nullable=False, unique=True),
    Column("sign_count", BigInteger, nullable=False),
    Column("created_s", BigInteger, nullable=False),
    Column("used_s", BigInteger),
    Column("sealed", LargeBinary, nullable=False),
)
Index("passkey_account", passkey.c.account)

# Challenges that were answered, until nobody can answer them any more.
used_challenge = Table(
    "used_challenge",
    metadata,
    Column("challenge_hash", LargeBinary(16), primary_key=True),
    Column("expires_s", BigInteger, nullable=False),
)

# Recovery codes that were not used yet; those of an account were all made at once.
recovery_code = Table(
    "recovery_code",
    metadata,
    Column("code_hash", LargeBinary(16), primary_key=True),
    Column("account", String(16), ForeignKey(account.c.id), nullable=False),
    Column("created_s", BigInteger, nullable=False),
)
Index("recovery_code_account", recovery_code.c.account)

# Ways back in that the operator started, at most one for an account.
recovery = Table(
    "recovery",
    metadata,
    Column("account", String(16), ForeignKey(account.c.id), primary_key=True),
    Column("code_hash", LargeBinary(16), nullable=False, unique=True),
    Column("started_s", BigInteger, nullable=False),
)

identity_attempt = Table(
    "identity_attempt",
    metadata,
    Column("key_hash", LargeBinary(16), primary_key=True),
    Column("since_s", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
)


def find_row(connection: Connection, table: Table, **where: object) -> RowMapping | None:
    """The one row whose columns have these values."""
    return connection.execute(select(table).where(*_equal(table, where))).mappings().one_or_none()


def find_rows(connection: Connection, table: Table) -> list[RowMapping]:
    """Every row of a small table."""
    return list(connection.execute(select(table)).mappings())


def rows_where(connection: Connection, table: Table, **where: object) -> list[RowMapping]:
    """The rows whose columns have these values."""
    return list(connection.execute(select(table).where(*_equal(table, where))).mappings())


def add_row(connection: Connection, table: Table, **values: object) -> None:
    """Insert a row."""
    connection.execute(insert(table).values(**values))


def change_rows(connection: Connection, table: Table, where: dict[str, object], **values: object) -> int:
    """Update the rows whose columns have these values (None: are empty); how many there were."""
    return connection.execute(update(table).where(*_equal(table, where)).values(**values)).rowcount


def drop_rows(connection: Connection, table: Table, **where: object) -> None:
    """Delete the rows whose columns have these values."""
    connection.execute(delete(table).where(*_equal(table, where)))


def drop_but(connection: Connection, table: Table, column: str, kept: str, **where: object) -> None:
    """Delete the rows whose columns have these values, but those whose `column` has the value that is kept."""
    connection.execute(delete(table).where(*_equal(table, where), table.c[column] != kept))


def drop_older(connection: Connection, table: Table, column: str, before_s: int) -> None:
    """Delete the rows whose column lies before a second."""
    connection.execute(delete(table).where(table.c[column] < before_s))


def connection_of(transaction: CatalogueTransaction) -> Connection:
    """The SQL connection of a catalogue's transaction, so that rows here and there change together."""
    connection = getattr(transaction, "connection", None)
    if not isinstance(connection, Connection):
        raise TypeError("the catalogue is not in this database")
    return connection


def _equal(table: Table, where: dict[str, object]) -> Iterable[Any]:
    # Never without a condition: a forgotten one would touch every row.
    assert where
    return (and_(*(table.c[name] == value for name, value in where.items())),)
