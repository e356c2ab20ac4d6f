"""Access tokens and ID tokens, bound to a key (`solidproject.org/TR/oidc#tokens-id`, `rfc-editor.org/rfc/rfc9068`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pod_server.identity.accounts import Account
from pod_server.identity.keys import ALGORITHMS, Algorithm, SigningKey, SigningKeys

lifetime_s = 600
AUDIENCE = "solid"


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom and to what a token is: an account, the client that acts for it, and the client's key."""

    account: Account
    client: str
    jkt: str
    scope: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """How the person signed in: in which session, when (seconds), and what the app wants to see again."""

    session: str
    auth_time: int
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class Mint:
    """Who makes tokens, and with which keys."""

    issuer: str
    keys: SigningKeys

    def access_token(self, holder: Holder, now_s: int) -> str:
        """Make an access token for storages."""
        claims = self._claims(holder, now_s) | {
            "aud": [AUDIENCE],
            "client_id": holder.client,
            "scope": holder.scope,
        }
        return _sign(self.keys["ES256"], "at+jwt", claims)

    def id_token(self, holder: Holder, sign_in: SignIn, algorithm: Algorithm, now_s: int) -> str:
        """Make an ID token for the app, which storages elsewhere may accept too."""
        claims = self._claims(holder, now_s) | {
            "aud": [holder.client, AUDIENCE],
            "azp": holder.client,
            "name": holder.account.name,
            "auth_time": sign_in.auth_time,
            "sid": sign_in.session,
        }
        if sign_in.nonce is not None:
            claims["nonce"] = sign_in.nonce
        return _sign(self.keys[algorithm], "JWT", claims)

    def session_of(self, id_token: str) -> tuple[str, str] | None:
        """Session and client of an ID token made here, however old; None for anything else."""
        keys = KeySet([key.key for key in self.keys.values()])
        try:
            claims = jwt.decode(id_token, keys, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError):
            return None
        session, client = claims.get("sid"), claims.get("azp")
        if claims.get("iss") != self.issuer or not isinstance(session, str) or not isinstance(client, str):
            return None
        return session, client

    def _claims(self, holder: Holder, now_s: int) -> dict[str, Any]:
        return {
            "iss": self.issuer,
            "sub": holder.account.id,
            "webid": holder.account.webid,
            "iat": now_s,
            "exp": now_s + lifetime_s,
            "jti": secrets.token_urlsafe(12),
            "cnf": {"jkt": holder.jkt},
        }


def _sign(key: SigningKey, type_: str, claims: dict[str, Any]) -> str:
    header = {"typ": type_, "alg": key.algorithm, "kid": key.kid}
    return jwt.encode(header, claims, key.key, algorithms=[key.algorithm])
