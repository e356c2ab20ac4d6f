"""Keys with which tokens are signed, kept encrypted (`openid.net/specs/openid-connect-core-1_0.html#Signing`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import Connection

from pod_server.authentication.caches import ExpiringCache
from pod_server.identity.parts import IdentityParts
from pod_server.identity.records import add_row, find_rows, signing_key
from vault.model.moments import Clock
from vault.stores.ports import Cipher
from vault.stores.sqlite import Database

Algorithm = Literal["ES256", "RS256"]
ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "RS256")
rsa_bits = 2048
_remembered_s = 60


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key for one algorithm; its `kid` is its thumbprint."""

    algorithm: Algorithm
    key: ECKey | RSAKey

    @property
    def kid(self) -> str:
        """The id by which tokens name it."""
        return self.key.thumbprint()

    def public(self) -> dict[str, Any]:
        """The public key as the JWKS has it."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "alg": self.algorithm, "use": "sig"}


SigningKeys = Mapping[Algorithm, SigningKey]


def open_keys(parts: IdentityParts) -> SigningKeys:
    """The keys of this issuer; made the first time, also when several processes come first."""
    kept = _read_keys(parts.database, parts.cipher)
    if len(kept) == len(ALGORITHMS):
        return kept
    keep_missing_keys(parts, make_keys())
    return _read_keys(parts.database, parts.cipher)


def make_keys() -> tuple[SigningKey, ...]:
    """A fresh key for each algorithm."""
    return (
        SigningKey("ES256", ECKey.generate_key("P-256", private=True)),
        SigningKey("RS256", RSAKey.generate_key(rsa_bits, private=True)),
    )


def keep_missing_keys(parts: IdentityParts, fresh: tuple[SigningKey, ...]) -> None:
    """Keep each of these keys whose algorithm has none yet."""
    parts.database.write(lambda connection: _keep_missing(parts, connection, fresh))


def local_keys(
    database: Database, cipher: Cipher, now: Clock
) -> Callable[[], Mapping[str, Mapping[str, Any]]]:
    """Make the function that tells this issuer's public keys by `kid`, for checking its tokens in process."""
    remembered: ExpiringCache[str, Mapping[str, Mapping[str, Any]]] = ExpiringCache(1)

    def find() -> Mapping[str, Mapping[str, Any]]:
        now_s = now().wall_s
        known = remembered.get("", now_s)
        if known is None:
            known = {key.kid: key.public() for key in _read_keys(database, cipher).values()}
            if known:
                remembered.put("", known, now_s + _remembered_s)
        return known

    return find


def _keep_missing(parts: IdentityParts, connection: Connection, fresh: tuple[SigningKey, ...]) -> None:
    there = {row["algorithm"] for row in find_rows(connection, signing_key)}
    for key in fresh:
        if key.algorithm not in there:
            private = json.dumps(key.key.as_dict(private=True)).encode()
            sealed = parts.cipher.encrypt(None, _label(key.algorithm), private)
            add_row(connection, signing_key, algorithm=key.algorithm, created_s=parts.now_s, sealed=sealed)


def _read_keys(database: Database, cipher: Cipher) -> SigningKeys:
    with database.read() as connection:
        rows = {row["algorithm"]: row["sealed"] for row in find_rows(connection, signing_key)}
    found: dict[Algorithm, SigningKey] = {}
    for algorithm in ALGORITHMS:
        if algorithm in rows:
            private = cipher.decrypt(None, _label(algorithm), rows[algorithm])
            found[algorithm] = SigningKey(algorithm, _import(algorithm, private))
    return found


# Reading an RSA key checks its numbers, which takes tens of milliseconds.
@lru_cache(maxsize=4)
def _import(algorithm: Algorithm, document: bytes) -> ECKey | RSAKey:
    private = json.loads(document)
    return ECKey.import_key(private) if algorithm == "ES256" else RSAKey.import_key(private)


def _label(algorithm: str) -> str:
    return f"signing key {algorithm}"
