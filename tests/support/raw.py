"""A fast client for storms: one connection a thread, proofs signed straight with `cryptography`, bodies sent in parts."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.support.agents import Agent


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """Status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def trace_id(self) -> str:
        """The number by which the journal knows this request."""
        return self.headers.get("trace-id", "")


@dataclass(slots=True)
class RawClient:
    """One agent on one connection; not for several threads at once."""

    agent: Agent
    base_url: str
    connection: http.client.HTTPConnection | None = None
    timeout_s: float = 30
    _private: ec.EllipticCurvePrivateKey = field(init=False)
    _head: str = field(init=False)

    def __post_init__(self) -> None:
        key: Any = self.agent.key.private_key
        self._private = key
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.agent.key.as_dict(private=False)}
        self._head = _b64(json.dumps(header).encode())

    def proof(self, method: str, url: str, token: str) -> str:
        """A DPoP proof for one request."""
        claims = {
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "jti": secrets.token_urlsafe(12),
            "ath": _b64(hashlib.sha256(token.encode()).digest()),
        }
        signed = f"{self._head}.{_b64(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self._private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def headers(self, method: str, url: str, purpose: str | None = None) -> dict[str, str]:
        """Headers that prove who asks; the agent's token is shared and renewed by its owner thread."""
        token = self.agent.token
        headers = {"Authorization": f"DPoP {token}", "DPoP": self.proof(method, url, token)}
        return headers | ({"Purpose-Of-Use": purpose} if purpose else {})

    def request(
        self,
        method: str,
        url: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        purpose: str | None = None,
    ) -> RawAnswer:
        """Ask; raises OSError or http.client.HTTPException when no whole answer came."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", urlsplit(self.base_url).port or 80, timeout=self.timeout_s
            )
        all_headers = self.headers(method, url, purpose) | dict(headers or {})
        all_headers["Host"] = urlsplit(self.base_url).netloc
        try:
            self.connection.request(method, urlsplit(url).path, body, all_headers)
            answer = self.connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return RawAnswer(answer.status, found, answer.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self) -> None:
        """Forget the connection; the next request makes a new one."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
