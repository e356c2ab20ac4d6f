"""Meeting a care worker: a code, whether it was used, and "yes, this is the person"."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from clients.portal.here import page, portal, resident
from clients.portal.people import Person, of
from clients.solid import meetings as service
from clients.solid.meetings import Invitation
from clients.solid.parties import Parties

pages = Blueprint("invitations", __name__)


@pages.get("/code")
def start() -> str:
    """What a code is, with the button that makes one."""
    return page("invite.html", "/toegang")


@pages.post("/code")
def make() -> AnyResponse:
    """Make a code; it stays readable in this visit only."""
    here = resident()
    invitation = service.invite(here.session, here.storage)
    here.codes[invitation.ref] = invitation.code or ""
    return redirect(url_for("invitations.show", ref=invitation.ref), 303)


@pages.get("/code/<ref>")
def show(ref: str) -> str:
    """How the code stands: waiting, used, over."""
    invitation, parties = _find(ref)
    if invitation.status == service.REDEEMED:
        return page("is-this-she.html", "/toegang", ref=ref, person=_redeemer(invitation, parties))
    if invitation.status == service.CONFIRMED:
        return page(
            "met.html", "/toegang", ref=ref, person=_redeemer(invitation, parties), until=invitation.until
        )
    if invitation.status != service.OPEN or _minutes_left(invitation) <= 0:
        return page("code-over.html", "/toegang")
    return _code_page(invitation)


@pages.post("/code/<ref>/ja")
def confirm(ref: str) -> AnyResponse:
    """Say that this is the person meant."""
    here = resident()
    service.confirm_meeting(here.session, here.storage, ref)
    return redirect(url_for("invitations.show", ref=ref), 303)


@pages.post("/code/<ref>/stop")
def cancel(ref: str) -> AnyResponse:
    """Make the code worthless, or say that this is not the person."""
    here = resident()
    service.cancel_invitation(here.session, here.storage, ref)
    return redirect(url_for("invitations.stopped"), 303)


@pages.get("/code-gestopt")
def stopped() -> str:
    """After stopping a code."""
    return page("code-stopped.html", "/toegang")


def used_invitations() -> tuple[tuple[str, Person], ...]:
    """Codes that somebody used and that wait for a yes."""
    here = resident()
    found, parties = service.list_invitations(here.session, here.storage)
    return tuple((one.ref, _redeemer(one, parties)) for one in found if one.status == service.REDEEMED)


def _code_page(invitation: Invitation) -> str:
    code = resident().codes.get(invitation.ref, "")
    return page(
        "code.html",
        "/toegang",
        code=f"{code[:4]} {code[4:]}" if code else "",
        ref=invitation.ref,
        minutes=_minutes_left(invitation),
        expires=invitation.expires,
    )


def _minutes_left(invitation: Invitation) -> int:
    if invitation.expires is None:
        return 0
    return -(-int((invitation.expires - portal().now()).total_seconds()) // 60)


def _redeemer(invitation: Invitation, parties: Parties) -> Person:
    return of(invitation.redeemed_by or "", parties, invitation.organisation)


def _find(ref: str) -> tuple[Invitation, Parties]:
    here = resident()
    return service.get_invitation(here.session, here.storage, ref)
