"""Requests: one card to decide on, its preview, and saying no."""

from __future__ import annotations

from urllib.parse import urljoin

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from clients.portal.containers import enumerate_words, labels
from clients.portal.giving import Card, give_access, may, read_card, show_card, show_preview
from clients.portal.here import page, portal, resident, text, typed
from clients.portal.offers import of_request
from clients.portal.people import of_request as person_of_request
from clients.portal.periods import longest
from clients.portal.purposes import law_of, purpose_label
from clients.solid import requests as service
from clients.solid.parties import Parties
from clients.solid.requests import AccessRequest
from clients.solid.terms import KIND
from vocab.concepts import label

pages = Blueprint("requests", __name__)


@pages.get("/verzoeken/<ref>")
def show(ref: str) -> AnyResponse | str:
    """The request as one card; what was answered already is told."""
    request, parties = _find(ref)
    if not request.is_waiting:
        return _answered(request, parties)
    card = card_of(request, parties)
    return show_card(card, read_card(card, typed()))


@pages.post("/verzoeken/<ref>")
def give(ref: str) -> AnyResponse | str:
    """Give access as the card says."""
    request, parties = _find(ref)
    if not request.is_waiting:
        return _answered(request, parties)
    card = card_of(request, parties)
    return give_access(card, read_card(card, typed()))


@pages.post("/verzoeken/<ref>/voorbeeld")
def preview(ref: str) -> AnyResponse | str:
    """Show what she would see then."""
    request, parties = _find(ref)
    if not request.is_waiting:
        return _answered(request, parties)
    card = card_of(request, parties)
    return show_preview(card, read_card(card, typed()))


@pages.post("/verzoeken/<ref>/verander")
def change(ref: str) -> AnyResponse | str:
    """Back from the preview to the card, with the same ticks."""
    request, parties = _find(ref)
    if not request.is_waiting:
        return _answered(request, parties)
    card = card_of(request, parties)
    return show_card(card, read_card(card, typed()))


@pages.get("/verzoeken/<ref>/nee")
def ask_refusal(ref: str) -> AnyResponse | str:
    """Before saying no."""
    request, parties = _find(ref)
    if not request.is_waiting:
        return _answered(request, parties)
    return page("refuse.html", "/toegang", request=request, person=person_of_request(request, parties))


@pages.post("/verzoeken/<ref>/nee")
def refuse(ref: str) -> AnyResponse:
    """Say no; it has no hidden consequence."""
    request, _ = _find(ref)
    if request.is_waiting:
        service.refuse(resident().session, request.id)
    return redirect(url_for("requests.refused", ref=ref), 303)


@pages.get("/verzoeken/<ref>/geen-toegang")
def refused(ref: str) -> str:
    """After saying no."""
    request, parties = _find(ref)
    return page("refused.html", "/toegang", person=person_of_request(request, parties))


def card_of(request: AccessRequest, parties: Parties) -> Card:
    """The card of a request."""
    person = person_of_request(request, parties)
    path = url_for("requests.show", ref=request.ref)
    return Card(
        person,
        heading_of(request, person.name),
        path,
        f"{path}/nee",
        of_request(request, longest(portal().today())),
        request.terms.reason,
        purpose_label(request.terms.purpose),
        request.consequence_of_refusal,
        law_of(request.terms.legal_basis),
    )


def heading_of(request: AccessRequest, name: str) -> str:
    """What somebody asks, in one sentence."""
    return text(f"verzoek.vraagt.{may(request.terms.actions())}", wie=name, wat=asked_words(request))


def asked_words(request: AccessRequest) -> str:
    """The containers or kinds that a request names."""
    kinds = [t for policy in request.terms.policies if policy.target_kind == KIND for t in policy.targets]
    places = [t for policy in request.terms.policies if policy.target_kind != KIND for t in policy.targets]
    words = [label(kind) or text("stukken.naamloos") for kind in kinds] + labels(places)
    return enumerate_words(f"“{word}”" for word in dict.fromkeys(words))


def _find(ref: str) -> tuple[AccessRequest, Parties]:
    here = resident()
    return service.get_request(here.session, urljoin(here.storage.endpoint(service.SERVICE), ref))


def _answered(request: AccessRequest, parties: Parties) -> str:
    person = person_of_request(request, parties)
    return page("answered.html", "/toegang", outcome=request.status.lower(), person=person)
