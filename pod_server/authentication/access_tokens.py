"""Access tokens bound to a key (`solidproject.org/TR/oidc#tokens-id`, `rfc-editor.org/rfc/rfc9068`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.jws import max_token_length, numeric_date, read_object, split_compact
from pod_server.authentication.keys import SIGNING_ALGORITHMS, VerifyingKey

max_skew_s = 30
max_uri_length = 2048
_AUDIENCE = "solid"
# A claim of our own issuer: what it calls a client whose id says nothing (docs/decisions/0018).
OWN_NAME = "client_iri"
# Issuers of Solid-OIDC ID tokens often leave `typ` out; a proof always has one.
_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt", ""})
# Unknown header members are to be ignored (`rfc-editor.org/rfc/rfc7515#section-4`); `crit` is refused before.
_registry = jws.JWSRegistry(algorithms=SIGNING_ALGORITHMS, strict_check_header=False)
_registry.max_header_length = max_token_length


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a token says, not yet believed: its signature is checked apart. Times are seconds since the epoch.

    `own_name` is what the issuer calls the client, `sign_outs` as in `Credentials`; both count only from our own issuer.
    `thumbprint` is of the key it is bound to, None when it is bound to none.
    """

    text: str
    algorithm: str
    kid: str | None
    issuer: str
    webid: str
    client: str
    own_name: str | None
    thumbprint: str | None
    issued_at: int
    expires_at: int
    sign_outs: int = 0


def read_access_token(text: str) -> AccessToken:
    """Read a token that is meant for storages, without believing it.

    Raises:
        InvalidToken: it is no such token.
    """
    try:
        parts = split_compact(text)
        header, claims = read_object(parts.header), read_object(parts.payload)
    except ValueError as error:
        raise _refusal("the access token is not a signed token") from error
    algorithm, kid = header.get("alg"), header.get("kid")
    if str(header.get("typ", "")).lower() not in _TYPES or "crit" in header:
        raise _refusal("the access token is of another type")
    if algorithm not in SIGNING_ALGORITHMS or not isinstance(kid, str | None):
        raise _refusal("the access token is signed in a way that is not accepted")
    _check_audience(claims)
    return AccessToken(
        text=text,
        algorithm=algorithm,
        kid=kid,
        issuer=_uri(claims, "iss"),
        webid=_uri(claims, "webid"),
        client=_client(claims),
        own_name=_own_name(claims),
        thumbprint=_thumbprint(claims),
        issued_at=_seconds(claims, "iat"),
        expires_at=_seconds(claims, "exp"),
        sign_outs=_count(claims),
    )


def check_times(token: AccessToken, now_s: int, max_age_s: int) -> int:
    """Check that a token counts now, and give the second from which it no longer does.

    Raises:
        InvalidToken: it has expired, was issued in the future, or too long ago.
    """
    if token.issued_at > now_s + max_skew_s:
        raise _refusal("the access token was issued in the future")
    end = min(token.expires_at, token.issued_at + max_age_s)
    if end <= now_s:
        raise _refusal("the access token has expired")
    return end


def check_signature(token: AccessToken, keys: Iterable[VerifyingKey]) -> None:
    """Check that one of the keys signed the token; only keys of the token's `kid` and algorithm count.

    Raises:
        InvalidToken: none of them did.
    """
    if not any(_has_signed(key, token) for key in keys if is_candidate(key, token)):
        raise _refusal("the signature of the access token is wrong")


def is_candidate(key: VerifyingKey, token: AccessToken) -> bool:
    """Whether the key may have signed the token."""
    return token.algorithm in key.algorithms and token.kid in {None, key.kid}


def _has_signed(key: VerifyingKey, token: AccessToken) -> bool:
    try:
        jws.deserialize_compact(token.text, key.key, registry=_registry)
    except (JoseError, ValueError):
        return False
    return True


def _check_audience(claims: dict[str, Any]) -> None:
    audience = claims.get("aud")
    if audience != _AUDIENCE and not (isinstance(audience, list) and _AUDIENCE in audience):
        raise _refusal("the access token is not meant for storages")


def _client(claims: dict[str, Any]) -> str:
    named = {claims[name] for name in ("client_id", "azp") if isinstance(claims.get(name), str)}
    if len(named) != 1:
        raise _refusal("the access token does not name one client")
    client: str = named.pop()
    if not 1 <= len(client) <= max_uri_length:
        raise _refusal("the access token does not name one client")
    return client


def _own_name(claims: dict[str, Any]) -> str | None:
    name = claims.get(OWN_NAME)
    return name if isinstance(name, str) else None


def _thumbprint(claims: dict[str, Any]) -> str | None:
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    thumbprint = confirmation.get("jkt") if isinstance(confirmation, dict) else None
    if not isinstance(thumbprint, str):
        raise _refusal("the access token is bound to no key that a proof can have")
    return thumbprint


def _uri(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if (
        not isinstance(value, str)
        or not value.startswith(("https://", "http://"))
        or len(value) > max_uri_length
    ):
        raise _refusal("the access token lacks its issuer or WebID")
    return value


def _seconds(claims: dict[str, Any], name: str) -> int:
    try:
        return numeric_date(claims.get(name))
    except ValueError as error:
        raise _refusal("the access token does not say when it counts") from error


def _count(claims: dict[str, Any]) -> int:
    """How often the agent had ended everything when the token was made; only our own tokens say that."""
    count = claims.get("sign_outs", 0)
    if isinstance(count, bool) or not isinstance(count, int):
        raise _refusal("the access token does not say when it was made")
    return count


def _refusal(description: str) -> InvalidToken:
    return InvalidToken("invalid_token", description)
