"""Reading SPARQL Updates: what is done, what is not and says so, and where a fault is."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Variable

from vault.errors import MalformedContent, Position, TooLarge, UnacceptableContent
from vault.rdf.patterns import Change, Pattern
from vault.rdf.sparql_update import max_conditional_operations, max_operations, parse_sparql_update

BASE = "https://vault.example/a"
X, Y = Variable("x"), Variable("y")


def read(text: str) -> tuple[Change, ...]:
    asked = parse_sparql_update(text.encode(), BASE)
    assert not asked.is_exact
    return asked.changes


def iri(name: str) -> NamedNode:
    return NamedNode(f"https://vault.example/{name}")


ABC: Pattern = (iri("a"), iri("b"), iri("c"))
XBY: Pattern = (X, iri("b"), Y)


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("", ()),
        ("# niets", ()),
        ("INSERT DATA { <a> <b> <c> }", (Change(inserts=(ABC,)),)),
        ("insert data { <a> <b> <c> . }", (Change(inserts=(ABC,)),)),
        ("DELETE DATA {<a> <b> <c>};", (Change(deletes=(ABC,)),)),
        (
            "DELETE DATA {<a> <b> <c>}; INSERT DATA {<a> <b> <c>};",
            (Change(deletes=(ABC,)), Change(inserts=(ABC,))),
        ),
        ("DELETE WHERE { ?x <b> ?y }", (Change(where=(XBY,), deletes=(XBY,)),)),
        ("DELETE { $x <b> $y } WHERE { ?x <b> ?y }", (Change(where=(XBY,), deletes=(XBY,)),)),
        ("INSERT { <a> <b> <c> } WHERE {}", (Change(inserts=(ABC,)),)),
        (
            "DELETE {?x <b> ?y} INSERT {<a> <b> <c>} WHERE { ?x <b> ?y . }",
            (Change(where=(XBY,), deletes=(XBY,), inserts=(ABC,)),),
        ),
        ("DELETE {?x <b> ?y} INSERT {<a> <b> <c>} { ?x <b> ?y }", (Change((XBY,), (XBY,), (ABC,)),)),
        ("INSERT DATA { }", (Change(),)),
    ],
)
def test_operations_are_read_in_order(text: str, changes: tuple[Change, ...]) -> None:
    assert read(text) == changes


def test_prefixes_and_base_hold_from_where_they_stand() -> None:
    one, two = read(
        "PREFIX p: <https://p.example/> BASE <https://b.example/> INSERT DATA { p:a a <c> } ;\n"
        "prefix p: <https://q.example/> prefix : <#> INSERT DATA { p:a :b <c> }"
    )
    assert one.inserts[0][0] == NamedNode("https://p.example/a")
    assert one.inserts[0][2] == NamedNode("https://b.example/c")
    assert two.inserts[0][:2] == (NamedNode("https://q.example/a"), NamedNode("https://b.example/#b"))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("TRUE", Literal(True)),
        ("false", Literal(False)),
        ("-5", Literal(-5)),
        ("'FILTER { ?x'", Literal("FILTER { ?x")),
        ('"a"@nl', Literal("a", language="nl")),
        ("'x' # }\n", Literal("x")),
    ],
)
def test_values_are_read_as_they_are_meant(written: str, value: Literal) -> None:
    (change,) = read(f"INSERT DATA {{ <a> <b> {written} }}")
    assert change.inserts == ((iri("a"), iri("b"), value),)


def test_lists_and_nameless_nodes_can_be_added() -> None:
    (change,) = read("INSERT { ?x <b> [ <c> (1 2) ] , _:d } WHERE { ?x <b> ?y }")
    assert len(change.inserts) == 7
    assert any(isinstance(node, BlankNode) for node in change.inserts[-1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("LOAD <https://evil.example/x>", "LOAD"),
        ("LOAD SILENT <https://evil.example/x> INTO GRAPH <g>", "LOAD"),
        ("CLEAR ALL", "CLEAR"),
        ("drop default", "DROP"),
        ("CREATE GRAPH <g>", "CREATE"),
        ("COPY <a> TO <b>", "COPY"),
        ("MOVE <a> TO <b>", "MOVE"),
        ("ADD <a> TO <b>", "ADD"),
        ("WITH <g> DELETE { ?x <b> ?y } WHERE { ?x <b> ?y }", "WITH"),
        ("DELETE { ?x <b> ?y } USING <g> WHERE { ?x <b> ?y }", "USING"),
        ("INSERT DATA { GRAPH <g> { <a> <b> <c> } }", "GRAPH"),
        ("INSERT { ?x <b> 1 } WHERE { SERVICE <https://evil.example/> { ?x <b> ?y } }", "SERVICE"),
        ("DELETE WHERE { ?x <b> ?y FILTER (?y > 3) }", "FILTER"),
        ("INSERT { ?x <b> 1 } WHERE { ?x <b> ?y OPTIONAL { ?y <b> ?x } }", "OPTIONAL"),
        ("INSERT { ?x <b> 1 } WHERE { { ?x <b> ?y } UNION { ?y <b> ?x } }", "a group in a group"),
        ("INSERT { ?x <b> 1 } WHERE { ?x <b> ?y MINUS { ?y <b> ?x } }", "MINUS"),
        ("INSERT { ?x <b> 1 } WHERE { BIND (1 AS ?x) }", "BIND"),
        ("INSERT { ?x <b> 1 } WHERE { VALUES ?x { 1 2 } }", "VALUES"),
        ("INSERT { ?x <b> 1 } WHERE { { SELECT ?x WHERE { ?x <b> ?y } } }", "a group in a group"),
        ("INSERT { ?x <b> 1 } WHERE { SELECT ?x { ?x <b> ?y } }", "SELECT"),
        ("DELETE WHERE { ?x <b>/<c> ?y }", "property paths"),
        ("DELETE WHERE { ?x <b>* ?y }", "property paths"),
        ("DELETE WHERE { ?x ^<b> ?y }", "property paths"),
        ("DELETE WHERE { ?x (<b>|<c>) ?y }", "property paths"),
        ("DELETE DATA { _:b <b> <c> }", "blank node"),
        ("DELETE WHERE { [] <b> ?x }", "blank node"),
        ("DELETE { ?x <b> [] } WHERE { ?x <b> ?y }", "blank node"),
        ("INSERT DATA { ?x <b> <c> }", "WHERE"),
        ("INSERT DATA { <a> <b> 'x'^^?x }", "datatype"),
        ("INSERT DATA { <a> <b> <<( <a> <b> <c> )>> }", "triples about triples"),
    ],
)
def test_what_is_not_done_is_named(text: str, said: str) -> None:
    with pytest.raises(UnacceptableContent, match=said):
        read(text)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("SELECT * WHERE { ?x ?y ?z }", Position(1, 1)),
        ("\n INSERT DATUM { <a> <b> <c> }", Position(2, 9)),
        ("INSERT DATA <a>", Position(1, 13)),
        ("INSERT DATA { <a> <b> <c>", Position(1, 26)),
        ("INSERT DATA { <a> <b> <c> } INSERT DATA { <a> <b> <c> }", Position(1, 29)),
        ("DELETE { ?x <b> ?y }", Position(1, 21)),
        ("PREFIX p <https://p.example/>\nINSERT DATA { p:a p:b p:c }", Position(1, 8)),
        ("PREFIX p:", Position(1, 1)),
        ("INSERT DATA {\n <a> <b>\n  <c> <d> }", Position(3, 7)),
        ("PREFIX p: <https://p.example/>\nINSERT DATA { p:a q:b p:c }", Position(2, 19)),
        ("DELETE WHERE { ?een <b> ?twee . ?drie }", Position(1, 39)),
        ("INSERT DATA { <a> <b> naam }", Position(1, 23)),
        ("INSERT DATA { @prefix p: <p> . <a> <b> p:c }", Position(1, 15)),
        ("INSERT DATA { <a> <b> 'x }", Position(1, 24)),
        ("; INSERT DATA { <a> <b> <c> }", Position(1, 1)),
    ],
)
def test_a_fault_is_told_where_the_sender_wrote_it(text: str, position: Position) -> None:
    with pytest.raises(MalformedContent) as raised:
        read(text)
    assert raised.value.position == position


def test_operations_are_counted() -> None:
    one = "INSERT DATA { <a> <b> <c> } ; "
    assert len(read(one * max_operations)) == max_operations
    with pytest.raises(UnacceptableContent, match="operations"):
        read(one * (max_operations + 1))
    conditional = "DELETE WHERE { ?x <b> ?y } ; "
    assert len(read(conditional * max_conditional_operations)) == max_conditional_operations
    with pytest.raises(UnacceptableContent, match="WHERE"):
        read(conditional * (max_conditional_operations + 1))


def test_deep_triple_terms_are_refused_unread() -> None:
    with pytest.raises(TooLarge):
        read("INSERT DATA { " + "<<" * 2000)
