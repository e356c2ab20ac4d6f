"""What a container says of its members."""

from __future__ import annotations

from itertools import islice, repeat

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from vault.rdf.containment import MemberFacts, container_triples
from vocab.namespaces import DCT, LDP, POSIX, RDF, XSD

URL = "https://vault.example/abc/plannen/"
PLAN = MemberFacts(
    f"{URL}x", is_container=False, media_type="text/turtle", size=1200, modified_ms=1_790_000_000_999
)
INNER = MemberFacts(
    f"{URL}y/", is_container=True, media_type="text/turtle", size=None, modified_ms=1_790_000_000_000
)


def _of(found: list[Triple], subject: str, predicate: str) -> list[object]:
    return [
        t.object for t in found if t.subject == NamedNode(subject) and t.predicate == NamedNode(predicate)
    ]


@pytest.mark.requirement("protocol", "server-basic-container")
def test_a_container_says_what_it_is_and_what_it_contains() -> None:
    found = list(container_triples(URL, 1_790_000_000_000, [PLAN, INNER]))
    assert NamedNode(LDP.BasicContainer) in _of(found, URL, RDF.type)
    assert _of(found, URL, LDP.contains) == [NamedNode(PLAN.url), NamedNode(INNER.url)]


@pytest.mark.requirement("protocol", "server-contained-resource-metadata")
def test_a_member_has_its_type_size_and_times() -> None:
    found = list(container_triples(URL, 0, [PLAN]))
    media_type = NamedNode("http://www.w3.org/ns/iana/media-types/text/turtle#Resource")
    assert _of(found, PLAN.url, RDF.type) == [NamedNode(LDP.Resource), media_type]
    assert _of(found, PLAN.url, POSIX.size) == [Literal("1200", datatype=NamedNode(XSD.integer))]
    assert _of(found, PLAN.url, POSIX.mtime) == [Literal("1790000000", datatype=NamedNode(XSD.integer))]
    moment = Literal("2026-09-21T14:13:20Z", datatype=NamedNode(XSD.dateTime))
    assert _of(found, PLAN.url, DCT.modified) == [moment]


def test_a_container_among_the_members_has_no_size_and_no_media_type() -> None:
    found = list(container_triples(URL, 0, [INNER]))
    assert _of(found, INNER.url, POSIX.size) == []
    assert len(_of(found, INNER.url, RDF.type)) == 3


def test_an_endless_container_is_listed_as_it_comes() -> None:
    assert len(list(islice(container_triples(URL, 0, repeat(PLAN)), 1000))) == 1000
