"""N3 Patch documents (`solidproject.org/TR/protocol#n3-patch`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Variable

from vault.errors import UnacceptableContent
from vault.rdf.depth import check_triple_terms
from vault.rdf.patterns import Change, GraphPatch, Pattern, open_nodes, read_patterns
from vault.rdf.rewriting import Rewriting, decode, prefix_for_variables, read_tokens
from vocab.namespaces import RDF, SOLID

_FORMULAE = (SOLID.where, SOLID.deletes, SOLID.inserts)
_TYPES = frozenset({SOLID.Patch, SOLID.InsertDeletePatch})


def parse_n3_patch(data: bytes, base: str) -> GraphPatch:
    """Read an N3 Patch; relative IRIs are resolved against `base`.

    Raises:
        MalformedContent: it is not N3, with the place.
        UnacceptableContent: a constraint of N3 Patch is not met.
        TooLarge: nested too deeply.
    """
    check_triple_terms(data)
    document = _read(decode(data), base)
    patch = _the_patch(document)
    where, deletes, inserts = (_formula(document, patch, predicate) for predicate in _FORMULAE)
    known = {node for pattern in where for node in open_nodes(pattern)}
    for pattern in (*deletes, *inserts):
        _check_template(pattern, known)
    return GraphPatch((Change(where, deletes, inserts),), is_exact=True)


@dataclass(frozen=True, slots=True)
class _Document:
    """What an N3 document says itself, what each formula in it says, and how variables are written."""

    said: Sequence[Quad]
    formulae: dict[object, list[Quad]]
    variables: str


def _read(source: str, base: str) -> _Document:
    """Read N3, with a mark in every formula: an empty one could not be told from a blank node otherwise."""
    variables = prefix_for_variables(source)
    rewriting, at = Rewriting(source, variables), 0
    for token in read_tokens(source):
        if token.kind == "variable" and token.text[0] == "?":
            rewriting.copy(at, token.start)
            rewriting.add_variable(token)
        elif token.text == "{":
            rewriting.copy(at, token.end)
            rewriting.add(f"<{variables}> <{variables}> <{variables}> . ", token.end)
        else:
            continue
        at = token.end
    rewriting.copy(at, len(source))
    quads, mark = rewriting.read(RdfFormat.N3, base), NamedNode(variables)
    formulae: dict[object, list[Quad]] = {quad.graph_name: [] for quad in quads if quad.subject == mark}
    said: list[Quad] = []
    for quad in quads:
        if quad.subject != mark:
            formulae.get(quad.graph_name, said).append(quad)
    return _Document(said, formulae, variables)


def _the_patch(document: _Document) -> NamedNode | BlankNode:
    found = {quad.subject for quad in document.said if _is_about_patch(quad)}
    if len(found) != 1:
        raise UnacceptableContent("an N3 Patch holds exactly one patch resource")
    patch = found.pop()
    is_variable = isinstance(patch, NamedNode) and patch.value.startswith(document.variables)
    if is_variable or patch in document.formulae or not isinstance(patch, NamedNode | BlankNode):
        raise UnacceptableContent("a patch resource is an IRI or a blank node")
    if SOLID.InsertDeletePatch not in _types(document.said, patch):
        raise UnacceptableContent(f"the patch resource must have the type {SOLID.InsertDeletePatch}")
    return patch


def _is_about_patch(quad: Quad) -> bool:
    if quad.predicate.value == RDF.type:
        return isinstance(quad.object, NamedNode) and quad.object.value in _TYPES
    return quad.predicate.value in _FORMULAE


def _types(said: Iterable[Quad], patch: NamedNode | BlankNode) -> set[str]:
    return {
        quad.object.value
        for quad in said
        if quad.subject == patch and quad.predicate.value == RDF.type and isinstance(quad.object, NamedNode)
    }


def _formula(document: _Document, patch: NamedNode | BlankNode, predicate: str) -> tuple[Pattern, ...]:
    name = predicate.rsplit("#", 1)[-1]
    objects = [
        quad.object for quad in document.said if quad.subject == patch and quad.predicate.value == predicate
    ]
    if len(objects) > 1:
        raise UnacceptableContent(f"a patch resource has at most one solid:{name}")
    if not objects:
        return ()
    if objects[0] not in document.formulae:
        raise UnacceptableContent(f"the value of solid:{name} must be a formula between braces")
    quads = document.formulae[objects[0]]
    if any(term in document.formulae for quad in quads for term in (quad.subject, quad.object)):
        raise UnacceptableContent(f"the formula of solid:{name} cannot hold another formula")
    return read_patterns((quad.triple for quad in quads), document.variables)


def _check_template(pattern: Pattern, known: set[Variable | BlankNode]) -> None:
    for node in open_nodes(pattern):
        if isinstance(node, BlankNode):
            raise UnacceptableContent("solid:inserts and solid:deletes cannot hold blank nodes")
        if node not in known:
            raise UnacceptableContent(f"the variable ?{node.value} does not occur in solid:where")
