"""Refresh tokens: each is used once, and using one again ends its whole family (`rfc-editor.org/rfc/rfc9700#section-4.14.2`)."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import Connection

from pod_server.identity import records
from pod_server.identity.parts import IdentityParts

idle_s = 24 * 3600
lifetime_s = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What a refresh token stands for; `jkt` is the key that must be proved with it.

    `auth_time` is when the person signed in; the whole family ends a fixed time later.
    """

    token: str = field(repr=False)
    account: str
    session: str
    family: str
    client: str
    scope: str
    jkt: str
    auth_time: int

    def check_client(self, client: object) -> bool:
        """Whether it was given to this client."""
        return getattr(client, "id", None) == self.client

    def get_scope(self) -> str:
        """What it may be changed for."""
        return self.scope

    def followed_by(self, token: str) -> RefreshToken:
        """The next one of its family."""
        return replace(self, token=token)


def new_token() -> str:
    """Make a token that cannot be guessed."""
    return secrets.token_urlsafe(32)


def keep(
    parts: IdentityParts,
    connection: Connection,
    issued: RefreshToken,
    family_s: int,
    app_hash: bytes | None = None,
) -> None:
    """Keep a token that is about to be sent; its family ends so many seconds after she signed in.

    `app_hash` is of account and app (see `allowed_apps`).
    """
    token_hash = _hash(parts, issued.token)
    plain = {name: value for name, value in asdict(issued).items() if name != "token"}
    records.add_row(
        connection,
        records.refresh_token,
        token_hash=token_hash,
        family=issued.family,
        session=issued.session,
        app_hash=app_hash,
        expires_s=min(parts.now_s + idle_s, issued.auth_time + family_s),
        sealed=parts.cipher.encrypt(None, _label(token_hash), json.dumps(plain).encode()),
    )


def find(parts: IdentityParts, token: str) -> RefreshToken | None:
    """What a token stands for; None when it is unknown, too old or used. Using it again ends its family."""
    token_hash = _hash(parts, token)
    with parts.database.read() as connection:
        row = records.find_row(connection, records.refresh_token, token_hash=token_hash)
    if row is None or row["expires_s"] < parts.now_s:
        return None
    if row["used_s"] is not None:
        end_family(parts, row["family"])
        return None
    plain = json.loads(parts.cipher.decrypt(None, _label(token_hash), row["sealed"]))
    return RefreshToken(token=token, **plain)


def take(parts: IdentityParts, connection: Connection, token: str) -> bool:
    """Use a token; False when somebody else just did."""
    where: dict[str, object] = {"token_hash": _hash(parts, token), "used_s": None}
    return records.change_rows(connection, records.refresh_token, where, used_s=parts.now_s) == 1


def end_family(parts: IdentityParts, family: str) -> None:
    """End every token that came from one sign-in at an app."""
    parts.database.write(
        lambda connection: records.drop_rows(connection, records.refresh_token, family=family)
    )


def _hash(parts: IdentityParts, token: str) -> bytes:
    return parts.cipher.lookup_hash(None, "refresh token", token)


def _label(token_hash: bytes) -> str:
    return f"refresh token {token_hash.hex()}"
