"""What the current request knows: the app's parts, which worker is signed in, how to render."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from flask import current_app, g, render_template, request
from werkzeug.datastructures import MultiDict

from clients.look.dates import AMSTERDAM
from clients.look.texts import Catalogue
from clients.solid.description import Server
from clients.solid.issuers import Identity
from clients.solid.pieces import Memory
from clients.solid.session import Session
from clients.web.references import References
from clients.web.signing_in import Entrance


@dataclass(frozen=True, slots=True)
class Opened:
    """Why the worker may open something: whose it is, for which purpose, until when, and what she may do."""

    ref: str
    resident: str
    purpose: str
    until: datetime
    actions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Worker:
    """The care worker who is signed in, with what this visit remembers; `opened` by address of the document."""

    session: Session
    identity: Identity
    server: Server
    memory: Memory
    references: References
    opened: dict[str, Opened] = field(default_factory=dict)

    @property
    def webid(self) -> str:
        """Her WebID."""
        return self.identity.webid

    @property
    def name(self) -> str:
        """Her own name, "" when it is not known."""
        return self.identity.name or ""


@dataclass(frozen=True, slots=True)
class Team:
    """The app's parts."""

    entrance: Entrance[Worker]
    texts: Catalogue
    now: Callable[[], datetime]

    def today(self) -> date:
        """The day in Amsterdam."""
        return self.now().astimezone(AMSTERDAM).date()


def team() -> Team:
    """The parts of the app that serves this request."""
    found: Team = current_app.extensions["team"]
    return found


def worker() -> Worker:
    """Who is signed in.

    Raises:
        SignedOut: nobody.
    """
    if "worker" not in g:
        g.worker = team().entrance.person()
    found: Worker = g.worker
    return found


def text(name: str, /, **parts: object) -> str:
    """A text of the catalogue."""
    return team().texts.text(name, **parts)


def page(template: str, section: str, **values: object) -> str:
    """Render a page; `section` is the item of the bar it belongs to."""
    return render_template(f"team/{template}", section=section, today=team().today(), **values)


def typed() -> MultiDict[str, str]:
    """What was typed on this page before signing in again; empty when nothing was."""
    visit = team().entrance.visit()
    kept = visit.take_typed(request.path) if visit is not None else None
    return kept if kept is not None else MultiDict()
