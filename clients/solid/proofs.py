"""DPoP proofs of an app (`www.rfc-editor.org/rfc/rfc9449#section-4.2`)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM = "ES256"


@dataclass(frozen=True, slots=True)
class ProofKey:
    """The private key of one session; it never leaves the process."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"), repr=False)

    def prove(self, method: str, url: str, now_s: int, access_token: str | None = None) -> str:
        """Sign a proof for one request; with an access token also over that token."""
        claims: dict[str, str | int] = {
            "htm": method,
            "htu": url.split("?", 1)[0].split("#", 1)[0],
            "iat": now_s,
            "jti": secrets.token_urlsafe(16),
        }
        if access_token is not None:
            claims["ath"] = base64url(hashlib.sha256(access_token.encode("ascii")).digest())
        header = {"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": self.key.as_dict(private=False)}
        return jwt.encode(header, claims, self.key)


def base64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
