"""The known properties of a document as text; what is not known here is not shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from clients.look.dates import clock, day
from clients.portal.here import resident, text
from clients.solid.documents import Document, Fact
from vocab.concepts import label
from vocab.namespaces import DCT, SCHEMA, WK

_KNOWN = {
    SCHEMA.text: "tekst",
    WK.gesprekDatum: "gesprek",
    WK.voortgang: "voortgang",
    WK.waaromNodig: "waarom_nodig",
    WK.leefgebied: "onderwerp",
    WK.waardering: "hoe_gaat_het",
    WK.beslisdatum: "besloten",
    WK.bezwaarTot: "bezwaar",
    WK.voorziening: "voorziening",
    WK.dagbeeld: "dagbeeld",
    DCT.issued: "datum",
    SCHEMA.startDate: "wanneer",
    SCHEMA.location: "waar",
    SCHEMA.sender: "van",
    SCHEMA.description: "beschrijving",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A label with a value in words."""

    label: str
    value: str


def fields_of(document: Document) -> tuple[Field, ...]:
    """The properties of a document that have words, in the order in which people read them."""
    found = []
    for iri, name in _KNOWN.items():
        values = [words for fact in document.facts if fact.property == iri and (words := _words(fact))]
        found += [Field(text(f"veld.{name}"), value) for value in values]
    return tuple(found)


def _words(fact: Fact) -> str:
    if fact.is_link:
        return text("logboek.u") if fact.value == resident().webid else label(fact.value) or ""
    return _moment(fact.value) or fact.value


def _moment(written: str) -> str | None:
    try:
        if len(written) == len("2026-11-24"):
            return day(date.fromisoformat(written))
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return f"{day(moment)}, {clock(moment)}" if moment.tzinfo is not None else None
