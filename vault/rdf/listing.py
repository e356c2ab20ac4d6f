"""Listings of containers as text, made member by member (`solidproject.org/TR/protocol#contained-resource-metadata`).

The shape of a listing is fixed and its names are checked before, so that no graph has to be made of it: 10,000 members
cost a tenth of what they do as triples.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Triple

from vault.rdf.containment import MemberFacts, class_of, moment_text
from vault.rdf.documents import serialize
from vocab.media_types import JSON_LD, N_TRIPLES, TURTLE
from vocab.namespaces import DCT, LDP, POSIX, RDF, XSD

chunk_members = 256
_PREFIXES = (
    "@prefix dct: <http://purl.org/dc/terms/> .\n"
    "@prefix ldp: <http://www.w3.org/ns/ldp#> .\n"
    "@prefix posix: <http://www.w3.org/ns/posix/stat#> .\n"
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)
_KINDS = (LDP.Resource, LDP.Container, LDP.BasicContainer)


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """What is told of a container itself, with the triples that people wrote into it."""

    url: str
    modified_ms: int
    own: Sequence[Triple]


def write_listing(
    container: ContainerFacts, members: Iterable[MemberFacts], media_type: str
) -> Iterator[bytes]:
    """Write a listing in one of the types of linked data, some members at a time."""
    write = {TURTLE: _turtle, N_TRIPLES: _n_triples, JSON_LD: _json_ld}[media_type]
    waiting: list[str] = []
    for text in write(container, members):
        waiting.append(text)
        if len(waiting) > chunk_members:
            yield "".join(waiting).encode()
            waiting.clear()
    yield "".join(waiting).encode()


def _turtle(container: ContainerFacts, members: Iterable[MemberFacts]) -> Iterator[str]:
    moment = moment_text(container.modified_ms // 1000)
    yield _PREFIXES
    yield (
        f"<{container.url}> a ldp:Resource, ldp:Container, ldp:BasicContainer ; "
        f'dct:modified "{moment}"^^xsd:dateTime .\n'
    )
    yield serialize(container.own, N_TRIPLES).decode()
    for member in members:
        kinds = "ldp:Resource, ldp:Container, ldp:BasicContainer"
        if not member.is_container:
            kinds = f"ldp:Resource, <{class_of(member.media_type)}>"
        second = member.modified_ms // 1000
        size = "" if member.size is None else f" ; posix:size {member.size}"
        yield (
            f"<{container.url}> ldp:contains <{member.url}> .\n<{member.url}> a {kinds} ; dct:modified "
            f'"{moment_text(second)}"^^xsd:dateTime ; posix:mtime {second}{size} .\n'
        )


def _n_triples(container: ContainerFacts, members: Iterable[MemberFacts]) -> Iterator[str]:
    yield "".join(_lines(container.url, _KINDS, container.modified_ms))
    yield serialize(container.own, N_TRIPLES).decode()
    for member in members:
        kinds = _KINDS if member.is_container else (LDP.Resource, class_of(member.media_type))
        second = member.modified_ms // 1000
        size = "" if member.size is None else _number(member.url, POSIX.size, member.size)
        yield (
            f"<{container.url}> <{LDP.contains}> <{member.url}> .\n"
            + "".join(_lines(member.url, kinds, member.modified_ms))
            + _number(member.url, POSIX.mtime, second)
            + size
        )


def _lines(url: str, kinds: Iterable[str], modified_ms: int) -> Iterator[str]:
    for kind in kinds:
        yield f"<{url}> <{RDF.type}> <{kind}> .\n"
    yield f'<{url}> <{DCT.modified}> "{moment_text(modified_ms // 1000)}"^^<{XSD.dateTime}> .\n'


def _number(url: str, predicate: str, value: int) -> str:
    return f'<{url}> <{predicate}> "{value}"^^<{XSD.integer}> .\n'


def _json_ld(container: ContainerFacts, members: Iterable[MemberFacts]) -> Iterator[str]:
    """The members stand inside the container, so that the document can be written from its beginning to its end."""
    about = {"@id": container.url, "@type": list(_KINDS), **_modified(container.modified_ms)}
    yield f"[{json.dumps(about)[:-1]}, {json.dumps(LDP.contains)}: ["
    between = ""
    for member in members:
        yield between + json.dumps(_member(member))
        between = ", "
    written = serialize(container.own, JSON_LD).decode().strip() if container.own else "[]"
    own = written[1:-1].strip()
    yield f"]}}{', ' + own if own else ''}]\n"


def _member(member: MemberFacts) -> dict[str, object]:
    kinds = list(_KINDS) if member.is_container else [LDP.Resource, class_of(member.media_type)]
    size = {} if member.size is None else {POSIX.size: [_typed(member.size, XSD.integer)]}
    return {
        "@id": member.url,
        "@type": kinds,
        **_modified(member.modified_ms),
        POSIX.mtime: [_typed(member.modified_ms // 1000, XSD.integer)],
        **size,
    }


def _modified(modified_ms: int) -> dict[str, object]:
    return {DCT.modified: [_typed(moment_text(modified_ms // 1000), XSD.dateTime)]}


def _typed(value: object, datatype: str) -> dict[str, str]:
    return {"@type": datatype, "@value": str(value)}
