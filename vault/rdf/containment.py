"""What a container says of its members (`solidproject.org/TR/protocol#contained-resource-metadata`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from vocab.namespaces import DCT, LDP, POSIX, RDF, XSD

_IANA = "http://www.w3.org/ns/iana/media-types/"


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What is told of one member: `size` None for a container; `modified_ms` wall milliseconds."""

    url: str
    is_container: bool
    media_type: str
    size: int | None
    modified_ms: int


def container_triples(url: str, modified_ms: int, members: Iterable[MemberFacts]) -> Iterator[Triple]:
    """The triples of a container's listing, streamed in the order of the members."""
    container = NamedNode(url)
    yield from _types(container, is_container=True)
    yield Triple(container, NamedNode(DCT.modified), _moment(modified_ms))
    for member in members:
        node = NamedNode(member.url)
        yield Triple(container, NamedNode(LDP.contains), node)
        yield from _member(node, member)


def _member(node: NamedNode, member: MemberFacts) -> Iterator[Triple]:
    yield from _types(node, is_container=member.is_container)
    if not member.is_container:
        yield Triple(node, NamedNode(RDF.type), NamedNode(class_of(member.media_type)))
    yield Triple(node, NamedNode(DCT.modified), _moment(member.modified_ms))
    yield Triple(node, NamedNode(POSIX.mtime), _number(member.modified_ms // 1000))
    if member.size is not None:
        yield Triple(node, NamedNode(POSIX.size), _number(member.size))


def _types(node: NamedNode, *, is_container: bool) -> Iterator[Triple]:
    names = (LDP.Resource, LDP.Container, LDP.BasicContainer) if is_container else (LDP.Resource,)
    for name in names:
        yield Triple(node, NamedNode(RDF.type), NamedNode(name))


def _moment(wall_ms: int) -> Literal:
    return Literal(moment_text(wall_ms // 1000), datatype=NamedNode(XSD.dateTime))


@lru_cache(maxsize=4096)
def moment_text(wall_s: int) -> str:
    """A second as `xsd:dateTime`."""
    return datetime.fromtimestamp(wall_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=1024)
def class_of(media_type: str) -> str:
    """The class of resources of a media type; what may stand in such a name and not in an IRI is escaped."""
    return f"{_IANA}{quote(media_type, safe='/+!$&')}#Resource"


def _number(value: int) -> Literal:
    return Literal(str(value), datatype=NamedNode(XSD.integer))
