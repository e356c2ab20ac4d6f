"""Finding a storage and its services (`solidproject.org/TR/protocol#storage-description`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag

import httpx2
from rdflib import URIRef

from clients.solid.errors import LoginFailed, MalformedAnswer
from clients.solid.graphs import parse_turtle
from clients.solid.issuers import fetch
from clients.solid.resources import read
from clients.solid.session import Session
from clients.solid.values import objects, read_document, text
from vocab.namespaces import PIM_SPACE, SOLID

LD_JSON = "application/ld+json"


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage with the endpoints of its services by type ("AccessGrantService")."""

    url: str
    services: Mapping[str, str]

    def endpoint(self, service: str) -> str:
        """Where a service is.

        Raises:
            MalformedAnswer: the storage does not offer it.
        """
        if service not in self.services:
            raise MalformedAnswer(f"the storage offers no {service}")
        return self.services[service]

    def holds(self, url: str) -> bool:
        """Whether a URL lies in this storage."""
        return url.startswith(self.url)


@dataclass(frozen=True, slots=True)
class Server:
    """The addresses of a vault server that belong to no storage."""

    invitation: str
    meetings: str
    grants: str
    groups: str


def find_storage(session: Session, webid: str) -> Storage:
    """The storage that the card of the signed-in person names, with its services.

    Raises:
        LoginFailed: the card does not name the issuer where she signed in.
        MalformedAnswer: the card names no storage.
    """
    card = urldefrag(webid).url
    graph = parse_turtle(read(session, card).body, card)
    if (URIRef(webid), URIRef(SOLID.oidcIssuer), URIRef(session.issuer.url)) not in graph:
        raise LoginFailed("the card names another issuer")
    url = graph.value(URIRef(webid), URIRef(PIM_SPACE.storage))
    if url is None:
        raise MalformedAnswer("the card names no storage")
    return describe(session, str(url))


def describe(session: Session, storage: str) -> Storage:
    """Read the description of a storage."""
    answer = session.request("GET", f"{storage}.well-known/solid", headers={"Accept": LD_JSON})
    found = objects(read_document(answer), "service")
    return Storage(storage, {text(entry, "type"): text(entry, "serviceEndpoint") for entry in found})


def find_server(http: httpx2.Client, base_url: str) -> Server:
    """Read the public addresses of a vault server.

    Raises:
        Unreachable: the server does not answer.
    """
    document = read_document(fetch(http, f"{base_url}.well-known/wijkkluis/"))
    names = ("invitation", "meetings", "grants", "groups")
    return Server(*(text(document, name) for name in names))
