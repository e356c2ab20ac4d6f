"""The pages of the Wijkteam-app."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from clients.professional.asking import KINDS, askable_purposes, empty_question, read_question, terms_of
from clients.professional.documents import describe
from clients.professional.here import address_of, page, text, worker
from clients.professional.residents import (
    Resident,
    find_resident,
    find_residents,
    may_words,
    purpose_words,
    shown_of,
)
from clients.solid import requests as request_service
from clients.solid.description import Storage
from clients.solid.description import describe as describe_storage
from clients.solid.documents import read_domain_document
from clients.solid.errors import Problem, TooOften, Unacceptable
from clients.solid.meetings import redeem
from clients.solid.resources import read

pages = Blueprint("team", __name__)


@pages.get("/")
def residents() -> str:
    """Everybody who gave access, and who may be asked."""
    found = find_residents()
    sought = request.args.get("z", "").strip().casefold()
    listed = [r for r in found if r.grants and sought in r.name.casefold()]
    return page(
        "residents.html", "/", residents=listed, met=[r for r in found if not r.grants], sought=sought
    )


@pages.get("/inwoners/<ref>")
def resident(ref: str) -> str:
    """One resident: why she can be seen, and her documents."""
    found = _resident(ref)
    return page("resident.html", "/", resident=found, documents=shown_of(found), may=_may(found))


@pages.get("/inwoners/<ref>/stuk/<document>")
def document(ref: str, document: str) -> AnyResponse | str:
    """One document; asked from the vault at every click, so that a stop is felt at once."""
    here, address = worker(), address_of(document)
    opened = here.opened.get(address)
    if opened is None:
        abort(404)
    representation = read(here.session, address, purpose=opened.purpose)
    if not representation.is_turtle:
        return _download(representation.body, representation.media_type)
    return page(
        "document.html",
        "/",
        ref=ref,
        opened=opened,
        because_words=purpose_words(opened.purpose),
        may=may_words(opened.actions),
        document=describe(read_domain_document(representation)),
    )


def _download(body: bytes, media_type: str) -> AnyResponse:
    answer = make_response(body)
    answer.headers["Content-Type"] = media_type
    answer.headers["Content-Disposition"] = "attachment"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@pages.get("/inwoners/<ref>/vragen")
def ask(ref: str) -> str:
    """The form for asking access."""
    return _question_page(_resident(ref), empty_question())


@pages.post("/inwoners/<ref>/vragen")
def send_question(ref: str) -> AnyResponse | str:
    """Send the request, or show what is missing with everything still there."""
    found, question = _resident(ref), read_question(request.form)
    if question.errors:
        return make_response(_question_page(found, question), 422)
    try:
        request_service.ask(worker().session, _storage(found), terms_of(question), question.refusal)
    except TooOften:
        return make_response(_question_page(found, question, text("vragen.te_vaak")), 422)
    except Unacceptable as error:
        sentences = " ".join(violation.sentence for violation in error.violations)
        return make_response(_question_page(found, question, sentences or text("vragen.niet_goed")), 422)
    return redirect(url_for("team.asked", ref=ref), 303)


@pages.get("/inwoners/<ref>/gevraagd")
def asked(ref: str) -> str:
    """After asking."""
    return page("asked.html", "/", resident=_resident(ref))


@pages.get("/nieuw")
def new() -> str:
    """The form for a resident's code."""
    return page("new.html", "/nieuw", code="", errors={})


@pages.post("/nieuw")
def enter_code() -> AnyResponse | str:
    """Enter a code; one answer for every code that does not work."""
    here, code = worker(), request.form.get("code", "")
    plain = "".join(code.split()).upper().replace("-", "")
    try:
        redeem(here.session, here.server.invitation, plain)
    except Problem:
        errors = {"code": text("nieuw.fout")}
        return make_response(page("new.html", "/nieuw", code=code, errors=errors), 422)
    return redirect(url_for("team.entered"), 303)


@pages.get("/nieuw/ingevuld")
def entered() -> str:
    """After a code that works."""
    return page("entered.html", "/nieuw")


@pages.get("/hulp")
def help_page() -> str:
    """Help, also for who is not signed in."""
    return render_template("team/help.html", section="/hulp")


def _resident(ref: str) -> Resident:
    found = find_resident(ref)
    if found is None:
        abort(404)
    return found


def _storage(resident: Resident) -> Storage:
    return describe_storage(worker().session, resident.storage)


def _may(resident: Resident) -> str:
    return may_words({action for grant in resident.grants for action in grant.terms.actions()})


def _question_page(resident: Resident, question: object, problem: str = "") -> str:
    values = {"resident": resident, "question": question, "problem": problem}
    return page("ask.html", "/", kinds=KINDS, purposes=askable_purposes(), **values)
