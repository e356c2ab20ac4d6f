"""RDF documents in and out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vault.errors import MalformedContent, Position, TooLarge, UnacceptableContent, UnsupportedMediaType
from vault.rdf.documents import parse, serialize, to_sorted_ntriples
from vocab.contexts import SERVICE_CONTEXT, TOEGANG_CONTEXT
from vocab.media_types import JSON_LD, N_TRIPLES, RDF_TYPES, TURTLE

BASE = "https://vault.example/abc/doc"
TITLE = NamedNode("http://purl.org/dc/terms/title")
TRIPLES = [
    Triple(NamedNode(BASE), TITLE, Literal("Rust in huis", language="nl")),
    Triple(
        NamedNode(f"{BASE}#it"), NamedNode("https://schema.org/agent"), NamedNode("https://else.example/x")
    ),
]


def _json_ld(document: Any) -> list[Triple]:
    return parse(json.dumps(document).encode(), JSON_LD, BASE)


def test_relative_iris_are_resolved_against_the_base() -> None:
    assert parse(b'<> <http://purl.org/dc/terms/title> "Rust in huis"@nl .', TURTLE, BASE) == TRIPLES[:1]


@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
@pytest.mark.parametrize("media_type", RDF_TYPES)
def test_what_is_written_reads_back_as_the_same_triples(media_type: str) -> None:
    written = serialize(TRIPLES, media_type, BASE)
    assert set(parse(written, media_type, BASE)) == set(TRIPLES)


def test_turtle_with_a_base_is_written_relative_to_it() -> None:
    assert b"<#it>" in serialize(TRIPLES, TURTLE, BASE)
    assert f"<{BASE}#it>".encode() in serialize(TRIPLES, TURTLE)


def test_nothing_is_written_as_nothing() -> None:
    assert parse(serialize([], TURTLE), TURTLE, BASE) == []
    assert to_sorted_ntriples([]) == b""


def test_sorted_n_triples_have_each_triple_once_whatever_the_order() -> None:
    expected = to_sorted_ntriples(TRIPLES)
    assert to_sorted_ntriples([*reversed(TRIPLES), *TRIPLES]) == expected
    assert expected.count(b"\n") == 2


@pytest.mark.parametrize("media_type", ["application/rdf+xml", "text/html", "text/turtle; charset=utf-8", ""])
def test_other_media_types_are_never_parsed(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaType) as caught:
        parse(b"", media_type, BASE)
    assert caught.value.accepted == RDF_TYPES


def test_a_fault_in_turtle_is_shown_with_its_place() -> None:
    with pytest.raises(MalformedContent) as caught:
        parse(b"<> a <x> .\n<> a\n", TURTLE, BASE)
    assert caught.value.position is not None
    assert caught.value.position.line >= 2


def test_a_fault_in_json_is_shown_with_its_place() -> None:
    with pytest.raises(MalformedContent) as caught:
        parse(b'{"@id":\n  nothing}', JSON_LD, BASE)
    assert caught.value.position == Position(2, 3)


@pytest.mark.parametrize("data", [b"\xff", b"{\x00", "{}".encode("utf-16"), b'{"a": %s}' % (b"9" * 5000)])
def test_bytes_that_are_no_json_in_utf8_are_malformed(data: bytes) -> None:
    with pytest.raises(MalformedContent):
        parse(data, JSON_LD, BASE)


def test_a_document_in_another_encoding_than_utf8_is_malformed() -> None:
    with pytest.raises(MalformedContent):
        parse(b'<> <http://purl.org/dc/terms/title> "\xff" .', TURTLE, BASE)


def test_json_ld_with_a_context_of_its_own_needs_nothing_bundled() -> None:
    found = _json_ld({"@context": {"title": TITLE.value}, "@id": "", "title": "Plan"})
    assert found == [Triple(NamedNode(BASE), TITLE, Literal("Plan"))]


def test_a_bundled_context_is_used_under_its_url() -> None:
    found = _json_ld({"@context": SERVICE_CONTEXT, "id": "#it", "reason": "Samen bijwerken"})
    reason = NamedNode("https://kluis.example/ns/toegang#reason")
    assert found == [Triple(NamedNode(f"{BASE}#it"), reason, Literal("Samen bijwerken"))]


ELSEWHERE = "https://else.example/context"


@pytest.mark.parametrize(
    "document",
    [
        {"@context": ELSEWHERE},
        {"@context": [TOEGANG_CONTEXT, ELSEWHERE]},
        {"@context": {"a": {"@id": "x:a", "@context": ELSEWHERE}}},
        {"@context": {"@import": ELSEWHERE}},
        {"@context": {"@import": TOEGANG_CONTEXT}},
        {"x:a": [{"@context": ELSEWHERE}]},
        [{"@context": TOEGANG_CONTEXT}, {"@context": "relative"}],
    ],
)
def test_a_context_from_elsewhere_is_refused_wherever_it_is_named(document: Any) -> None:
    with pytest.raises(UnacceptableContent) as caught:
        _json_ld(document)
    assert caught.value.violations[0].field == "@context"


def test_a_context_that_only_one_of_two_equal_members_names_is_not_fetched() -> None:
    data = b'{"@context": "https://else.example/context", "@context": {}, "x:a": 1}'
    with pytest.raises(MalformedContent):
        parse(data, JSON_LD, BASE)


@pytest.mark.parametrize(
    "document",
    [
        {"@context": TOEGANG_CONTEXT, "@graph": 5, "@type": 5},
        {"@context": TOEGANG_CONTEXT, "reason": {"@value": "x", "@type": 5}},
        {"@context": TOEGANG_CONTEXT, "reason": "\ud800"},
        {"@context": TOEGANG_CONTEXT, "x:a": {"@value": 1e999, "@type": "@json"}},
    ],
)
def test_json_ld_that_the_processor_stumbles_over_is_malformed(document: Any) -> None:
    with pytest.raises(MalformedContent):
        _json_ld(document)


@pytest.mark.parametrize("context", [{}, SERVICE_CONTEXT])
def test_a_named_graph_is_refused(context: Any) -> None:
    inner = {"@id": "x:b", "http://purl.org/dc/terms/title": "t"}
    with pytest.raises(UnacceptableContent, match="named graphs"):
        _json_ld({"@context": context, "@id": "x:a", "@graph": [inner]})


def test_json_ld_that_nests_too_deeply_never_reaches_a_parser() -> None:
    with pytest.raises(TooLarge):
        parse(b'{"x:a":' * 1000 + b"1" + b"}" * 1000, JSON_LD, BASE)


def test_triple_terms_that_nest_too_deeply_never_reach_a_parser() -> None:
    nested = b"<x:s> <x:p> " + b"<<( <x:s> <x:p> " * 5000 + b"<x:o> " + b")>> " * 5000 + b"."
    with pytest.raises(TooLarge):
        parse(nested, TURTLE, BASE)


def test_blank_nodes_stay_apart_from_named_ones() -> None:
    found = parse(b"[] <x:p> <x:o> .", TURTLE, BASE)
    assert isinstance(found[0].subject, BlankNode)
    assert to_sorted_ntriples(found).startswith(b"_:")


def test_n_triples_have_no_relative_iris() -> None:
    with pytest.raises(MalformedContent):
        parse(b"<> <x:p> <x:o> .", N_TRIPLES, BASE)


def test_a_base_that_is_no_iri_makes_a_document_unreadable() -> None:
    with pytest.raises(MalformedContent):
        parse(b"<> <x:p> <x:o> .", TURTLE, "not an iri")
