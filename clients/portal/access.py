"""Who can see what: the overview, stopping one or everything, giving again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from clients.look.dates import day, local_day
from clients.portal.by_hand import hand_views
from clients.portal.containers import container_label, labels
from clients.portal.giving import Card, give_access, may, not_shared, read_card, show_card, show_preview
from clients.portal.here import count_text, own_name, page, portal, resident, text, typed
from clients.portal.offers import of_stopped
from clients.portal.people import Person, of_grant, of_request
from clients.portal.periods import longest
from clients.portal.purposes import law_of, purpose_label
from clients.portal.requests import asked_words, heading_of
from clients.portal.teams import TeamView, team_view
from clients.portal.visible import shown
from clients.solid import grants as service
from clients.solid import requests as request_service
from clients.solid.grants import Grant
from clients.solid.parties import Parties
from clients.solid.previews import set_by_hand, what_sees
from clients.solid.requests import AccessRequest

pages = Blueprint("access", __name__)
soon_days = 7


@dataclass(frozen=True, slots=True)
class GrantView:
    """A grant on a page."""

    ref: str
    person: Person
    sees: str
    may: str
    why: str
    status_kind: str
    status_icon: str
    status: str
    until: date
    team: TeamView | None


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request that waits, on a page."""

    ref: str
    person: Person
    heading: str
    asks: str
    asked_on: date | None


@pages.get("/toegang")
def overview() -> str:
    """Everybody who can look, and who asks to."""
    here = resident()
    return page(
        "access.html",
        "/toegang",
        grants=open_grants(),
        requests=waiting_requests(),
        by_hand=hand_views(*set_by_hand(here.session, here.storage)),
        ended=len(_ended()),
    )


@pages.get("/toegang/gestopt")
def ended() -> str:
    """Access that ended."""
    return page("ended.html", "/toegang", grants=_ended())


@pages.get("/toegang/<ref>/ziet")
def sees(ref: str) -> str:
    """What somebody sees now."""
    grant, parties = find(ref)
    here = resident()
    preview = what_sees(here.session, here.storage, grant.terms.assignee)
    view = grant_view(grant, parties)
    return page(
        "sees.html", "/toegang", grant=view, shown=shown(preview), hidden=not_shared(preview), name=own_name()
    )


@pages.get("/toegang/<ref>/stop")
def ask_stop(ref: str) -> AnyResponse | str:
    """Before stopping."""
    grant, parties = find(ref)
    if not grant.is_open:
        return redirect(url_for("access.stopped", ref=ref), 303)
    return page("stop.html", "/toegang", grant=grant_view(grant, parties))


@pages.post("/toegang/<ref>/stop")
def stop(ref: str) -> AnyResponse:
    """Stop it, at once."""
    grant, _ = find(ref)
    if grant.is_open:
        service.stop(resident().session, grant.id)
    return redirect(url_for("access.stopped", ref=ref), 303)


@pages.get("/toegang/<ref>/is-gestopt")
def stopped(ref: str) -> str:
    """After stopping."""
    grant, parties = find(ref)
    return page(
        "stopped.html",
        "/toegang",
        grant=grant_view(grant, parties),
        since=grant.stopped_at or grant.terms.end,
    )


@pages.get("/toegang/<ref>/gegeven")
def given(ref: str) -> str:
    """After giving."""
    grant, parties = find(ref)
    view = grant_view(grant, parties)
    what = count_text("stukken.aantal", len(grant.terms.targets()))
    heading = text(f"gegeven.{may(grant.terms.actions())}", wie=view.person.first, wat=what)
    return page("given.html", "/toegang", grant=view, heading=heading)


@pages.get("/toegang/<ref>/opnieuw")
def show_again(ref: str) -> AnyResponse:
    """A card filled in from a grant that ended."""
    card = _card_again(ref)
    return show_card(card, read_card(card, typed()))


@pages.post("/toegang/<ref>/opnieuw")
def give_again(ref: str) -> AnyResponse:
    """Give access again, as a new grant."""
    card = _card_again(ref)
    return give_access(card, read_card(card, typed()))


@pages.post("/toegang/<ref>/opnieuw/voorbeeld")
def preview_again(ref: str) -> AnyResponse:
    """Show what she would see then."""
    card = _card_again(ref)
    return show_preview(card, read_card(card, typed()))


@pages.post("/toegang/<ref>/opnieuw/verander")
def change_again(ref: str) -> AnyResponse:
    """Back from the preview to the card, with the same ticks."""
    card = _card_again(ref)
    return show_card(card, read_card(card, typed()))


@pages.get("/alles-stoppen")
def ask_stop_everything() -> str:
    """Before stopping everything."""
    names = list(dict.fromkeys(view.person.name for view in open_grants()))
    return page("stop-everything.html", "/toegang", names=names, requests=len(waiting_requests()))


@pages.post("/alles-stoppen")
def stop_everything() -> AnyResponse:
    """Stop all access, at once."""
    here = resident()
    service.stop_everything(here.session, here.storage)
    return redirect(url_for("access.everything_stopped"), 303)


@pages.get("/alles-gestopt")
def everything_stopped() -> str:
    """After stopping everything."""
    return page("everything-stopped.html", "/toegang")


def open_grants() -> tuple[GrantView, ...]:
    """Grants that let somebody in, the one that ends first on top."""
    grants, parties = _grants()
    views = [grant_view(grant, parties) for grant in grants if grant.is_open]
    return tuple(sorted(views, key=lambda view: view.until))


def waiting_requests() -> tuple[RequestView, ...]:
    """Requests that wait for an answer, newest first."""
    here = resident()
    found, parties = request_service.list_requests(here.session, here.storage)
    return tuple(_request_view(request, parties) for request in found if request.is_waiting)


def find(ref: str) -> tuple[Grant, Parties]:
    """A grant by the last part of its address."""
    here = resident()
    return service.get_grant(here.session, urljoin(here.storage.endpoint(service.SERVICE), ref))


def grant_view(grant: Grant, parties: Parties) -> GrantView:
    """A grant as it stands on a page."""
    kind, icon, status = _status(grant, portal().today())
    return GrantView(
        grant.ref,
        of_grant(grant, parties),
        " · ".join(labels(grant.terms.targets())) or container_label(""),
        text(f"kort_mag.{may(grant.terms.actions())}"),
        text("waarom.gaf", waarom=purpose_label(grant.terms.purpose)),
        kind,
        icon,
        status,
        local_day(grant.terms.end),
        None if grant.team is None else team_view(grant.terms.assignee, grant.team, parties),
    )


def _status(grant: Grant, today: date) -> tuple[str, str, str]:
    until = local_day(grant.terms.end)
    if grant.status == "Stopped":
        return "closed", "eye-off", text("stand.gestopt", dag=day(grant.stopped_at or grant.terms.end))
    if grant.status == "Ended":
        return "closed", "eye-off", text("stand.voorbij", dag=day(until))
    if grant.status == "Planned" and grant.terms.start is not None:
        return "soon", "clock", text("stand.begint", dag=day(grant.terms.start))
    if grant.paused:
        return "waiting", "hourglass", text("stand.wacht")
    left = (until - today).days
    if 0 <= left < soon_days:
        return "soon", "clock", count_text("stand.stopt", left, dag=day(until))
    return "open", "eye", text("stand.tot", dag=day(until))


def _request_view(request: AccessRequest, parties: Parties) -> RequestView:
    asked = None if request.requested_at is None else local_day(request.requested_at)
    person = of_request(request, parties)
    return RequestView(request.ref, person, heading_of(request, person.name), asked_words(request), asked)


def _grants() -> tuple[Sequence[Grant], Parties]:
    here = resident()
    return service.list_grants(here.session, here.storage.endpoint(service.SERVICE))


def _ended() -> tuple[GrantView, ...]:
    grants, parties = _grants()
    return tuple(grant_view(grant, parties) for grant in grants if not grant.is_open)


def _card_again(ref: str) -> Card:
    grant, parties = find(ref)
    person = of_grant(grant, parties)
    return Card(
        person,
        text("opnieuw.kop", wie=person.name),
        url_for("access.show_again", ref=ref),
        None,
        of_stopped(grant, longest(portal().today())),
        grant.terms.reason,
        purpose_label(grant.terms.purpose),
        None,
        law_of(grant.terms.legal_basis),
    )
