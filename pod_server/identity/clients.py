"""Clients that people use, and the documents in which they speak for themselves (`solidproject.org/TR/oidc#clientids-document`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from pod_server.authentication.caches import CachedLookup, Lifetimes
from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.issuers import Fetch
from pod_server.authentication.keys import VerifyingKey, read_public_key
from pod_server.authentication.outbound import FetchedDocument
from pod_server.authentication.uris import origin_of
from pod_server.identity.accounts import tidy
from pod_server.identity.keys import ALGORITHMS, Algorithm
from pod_server.settings import is_loopback

CONTEXT = "https://www.w3.org/ns/solid/oidc-context.jsonld"
SCOPES = ("openid", "webid", "profile", "offline_access")
max_document_bytes = 64 * 1024
max_addresses = 50
max_keys = 10
max_name_length = 80
_ACCEPT = "application/ld+json, application/json;q=0.9"
_lifetimes = Lifetimes(fresh_s=60)


def _has_no_secret(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Client:
    """An app as its document or its registration describes it, which is also what Authlib asks of a client.

    `iri` is what tokens, limits and the journal call it; `address` is where it is, by which people know it. `redirect_uris`
    are compared as they stand. `home` is where the app begins, when it says so. `keys` are those that it proves itself with.
    """

    id: str
    iri: str
    address: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    scopes: frozenset[str]
    grant_types: frozenset[str]
    response_types: frozenset[str]
    algorithm: Algorithm
    home: str | None
    auth_method: str = "none"
    keys: tuple[VerifyingKey, ...] = ()
    check_client_secret: Callable[[str], bool] = field(default=_has_no_secret, repr=False)

    @property
    def host(self) -> str:
        """The host of its address."""
        return urlsplit(self.address).netloc

    @property
    def is_registered(self) -> bool:
        """Whether it registered itself, so that only the addresses it sends people to tell who it is."""
        return self.id != self.iri

    def get_allowed_scope(self, scope: str | None) -> str:
        """The part of the scope asked for that is known here and that the document allows."""
        asked = (scope or "openid webid").split()
        return " ".join(word for word in SCOPES if word in asked and word in self.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether the browser may be sent there."""
        return redirect_uri in self.redirect_uris

    def get_default_redirect_uri(self) -> None:
        """Where the browser goes when a request does not say: nowhere."""

    def check_endpoint_auth_method(self, method: str, _: str) -> bool:
        """Whether it may prove itself like this: only in the one way that it chose."""
        return method == self.auth_method

    def check_response_type(self, response_type: str) -> bool:
        """Whether it may ask for this answer."""
        return response_type in self.response_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may ask for tokens like this."""
        return grant_type in self.grant_types


ClientDirectory = CachedLookup[Client]


def client_directory(fetch: Fetch) -> ClientDirectory:
    """Make the cache of apps by the address of their document."""
    return CachedLookup(lambda url: load_client(fetch, url), _lifetimes)


def load_client(fetch: Fetch, url: str) -> Client:
    """Fetch what an app says of itself.

    Raises:
        CannotFetch: there is no such document, or it is not one of the app at this very address.
    """
    document = fetch(url, _ACCEPT, max_document_bytes)
    try:
        return _read(url, document)
    except ValueError as error:
        raise CannotFetch("the document is no Client ID Document of this address") from error


def origin_text(url: str) -> str:
    """The origin of a URL as policies write it; one with a port that is not its scheme's keeps it.

    Raises:
        ValueError: not a plain http(s) URL.
    """
    origin_of(url)
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _read(url: str, document: FetchedDocument) -> Client:
    data = json.loads(document.body)
    # An open redirector of the app would let anybody speak for it: the document must be where its name says.
    if not isinstance(data, dict) or data.get("client_id") != url or document.url != url:
        raise ValueError("the document is about another client")
    if CONTEXT not in words(data.get("@context"), ()):
        raise ValueError("the document lacks the normative context")
    auth_method = data.get("token_endpoint_auth_method", "none")
    if auth_method not in {"none", "private_key_jwt"}:
        raise ValueError("a client with a document has no secret")
    keys = read_keys(data) if auth_method == "private_key_jwt" else ()
    return replace(describe(data, url, url), auth_method=auth_method, keys=keys)


def describe(data: Mapping[str, Any], id_: str, address: str) -> Client:
    """Read what a client says of itself; what is not as it must be is left out, how it proves itself too."""
    redirect_uris = words(data.get("redirect_uris"), ())[:max_addresses]
    return Client(
        id=id_,
        iri=id_,
        address=address,
        name=_name(data) or urlsplit(address).netloc,
        redirect_uris=tuple(uri for uri in redirect_uris if is_target(uri)),
        post_logout_redirect_uris=_targets(data.get("post_logout_redirect_uris")),
        scopes=frozenset(_scope(data)),
        grant_types=frozenset(words(data.get("grant_types"), ("authorization_code",))),
        response_types=frozenset(words(data.get("response_types"), ("code",))),
        algorithm=_algorithm(data),
        home=next(iter(_targets(data.get("client_uri"))), None),
    )


def read_keys(data: Mapping[str, Any]) -> tuple[VerifyingKey, ...]:
    """The public keys in `jwks`, with which a client signs its assertions.

    Raises:
        ValueError: there are none, too many, or one that is not accepted.
    """
    jwks = data.get("jwks")
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= max_keys:
        raise ValueError("jwks does not hold one to ten keys")
    if not all(isinstance(key, dict) for key in keys):
        raise ValueError("jwks holds something that is no key")
    return tuple(read_public_key(key) for key in keys)


def _name(data: Mapping[str, Any]) -> str:
    name = data.get("client_name")
    return tidy(name)[:max_name_length] if isinstance(name, str) else ""


def _scope(data: Mapping[str, Any]) -> list[str]:
    scope = data.get("scope")
    return scope.split() if isinstance(scope, str) else list(SCOPES)


def _algorithm(data: Mapping[str, Any]) -> Algorithm:
    asked = data.get("id_token_signed_response_alg")
    return next((algorithm for algorithm in ALGORITHMS if algorithm == asked), "ES256")


def _targets(value: Any) -> tuple[str, ...]:
    return tuple(uri for uri in words(value, ())[:max_addresses] if is_target(uri))


def words(value: Any, default: tuple[str, ...]) -> tuple[str, ...]:
    """The texts of a member that may be one or a list."""
    match value:
        case None:
            return default
        case str():
            return (value,)
        case list():
            return tuple(word for word in value if isinstance(word, str))
        case _:
            return ()


def is_target(uri: str) -> bool:
    """Whether a browser may be sent there: https, or this machine itself; without fragment."""
    try:
        scheme, host, _ = origin_of(uri)
    except ValueError:
        return False
    return "#" not in uri and (scheme == "https" or is_loopback(host))
