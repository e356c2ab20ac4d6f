"""Ik ga verhuizen: where and when, who may still look, what the new town sees, one confirmation, the receipt."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from clients.look.dates import parse_day
from clients.portal.by_hand import hand_views
from clients.portal.giving import not_shared, seen_mark
from clients.portal.here import own_name, page, portal, resident, text, typed
from clients.portal.moving import kept_choices, line_views, read_choices, receipt_rows, summary_lines
from clients.portal.new_team import read_team, team_form
from clients.portal.people import of_organisation
from clients.portal.periods import longest
from clients.portal.visible import shown
from clients.solid import relocation as service
from clients.solid.errors import Clash, Unacceptable
from clients.solid.previews import Preview
from clients.solid.relocation import Announcement, Plan
from vocab.concepts import circumstances

pages = Blueprint("relocation", __name__)
CONFIRMED = "Confirmed"
_DECIDED_BY_PLACE = ("om-andere-gemeente", "om-zelfde-gemeente")


@pages.get("/verhuizen/1")
def first() -> AnyResponse:
    """Step 1: where to and when."""
    return _step_1(typed(), {})


@pages.post("/verhuizen/1")
def announce() -> AnyResponse:
    """Make the plan; nothing changes yet."""
    form = typed()
    read = _read_announcement(form)
    if not isinstance(read, Announcement):
        return _step_1(form, read)
    here = resident()
    try:
        plan = service.announce(here.session, here.storage, read)
    except Unacceptable:
        return _step_1(form, {"gemeente": text("verhuizen.fout_gemeente")})
    return redirect(url_for("relocation.second", ref=plan.ref), 303)


@pages.get("/verhuizen/<ref>/2")
def second(ref: str) -> AnyResponse:
    """Step 2: who may still look."""
    plan = _find(ref)
    return _to_receipt(plan) or _step_2(plan, typed(), {})


@pages.post("/verhuizen/<ref>/2")
def choose(ref: str) -> AnyResponse:
    """Keep the choices of step 2."""
    plan = _find(ref)
    choices, errors = read_choices(plan, typed())
    if errors:
        return _step_2(plan, typed(), errors)
    service.choose(resident().session, plan, choices, plan.new_team)
    return redirect(url_for("relocation.third", ref=ref), 303)


@pages.get("/verhuizen/<ref>/3")
def third(ref: str) -> AnyResponse | str:
    """Step 3: what the new town sees."""
    plan = _find(ref)
    return _to_receipt(plan) or page("move-3.html", "/meer", plan=plan, form=team_form(plan, typed()), step=3)


@pages.post("/verhuizen/<ref>/3")
def choose_team(ref: str) -> AnyResponse:
    """Keep what the new town sees."""
    _keep_team(ref, typed())
    return redirect(url_for("relocation.fourth", ref=ref), 303)


@pages.post("/verhuizen/<ref>/3/voorbeeld")
def preview(ref: str) -> str:
    """Show what the new town would see; it is kept in the plan, nothing is given yet."""
    plan = _keep_team(ref, typed())
    found = service.preview_new_team(resident().session, plan) if plan.new_team is not None else None
    return page(
        "move-preview.html",
        "/meer",
        plan=plan,
        shown=() if found is None else shown(found),
        hidden="" if found is None else not_shared(found),
        name=own_name(),
    )


@pages.get("/verhuizen/<ref>/4")
def fourth(ref: str) -> AnyResponse | str:
    """Step 4: is this right?"""
    plan = _find(ref)
    return _to_receipt(plan) or _step_4(plan, changed=False)


@pages.post("/verhuizen/<ref>/4")
def confirm(ref: str) -> AnyResponse | str:
    """Carry the move out, unless what the new town sees is not what was shown."""
    plan = _find(ref)
    found = _preview(plan)
    if request.form.get("gezien", "") != _mark(found):
        return _step_4(plan, changed=True)
    try:
        service.confirm(resident().session, plan, found.digests() if found is not None else ())
    except Clash:
        return _step_4(plan, changed=True)
    return redirect(url_for("relocation.receipt", ref=ref), 303)


@pages.get("/verhuizen/<ref>")
def receipt(ref: str) -> AnyResponse | str:
    """The receipt; a plan that is not confirmed goes on where it was."""
    plan = _find(ref)
    if plan.status != CONFIRMED:
        return redirect(url_for("relocation.second", ref=ref), 303)
    found = service.get_receipt(resident().session, plan)
    return page("move-done.html", "/meer", plan=plan, receipt=found, rows=receipt_rows(plan, found))


def _to_receipt(plan: Plan) -> AnyResponse | None:
    """Where a plan that is confirmed leads to: nothing can be chosen in it any more."""
    return redirect(url_for("relocation.receipt", ref=plan.ref), 303) if plan.status == CONFIRMED else None


def _read_announcement(form: Mapping[str, str]) -> Announcement | dict[str, str]:
    errors = {}
    place = " ".join(form.get("gemeente", "").split())
    if len(place) < 2:
        errors["gemeente"] = text("verhuizen.fout_gemeente")
    when = parse_day(form.get("dag", ""))
    today = portal().today()
    if when is None:
        errors["dag"] = text("hoelang.fout_dag")
    elif not today < when <= longest(today):
        errors["dag"] = text("verhuizen.fout_dag")
    if errors or when is None:
        return errors
    known = {iri for iri, _ in _questions()}
    return Announcement(
        place,
        when,
        [iri for iri in known if resident().references.name(iri) in request.form.getlist("omstandigheid")],
    )


def _questions() -> list[tuple[str, str]]:
    found = [(one.iri, one.label_nl) for one in circumstances()]
    return [(iri, label) for iri, label in found if not iri.endswith(_DECIDED_BY_PLACE)]


def _step_1(form: MultiDict[str, str], errors: Mapping[str, str]) -> AnyResponse:
    references = resident().references
    questions = [(references.name(iri), label) for iri, label in _questions()]
    ticked = form.getlist("omstandigheid")
    body = page("move-1.html", "/meer", form=form, errors=errors, questions=questions, ticked=ticked, step=1)
    return make_response(body, 422 if errors else 200)


def _step_2(plan: Plan, form: MultiDict[str, str], errors: Mapping[str, str]) -> AnyResponse:
    teams = [of_organisation(one) for one in plan.candidates]
    lines = line_views(plan, form)
    by_hand = hand_views(plan.set_by_hand, plan.parties)
    body = page(
        "move-2.html", "/meer", plan=plan, lines=lines, by_hand=by_hand, teams=teams, errors=errors, step=2
    )
    return make_response(body, 422 if errors else 200)


def _step_4(plan: Plan, *, changed: bool) -> str:
    found = _preview(plan)
    return page(
        "move-4.html",
        "/meer",
        plan=plan,
        lines=summary_lines(plan),
        shown=() if found is None else shown(found),
        seen=_mark(found),
        changed=changed,
        step=4,
    )


def _preview(plan: Plan) -> Preview | None:
    return service.preview_new_team(resident().session, plan) if plan.new_team is not None else None


def _mark(found: Preview | None) -> str:
    return "" if found is None else seen_mark(found)


def _keep_team(ref: str, form: MultiDict[str, str]) -> Plan:
    plan = _find(ref)
    team_form(plan, form)
    return service.choose(resident().session, plan, kept_choices(plan), read_team(plan, form))


def _find(ref: str) -> Plan:
    here = resident()
    return service.get_plan(here.session, here.storage, ref)
