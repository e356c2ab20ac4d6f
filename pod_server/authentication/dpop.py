"""DPoP proofs (`rfc-editor.org/rfc/rfc9449#section-4.3`)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.jws import decode_segment, numeric_date, read_object, split_compact
from pod_server.authentication.keys import VerifyingKey, read_public_key
from pod_server.authentication.replay import UsedProof, proof_lifetime_s
from pod_server.authentication.uris import is_same_uri

max_proof_length = 8 * 1024
max_jti_length = 256
max_lead_s = 30
_known_headers = 4096


@dataclass(frozen=True, slots=True)
class ExpectedProof:
    """What a proof must be for: the method, the request's URL, and the access token sent along (None at the token endpoint)."""

    method: str
    url: str
    access_token: str | None = None


def check_proof(proof: str, expected: ExpectedProof, now_s: int) -> UsedProof:
    """Check everything of a proof but that it is new: anybody can sign proofs, so they are noted only after the token.

    Raises:
        InvalidToken: the proof does not hold.
    """
    try:
        parts = split_compact(proof, max_proof_length)
        algorithm, key = _read_header(parts.header)
        claims = read_object(parts.payload)
        signature = decode_segment(parts.signature)
    except ValueError as error:
        raise _refusal("the proof is not a DPoP proof that is accepted here") from error
    if not key.has_signed(algorithm, signature, parts.signed):
        raise _refusal("the signature of the proof is wrong")
    _check_target(claims, expected)
    return UsedProof(key.thumbprint, _jti(claims), _issued_at(claims, now_s))


@lru_cache(maxsize=_known_headers)
def _read_header(segment: str) -> tuple[str, VerifyingKey]:
    """Read algorithm and key; the header of a client's proofs is always the same, so it is read once."""
    header = read_object(segment)
    if header.get("typ") != "dpop+jwt" or "crit" in header:
        raise ValueError("not the header of a proof")
    algorithm, jwk = header.get("alg"), header.get("jwk")
    if not isinstance(algorithm, str) or not isinstance(jwk, dict):
        raise ValueError("the header lacks the algorithm or the key")
    key = read_public_key(jwk)
    if algorithm not in key.algorithms:
        raise ValueError("not an algorithm for this key")
    return algorithm, key


def _check_target(claims: dict[str, Any], expected: ExpectedProof) -> None:
    if claims.get("htm") != expected.method:
        raise _refusal("the proof is for another method")
    htu = claims.get("htu")
    if not isinstance(htu, str) or not is_same_uri(htu, expected.url):
        raise _refusal("the proof is for another URL")
    _check_token(claims, expected.access_token)


def _check_token(claims: dict[str, Any], access_token: str | None) -> None:
    # Solid-OIDC 0.1.0 does not ask for `ath`, and the most used Solid client sends none (docs/decisions/0007).
    if access_token is not None and "ath" in claims and claims["ath"] != token_hash(access_token):
        raise _refusal("the proof is for another access token")


def token_hash(access_token: str) -> str:
    """The `ath` of an access token."""
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _jti(claims: dict[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= max_jti_length:
        raise _refusal("the proof lacks a jti of acceptable length")
    return jti


def _issued_at(claims: dict[str, Any], now_s: int) -> int:
    try:
        issued_at = numeric_date(claims.get("iat"))
    except ValueError as error:
        raise _refusal("the proof does not say when it was made") from error
    if not now_s - proof_lifetime_s <= issued_at <= now_s + max_lead_s:
        raise _refusal("the proof was not made just now")
    return issued_at


def _refusal(description: str) -> InvalidToken:
    return InvalidToken("invalid_dpop_proof", description)
