"""Keys, proofs, access tokens and a small web of documents for tests, made with joserfc and without a socket."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import FetchedDocument

NOW_S = 1_800_000_000


@dataclass(slots=True)
class Holder:
    """A client that holds a key and signs proofs with it."""

    key: ECKey | RSAKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    algorithm: str = "ES256"
    made: int = 0

    @property
    def thumbprint(self) -> str:
        """The thumbprint that a token is bound to."""
        return self.key.thumbprint()

    def proof(
        self,
        method: str,
        url: str,
        token: str | None = None,
        /,
        *,
        header: Mapping[str, Any] | None = None,
        **changed: Any,
    ) -> str:
        """A proof; claims given as None are left out, others replace."""
        self.made += 1
        claims: dict[str, Any] = {"htm": method, "htu": url, "iat": NOW_S, "jti": f"jti-{self.made}"}
        if token is not None:
            digest = hashlib.sha256(token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        head = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.key.as_dict(private=False)}
        return sign(head | dict(header or {}), claims | changed, self.key)


def sign(header: Mapping[str, Any], claims: Mapping[str, Any], key: Any) -> str:
    """A signed JWT; claims that are None are left out."""
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(dict(header), kept, key, algorithms=[str(header["alg"])], default_type=None)


def unsigned(header: Mapping[str, Any], claims: Mapping[str, Any], signature: str = "AA") -> str:
    """A token with whatever stands in its signature."""
    segments = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims))
    return ".".join([segment.rstrip(b"=").decode() for segment in segments] + [signature])


@dataclass(slots=True)
class Issuer:
    """An OpenID provider that signs access tokens."""

    url: str
    kid: str = "key-1"
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as its JWKS has it."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "alg": "ES256", "use": "sig"}

    def token(
        self, holder: Holder, named: str, /, *, header: Mapping[str, Any] | None = None, **changed: Any
    ) -> str:
        """An access token for a WebID, bound to the holder's key; claims given as None are left out."""
        claims = {
            "iss": self.url,
            "aud": ["solid"],
            "webid": named,
            "client_id": "https://app.example/id",
            "iat": NOW_S,
            "exp": NOW_S + 300,
            "cnf": {"jkt": holder.thumbprint},
        }
        head = {"typ": "at+jwt", "alg": "ES256", "kid": self.kid}
        return sign(head | dict(header or {}), claims | changed, self.key)


@dataclass(slots=True)
class FakeWeb:
    """Documents by URL, and every URL that was asked for."""

    documents: dict[str, FetchedDocument] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, url: str, media_type: str, body: str) -> None:
        """Serve a document."""
        self.documents[url] = FetchedDocument(url, media_type, body.encode())

    def put_issuer(self, issuer: Issuer) -> None:
        """Serve an issuer's configuration and keys."""
        configuration = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}jwks"}
        self.put(
            f"{issuer.url}.well-known/openid-configuration", "application/json", json.dumps(configuration)
        )
        self.put(f"{issuer.url}jwks", "application/json", json.dumps({"keys": [issuer.jwk]}))

    def put_webid(self, webid: str, issuer: str) -> None:
        """Serve a WebID document that names an issuer."""
        triple = f"<{webid}> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{issuer}> ."
        self.put(webid.partition("#")[0], "text/turtle", triple)

    def fetch(self, url: str, accept: str, max_bytes: int) -> FetchedDocument:
        """Answer as `Outbound.fetch` does."""
        self.asked.append(url)
        if url not in self.documents:
            raise CannotFetch("nothing is there")
        document = self.documents[url]
        if document.media_type not in accept or len(document.body) > max_bytes:
            raise CannotFetch("not what was asked for")
        return document
