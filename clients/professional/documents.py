"""A document as a care worker reads it: title, who wrote it when, its known properties, and the goals of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from clients.look.dates import clock, day
from clients.professional.here import text, worker
from clients.professional.opening import Reading
from clients.professional.residents import kind_words
from clients.solid.documents import Document, Fact, read_domain_document
from vocab.concepts import label
from vocab.namespaces import DCT, SCHEMA, WK

max_goals = 20
_SHOWN: Mapping[str, str] = {
    WK.gesprekDatum: "gesprek",
    WK.leefgebied: "onderwerp",
    WK.waardering: "hoe_gaat_het",
    WK.waaromNodig: "waarom_nodig",
    WK.voortgang: "voortgang",
    WK.voorziening: "voorziening",
    WK.dagbeeld: "dagbeeld",
    WK.beslisdatum: "besloten",
    WK.bezwaarTot: "bezwaar",
    SCHEMA.startDate: "wanneer",
    SCHEMA.location: "waar",
    SCHEMA.sender: "van",
    DCT.issued: "datum",
    SCHEMA.description: "beschrijving",
}


@dataclass(frozen=True, slots=True)
class Property:
    """A label with a value in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a goal."""

    title: str
    due: date | None
    is_done: bool


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal of a plan; without tasks it is still open."""

    title: str
    progress: str | None
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """What stands on the page of a document; `file` is the address of its stored file."""

    title: str
    about: str
    paragraphs: tuple[str, ...]
    properties: tuple[Property, ...]
    goals: tuple[Goal, ...]
    is_plan: bool
    file: str | None


def describe(reading: Reading) -> Described:
    """Pick what people read from a document; links and technical properties stay away."""
    document = read_domain_document(reading.representation)
    kind = kind_words(document.kind)
    files = (link for link in document.links(DCT.hasFormat) if reading.may_open(link))
    goals = reading.others(document.links(WK.heeftDoel)[:max_goals])
    return Described(
        document.title or kind,
        " ".join((f"{kind}.", _authorship(document, reading))).strip(),
        tuple(fact.value for fact in document.facts if fact.property == SCHEMA.text),
        tuple(_properties(document)),
        tuple(_goal(goal, reading.others) for goal in goals),
        document.kind == WK["st-plan"],
        next(files, None),
    )


def _authorship(document: Document, reading: Reading) -> str:
    if document.written is None:
        return ""
    when, author = day(document.written), document.author or ""
    if author == worker().webid:
        return text("stukken.door_u", dag=when)
    if reading.resident is not None and author.startswith(reading.resident.storage):
        return text("stukken.door", wie=reading.resident.name, dag=when)
    return text("stukken.geschreven", dag=when)


def _properties(document: Document) -> Iterable[Property]:
    for iri, name in _SHOWN.items():
        for fact in document.facts:
            if fact.property == iri and (words := _words(fact)):
                yield Property(text(f"veld.{name}"), words)


def _words(fact: Fact) -> str:
    return label(fact.value) or "" if fact.is_link else _moment(fact.value) or fact.value


def _moment(written: str) -> str | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    if found.tzinfo is None:
        return day(found.date())
    return f"{day(found)}, {clock(found)}"


def _goal(document: Document, others: Callable[[Iterable[str]], Iterable[Document]]) -> Goal:
    tasks = tuple(_task(task) for task in others(document.links(WK.heeftTaak)[:max_goals]))
    return Goal(document.title or text("stukken.naamloos"), document.text(WK.voortgang), tasks)


def _task(document: Document) -> Task:
    try:
        due = date.fromisoformat(document.text(SCHEMA.endTime) or "")
    except ValueError:
        due = None
    is_done = SCHEMA.CompletedActionStatus in document.links(SCHEMA.actionStatus)
    return Task(document.title or text("stukken.naamloos"), due, is_done)
