"""Access tokens and ID tokens, bound to a key (`solidproject.org/TR/oidc#tokens-id`, `rfc-editor.org/rfc/rfc9068`)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pod_server.authentication.access_tokens import OWN_NAME
from pod_server.identity.accounts import Account
from pod_server.identity.keys import ALGORITHMS, Algorithm, Keys, SigningKey

lifetime_s = 600
AUDIENCE = "solid"
ACCESS_TOKEN = "at+jwt"  # noqa: S105 -- a type


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom and to what a token is: an account, the client that acts for it, and the client's key.

    `client` is its OAuth id, `iri` what limits and the journal call it.
    """

    account: Account
    client: str
    iri: str
    jkt: str
    scope: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """How the person signed in: in which session, when (seconds), and what the app wants to see again."""

    session: str
    auth_time: int
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """An access token of our own that came back to us: of which account and client, bound to which key, for what."""

    account: str
    client: str
    jkt: str
    scope: str
    sign_outs: int


@dataclass(frozen=True, slots=True)
class Mint:
    """Who makes tokens, and with which keys."""

    issuer: str
    keys: Callable[[], Keys]

    def access_token(self, holder: Holder, now_s: int, end_s: int | None = None) -> str:
        """Make an access token for storages, which ends at a second when given."""
        claims = self._claims(holder, now_s) | {
            "aud": [AUDIENCE],
            "client_id": holder.client,
            "scope": holder.scope,
        }
        if end_s is not None:
            claims["exp"] = end_s
        if holder.iri != holder.client:
            claims[OWN_NAME] = holder.iri
        return _sign(self.keys().signing["ES256"], ACCESS_TOKEN, claims)

    def id_token(self, holder: Holder, sign_in: SignIn, algorithm: Algorithm, now_s: int) -> str:
        """Make an ID token for the app, which storages elsewhere may accept too; her name is not in it: it travels with a grant."""
        claims = self._claims(holder, now_s) | {
            "aud": [holder.client, AUDIENCE],
            "azp": holder.client,
            "auth_time": sign_in.auth_time,
            "sid": sign_in.session,
        }
        if sign_in.nonce is not None:
            claims["nonce"] = sign_in.nonce
        return _sign(self.keys().signing[algorithm], "JWT", claims)

    def session_of(self, id_token: str) -> tuple[str, str] | None:
        """Session and client of an ID token made here, however old; None for anything else."""
        token = self._decode(id_token)
        claims = {} if token is None else token.claims
        session, client = claims.get("sid"), claims.get("azp")
        return (session, client) if isinstance(session, str) and isinstance(client, str) else None

    def presented(self, access_token: str, now_s: int) -> PresentedToken | None:
        """What an access token made here stands for, as long as it counts; None for anything else, ID tokens too."""
        token = self._decode(access_token)
        if token is None or token.header.get("typ") != ACCESS_TOKEN or token.claims["exp"] <= now_s:
            return None
        claims = token.claims
        return PresentedToken(
            claims["sub"],
            str(claims.get(OWN_NAME, claims["client_id"])),
            claims["cnf"]["jkt"],
            claims["scope"],
            claims.get("sign_outs", 0),
        )

    def _decode(self, text: str) -> jwt.Token | None:
        """A token that was signed here, however old."""
        keys = KeySet([key.key for key in self.keys().published])
        try:
            token = jwt.decode(text, keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            return None
        return token if token.claims.get("iss") == self.issuer else None

    def _claims(self, holder: Holder, now_s: int) -> dict[str, Any]:
        return {
            "iss": self.issuer,
            "sub": holder.account.id,
            "webid": holder.account.webid,
            "iat": now_s,
            "exp": now_s + lifetime_s,
            "jti": secrets.token_urlsafe(12),
            "cnf": {"jkt": holder.jkt},
            # Storages here let only tokens count that were made since she last ended everything.
            **({"sign_outs": count} if (count := holder.account.sign_outs) else {}),
        }


def _sign(key: SigningKey, type_: str, claims: dict[str, Any]) -> str:
    header = {"typ": type_, "alg": key.algorithm, "kid": key.kid}
    return jwt.encode(header, claims, key.key, algorithms=[key.algorithm])
