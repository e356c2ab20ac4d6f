"""An agent with client credentials, written from the standards alone: token request, DPoP proofs, requests."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey


def _client() -> httpx2.Client:
    # Without idle connections nothing is left open when a test ends.
    return httpx2.Client(timeout=60, trust_env=False, limits=httpx2.Limits(max_keepalive_connections=0))


@dataclass(slots=True)
class Agent:
    """Who asks: the account's answer of `account create --client-credentials`, a key, a token and an HTTP client."""

    account: Mapping[str, Any]
    http: httpx2.Client = field(default_factory=_client)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    token: str = ""
    expires_at: float = 0.0

    @property
    def webid(self) -> str:
        """The agent's WebID."""
        return str(self.account["webid"])

    @property
    def pod(self) -> str:
        """URL of the agent's own storage."""
        return str(self.account["pod"])

    def proof(self, method: str, url: str, token: str | None = None) -> str:
        """A DPoP proof (RFC 9449)."""
        claims: dict[str, Any] = {
            "htm": method,
            "htu": url.split("?")[0].split("#")[0],
            "iat": int(time.time()),
            "jti": secrets.token_urlsafe(16),
        }
        if token is not None:
            digest = hashlib.sha256(token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.as_dict(private=False)}
        return jwt.encode(header, claims, self.key)

    def sign_in(self) -> None:
        """Get an access token with the client credentials."""
        issuer = self.account["issuer"]
        endpoint = self.http.get(f"{issuer}.well-known/openid-configuration").json()["token_endpoint"]
        pair = f"{quote(self.account['client_id'], safe='')}:{quote(self.account['client_secret'], safe='')}"
        answer = self.http.post(
            endpoint,
            data={"grant_type": "client_credentials", "scope": "webid"},
            headers={
                "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
                "DPoP": self.proof("POST", endpoint),
            },
        )
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        self.expires_at = time.time() + answer.json()["expires_in"] - 30

    def headers(self, method: str, url: str, purpose: str | None = None) -> dict[str, str]:
        """Headers that prove who asks."""
        if time.time() > self.expires_at:
            self.sign_in()
        headers = {"Authorization": f"DPoP {self.token}", "DPoP": self.proof(method, url, self.token)}
        return headers | ({"Purpose-Of-Use": purpose} if purpose else {})

    def request(
        self,
        method: str,
        url: str,
        *,
        purpose: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> httpx2.Response:
        """Ask as this agent."""
        return self.http.request(
            method, url, headers=self.headers(method, url, purpose) | dict(headers or {}), **more
        )

    def services(self, storage: str) -> dict[str, str]:
        """The service endpoints of a storage, by type."""
        description = self.http.get(
            f"{storage}.well-known/solid", headers={"Accept": "application/ld+json"}
        ).json()
        return {entry["type"]: entry["serviceEndpoint"] for entry in description["service"]}

    def put_turtle(self, url: str, text: str) -> httpx2.Response:
        """Write a Turtle document."""
        return self.request("PUT", url, content=text.encode(), headers={"Content-Type": "text/turtle"})
