"""Challenges for passkeys: for one browser and one purpose, five minutes, once (`w3.org/TR/webauthn-3/#sctn-cryptographic-challenges`)."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hmac import compare_digest

from sqlalchemy import Connection

from pod_server.identity import records
from pod_server.identity.parts import IdentityParts

challenge_bytes = 32
lifetime_s = 300


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the browser must sign, and the text by which it is known again when the form comes back."""

    value: bytes
    token: str


def issue(parts: IdentityParts, bound_to: str) -> Challenge:
    """Make a challenge for a purpose in a browser; nothing is kept until it is answered."""
    value = secrets.token_bytes(challenge_bytes)
    text = f"{parts.now_s}.{urlsafe_b64encode(value).decode()}"
    return Challenge(value, f"{text}.{_seal(parts, bound_to, text)}")


def take(parts: IdentityParts, token: str, bound_to: str) -> bytes | None:
    """The challenge that must have been signed; None when it is not ours, of another browser, too old, or taken before."""
    text, _, seal = token.rpartition(".")
    if not compare_digest(seal.encode(), _seal(parts, bound_to, text).encode()):
        return None
    issued, _, value = text.partition(".")
    expires_s = int(issued) + lifetime_s
    if parts.now_s > expires_s:
        return None
    if not parts.database.write(lambda connection: _mark(parts, connection, text, expires_s)):
        return None
    return urlsafe_b64decode(value)


def _mark(parts: IdentityParts, connection: Connection, text: str, expires_s: int) -> bool:
    """Note that a challenge was answered, whether rightly or not; False when it was already."""
    records.drop_older(connection, records.used_challenge, "expires_s", parts.now_s)
    challenge_hash = parts.cipher.lookup_hash(None, "used challenge", text)
    if records.find_row(connection, records.used_challenge, challenge_hash=challenge_hash) is not None:
        return False
    records.add_row(connection, records.used_challenge, challenge_hash=challenge_hash, expires_s=expires_s)
    return True


def _seal(parts: IdentityParts, bound_to: str, text: str) -> str:
    return parts.cipher.lookup_hash(None, f"passkey challenge {bound_to}", text).hex()
