"""Signing in: authorization code with PKCE, DPoP-bound tokens (`solidproject.org/TR/oidc#authentication-flow`)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from clients.solid.errors import LoginFailed, SignedOut, Unreachable
from clients.solid.issuers import Expected, Identity, Issuer, read_id_token
from clients.solid.proofs import ProofKey, base64url
from clients.solid.values import Document, maybe_text, number, read_document, text

CONTEXT = "https://www.w3.org/ns/solid/oidc-context.jsonld"
SCOPE = "openid webid offline_access"


@dataclass(frozen=True, slots=True)
class Client:
    """The app itself: its client IRI, which is where its document is, its name and where answers return to."""

    id: str
    name: str
    redirect_uri: str
    home: str

    def document(self) -> dict[str, Any]:
        """The Client ID Document (`solidproject.org/TR/oidc#clientids-document`)."""
        return {
            "@context": [CONTEXT],
            "client_id": self.id,
            "client_name": self.name,
            "client_uri": self.home,
            "redirect_uris": [self.redirect_uri],
            "post_logout_redirect_uris": [self.home],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": SCOPE,
            "token_endpoint_auth_method": "none",
        }


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gave: the access token with its end (seconds), and the token to renew it with."""

    access: str = field(repr=False)
    expires_at_s: int
    refresh: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A sign-in that waits for the issuer's answer; it is used once."""

    issuer: Issuer
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    key: ProofKey = field(default_factory=ProofKey)

    def url(self, client: Client, prompt: str | None = None) -> str:
        """Where to send the browser; `prompt` "login" asks for a credential again."""
        challenge = base64url(hashlib.sha256(self.verifier.encode("ascii")).digest())
        query = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": client.redirect_uri,
            "scope": SCOPE,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.issuer.authorization_endpoint}?{urlencode(query | ({'prompt': prompt} if prompt else {}))}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Client credentials of an account, for programs without a browser."""

    client_id: str
    client_secret: str = field(repr=False)

    def header(self) -> dict[str, str]:
        """Name and password as RFC 6749 wants them: percent-encoded, then Basic."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode('ascii')).decode('ascii')}"}


def finish(
    http: httpx2.Client, client: Client, pending: PendingLogin, answer: Mapping[str, str], now_s: int
) -> tuple[Identity, Tokens]:
    """Check what the issuer sent back, change the code for tokens and read who signed in.

    Raises:
        LoginFailed: another state or issuer, a refusal, or tokens that are not for us.
        Unreachable: the issuer does not answer.
    """
    if not secrets.compare_digest(answer.get("state", ""), pending.state):
        raise LoginFailed("the answer belongs to another sign-in")
    if answer.get("iss") != pending.issuer.url:
        raise LoginFailed("the answer comes from another issuer")
    code = answer.get("code")
    if not code:
        raise LoginFailed("the issuer gave no code")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "client_id": client.id,
        "code_verifier": pending.verifier,
    }
    document = _ask(TokenRequest(http, pending.issuer, pending.key, now_s), form)
    identity = read_id_token(
        http, pending.issuer, text(document, "id_token"), Expected(client.id, pending.nonce, now_s)
    )
    return identity, _tokens(document, now_s)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a request at the token endpoint needs besides its form."""

    http: httpx2.Client
    issuer: Issuer
    key: ProofKey
    now_s: int


def renew(request: TokenRequest, client_id: str, refresh_token: str) -> Tokens:
    """Change a refresh token for new tokens; the old one is worthless afterwards.

    Raises:
        SignedOut: the issuer does not take it any more.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": client_id}
    try:
        return _tokens(_ask(request, form), request.now_s)
    except LoginFailed as error:
        raise SignedOut("the issuer ended the session") from error


def with_credentials(request: TokenRequest, credentials: Credentials) -> Tokens:
    """Get tokens with client credentials.

    Raises:
        LoginFailed: the issuer does not take them.
    """
    form = {"grant_type": "client_credentials", "scope": "webid"}
    return _tokens(_ask(request, form, credentials.header()), request.now_s)


def _ask(request: TokenRequest, form: dict[str, str], more: Mapping[str, str] | None = None) -> Document:
    endpoint = request.issuer.token_endpoint
    headers = {
        "DPoP": request.key.prove("POST", endpoint, request.now_s),
        "Accept": "application/json",
    } | dict(more or {})
    try:
        response = request.http.post(endpoint, data=form, headers=headers)
    except httpx2.TransportError as error:
        raise Unreachable("the issuer does not answer") from error
    if response.status_code >= 500:
        raise Unreachable(f"the issuer answered {response.status_code}")
    if response.status_code != 200:
        raise LoginFailed("the issuer gives no tokens")
    return read_document(response)


def _tokens(document: Document, now_s: int) -> Tokens:
    if text(document, "token_type").lower() != "dpop":
        raise LoginFailed("the tokens are not bound to our key")
    return Tokens(
        text(document, "access_token"),
        now_s + number(document, "expires_in", 300),
        maybe_text(document, "refresh_token"),
    )
