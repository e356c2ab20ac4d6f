"""What other servers say of themselves: an issuer's keys, and the issuers that a WebID document names (`solidproject.org/TR/oidc#oidc-issuer-discovery`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pyoxigraph import NamedNode

from pod_server.authentication.access_tokens import AccessToken, is_candidate
from pod_server.authentication.caches import CachedLookup, Lifetimes
from pod_server.authentication.errors import ForbiddenUrl
from pod_server.authentication.keys import VerifyingKey, read_public_key
from pod_server.authentication.outbound import FetchedDocument
from vault.errors import BadInput
from vault.rdf.documents import parse
from vocab.namespaces import SOLID

Fetch = Callable[[str, str, int], FetchedDocument]
KeyDirectory = CachedLookup[tuple[VerifyingKey, ...]]
WebIdDirectory = CachedLookup[frozenset[str]]
max_configuration_bytes = 64 * 1024
max_webid_document_bytes = 256 * 1024
max_keys = 32
_JSON = "application/json"
_JWKS = "application/json, application/jwk-set+json"
_RDF = "text/turtle, application/ld+json;q=0.9"
_key_lifetimes = Lifetimes(fresh_s=600)
_webid_lifetimes = Lifetimes(fresh_s=60, capacity=10_000)


def key_directory(fetch: Fetch) -> KeyDirectory:
    """Make the cache of issuers' keys."""
    return CachedLookup(lambda issuer: load_keys(fetch, issuer), _key_lifetimes)


def webid_directory(fetch: Fetch) -> WebIdDirectory:
    """Make the cache of the issuers that WebID documents name."""
    return CachedLookup(lambda webid: load_issuers(fetch, webid), _webid_lifetimes)


def keys_for(directory: KeyDirectory, token: AccessToken, now_s: int) -> tuple[VerifyingKey, ...]:
    """The keys of a token's issuer; an unknown `kid` makes it look again, as keys rotate.

    Raises:
        Unavailable: the issuer cannot be reached.
    """
    keys, _ = directory.get(token.issuer, now_s)
    if not any(is_candidate(key, token) for key in keys):
        keys, _ = directory.get_again(token.issuer, now_s)
    return keys


def load_keys(fetch: Fetch, issuer: str) -> tuple[VerifyingKey, ...]:
    """Fetch an issuer's usable keys; none when what it serves makes no sense.

    Raises:
        CannotFetch: it cannot be reached.
    """
    try:
        configuration = _read_json(
            fetch(
                f"{issuer.removesuffix('/')}/.well-known/openid-configuration", _JSON, max_configuration_bytes
            )
        )
        if configuration.get("issuer") != issuer or not isinstance(configuration.get("jwks_uri"), str):
            return ()
        served = _read_json(fetch(configuration["jwks_uri"], _JWKS, max_configuration_bytes)).get("keys")
    except (ForbiddenUrl, ValueError):
        return ()
    return tuple(_usable_keys(served if isinstance(served, list) else []))


def load_issuers(fetch: Fetch, webid: str) -> frozenset[str]:
    """Fetch the issuers that a WebID's document names for it; none when the document cannot be understood.

    Raises:
        CannotFetch: the document cannot be reached.
    """
    try:
        document = fetch(webid.partition("#")[0], _RDF, max_webid_document_bytes)
        triples = parse(document.body, document.media_type, document.url.partition("#")[0])
        subject, predicate = NamedNode(webid), NamedNode(SOLID.oidcIssuer)
    except (ForbiddenUrl, BadInput, ValueError):
        return frozenset()
    return frozenset(
        triple.object.value
        for triple in triples
        if triple.subject == subject
        and triple.predicate == predicate
        and isinstance(triple.object, NamedNode)
    )


def _read_json(document: FetchedDocument) -> dict[str, Any]:
    try:
        value = json.loads(document.body)
    except RecursionError as error:
        raise ValueError("a document is nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _usable_keys(served: list[Any]) -> list[VerifyingKey]:
    keys = []
    for jwk in served[:max_keys]:
        try:
            key = read_public_key(jwk if isinstance(jwk, dict) else {})
        except ValueError:
            continue
        keys.append(key)
    return keys
