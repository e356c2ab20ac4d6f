"""Establishing who asks, from what a request presents (`solidproject.org/TR/oidc#resource`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pod_server.authentication.access_tokens import (
    AccessToken,
    check_signature,
    check_times,
    read_access_token,
)
from pod_server.authentication.caches import ExpiringCache
from pod_server.authentication.dpop import ExpectedProof, check_proof
from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.issuers import (
    Fetch,
    KeyDirectory,
    WebIdDirectory,
    key_directory,
    keys_for,
    webid_directory,
)
from pod_server.authentication.keys import VerifyingKey, read_public_key
from pod_server.authentication.replay import ReplayStore
from pod_server.authentication.uris import origin_of
from vault.model.moments import Moment
from vault.model.requester import ANONYMOUS, Credentials

local_max_age_s = 600
foreign_max_age_s = 3600
believed_for_s = 60
max_believed_tokens = 10_000


@dataclass(frozen=True, slots=True)
class PresentedCredentials:
    """What a request presents: every value of both headers; `url` is base URL + raw path, never of a Host header."""

    method: str
    url: str
    authorization: tuple[str, ...]
    proofs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocalIssuer:
    """Our own issuer, read in process: public JWKs by `kid`, whether an account has a WebID, and trusted clients."""

    base_url: str
    issuer_url: str
    keys: Callable[[], Mapping[str, Mapping[str, Any]]]
    is_local_webid: Callable[[str], bool]
    trusted_clients: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BelievedToken:
    """A token that was verified a moment ago: whose it is, and which key must sign its proofs (None: bound to none)."""

    credentials: Credentials
    thumbprint: str | None


@dataclass(frozen=True, slots=True)
class AuthenticationParts:
    """What authentication works with, one a process; the replay store's file is shared by all.

    `accepts_bearer` lets tokens of other issuers in that are bound to no key.
    """

    local: LocalIssuer
    replay: ReplayStore
    issuers: KeyDirectory
    webids: WebIdDirectory
    believed: ExpiringCache[bytes, BelievedToken]
    accepts_bearer: bool = False


def make_parts(
    local: LocalIssuer, replay: ReplayStore, fetch: Fetch, *, accepts_bearer: bool = False
) -> AuthenticationParts:
    """Bundle the parts with empty caches."""
    believed: ExpiringCache[bytes, BelievedToken] = ExpiringCache(max_believed_tokens)
    return AuthenticationParts(
        local, replay, key_directory(fetch), webid_directory(fetch), believed, accepts_bearer
    )


def authenticate(parts: AuthenticationParts, presented: PresentedCredentials, now: Moment) -> Credentials:
    """Establish who asks; anonymous when nothing is presented.

    Raises:
        InvalidToken: what was presented does not prove it.
        Unavailable: a foreign issuer or WebID document cannot be reached, or no proof can be taken note of.
    """
    if not presented.authorization and not presented.proofs:
        return ANONYMOUS
    scheme, token = _access_token(presented.authorization)
    if scheme == "bearer" and parts.accepts_bearer:
        return _believe_unbound(parts, token, presented.proofs, now.wall_s)
    if scheme != "dpop":
        raise _refusal("only access tokens bound to a key (DPoP) are accepted")
    expected = ExpectedProof(presented.method, presented.url, token)
    proof = check_proof(_only_proof(presented.proofs), expected, now.wall_s)
    believed = parts.believed.get(_key(token), now.wall_s) or _verify(parts, token, now.wall_s)
    if believed.thumbprint is None:
        raise _refusal("the access token is not bound to a key")
    if believed.thumbprint != proof.thumbprint:
        raise _refusal("the access token is bound to another key")
    parts.replay.remember(proof, now.wall_s)
    return believed.credentials


def _believe_unbound(
    parts: AuthenticationParts, token: str, proofs: tuple[str, ...], now_s: int
) -> Credentials:
    """Whose a token is that proves nothing but itself (`rfc-editor.org/rfc/rfc9449#section-7.2`): a bound one never counts so."""
    if proofs:
        raise InvalidToken("invalid_request", "a DPoP proof belongs to a token of the scheme DPoP")
    believed = parts.believed.get(_key(token), now_s) or _verify(parts, token, now_s)
    if believed.thumbprint is not None:
        raise _refusal("the access token is bound to a key: send it with a proof")
    if believed.credentials.is_local:
        raise _refusal("tokens of this issuer are bound to a key")
    return believed.credentials


def is_quick(parts: AuthenticationParts, presented: PresentedCredentials, now: Moment) -> bool:
    """Whether `authenticate` will answer without asking a database or another server."""
    if not presented.authorization:
        return True
    token = presented.authorization[0].rpartition(" ")[2]
    return parts.believed.get(_key(token), now.wall_s) is not None


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _access_token(authorization: tuple[str, ...]) -> tuple[str, str]:
    """The scheme, in lower case, and the token."""
    if len(authorization) != 1 or "," in authorization[0]:
        raise InvalidToken("invalid_request", "exactly one Authorization is needed")
    scheme, _, token = authorization[0].partition(" ")
    if not token.isascii():
        raise _refusal("the access token is not a signed token")
    return scheme.lower(), token.strip(" ")


def _only_proof(proofs: tuple[str, ...]) -> str:
    if len(proofs) != 1:
        raise InvalidToken("invalid_dpop_proof", "exactly one DPoP proof is needed")
    return proofs[0]


def _verify(parts: AuthenticationParts, text: str, now_s: int) -> BelievedToken:
    token = read_access_token(text)
    is_local = token.issuer == parts.local.issuer_url
    if is_local != _is_under(token.webid, parts.local.base_url):
        raise _refusal("the issuer does not speak for this WebID")
    expires_at = check_times(token, now_s, local_max_age_s if is_local else foreign_max_age_s)
    until = _verify_local(parts.local, token, now_s) if is_local else _verify_foreign(parts, token, now_s)
    # Another issuer could give its clients the names of ours.
    client = (token.own_name if is_local else None) or token.client
    credentials = Credentials(
        agent=token.webid,
        client=client,
        issuer=token.issuer,
        expires_at=expires_at,
        is_local=is_local,
        is_trusted_client=is_local and client in parts.local.trusted_clients,
        sign_outs=token.sign_outs,
    )
    believed = BelievedToken(credentials, token.thumbprint)
    parts.believed.put(_key(text), believed, min(until, expires_at))
    return believed


def _verify_local(local: LocalIssuer, token: AccessToken, now_s: int) -> int:
    check_signature(token, _local_keys(local, token.kid))
    if not local.is_local_webid(token.webid):
        raise _refusal("nobody here has this WebID")
    return now_s + believed_for_s


def _local_keys(local: LocalIssuer, kid: str | None) -> tuple[VerifyingKey, ...]:
    return tuple(read_public_key({**jwk, "kid": name}) for name, jwk in local.keys().items() if name == kid)


def _verify_foreign(parts: AuthenticationParts, token: AccessToken, now_s: int) -> int:
    check_signature(token, keys_for(parts.issuers, token, now_s))
    issuers, until = parts.webids.get(token.webid, now_s)
    if token.issuer not in issuers:
        raise _refusal("the WebID does not name this issuer")
    return until


def _is_under(url: str, base_url: str) -> bool:
    """Whether a URL lies under the base URL, however its scheme and host are spelt."""
    try:
        is_same_origin = origin_of(url) == origin_of(base_url)
    except ValueError as error:
        raise _refusal("the WebID is not a plain URL") from error
    return is_same_origin and urlsplit(url).path.startswith(urlsplit(base_url).path)


def _refusal(description: str) -> InvalidToken:
    return InvalidToken("invalid_token", description)
