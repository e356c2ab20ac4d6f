"""Keys with which tokens are signed, kept encrypted (`openid.net/specs/openid-connect-core-1_0.html#Signing`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import Connection, delete

from pod_server.authentication.caches import ExpiringCache
from pod_server.identity.records import add_row, change_rows, find_rows, next_signing_key, signing_key
from vault.errors import Conflict
from vault.model.moments import Clock
from vault.stores.ports import Cipher
from vault.stores.sqlite import Database

Algorithm = Literal["ES256", "RS256"]
ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "RS256")
rsa_bits = 2048
# A new key is published before it signs, for longer than anybody remembers the keys (300 s); an old one stays until the
# tokens that it signed (600 s) have ended everywhere.
announced_s = 600
kept_s = 900
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


class KeyParts(Protocol):
    """Where keys are kept, and the clock: of the identity application, or of the keeper."""

    @property
    def database(self) -> Database:
        """The database with the keys."""

    @property
    def cipher(self) -> Cipher:
        """What they are encrypted with."""

    @property
    def now_s(self) -> int:
        """Wall time in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class KeptKeys:
    """The parts of a process that only changes keys."""

    database: Database
    cipher: Cipher
    now: Clock

    @property
    def now_s(self) -> int:
        """Wall time in seconds since the epoch."""
        return self.now().wall_s


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of this issuer at a moment: which one signs for each algorithm, and which are published."""

    signing: Mapping[Algorithm, SigningKey]
    published: tuple[SigningKey, ...]


def open_keys(parts: KeyParts) -> Callable[[], Keys]:
    """Make the function that tells the keys of this issuer; made the first time, also when several processes come first."""
    if len(_read_keys(parts.database, parts.cipher, parts.now_s).signing) < len(ALGORITHMS):
        keep_missing_keys(parts, make_keys())
    remembered: ExpiringCache[str, Keys] = ExpiringCache(1)

    def find() -> Keys:
        now_s = parts.now_s
        known = remembered.get("", now_s)
        if known is None:
            known = _read_keys(parts.database, parts.cipher, now_s)
            remembered.put("", known, now_s + _remembered_s)
        return known

    return find


def make_keys() -> tuple[SigningKey, ...]:
    """A fresh key for each algorithm."""
    return (
        SigningKey("ES256", ECKey.generate_key("P-256", private=True)),
        SigningKey("RS256", RSAKey.generate_key(rsa_bits, private=True)),
    )


def keep_missing_keys(parts: KeyParts, fresh: tuple[SigningKey, ...]) -> None:
    """Keep each of these keys whose algorithm has none yet."""
    parts.database.write(lambda connection: _keep_missing(parts, connection, fresh))


def rotate(parts: KeyParts, fresh: tuple[SigningKey, ...]) -> int:
    """Let fresh keys take over when everybody knows them; the second from which they sign.

    Raises:
        Conflict: the last change is not over yet.
    """
    signs_from_s = parts.now_s + announced_s

    def change(connection: Connection) -> None:
        for row in find_rows(connection, next_signing_key):
            if row["signs_from_s"] + kept_s > parts.now_s:
                over_s = row["signs_from_s"] + kept_s - parts.now_s
                raise Conflict(f"the keys were changed a moment ago: try again in {over_s} seconds")
        _promote(connection)
        for key in fresh:
            sealed = _seal(parts, key)
            add_row(
                connection,
                next_signing_key,
                algorithm=key.algorithm,
                signs_from_s=signs_from_s,
                sealed=sealed,
            )

    parts.database.write(change)
    return signs_from_s


def rotate_when_due(
    parts: KeyParts, age_s: int | None, make: Callable[[], tuple[SigningKey, ...]] = make_keys
) -> int | None:
    """Let fresh keys take over from those that signed for so long (None: never); the second from which they sign, None
    when it is not time.

    Forgets those of the last change first, when it is over.

    Raises:
        Conflict: somebody else changed the keys at this moment.
    """
    parts.database.write(lambda connection: _forget_replaced(connection, parts.now_s))
    with parts.database.read() as connection:
        is_changing = bool(find_rows(connection, next_signing_key))
        begun_s = [row["created_s"] for row in find_rows(connection, signing_key)]
    if age_s is None or is_changing or not begun_s or parts.now_s - min(begun_s) < age_s:
        return None
    return rotate(parts, make())


def replace_at_once(parts: KeyParts, fresh: tuple[SigningKey, ...]) -> None:
    """Let fresh keys sign from now on and withdraw all others, with every token they signed: for when one is stolen."""

    def change(connection: Connection) -> None:
        connection.execute(delete(next_signing_key))
        for key in fresh:
            where: dict[str, object] = {"algorithm": key.algorithm}
            sealed = _seal(parts, key)
            change_rows(connection, signing_key, where, created_s=parts.now_s, sealed=sealed)

    parts.database.write(change)


def local_keys(
    database: Database, cipher: Cipher, now: Clock
) -> Callable[[], Mapping[str, Mapping[str, Any]]]:
    """Make the function that tells this issuer's public keys by `kid`, for checking its tokens in process."""
    remembered: ExpiringCache[str, Mapping[str, Mapping[str, Any]]] = ExpiringCache(1)

    def find() -> Mapping[str, Mapping[str, Any]]:
        now_s = now().wall_s
        known = remembered.get("", now_s)
        if known is None:
            published = _read_keys(database, cipher, now_s).published
            known = {key.kid: key.public() for key in published}
            if known:
                remembered.put("", known, now_s + _remembered_s)
        return known

    return find


def _keep_missing(parts: KeyParts, connection: Connection, fresh: tuple[SigningKey, ...]) -> None:
    there = {row["algorithm"] for row in find_rows(connection, signing_key)}
    for key in fresh:
        if key.algorithm not in there:
            sealed = _seal(parts, key)
            add_row(connection, signing_key, algorithm=key.algorithm, created_s=parts.now_s, sealed=sealed)


def _promote(connection: Connection) -> None:
    """Put keys that took over long ago in the place of those they followed, which are then gone."""
    for row in find_rows(connection, next_signing_key):
        where: dict[str, object] = {"algorithm": row["algorithm"]}
        change_rows(connection, signing_key, where, created_s=row["signs_from_s"], sealed=row["sealed"])
    connection.execute(delete(next_signing_key))


def _forget_replaced(connection: Connection, now_s: int) -> None:
    """Forget the private keys that sign no more and whose tokens have ended."""
    following = find_rows(connection, next_signing_key)
    if following and all(row["signs_from_s"] + kept_s <= now_s for row in following):
        _promote(connection)


def _seal(parts: KeyParts, key: SigningKey) -> bytes:
    private = json.dumps(key.key.as_dict(private=True)).encode()
    return parts.cipher.encrypt(None, _label(key.algorithm), private)


def _read_keys(database: Database, cipher: Cipher, now_s: int) -> Keys:
    with database.read() as connection:
        current = {row["algorithm"]: row["sealed"] for row in find_rows(connection, signing_key)}
        following = {row["algorithm"]: row for row in find_rows(connection, next_signing_key)}
    signing: dict[Algorithm, SigningKey] = {}
    published: list[SigningKey] = []
    for algorithm in ALGORITHMS:
        if algorithm not in current:
            continue
        signing[algorithm] = first = _open(cipher, algorithm, current[algorithm])
        if algorithm not in following:
            published.append(first)
            continue
        second = _open(cipher, algorithm, following[algorithm]["sealed"])
        since_s = now_s - following[algorithm]["signs_from_s"]
        signing[algorithm] = second if since_s >= 0 else first
        published += [second] if since_s >= kept_s else [first, second]
    return Keys(signing, tuple(published))


def _open(cipher: Cipher, algorithm: Algorithm, sealed: bytes) -> SigningKey:
    return SigningKey(algorithm, _import(algorithm, cipher.decrypt(None, _label(algorithm), sealed)))


# Reading an RSA key checks its numbers, which takes tens of milliseconds.
@lru_cache(maxsize=8)
def _import(algorithm: Algorithm, document: bytes) -> ECKey | RSAKey:
    private = json.loads(document)
    return ECKey.import_key(private) if algorithm == "ES256" else RSAKey.import_key(private)


def _label(algorithm: str) -> str:
    return f"signing key {algorithm}"
