"""Vandaag: what waits, appointments and tasks, who can look now, what was looked at this week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint

from clients.look.dates import local_day
from clients.portal.access import open_grants, waiting_requests
from clients.portal.containers import pieces_in
from clients.portal.here import page, portal, resident
from clients.portal.invitations import used_invitations
from clients.portal.journal import recent
from clients.portal.plans import my_tasks
from clients.portal.sentences import LOOKING
from clients.solid.documents import Document
from vocab.concepts import fixed_containers
from vocab.namespaces import SCHEMA

pages = Blueprint("today", __name__)
people_shown = 3
weeks_ahead_days = 14
lines_looked_at = 200


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment."""

    start: datetime
    title: str
    place: str | None


@pages.get("/")
def show() -> str:
    """The first page: what waits for her, and who can look."""
    grants, requests, used = open_grants(), waiting_requests(), used_invitations()
    if not grants and not requests and not used and not _has_pieces():
        return page("empty.html", "/", name=resident().first_name)
    read, refused = _looked()
    return page(
        "today.html",
        "/",
        name=resident().first_name,
        requests=requests,
        used=used,
        appointments=_appointments(),
        tasks=my_tasks(),
        grants=grants[:people_shown],
        more=len(grants) > people_shown,
        read=read,
        refused=refused,
    )


def _has_pieces() -> bool:
    wanted = {"plannen/", "brieven/"}
    return any(pieces_in(container) for container in fixed_containers() if container.path in wanted)


def _appointments() -> list[Appointment]:
    container = next(one for one in fixed_containers() if one.path == "afspraken/")
    documents = (piece.document for piece in pieces_in(container))
    found = [a for document in documents if document is not None for a in _appointment(document)]
    today = portal().today()
    soon = [one for one in found if today <= local_day(one.start) <= today + timedelta(days=weeks_ahead_days)]
    return sorted(soon, key=lambda one: one.start)


def _appointment(document: Document) -> Iterable[Appointment]:
    try:
        start = datetime.fromisoformat(document.text(SCHEMA.startDate) or "")
    except ValueError:
        return
    if start.tzinfo is not None:
        yield Appointment(start, document.title or "", document.text(SCHEMA.location))


def _looked() -> tuple[int, int]:
    lines = recent(lines_looked_at)
    me = resident().webid
    since: date = portal().today() - timedelta(days=6)
    others = [line for line in lines if line.agent != me and local_day(line.time) >= since]
    read = sum(line.count for line in others if line.activity in LOOKING and line.refusal is None)
    return read, sum(line.count for line in others if line.refusal is not None)
