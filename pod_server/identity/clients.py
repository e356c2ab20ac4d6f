"""Client ID Documents: what an app says of itself under its own address (`solidproject.org/TR/oidc#clientids-document`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pod_server.authentication.caches import CachedLookup, Lifetimes
from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.issuers import Fetch
from pod_server.authentication.outbound import FetchedDocument
from pod_server.authentication.uris import origin_of
from pod_server.identity.accounts import tidy
from pod_server.identity.keys import ALGORITHMS, Algorithm
from pod_server.settings import is_loopback

CONTEXT = "https://www.w3.org/ns/solid/oidc-context.jsonld"
SCOPES = ("openid", "webid", "profile", "offline_access")
max_document_bytes = 64 * 1024
max_addresses = 50
max_name_length = 80
_ACCEPT = "application/ld+json, application/json;q=0.9"
_lifetimes = Lifetimes(fresh_s=60)


@dataclass(frozen=True, slots=True)
class ClientDocument:
    """An app as its document describes it, which is also what Authlib asks of a client.

    `redirect_uris` are compared as they stand. `home` is where the app begins, when it says so.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    scopes: frozenset[str]
    grant_types: frozenset[str]
    response_types: frozenset[str]
    algorithm: Algorithm
    home: str | None

    @property
    def host(self) -> str:
        """The host where the document is, by which an app is known."""
        return urlsplit(self.id).netloc

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
        """Whether it may prove itself like this: it has no secret, its address is all it has."""
        return method == "none"

    def check_response_type(self, response_type: str) -> bool:
        """Whether it may ask for this answer."""
        return response_type in self.response_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may ask for tokens like this."""
        return grant_type in self.grant_types


ClientDirectory = CachedLookup[ClientDocument]


def client_directory(fetch: Fetch) -> ClientDirectory:
    """Make the cache of apps by the address of their document."""
    return CachedLookup(lambda url: load_client(fetch, url), _lifetimes)


def load_client(fetch: Fetch, url: str) -> ClientDocument:
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


def _read(url: str, document: FetchedDocument) -> ClientDocument:
    data = json.loads(document.body)
    # An open redirector of the app would let anybody speak for it: the document must be where its name says.
    if not isinstance(data, dict) or data.get("client_id") != url or document.url != url:
        raise ValueError("the document is about another client")
    if CONTEXT not in _words(data.get("@context"), ()):
        raise ValueError("the document lacks the normative context")
    if data.get("token_endpoint_auth_method", "none") != "none":
        raise ValueError("the client wants to prove itself in another way")
    redirect_uris = _words(data.get("redirect_uris"), ())[:max_addresses]
    return ClientDocument(
        id=url,
        name=_name(data) or urlsplit(url).netloc,
        redirect_uris=tuple(uri for uri in redirect_uris if _is_target(uri)),
        post_logout_redirect_uris=_targets(data.get("post_logout_redirect_uris")),
        scopes=frozenset(_scope(data)),
        grant_types=frozenset(_words(data.get("grant_types"), ("authorization_code",))),
        response_types=frozenset(_words(data.get("response_types"), ("code",))),
        algorithm=_algorithm(data),
        home=next(iter(_targets(data.get("client_uri"))), None),
    )


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
    return tuple(uri for uri in _words(value, ())[:max_addresses] if _is_target(uri))


def _words(value: Any, default: tuple[str, ...]) -> tuple[str, ...]:
    match value:
        case None:
            return default
        case str():
            return (value,)
        case list():
            return tuple(word for word in value if isinstance(word, str))
        case _:
            return ()


def _is_target(uri: str) -> bool:
    """Whether a browser may be sent there: https, or this machine itself; without fragment."""
    try:
        scheme, host, _ = origin_of(uri)
    except ValueError:
        return False
    return "#" not in uri and (scheme == "https" or is_loopback(host))
