"""The journal of a storage, page by page (JournalService)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from clients.solid.description import LD_JSON, Storage
from clients.solid.errors import MalformedAnswer
from clients.solid.parties import Parties, read_parties
from clients.solid.session import Session
from clients.solid.values import (
    Document,
    flag,
    maybe_text,
    moment,
    number,
    objects,
    read_document,
    text,
    texts,
)

SERVICE = "JournalService"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal; every name in it is an IRI, `refusal` says why it was refused (None: allowed).

    `taken_away` names what this line no longer says; `redacts` is the line from which this one took something away, and
    `dropped` of how many lines it took away all.
    """

    sequence: int
    time: datetime
    activity: str
    agent: str | None
    client: str | None
    organisation: str | None
    resource: str | None
    refusal: str | None
    grant: str | None
    purpose: str | None
    failed: bool
    absent: bool
    count: int
    taken_away: tuple[str, ...] = ()
    redacts: int | None = None
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, newest first; `next` is where older ones are."""

    lines: tuple[Line, ...]
    parties: Parties
    next: str | None


def read_journal(session: Session, storage: Storage, filters: Mapping[str, str]) -> Page:
    """The newest lines that meet the filters (agent, organisation, outcome, resource, from, to, before)."""
    query = f"?{urlencode(filters)}" if filters else ""
    return read_page(session, storage.endpoint(SERVICE) + query)


def read_page(session: Session, url: str) -> Page:
    """One page of the journal."""
    document = read_document(session.request("GET", url, headers={"Accept": LD_JSON}))
    lines = tuple(_read_line(entry) for entry in objects(document, "lines"))
    return Page(lines, read_parties(document), maybe_text(document, "next"))


def _read_line(entry: Document) -> Line:
    time = moment(entry, "time")
    if time is None:
        raise MalformedAnswer("a line of the journal without time")
    return Line(
        number(entry, "sequence"),
        time,
        text(entry, "activity"),
        maybe_text(entry, "agent"),
        maybe_text(entry, "usedClient") or maybe_text(entry, "usedClientId"),
        maybe_text(entry, "organisation"),
        maybe_text(entry, "resource"),
        maybe_text(entry, "refusal"),
        maybe_text(entry, "grant"),
        maybe_text(entry, "declaredPurpose"),
        flag(entry, "failed"),
        flag(entry, "absent"),
        number(entry, "count", 1),
        texts(entry, "takenAway"),
        number(entry, "redacts") if "redacts" in entry else None,
        _dropped(entry),
    )


def _dropped(entry: Document) -> int:
    return number(entry, "dropsTo") - number(entry, "dropsFrom") + 1 if "dropsTo" in entry else 0
