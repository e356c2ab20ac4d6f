"""Carrying out patches: exact ones fit or fail, others change what matches, and none takes for ever."""

from __future__ import annotations

import time

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple, Variable

from vault.errors import Conflict, UnacceptableContent
from vault.rdf.documents import parse
from vault.rdf.matching import find_mappings, max_patterns
from vault.rdf.n3_patch import parse_n3_patch
from vault.rdf.patching import Patched, apply_patch
from vault.rdf.sparql_update import parse_sparql_update
from vocab.media_types import TURTLE

BASE = "https://vault.example/a"
PREFIXES = "@prefix solid: <http://www.w3.org/ns/solid/terms#> . "


def graph(text: str) -> list[Triple]:
    return parse(text.encode(), TURTLE, BASE)


def n3(triples: list[Triple], text: str, limit: int = 1000) -> Patched:
    patch = parse_n3_patch(f"{PREFIXES} _:p a solid:InsertDeletePatch ; {text} .".encode(), BASE)
    return apply_patch(patch, triples, limit)


def sparql(triples: list[Triple], text: str, limit: int = 1000) -> Patched:
    return apply_patch(parse_sparql_update(text.encode(), BASE), triples, limit)


FAMILY = graph('<#a> <#family> "Garcia" ; <#given> "Claudia" . <#b> <#family> "Jansen" ; <#given> "Bob" .')


@pytest.mark.requirement("protocol", "server-patch-n3-semantics")
def test_a_variable_carries_what_was_found_to_what_is_changed() -> None:
    after = n3(
        FAMILY,
        'solid:where { ?who <#family> "Garcia" } ; solid:deletes { ?who <#given> "Claudia" } ;'
        ' solid:inserts { ?who <#given> "Alex" }',
    )
    expected = graph('<#a> <#family> "Garcia" ; <#given> "Alex" . <#b> <#family> "Jansen" ; <#given> "Bob" .')
    assert set(after.triples) == set(expected)
    assert after.added == tuple(graph('<#a> <#given> "Alex" .'))
    assert after.removed == tuple(graph('<#a> <#given> "Claudia" .'))


@pytest.mark.requirement("protocol", "server-patch-n3-semantics-no-mapping")
@pytest.mark.parametrize("where", ['?x <#family> "Nobody"', "?x <#family> ?y", "<#a> <#family> <#b>"])
def test_conditions_that_match_in_no_way_or_in_several_conflict(where: str) -> None:
    with pytest.raises(Conflict):
        n3(FAMILY, f"solid:where {{ {where} }} ; solid:inserts {{ <> <#seen> true }}")


@pytest.mark.requirement("protocol", "server-patch-n3-semantics-deletions-non-empty-all-triples")
def test_what_is_to_be_removed_must_all_be_there() -> None:
    with pytest.raises(Conflict, match="removed"):
        n3(FAMILY, 'solid:deletes { <#a> <#given> "Claudia", "Alex" }')


def test_what_is_removed_and_added_again_is_there() -> None:
    after = n3(
        FAMILY, 'solid:deletes { <#a> <#given> "Claudia" } ; solid:inserts { <#a> <#given> "Claudia" }'
    )
    assert set(after.triples) == set(FAMILY)


def test_what_is_there_already_can_be_added() -> None:
    after = n3(FAMILY, 'solid:inserts { <#a> <#given> "Claudia" }')
    assert after.triples == tuple(FAMILY)
    assert len(after.added) == 1


def test_a_mapping_without_variables_is_one_mapping() -> None:
    after = n3(FAMILY, 'solid:where { <#a> <#given> "Claudia" } ; solid:inserts { <#a> <#ok> true }')
    assert len(after.triples) == 5


def test_a_blank_node_of_the_document_is_found_by_a_variable_and_removed() -> None:
    before = graph("<#a> <#address> [ <#city> 'Nijmegen' ], [ <#city> 'Zwolle' ] .")
    after = n3(
        before,
        "solid:where { <#a> <#address> ?it . ?it <#city> 'Nijmegen' } ;"
        " solid:deletes { <#a> <#address> ?it . ?it <#city> 'Nijmegen' }",
    )
    assert len(after.triples) == 2
    assert {t.object for t in after.triples if isinstance(t.object, Literal)} == {Literal("Zwolle")}


def test_a_blank_node_in_a_condition_stands_for_anything_and_makes_no_other_mapping() -> None:
    before = graph("<#a> <#knows> <#b>, <#c> ; <#name> 'A' .")
    after = n3(before, "solid:where { ?x <#knows> [] ; <#name> 'A' } ; solid:inserts { ?x <#social> true }")
    assert len(after.triples) == 4
    with pytest.raises(Conflict):
        n3(before, "solid:where { ?x <#knows> [ <#name> 'B' ] } ; solid:inserts { ?x <#social> true }")


def test_one_variable_is_one_thing() -> None:
    before = graph("<#a> <#knows> <#a>, <#b> . <#b> <#knows> <#c> .")
    after = n3(before, "solid:where { ?x <#knows> ?x } ; solid:inserts { ?x <#vain> true }")
    assert after.added == tuple(graph("<#a> <#vain> true ."))


def test_a_variable_in_every_place_matches() -> None:
    after = n3(graph("<#a> <#b> <#c> ."), "solid:where { ?s ?p ?o } ; solid:inserts { ?o ?p ?s }")
    assert after.added == tuple(graph("<#c> <#b> <#a> ."))


def test_what_would_be_no_triple_conflicts_in_n3_and_is_passed_over_in_sparql() -> None:
    before = graph("<#a> <#b> 'text' .")
    with pytest.raises(Conflict, match="variable"):
        n3(before, "solid:where { ?s ?p ?o } ; solid:inserts { ?o ?p ?s }")
    assert sparql(before, "INSERT { ?o <#p> ?s . ?s ?o ?s . ?s <#q> ?never } WHERE { ?s ?p ?o }").added == ()


def test_sparql_changes_for_every_solution_and_does_not_mind_what_is_absent() -> None:
    after = sparql(
        FAMILY, "DELETE { ?x <#given> ?g ; <#never> ?g } INSERT { ?x <#had> ?g } WHERE { ?x <#given> ?g }"
    )
    assert set(after.triples) == set(
        graph('<#a> <#family> "Garcia" ; <#had> "Claudia" . <#b> <#family> "Jansen" ; <#had> "Bob" .')
    )
    assert sparql(FAMILY, "DELETE DATA { <#x> <#y> <#z> }").triples == tuple(FAMILY)
    assert sparql(FAMILY, "DELETE WHERE { ?x <#nothing> ?y }").triples == tuple(FAMILY)


def test_operations_see_what_those_before_them_did() -> None:
    after = sparql(
        [], "INSERT DATA { <#a> <#n> 1 } ; DELETE { ?x <#n> 1 } INSERT { ?x <#n> 2 } WHERE { ?x <#n> 1 }"
    )
    assert set(after.triples) == set(graph("<#a> <#n> 2 ."))


def test_a_blank_node_that_is_inserted_is_new_for_every_solution_and_every_time() -> None:
    before = graph("<#a> <#n> 1 . <#b> <#n> 2 . _:x <#is> <#there> .")
    after = sparql(before, "INSERT { ?x <#has> _:x . _:x <#n> ?n } WHERE { ?x <#n> ?n }")
    made = {t.object for t in after.added if isinstance(t.object, BlankNode)}
    assert len(made) == 2
    assert not made & {t.subject for t in before}


def clique(size: int) -> list[Triple]:
    knows = NamedNode("https://vault.example/a#knows")
    people = [NamedNode(f"https://vault.example/a#{n}") for n in range(size)]
    return [Triple(one, knows, other) for one in people for other in people]


@pytest.mark.parametrize(
    "end", ["?v12 <#knows> ?v12 . <#0> <#knows> ?v0 . ?v12 <#knows> ?x . ?x <#knows> ?v0", "_:a <#knows> _:b"]
)
def test_conditions_that_explode_are_refused_in_no_time(end: str) -> None:
    chain = " . ".join(f"?v{n} <#knows> ?v{n + 1}" for n in range(12))
    begin = time.perf_counter()
    with pytest.raises(UnacceptableContent, match="match more than"):
        sparql(clique(60), f"INSERT {{ ?v0 <#far> ?v12 }} WHERE {{ {chain} . {end} }}", 10_000)
    assert time.perf_counter() - begin < 5


def test_exact_conditions_that_explode_are_refused_in_no_time() -> None:
    people = [*clique(60), *graph("<#first> <#knows> <#0> . <#0> <#last> <#last> .")]
    chain = " . ".join(f"_:v{n} <#knows> _:v{n + 1}" for n in range(12))
    begin = time.perf_counter()
    with pytest.raises(UnacceptableContent, match="match more than"):
        n3(people, f"solid:where {{ <#first> <#knows> _:v0 . {chain} . _:v12 <#last> ?x }}", 10_000)
    with pytest.raises(Conflict):
        n3(people, f"solid:where {{ {chain.replace('_:', '?')} }}", 10_000)
    assert time.perf_counter() - begin < 5


def test_a_product_of_what_is_not_connected_is_refused() -> None:
    many = graph(" ".join(f"<#s{n}> <#p> {n} ." for n in range(200)))
    with pytest.raises(UnacceptableContent, match="match more than"):
        sparql(many, "INSERT { ?a <#q> ?b } WHERE { ?a <#p> ?x . ?b <#p> ?y }", 10_000)


def test_what_many_solutions_would_write_is_bounded_and_what_is_written_out_is_not() -> None:
    many = graph(" ".join(f"<#s{n}> <#p> {n} ." for n in range(50)))
    several = " . ".join(f"?x <#q{n}> ?y" for n in range(5))
    with pytest.raises(UnacceptableContent, match="changes more than"):
        sparql(many, f"INSERT {{ {several} }} WHERE {{ ?x <#p> ?y }}", 100)
    data = " . ".join(f"<#a> <#b> {n}" for n in range(200))
    assert len(sparql([], f"INSERT DATA {{ {data} }}", 100).triples) == 200


def test_patterns_with_variables_are_counted() -> None:
    patterns = [(Variable(f"x{n}"), NamedNode(BASE), Literal(n)) for n in range(max_patterns + 1)]
    assert find_mappings([], patterns[:-1], 10) == []
    with pytest.raises(UnacceptableContent, match="patterns"):
        find_mappings([], patterns, 10)


def test_the_rarest_pattern_leads() -> None:
    many = graph(
        "<#a> <#one> <#it> . " + " ".join(f"<#s{n}> <#p> <#o{n}> ." for n in range(5000)) + "<#it> <#p> 1 ."
    )
    found = find_mappings(
        many,
        [
            (Variable("x"), NamedNode(f"{BASE}#p"), Variable("y")),
            (Variable("z"), NamedNode(f"{BASE}#one"), Variable("x")),
        ],
        10,
    )
    assert [bound[Variable("y")] for bound in found] == [Literal(1)]
