"""Checking a document against the domain's shapes (`www.w3.org/TR/shacl/#validation`); heavy, so loaded when needed."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, Quad, Store, Triple

import vocab
from vault.errors import Violation

if TYPE_CHECKING:
    from rdflib import Graph

_SH = "http://www.w3.org/ns/shacl#"
_one_at_a_time = threading.Lock()


@cache
def _shapes() -> Graph:
    from rdflib import Graph

    return Graph().parse(Path(vocab.__file__).parent / "domain" / "shapes.ttl", format="turtle")


@cache
def _in_dutch() -> dict[str, str]:
    """Each English message of the shapes in Dutch; the validator gives only one language of some."""
    from rdflib import Literal, URIRef

    found: dict[str, str] = {}
    message = URIRef(f"{_SH}message")
    for node in set(_shapes().subjects(message, None)):
        texts = {m.language: str(m) for m in _shapes().objects(node, message) if isinstance(m, Literal)}
        found[texts["en"]] = texts["nl"]
    return found


def violations(triples: Iterable[Triple], shape: str, focus: str) -> tuple[Violation, ...]:
    """Every broken rule of a shape for one document, sentences in Dutch; a report that is none is an error.

    Raises:
        LookupError: there is no such shape; an unknown one would refuse nothing.
        RuntimeError: the validator gave no report.
    """
    import pyshacl
    from pyshacl.graph_abstraction import DataGraph
    from rdflib import RDF, Graph, URIRef

    if (URIRef(shape), RDF.type, URIRef(f"{_SH}NodeShape")) not in _shapes():
        raise LookupError(f"no shape {shape}")

    # Not an rdflib graph: that parses each SPARQL query of the shapes anew, a third of a second a document. Here a
    # query means what SPARQL says: a variable from outside is not bound inside a UNION, which one shape counts on.
    data = Store()
    data.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)
    target = (URIRef(shape), URIRef(f"{_SH}targetNode"), URIRef(focus))
    # No shape has a target of its own: without one an empty graph would conform.
    with _one_at_a_time:
        shapes = _shapes().add(target)
        try:
            conforms, report, _ = pyshacl.validate(
                DataGraph.from_oxigraph_store(data), shacl_graph=shapes, inference="none", advanced=False
            )
        finally:
            shapes.remove(target)
    if not isinstance(report, Graph):
        raise RuntimeError("the validator gave no report")
    found = () if conforms else _read(report)
    if not conforms and not found:
        raise RuntimeError("the validator refused without a reason")
    return found


def _read(report: Graph) -> tuple[Violation, ...]:
    from rdflib import Literal, URIRef

    found = []
    for result in report.objects(None, URIRef(f"{_SH}result")):
        messages = [
            m for m in report.objects(result, URIRef(f"{_SH}resultMessage")) if isinstance(m, Literal)
        ]
        sentences = sorted({_in_dutch().get(str(m), str(m)) for m in messages})
        where = report.value(result, URIRef(f"{_SH}resultPath")) or report.value(
            result, URIRef(f"{_SH}value")
        )
        field = str(where).rsplit("#", 1)[-1].rsplit("/", 1)[-1] if isinstance(where, URIRef) else ""
        found.append(Violation(field, sentences[0]))
    return tuple(sorted(set(found), key=lambda violation: (violation.field, violation.sentence)))
