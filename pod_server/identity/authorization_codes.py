"""Authorization codes: short-lived, used once, bound to all that the request said (`rfc-editor.org/rfc/rfc6749#section-4.1.2`)."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection

from pod_server.identity import records, refresh_tokens
from pod_server.identity.parts import IdentityParts

lifetime_s = 60


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What a code stands for. `jkt` is the key it was asked for with, when the request said so (RFC 9449, section 10).

    `family` names all refresh tokens that will come from it. Times are seconds since the epoch.
    """

    code: str = field(repr=False)
    account: str
    session: str
    family: str
    client: str
    redirect_uri: str
    scope: str
    code_challenge: str
    nonce: str | None
    jkt: str | None
    auth_time: int

    @property
    def code_challenge_method(self) -> str:
        """The only method there is."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What it may be changed for."""
        return self.scope


def new_code() -> str:
    """Make a code that cannot be guessed."""
    return secrets.token_urlsafe(32)


def keep(
    parts: IdentityParts, connection: Connection, issued: AuthorizationCode, app_hash: bytes | None = None
) -> None:
    """Keep a code that is about to be sent; `app_hash` is of account and app (see `allowed_apps`)."""
    code_hash = _hash(parts, issued.code)
    plain = {name: value for name, value in asdict(issued).items() if name != "code"}
    records.add_row(
        connection,
        records.authorization_code,
        code_hash=code_hash,
        family=issued.family,
        session=issued.session,
        expires_s=parts.now_s + lifetime_s,
        app_hash=app_hash,
        sealed=parts.cipher.encrypt(None, _label(code_hash), json.dumps(plain).encode()),
    )


def find(parts: IdentityParts, code: str) -> AuthorizationCode | None:
    """What a code stands for; None when it is unknown, too old or used. Using it again ends what came from it."""
    code_hash = _hash(parts, code)
    with parts.database.read() as connection:
        row = records.find_row(connection, records.authorization_code, code_hash=code_hash)
    if row is None or row["expires_s"] < parts.now_s:
        return None
    if row["used_s"] is not None:
        refresh_tokens.end_family(parts, row["family"])
        return None
    plain = json.loads(parts.cipher.decrypt(None, _label(code_hash), row["sealed"]))
    return AuthorizationCode(code=code, **plain)


def take(parts: IdentityParts, connection: Connection, code: str) -> bool:
    """Use a code; False when somebody else just did."""
    where: dict[str, object] = {"code_hash": _hash(parts, code), "used_s": None}
    return records.change_rows(connection, records.authorization_code, where, used_s=parts.now_s) == 1


def _hash(parts: IdentityParts, code: str) -> bytes:
    return parts.cipher.lookup_hash(None, "authorization code", code)


def _label(code_hash: bytes) -> str:
    return f"authorization code {code_hash.hex()}"
