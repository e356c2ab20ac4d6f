"""The concepts of the domain as values, read once from the bundled vocabularies (`kluis.example/ns/wijk`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from rdflib import Graph, Literal, URIRef

from vocab.namespaces import RDF, SKOS, WK, WKT

_DOMAIN = Path(__file__).parent / "domain"
_DPV_PURPOSE = re.compile(r"https://w3id\.org/dpv(/sector/[a-z]+)?#[A-Z][A-Za-z]*")
_OVERLAP = re.compile(r"P(\d+)([DW])")
# Asked with what strangers send: the memory is bounded.
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class FixedContainer:
    """A container that every vault has; `path` within the storage, ending in a slash."""

    path: str
    iri: str
    label_nl: str
    label_en: str
    requestable: bool
    read_only: bool


@dataclass(frozen=True, slots=True)
class DocumentKindConcept:
    """A kind of document, the container in which documents of that kind lie, and how long they are kept."""

    iri: str
    container_path: str
    requestable: bool
    label_nl: str
    label_en: str
    retention: str | None


@dataclass(frozen=True, slots=True)
class PurposeConcept:
    """A purpose of use; `legal_bases` are what may stand beside it in a request."""

    iri: str
    label_nl: str
    label_en: str
    definition_nl: str
    broader: str | None
    legal_bases: tuple[str, ...]
    grantable: bool
    forbidden: bool


@dataclass(frozen=True, slots=True)
class RelocationRule:
    """A row of the relocation table; empty conditions hold for everything."""

    iri: str
    priority: int
    purposes: tuple[str, ...]
    kinds: tuple[str, ...]
    circumstance: str | None
    suggestion: str
    overlap_days: int | None
    offer_new_team: bool
    also_kept_by_law: bool
    sentence_nl: str
    sentence_en: str
    question_nl: str | None


@dataclass(frozen=True, slots=True)
class Concept:
    """A plain concept with its labels."""

    iri: str
    label_nl: str
    label_en: str


@cache
def terms() -> Graph:
    """Everything the two vocabularies and the relocation table say."""
    graph = Graph()
    for name in ("begrippen.ttl", "toegang.ttl", "verhuisregels.ttl"):
        graph.parse(_DOMAIN / name, format="turtle")
    return graph


@lru_cache(maxsize=_REMEMBERED)
def label(iri: str, lang: str = "nl") -> str | None:
    """What a concept is called in a language, None when it is unknown."""
    return _text(iri, SKOS.prefLabel, lang) or _text(iri, "http://www.w3.org/2000/01/rdf-schema#label", lang)


@lru_cache(maxsize=_REMEMBERED)
def definition(iri: str, lang: str = "nl") -> str | None:
    """What a concept means in a language."""
    return _text(iri, SKOS.definition, lang)


@lru_cache(maxsize=_REMEMBERED)
def satisfied_purposes(iri: str) -> frozenset[str]:
    """A purpose with every broader one: what declaring it satisfies; empty for an unknown concept.

    Purposes of the Data Privacy Vocabulary count as themselves.
    """
    if _DPV_PURPOSE.fullmatch(iri):
        return frozenset({iri})
    known = {purpose.iri: purpose.broader for purpose in purposes()}
    found: list[str] = []
    above: str | None = iri
    while above in known and above not in found:
        found.append(above)
        above = known[above]
    return frozenset(found)


@cache
def fixed_containers() -> tuple[FixedContainer, ...]:
    """The containers of every vault: those of the scheme Mappen, then the topics below `leefgebieden/`."""
    return (*_containers("Mappen"), *_containers("Leefgebieden"))


def _containers(scheme: str) -> Iterator[FixedContainer]:
    above = {"Mappen": "", "Leefgebieden": "leefgebieden/"}[scheme]
    for iri in _members(scheme):
        (path,) = _values(iri, WK.padnaam)
        yield FixedContainer(
            f"{above}{path.removeprefix(above)}",
            iri,
            label(iri) or path,
            label(iri, "en") or path,
            requestable=scheme == "Leefgebieden" or _is_true(iri, WK.opvraagbaar),
            read_only=_is_true(iri, WK.alleenLezen),
        )


@cache
def document_kinds() -> tuple[DocumentKindConcept, ...]:
    """The kinds of documents, with where they lie."""
    paths = {container.iri: container for container in fixed_containers()}
    return tuple(
        DocumentKindConcept(
            iri,
            paths[container].path,
            paths[container].requestable,
            label(iri) or "",
            label(iri, "en") or "",
            _value(iri, WK.bewaren),
        )
        for iri in _members("Stukken")
        if (container := _value(iri, WK.inMap) or "") in paths
    )


@cache
def purposes() -> tuple[PurposeConcept, ...]:
    """The purposes of the scheme Doelen."""
    return tuple(
        PurposeConcept(
            iri,
            label(iri) or "",
            label(iri, "en") or "",
            definition(iri) or "",
            _value(iri, SKOS.broader),
            _legal_bases(iri),
            grantable=_is_true(iri, WK.toekenbaar),
            forbidden=_is_true(iri, WK.verboden),
        )
        for iri in _members("Doelen")
    )


def _legal_bases(iri: str) -> tuple[str, ...]:
    """One basis of Article 6 (a legal duty only where there is no other: it opens no vault), and those of Article 9."""
    bases = _values(iri, WK.grondslag)
    opening = [basis for basis in bases if not basis.endswith("A6-1-c")] or list(bases)
    return (*opening[:1], *_values(iri, WK.bijzonder))


@cache
def organisation_kinds() -> tuple[Concept, ...]:
    """The kinds of organisations."""
    return _plain("Organisatiesoorten")


@cache
def circumstances() -> tuple[Concept, ...]:
    """What can be so at a move."""
    return tuple(
        Concept(iri, label(iri) or "", label(iri, "en") or "") for iri in sorted(_with_prefix("om-"))
    )


@cache
def relocation_rules() -> tuple[RelocationRule, ...]:
    """The relocation table, lowest priority number first."""
    found = (_rule(str(node)) for node in terms().subjects(URIRef(RDF.type), URIRef(WKT.RelocationRule)))
    return tuple(sorted(found, key=lambda rule: rule.priority))


def _rule(iri: str) -> RelocationRule:
    overlap = _OVERLAP.fullmatch(_value(iri, WKT.overlap) or "")
    days = None if overlap is None else int(overlap[1]) * (7 if overlap[2] == "W" else 1)
    return RelocationRule(
        iri,
        int(_value(iri, WKT.priority) or 0),
        _values(iri, WKT.forPurpose),
        _values(iri, WKT.forKind),
        _value(iri, WKT.circumstance),
        _value(iri, WKT.suggestion) or WKT.Ask,
        days,
        offer_new_team=_is_true(iri, WKT.offerNewTeam),
        also_kept_by_law=_is_true(iri, WKT.alsoKeptByLaw),
        sentence_nl=_text(iri, WKT.sentence, "nl") or "",
        sentence_en=_text(iri, WKT.sentence, "en") or "",
        question_nl=_text(iri, WKT.question, "nl"),
    )


def _plain(scheme: str) -> tuple[Concept, ...]:
    return tuple(Concept(iri, label(iri) or "", label(iri, "en") or "") for iri in _members(scheme))


@cache
def _members(scheme: str) -> tuple[str, ...]:
    """The concepts of a scheme in the order of the file."""
    listed = {str(node) for node in terms().subjects(URIRef(SKOS.inScheme), URIRef(f"{WK.base}{scheme}"))}
    text = (_DOMAIN / "begrippen.ttl").read_text(encoding="utf-8")
    ordered = (WK.base + name for name in re.findall(r"^wk:([A-Za-z0-9-]+)\s+a\s", text, re.MULTILINE))
    return tuple(iri for iri in ordered if iri in listed)


def _with_prefix(prefix: str) -> Iterator[str]:
    start = WK.base + prefix
    return (
        str(node)
        for node in set(terms().subjects(URIRef(RDF.type), URIRef(SKOS.Concept)))
        if str(node).startswith(start)
    )


def _values(iri: str, predicate: str) -> tuple[str, ...]:
    return tuple(sorted(str(value) for value in terms().objects(URIRef(iri), URIRef(predicate))))


def _value(iri: str, predicate: str) -> str | None:
    return next(iter(_values(iri, predicate)), None)


def _is_true(iri: str, predicate: str) -> bool:
    return _value(iri, predicate) == "true"


def _text(iri: str, predicate: str, lang: str) -> str | None:
    for value in terms().objects(URIRef(iri), URIRef(predicate)):
        if isinstance(value, Literal) and value.language == lang:
            return str(value)
    return None
