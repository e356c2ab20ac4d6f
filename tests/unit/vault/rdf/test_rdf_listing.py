"""Listings written member by member say what the triples of a container say, in every type."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from vault.rdf.containment import MemberFacts, container_triples
from vault.rdf.documents import parse, to_sorted_ntriples
from vault.rdf.listing import ContainerFacts, chunk_members, write_listing
from vocab.media_types import RDF_TYPES

URL = "https://vault.example/s/map/"
MEMBERS = (
    MemberFacts(f"{URL}a", False, "text/turtle", 12, 1_790_000_000_123),
    MemberFacts(f"{URL}b%20'c'/", True, "text/turtle", None, 0),
    MemberFacts(f"{URL}d.pdf", False, "application/x^y#z", 0, 1_790_000_000_000),
)
OWN = (Triple(NamedNode(f"{URL}#it"), NamedNode("http://schema.org/name"), Literal('Map "één"\n')),)


def written(members: tuple[MemberFacts, ...], media_type: str, own: tuple[Triple, ...] = OWN) -> list[bytes]:
    """A listing of these members."""
    return list(write_listing(ContainerFacts(URL, 1000, own), members, media_type))


@pytest.mark.parametrize("media_type", RDF_TYPES)
@pytest.mark.parametrize("members", [(), MEMBERS[:1], MEMBERS])
@pytest.mark.parametrize("own", [(), OWN])
def test_a_listing_reads_back_as_its_triples(
    media_type: str, members: tuple[MemberFacts, ...], own: tuple[Triple, ...]
) -> None:
    found = parse(b"".join(written(members, media_type, own)), media_type, "https://elders.example/")
    expected = (*container_triples(URL, 1000, members), *own)
    assert to_sorted_ntriples(found) == to_sorted_ntriples(expected)


@pytest.mark.parametrize("media_type", RDF_TYPES)
def test_members_come_in_their_order_some_at_a_time(media_type: str) -> None:
    members = tuple(
        MemberFacts(f"{URL}{number:06}", False, "a/b", number, 0) for number in range(3 * chunk_members)
    )
    chunks = written(members, media_type)
    text = b"".join(chunks).decode()
    places = [text.index(member.url) for member in members]
    assert places == sorted(places)
    assert len(chunks) >= 3
    assert max(map(len, chunks)) < len(text) / 2.5
