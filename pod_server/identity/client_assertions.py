"""Clients that prove themselves with a signed assertion, `private_key_jwt` (`rfc-editor.org/rfc/rfc7523#section-3`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pod_server.authentication.dpop import max_jti_length, max_lead_s
from pod_server.authentication.jws import decode_segment, numeric_date, read_object, split_compact
from pod_server.authentication.replay import UsedProof, proof_lifetime_s
from pod_server.identity.clients import Client

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
max_lifetime_s = 300
max_assertion_length = 8 * 1024


def claimed_client(form: Mapping[str, str]) -> str | None:
    """Which client an assertion claims to be of, not yet believed; None when there is no assertion to speak of."""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        return None
    try:
        parts = split_compact(form.get("client_assertion", ""), max_assertion_length)
        issuer = read_object(parts.payload).get("iss")
    except ValueError:
        return None
    is_one = isinstance(issuer, str) and form.get("client_id", issuer) == issuer
    return issuer if is_one else None


def check_assertion(assertion: str, client: Client, audiences: frozenset[str], now_s: int) -> UsedProof:
    """Check everything of an assertion but that it is new.

    Raises:
        ValueError: it does not prove this client, here and now.
    """
    parts = split_compact(assertion, max_assertion_length)
    header, claims = read_object(parts.header), read_object(parts.payload)
    signature = decode_segment(parts.signature)
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or "crit" in header:
        raise ValueError("the assertion is signed in a way that is not accepted")
    for key in client.keys:
        is_meant = kid is None or key.kid is None or key.kid == kid
        if is_meant and key.has_signed(algorithm, signature, parts.signed):
            _check_claims(claims, client.id, audiences)
            issued_at = _check_times(claims, now_s)
            # Apart from DPoP proofs of the same key; a thumbprint has no space in it.
            return UsedProof(f"assertion {key.thumbprint}", _jti(claims), issued_at)
    raise ValueError("the signature of the assertion is not the client's")


def _check_claims(claims: Mapping[str, Any], client_id: str, audiences: frozenset[str]) -> None:
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise ValueError("the assertion is of another client")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in audiences for one in named):
        raise ValueError("the assertion is meant for somebody else")


def _check_times(claims: Mapping[str, Any], now_s: int) -> int:
    """Check that it was made just now, so that it need not be remembered for longer than a proof."""
    issued_at, expires_at = numeric_date(claims.get("iat")), numeric_date(claims.get("exp"))
    if not now_s - proof_lifetime_s <= issued_at <= now_s + max_lead_s:
        raise ValueError("the assertion was not made just now")
    if not now_s < expires_at <= issued_at + max_lifetime_s:
        raise ValueError("the assertion has expired, or counts for too long")
    return issued_at


def _jti(claims: Mapping[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= max_jti_length:
        raise ValueError("the assertion lacks a jti of acceptable length")
    return jti
