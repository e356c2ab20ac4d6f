"""One card for giving access: the ticks, how long, preview, and the grant; for requests and for giving again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from flask import make_response, redirect, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from clients.portal.containers import container_label, enumerate_words, labels
from clients.portal.here import own_name, page, portal, resident, text
from clients.portal.offers import Offer, Tick
from clients.portal.people import Person
from clients.portal.periods import ASKED, OTHER, chosen_day, shorter_choices
from clients.portal.visible import shown
from clients.solid import grants
from clients.solid.errors import Clash, Unacceptable
from clients.solid.grants import NewGrant
from clients.solid.previews import Preview, preview_draft
from vocab.concepts import fixed_containers
from vocab.namespaces import WK

many_topics = 3
most_named = 3
_ASKED_ABOUT = tuple(WK[name] for name in ("map-geld", "map-brieven", "map-gesprekken", "map-hulpvraag"))


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows besides its ticks: who, the heading, where its form goes and how to go back."""

    person: Person
    heading: str
    path: str
    refuse_path: str | None
    offer: Offer
    reason: str
    purpose: str
    consequence: str | None
    law: tuple[str, ...] = ()


@dataclass(slots=True)
class Filled:
    """A card as it was filled in, with what is wrong with it by field."""

    ticks: tuple[Tick, ...]
    until: date
    period: str
    own_day: str
    seen: str
    errors: dict[str, str] = field(default_factory=dict)


def read_card(card: Card, form: MultiDict[str, str]) -> Filled:
    """Read the form of a card; a form that was never sent holds the defaults."""
    if not form:
        ticked = tuple(tick for tick in card.offer.ticks if tick.ticked)
        return Filled(ticked, card.offer.until, ASKED, "", "")
    filled = Filled(
        card.offer.chosen(form.getlist("stuk")),
        card.offer.until,
        form.get("tot", ASKED),
        form.get("dag", ""),
        form.get("gezien", ""),
    )
    until = chosen_day(form, portal().today(), card.offer.until)
    if isinstance(until, str):
        filled.errors["dag"] = until
    else:
        filled.until = until
    if not filled.ticks:
        filled.errors = {"stuk": text("verzoek.fout_niets"), **filled.errors}
    return filled


def show_card(card: Card, filled: Filled, notice: str = "") -> AnyResponse:
    """The card itself; 422 when something is wrong with what was filled in."""
    today = portal().today()
    body = page(
        "card.html",
        "/toegang",
        card=card,
        filled=filled,
        errors=filled.errors,
        choices=shorter_choices(today, card.offer.until),
        asked=ASKED,
        other=OTHER,
        may=text(f"mag.{may(card.offer.terms.actions())}", wie=card.person.first),
        notice=notice,
        is_much=len(labels(tick.target for tick in card.offer.ticks)) >= many_topics,
        expired=card.offer.until < today,
    )
    return make_response(body, 422 if filled.errors else 200)


def show_preview(card: Card, filled: Filled, *, changed: bool = False) -> AnyResponse:
    """Exactly what the receiver would see; nothing is given yet."""
    if filled.errors:
        return show_card(card, filled)
    preview = _preview(card.offer.grant(filled.ticks, filled.until))
    body = page(
        "preview.html",
        "/toegang",
        card=card,
        filled=filled,
        shown=shown(preview),
        hidden=not_shared(preview),
        seen=seen_mark(preview),
        changed=changed,
        until=filled.until,
        name=own_name(),
    )
    return make_response(body)


def give_access(card: Card, filled: Filled) -> AnyResponse:
    """Give exactly what was shown; when that is different now, show it again first."""
    if filled.errors:
        return show_card(card, filled)
    draft = card.offer.grant(filled.ticks, filled.until)
    preview = _preview(draft)
    if filled.seen and filled.seen != seen_mark(preview):
        return show_preview(card, filled, changed=True)
    here = resident()
    given = NewGrant(draft.terms, preview.digests(), draft.in_response_to)
    try:
        grant = grants.give(here.session, here.storage, given)
    except Clash:
        return show_preview(card, filled, changed=True)
    except Unacceptable as error:
        filled.errors["stuk"] = next(
            (v.sentence for v in error.violations if v.sentence), text("verzoek.fout_regel")
        )
        return show_card(card, filled)
    return redirect(url_for("access.given", ref=grant.rsplit("/", 1)[-1]), 303)


def may(actions: Iterable[str]) -> str:
    """The widest of some actions, as the name of a text."""
    named = set(actions)
    order = ("delete", "modify", "create", "append")
    widest = next((action for action in order if action in named), "read")
    return f"{widest}_blind" if widest in {"create", "append"} and "read" not in named else widest


def seen_mark(preview: Preview) -> str:
    """A mark of what a preview showed, to compare later."""
    return hashlib.sha256("\n".join(sorted(preview.digests())).encode("ascii")).hexdigest()


def not_shared(preview: Preview) -> str:
    """The fixed containers that are not shared, those most asked about by name: the same words whatever is in them."""
    named = {container.iri: container.label_nl for container in fixed_containers()}
    hidden = sorted(preview.invisible, key=lambda iri: _ASKED_ABOUT.index(iri) if iri in _ASKED_ABOUT else 9)
    found = list(dict.fromkeys(named[one] if one in named else container_label(one) for one in hidden))
    if len(found) > most_named + 1:
        found = [*found[:most_named], text("voorbeeld.al_het_andere")]
    return enumerate_words(found)


def _preview(grant: NewGrant) -> Preview:
    here = resident()
    return preview_draft(here.session, here.storage, grant.document(here.storage.url))
