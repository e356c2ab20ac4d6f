"""Resources of a storage: read, write, add, remove, and list containers (`solidproject.org/TR/protocol#resources`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from rdflib import URIRef

from clients.solid.graphs import parse_turtle
from clients.solid.session import Session
from clients.solid.values import read_moment
from vocab.namespaces import DCT, LDP

TURTLE = "text/turtle"


@dataclass(frozen=True, slots=True)
class Representation:
    """What a resource looks like: its bytes, with the media type without parameters, and its ETag."""

    url: str
    media_type: str
    body: bytes
    etag: str | None = None

    @property
    def is_turtle(self) -> bool:
        """Whether it can be read as linked data here."""
        return self.media_type == TURTLE


@dataclass(frozen=True, slots=True)
class Member:
    """One resource in a container, as its listing says."""

    url: str
    modified: datetime | None

    @property
    def is_container(self) -> bool:
        """Whether it holds resources itself."""
        return self.url.endswith("/")


def read(session: Session, url: str, *, purpose: str | None = None) -> Representation:
    """Get a resource, linked data as Turtle where the server can.

    Raises:
        Absent, Refused, SolidError: as the server answers.
    """
    return _get(session, url, f"{TURTLE}, */*;q=0.5", purpose)


def read_turtle(session: Session, url: str, *, purpose: str | None = None) -> Representation:
    """Get a resource as Turtle only, so that a large file is not sent in vain.

    Raises:
        Problem: it has no such representation, or as the server answers.
    """
    return _get(session, url, TURTLE, purpose)


def _get(session: Session, url: str, accept: str, purpose: str | None) -> Representation:
    answer = session.request("GET", url, headers={"Accept": accept}, purpose=purpose)
    media_type = (
        answer.headers.get("Content-Type", "application/octet-stream").partition(";")[0].strip().lower()
    )
    return Representation(url, media_type, answer.content, answer.headers.get("ETag"))


def create(session: Session, representation: Representation) -> None:
    """Put a new resource where nothing may be yet; containers in between come by themselves.

    Raises:
        Changed: something is there already.
    """
    _put(session, representation, {"If-None-Match": "*"})


def replace(session: Session, representation: Representation) -> None:
    """Put a resource in the place of the one whose ETag the representation carries.

    Raises:
        Changed: somebody else changed it first.
    """
    _put(session, representation, {"If-Match": representation.etag or "*"})


def _put(session: Session, representation: Representation, condition: dict[str, str]) -> None:
    headers = condition | {"Content-Type": representation.media_type}
    session.request("PUT", representation.url, content=representation.body, headers=headers)


def add(session: Session, container: str, media_type: str, body: bytes) -> str:
    """Post a new resource into a container; the server names it. Gives its URL."""
    answer = session.request("POST", container, content=body, headers={"Content-Type": media_type})
    return urljoin(container, answer.headers.get("Location", ""))


def remove(session: Session, url: str) -> None:
    """Delete a resource."""
    session.request("DELETE", url)


def list_container(session: Session, url: str, *, purpose: str | None = None) -> tuple[Member, ...]:
    """What a container holds that the asker may know of, by URL."""
    graph = parse_turtle(read(session, url, purpose=purpose).body, url)
    members = []
    for found in graph.objects(predicate=URIRef(LDP.contains)):
        modified = graph.value(found, URIRef(DCT.modified))
        members.append(Member(str(found), None if modified is None else read_moment(str(modified))))
    return tuple(sorted(members, key=lambda member: member.url))
