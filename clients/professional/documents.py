"""A document as a care worker reads it: title, who wrote it when, and its known properties in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clients.solid.documents import Document
from vocab.concepts import label
from vocab.namespaces import SCHEMA, WK

_TEXTS = (SCHEMA.text, WK.waaromNodig, WK.voortgang, WK.voorziening)


@dataclass(frozen=True, slots=True)
class Described:
    """What stands on the page of a document."""

    title: str
    kind: str
    written: datetime | None
    paragraphs: tuple[str, ...]


def describe(document: Document) -> Described:
    """Pick what people read from a document; links and technical properties stay away."""
    kind = (label(document.kind) if document.kind else None) or ""
    paragraphs = [fact.value for name in _TEXTS for fact in document.facts if fact.property == name]
    return Described(document.title or kind, kind, document.written, tuple(paragraphs))
