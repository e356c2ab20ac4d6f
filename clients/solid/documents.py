"""Documents of the domain as linked data: what they are, and how a plan or an added file is written.

`kluis.example/ns/wijk`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import XSD

from clients.solid.errors import MalformedAnswer
from clients.solid.graphs import parse_turtle
from clients.solid.resources import TURTLE, Representation
from vocab.namespaces import DCT, PROV, RDF, SCHEMA, WK


@dataclass(frozen=True, slots=True)
class Fact:
    """One property with one value; `is_link` says that the value is an IRI."""

    property: str
    value: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says of itself."""

    url: str
    title: str | None
    kind: str | None
    author: str | None
    written: datetime | None
    facts: tuple[Fact, ...]

    def text(self, property_iri: str) -> str | None:
        """The first value of a property."""
        return next((fact.value for fact in self.facts if fact.property == property_iri), None)

    def links(self, property_iri: str) -> tuple[str, ...]:
        """All IRIs that a property names."""
        return tuple(fact.value for fact in self.facts if fact.property == property_iri and fact.is_link)


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who writes, and when."""

    author: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Kind:
    """What a document is: its class, its kind and how long it is kept, all IRIs."""

    cls: str
    concept: str
    retention: str


PLAN = Kind(WK.Plan, WK["st-plan"], WK["bw-wmo"])
GOAL = Kind(WK.Doel, WK["st-doel"], WK["bw-wmo"])
LETTER = Kind(WK.Brief, WK["st-brief"], WK["bw-wmo"])
PROOF = Kind(WK.Bewijs, WK["st-bewijs"], WK["bw-eigen"])
OWN_NOTE = Kind(WK.EigenNotitie, WK["st-notitie-eigen"], WK["bw-eigen"])


def read_domain_document(representation: Representation) -> Document:
    """Read a document about itself.

    Raises:
        MalformedAnswer: it is not Turtle.
    """
    if not representation.is_turtle:
        raise MalformedAnswer("the document is not Turtle")
    graph = parse_turtle(representation.body, representation.url)
    subject = URIRef(representation.url)
    facts = tuple(
        sorted(
            (Fact(str(p), str(o), isinstance(o, URIRef)) for p, o in graph.predicate_objects(subject)),
            key=lambda fact: (fact.property, fact.value),
        )
    )
    found = Document(representation.url, None, None, None, None, facts)
    return Document(
        representation.url,
        found.text(DCT.title),
        next(iter(found.links(DCT.type)), None),
        next(iter(found.links(PROV.wasAttributedTo)), None),
        _moment(found.text(PROV.generatedAtTime)),
        facts,
    )


def _moment(written: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def write_plan(url: str, title: str, goals: Sequence[str], by: Authorship) -> Representation:
    """The Turtle of a plan that names its goals by URL."""
    graph = _described(url, PLAN, title, by)
    for goal in goals:
        graph.add((URIRef(url), URIRef(WK.heeftDoel), URIRef(goal)))
    return _turtle(url, graph)


def write_goal(url: str, title: str, by: Authorship) -> Representation:
    """The Turtle of a goal without tasks."""
    return _turtle(url, _described(url, GOAL, title, by))


def write_file_description(url: str, file: str, title: str, by: Authorship, kind: Kind) -> Representation:
    """The Turtle that says what a stored file is; a letter also names its receiver and the day it was added."""
    graph = _described(url, kind, title, by)
    graph.add((URIRef(url), URIRef(DCT.hasFormat), URIRef(file)))
    if kind.cls == WK.Brief:
        graph.add((URIRef(url), URIRef(SCHEMA.sender), Literal("onbekend", lang="nl")))
        graph.add((URIRef(url), URIRef(SCHEMA.recipient), URIRef(by.author)))
        graph.add((URIRef(url), URIRef(DCT.issued), Literal(by.time.date())))
    return _turtle(url, graph)


def _described(url: str, kind: Kind, title: str, by: Authorship) -> Graph:
    graph = Graph()
    for prefix, vocabulary in (("dct", DCT), ("prov", PROV), ("schema", SCHEMA), ("wk", WK)):
        graph.bind(prefix, vocabulary.base)
    subject = URIRef(url)
    graph.add((subject, URIRef(RDF.type), URIRef(kind.cls)))
    graph.add((subject, URIRef(DCT.type), URIRef(kind.concept)))
    graph.add((subject, URIRef(DCT.title), Literal(title, lang="nl")))
    graph.add((subject, URIRef(PROV.wasAttributedTo), URIRef(by.author)))
    moment = by.time.isoformat(timespec="seconds")
    graph.add(
        (subject, URIRef(PROV.generatedAtTime), Literal(moment, datatype=XSD.dateTime, normalize=False))
    )
    graph.add((subject, URIRef(WK.bewaren), URIRef(kind.retention)))
    return graph


def _turtle(url: str, graph: Graph) -> Representation:
    return Representation(url, TURTLE, graph.serialize(format="turtle").encode("utf-8"))
