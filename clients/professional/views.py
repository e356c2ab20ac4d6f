"""The pages of the Wijkteam-app."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from clients.professional.asking import (
    KINDS,
    Question,
    askable_purposes,
    read_question,
    terms_of,
    typed_question,
)
from clients.professional.documents import describe
from clients.professional.here import page, text, typed, worker
from clients.professional.opening import open_document
from clients.professional.residents import (
    Resident,
    find_resident,
    find_residents,
    may_words,
    purpose_words,
    shown_of,
)
from clients.solid import requests as request_service
from clients.solid.description import describe as describe_storage
from clients.solid.errors import Problem, TooOften, Unacceptable
from clients.solid.meetings import redeem
from clients.solid.resources import Representation

pages = Blueprint("team", __name__)
_EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "text/plain": "txt"}


@pages.get("/")
def residents() -> str:
    """Everybody who gave access, and who may be asked."""
    sought = request.args.get("z", "").strip()
    found = [one for one in find_residents() if sought.casefold() in one.name.casefold()]
    listed, met = [one for one in found if one.grants], [one for one in found if not one.grants]
    return page("residents.html", "/", residents=listed, met=met, sought=sought)


@pages.get("/inwoners/<ref>")
def resident(ref: str) -> str:
    """One resident: why she can be seen, and her documents."""
    found = _resident(ref)
    return page("resident.html", "/", resident=found, documents=shown_of(found))


@pages.get("/inwoners/<ref>/stuk/<document>")
def document(ref: str, document: str) -> AnyResponse | str:
    """One document: linked data as text, anything else as a download."""
    reading = open_document(ref, document)
    if not reading.representation.is_turtle:
        return _download(reading.representation)
    described = describe(reading)
    return page(
        "document.html",
        "/",
        why=reading.why,
        purposes=[purpose_words(reading.why.purpose)],
        may=may_words(reading.why.actions),
        document=described,
        file=worker().references.name(described.file) if described.file else None,
    )


def _download(representation: Representation) -> AnyResponse:
    answer = make_response(representation.body)
    name = f"{text('stukken.bestandsnaam')}.{_EXTENSIONS.get(representation.media_type, 'bin')}"
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@pages.get("/inwoners/<ref>/vragen")
def ask(ref: str) -> str:
    """The form for asking access."""
    return _question_page(_askable(ref), typed_question(typed()))


@pages.post("/inwoners/<ref>/vragen")
def send_question(ref: str) -> AnyResponse | str:
    """Send the request, or show what is missing with everything still there."""
    found, question = _askable(ref), read_question(request.form)
    if question.errors:
        return make_response(_question_page(found, question), 422)
    try:
        storage = describe_storage(worker().session, found.storage)
        request_service.ask(worker().session, storage, terms_of(question), question.refusal)
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
    worker()
    return page("new.html", "/nieuw", code=typed().get("code", ""), errors={})


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
    worker()
    return page("entered.html", "/nieuw")


@pages.get("/hulp")
def help_page() -> str:
    """Help, also for who is not signed in."""
    return page("help.html", "/hulp")


def _resident(ref: str) -> Resident:
    found = find_resident(ref)
    if found is None:
        abort(404)
    return found


def _askable(ref: str) -> Resident:
    found = _resident(ref)
    if not found.can_be_asked:
        abort(404)
    return found


def _question_page(resident: Resident, question: Question, problem: str = "") -> str:
    values = {"resident": resident, "question": question, "errors": question.errors, "problem": problem}
    return page("ask.html", "/", kinds=KINDS, purposes=askable_purposes(), **values)
