"""Patches against models that know nothing of them: rdflib for SPARQL Update, trying everything for N3 Patch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Triple
from rdflib.compare import isomorphic

from tests.support.examples import examples
from vault.errors import Conflict
from vault.rdf.documents import parse, serialize
from vault.rdf.n3_patch import parse_n3_patch
from vault.rdf.patching import apply_patch
from vault.rdf.sparql_update import parse_sparql_update
from vocab.media_types import N_TRIPLES, TURTLE

BASE = "https://vault.example/d"
PREFIX = "@prefix solid: <http://www.w3.org/ns/solid/terms#> . _:p a solid:InsertDeletePatch"
limit = 100_000
Parts = tuple[str, str, str]

iris = st.sampled_from(["<#a>", "<#b>", "<#c>"])
literals = st.sampled_from(['"x"', '"x"@nl', "1", "true"])
variables = st.sampled_from(["?x", "?y", "?z"])
blanks = st.sampled_from(["_:m", "_:n"])
triples = st.tuples(iris | blanks, iris, iris | literals | blanks)
ground = st.tuples(iris, iris, iris | literals)
patterns = st.tuples(iris | variables, iris | variables, iris | variables | literals)
loose_patterns = st.tuples(iris | variables | blanks, iris | variables, iris | variables | literals | blanks)
additions = st.tuples(iris | variables | blanks, iris | variables, iris | variables | literals | blanks)
documents = st.lists(triples, max_size=8)


def block(parts: Iterable[Parts]) -> str:
    """Triples or patterns between braces."""
    return "{ " + " ".join(f"{' '.join(part)} ." for part in parts) + " }"


def graph_of(document: Iterable[Parts]) -> list[Triple]:
    return parse(" ".join(f"{' '.join(part)} ." for part in document).encode(), TURTLE, BASE)


def in_rdflib(found: Iterable[Triple]) -> rdflib.Graph:
    return rdflib.Graph().parse(data=serialize(found, N_TRIPLES), format="nt")


@st.composite
def updates(draw: st.DrawFn) -> str:
    """One to three operations of every kind that is done; no two share the name of a blank node, which SPARQL forbids."""
    made: list[str] = []
    for number in range(draw(st.integers(1, 3))):
        where = draw(st.lists(loose_patterns, max_size=3))
        match draw(st.integers(0, 3)):
            case 0:
                made.append(f"INSERT DATA {block(draw(st.lists(triples, max_size=3)))}")
            case 1:
                made.append(f"DELETE DATA {block(draw(st.lists(ground, max_size=3)))}")
            case 2:
                made.append(f"DELETE WHERE {block(draw(st.lists(patterns, min_size=1, max_size=3)))}")
            case _:
                deletes = block(draw(st.lists(patterns, max_size=2)))
                inserts = block(draw(st.lists(additions, max_size=2)))
                made.append(f"DELETE {deletes} INSERT {inserts} WHERE {block(where)}")
        made[-1] = made[-1].replace("_:", f"_:b{number}")
    return " ;\n".join(made)


@settings(max_examples=examples(100), deadline=None)
@given(documents, updates())
def test_an_update_does_what_rdflib_does(document: list[Parts], update: str) -> None:
    before = graph_of(document)
    after = apply_patch(parse_sparql_update(update.encode(), BASE), before, limit)
    model = in_rdflib(before)
    model.update(f"BASE <{BASE}>\n{update}")
    assert isomorphic(in_rdflib(after.triples), model)


@st.composite
def n3_patches(draw: st.DrawFn) -> tuple[list[Parts], list[Parts], list[Parts]]:
    """Conditions, removals and additions; the variables of the latter two stand in the conditions."""
    where = draw(st.lists(loose_patterns, max_size=3))
    known = sorted({node for pattern in where for node in pattern if node.startswith("?")})
    nodes = iris | st.sampled_from(known) if known else iris
    templates = st.lists(st.tuples(nodes, iris, nodes | literals), max_size=2)
    return where, draw(templates), draw(templates)


def assignments(found: list[Triple], where: list[Parts]) -> set[tuple[tuple[str, str], ...]]:
    """Every filling of the variables for which all conditions are there, by trying all terms for all of them."""
    there = {tuple(str(term) for term in triple) for triple in found}
    terms = sorted({term for triple in there for term in triple})
    unknown = sorted({node for pattern in where for node in pattern if node[0] in "?_"})
    wanted = [tuple(written(node) for node in pattern) for pattern in where]
    fits = set()
    for values in product(terms, repeat=len(unknown)):
        bound = dict(zip(unknown, values, strict=True))
        if all(tuple(bound.get(node, node) for node in pattern) in there for pattern in wanted):
            fits.add(tuple((node, value) for node, value in bound.items() if node[0] == "?"))
    return fits


def written(node: str) -> str:
    """A node as the document writes it; what is to be found out stays as it is."""
    return node if node[0] in "?_" else str(graph_of([("<#s>", "<#p>", node)])[0].object)


def filled(templates: list[Parts], bound: Mapping[str, str]) -> set[tuple[str, ...]]:
    return {tuple(bound.get(node, written(node)) for node in template) for template in templates}


def model_of(
    found: list[Triple], patch: tuple[list[Parts], list[Parts], list[Parts]]
) -> set[tuple[str, ...]] | None:
    """What the protocol says that becomes of the triples; None for a conflict."""
    where, deletes, inserts = patch
    there = {tuple(str(term) for term in triple) for triple in found}
    fits = assignments(found, where)
    if len(fits) != 1:
        return None
    bound = dict(fits.pop())
    gone, come = filled(deletes, bound), filled(inserts, bound)
    if not gone <= there or any(triple[0].startswith('"') for triple in come):
        return None
    return (there - gone) | come


@settings(max_examples=examples(100), deadline=None)
@given(documents, n3_patches())
def test_an_n3_patch_does_what_the_protocol_says(
    document: list[Parts], patch: tuple[list[Parts], list[Parts], list[Parts]]
) -> None:
    found = graph_of(document)
    where, deletes, inserts = patch
    text = f"{PREFIX} ; solid:where {block(where)} ; solid:deletes {block(deletes)} ; solid:inserts {block(inserts)} ."
    expected = model_of(found, patch)
    try:
        after = apply_patch(parse_n3_patch(text.encode(), BASE), found, limit)
    except Conflict:
        assert expected is None
    else:
        assert {tuple(str(term) for term in triple) for triple in after.triples} == expected
