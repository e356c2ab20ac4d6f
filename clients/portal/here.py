"""What the current request knows: the app's parts, who is signed in, how to render."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from flask import abort, current_app, g, render_template, request
from werkzeug.datastructures import MultiDict

from clients.look.dates import AMSTERDAM
from clients.look.texts import Catalogue
from clients.solid.description import Storage
from clients.solid.issuers import Identity
from clients.solid.pieces import Memory
from clients.solid.session import Session
from clients.web.references import References
from clients.web.signing_in import Entrance


@dataclass(frozen=True, slots=True)
class Resident:
    """The citizen who is signed in, with her storage and what this visit remembers of it.

    `codes` are the invitation codes she made in this visit, by the last part of their address.
    """

    session: Session
    identity: Identity
    storage: Storage
    memory: Memory
    references: References
    codes: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def webid(self) -> str:
        """Her WebID."""
        return self.identity.webid

    @property
    def first_name(self) -> str:
        """How to greet her; "" when her name is not known."""
        return (self.identity.name or "").partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Portal:
    """The app's parts."""

    entrance: Entrance[Resident]
    texts: Catalogue
    now: Callable[[], datetime]

    def today(self) -> date:
        """The day in Amsterdam."""
        return self.now().astimezone(AMSTERDAM).date()


def portal() -> Portal:
    """The parts of the app that serves this request."""
    found: Portal = current_app.extensions["portal"]
    return found


def resident() -> Resident:
    """Who is signed in.

    Raises:
        SignedOut: nobody.
    """
    if "resident" not in g:
        g.resident = portal().entrance.person()
    found: Resident = g.resident
    return found


def text(name: str, /, **parts: object) -> str:
    """A text of the catalogue."""
    return portal().texts.text(name, **parts)


def count_text(name: str, number: int, /, **parts: object) -> str:
    """A text of the catalogue for one or for more."""
    return portal().texts.count(name, number, **parts)


def page(template: str, section: str, **values: object) -> str:
    """Render a page; `section` is the item of the bar it belongs to."""
    return render_template(template, section=section, today=portal().today(), **values)


def own_name() -> str:
    """Her name as others see it."""
    return resident().identity.name or text("mensen.inwoner")


def typed() -> MultiDict[str, str]:
    """The form of this request, or what was typed here before signing in again."""
    if request.method == "POST":
        return request.form
    visit = portal().entrance.visit()
    kept = visit.take_typed(request.path) if visit is not None else None
    return kept if kept is not None else MultiDict()


def address_of(reference: str) -> str:
    """The address that a reference in a link stands for, or "not found"."""
    found = resident().references.find(reference)
    if found is None:
        abort(404)
    return found
