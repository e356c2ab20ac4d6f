"""OpenID providers: discovery and ID tokens (`solidproject.org/TR/oidc#tokens-id`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from clients.solid.errors import LoginFailed, Unreachable, check
from clients.solid.values import maybe_text, read_document, text

ALGORITHMS = ("ES256", "RS256")
leeway_s = 60


@dataclass(frozen=True, slots=True)
class Issuer:
    """An OpenID provider as its discovery document describes it."""

    url: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    revocation_endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, as the ID token says; `token` is kept for signing out only."""

    webid: str
    name: str | None
    token: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token must say."""

    client: str
    nonce: str
    now_s: int


def discover(http: httpx2.Client, url: str) -> Issuer:
    """Read the discovery document of an issuer, whose URL must come back exactly.

    Raises:
        Unreachable: the issuer does not answer.
        LoginFailed: it calls itself otherwise.
    """
    document = read_document(fetch(http, f"{url.removesuffix('/')}/.well-known/openid-configuration"))
    if text(document, "issuer") != url:
        raise LoginFailed("the issuer calls itself otherwise")
    return Issuer(
        url,
        text(document, "authorization_endpoint"),
        text(document, "token_endpoint"),
        text(document, "jwks_uri"),
        maybe_text(document, "end_session_endpoint"),
        maybe_text(document, "revocation_endpoint"),
    )


def read_id_token(http: httpx2.Client, issuer: Issuer, token: str, expected: Expected) -> Identity:
    """Check an ID token against the issuer's keys and read who signed in.

    Raises:
        LoginFailed: the token is not for us, not now, or not signed by the issuer.
    """
    keys = KeySet.import_key_set(dict(read_document(fetch(http, issuer.jwks_uri))))  # type: ignore[arg-type]  # checked by joserfc
    try:
        claims: Mapping[str, Any] = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError) as error:
        raise LoginFailed("the ID token is not signed by the issuer") from error
    _check_claims(claims, issuer, expected)
    webid = claims.get("webid")
    if not isinstance(webid, str):
        raise LoginFailed("the ID token names no WebID")
    name = claims.get("name")
    return Identity(webid, name if isinstance(name, str) else None, token)


def _check_claims(claims: Mapping[str, Any], issuer: Issuer, expected: Expected) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    expires = claims.get("exp")
    demands = {
        "issuer": claims.get("iss") == issuer.url,
        "audience": expected.client in audiences,
        "party": claims.get("azp", expected.client) == expected.client,
        "nonce": claims.get("nonce") == expected.nonce,
        "time": isinstance(expires, int) and expires + leeway_s > expected.now_s,
    }
    for name, holds in demands.items():
        if not holds:
            raise LoginFailed(f"the ID token has another {name}")


def fetch(http: httpx2.Client, url: str) -> httpx2.Response:
    """Get a public document.

    Raises:
        Unreachable: no answer, or the server cannot now.
    """
    try:
        return check(http.get(url, headers={"Accept": "application/json"}))
    except httpx2.TransportError as error:
        raise Unreachable("the server does not answer") from error
