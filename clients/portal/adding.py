"""Adding a piece: a file with its name, or a plan from a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from clients.portal.containers import container_label, title_of
from clients.portal.documents import find_address, seen_by
from clients.portal.here import page, portal, resident, text, typed
from clients.solid.documents import (
    LETTER,
    OWN_NOTE,
    PROOF,
    Authorship,
    Kind,
    write_file_description,
    write_goal,
    write_plan,
)
from clients.solid.errors import Full, TooLarge
from clients.solid.grants import SERVICE, list_grants
from clients.solid.identifiers import random_id
from clients.solid.pieces import FILE_NAME, make_piece
from clients.solid.resources import Member, Representation, create

pages = Blueprint("adding", __name__)
max_file_bytes = 20 * 1024 * 1024
max_name_length = 120
max_goals = 3
PLACES: Mapping[str, Kind] = {"brieven/": LETTER, "bewijzen/": PROOF, "mijn/": OWN_NOTE}
_MEDIA_TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_BEGINS = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
_TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be stored: its bytes, what it is, what it is called and where it goes."""

    body: bytes
    media_type: str
    name: str
    place: str


@pages.get("/stukken/nieuw")
def show_file_form() -> AnyResponse:
    """The form for a file."""
    return _file_form(typed(), {})


@pages.post("/stukken/nieuw")
def add_file() -> AnyResponse:
    """Store a file with its name: the bytes and what they are, together in one container."""
    form = typed()
    place = form.get("map", "")
    found = _read_upload(
        request.files.get("bestand"), form.get("naam", ""), place if place in PLACES else "brieven/"
    )
    if isinstance(found, str):
        return _file_form(form, {"bestand": found})
    try:
        target = _store(found)
    except TooLarge:
        return _file_form(form, {"bestand": text("toevoegen.fout_groot")})
    except Full:
        return _file_form(form, {"bestand": text("toevoegen.fout_vol")})
    return _added(target)


@pages.get("/stukken/nieuw-plan")
def show_plan_form() -> AnyResponse:
    """The form for a plan."""
    return _plan_form(typed(), {})


@pages.post("/stukken/nieuw-plan")
def add_plan() -> AnyResponse:
    """Store a plan with its goals."""
    form = typed()
    title = form.get("titel", "").strip()[:max_name_length]
    if len(title) < 2:
        return _plan_form(form, {"titel": text("nieuw_plan.fout_titel")})
    goals = [
        goal for number in range(1, max_goals + 1) if len(goal := form.get(f"doel{number}", "").strip()) > 1
    ]
    try:
        target = _store_plan(title, goals)
    except Full:
        return _plan_form(form, {"titel": text("toevoegen.fout_vol")})
    return _added(target)


@pages.get("/stukken/<ref>/bewaard")
def added(ref: str) -> str:
    """After adding."""
    here = resident()
    piece = make_piece(here.session, here.memory, Member(find_address(ref), None))
    return page("added.html", "/stukken", title=title_of(piece), ref=ref, seen_by=seen_by(piece))


def _read_upload(file: FileStorage | None, name: str, place: str) -> Upload | str:
    """The file of a form, or the sentence that says what is wrong with it."""
    if file is None or not file.filename:
        return text("toevoegen.fout_geen")
    body = file.stream.read(max_file_bytes + 1)
    if not body:
        return text("toevoegen.fout_leeg")
    if len(body) > max_file_bytes:
        return text("toevoegen.fout_groot")
    media_type = _MEDIA_TYPES.get(PurePath(file.filename).suffix.lower(), _TEXT)
    if not _is_what_it_says(body, media_type):
        return text("toevoegen.fout_soort")
    own_name = " ".join(name.split()) or PurePath(file.filename).stem
    return Upload(body, media_type, own_name[:max_name_length], place)


def _is_what_it_says(body: bytes, media_type: str) -> bool:
    if media_type != _TEXT:
        return body.startswith(_BEGINS[media_type])
    try:
        return "\0" not in body.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _store(upload: Upload) -> str:
    here = resident()
    target = f"{here.storage.url}{upload.place}{random_id()}/"
    file = target + FILE_NAME
    create(here.session, Representation(file, upload.media_type, upload.body))
    kind = PLACES[upload.place]
    create(here.session, write_file_description(f"{target}stuk", file, upload.name, _by(), kind))
    return target


def _store_plan(title: str, goals: list[str]) -> str:
    here = resident()
    target = f"{here.storage.url}plannen/{random_id()}/"
    urls = [f"{target}doelen/{random_id()}" for _ in goals]
    for url, goal in zip(urls, goals, strict=True):
        create(here.session, write_goal(url, goal[:max_name_length], _by()))
    create(here.session, write_plan(f"{target}plan", title, urls, _by()))
    return target


def _by() -> Authorship:
    return Authorship(resident().webid, portal().now().replace(microsecond=0))


def _added(target: str) -> AnyResponse:
    return redirect(url_for("adding.added", ref=resident().references.name(target)), 303)


def _file_form(form: Mapping[str, str], errors: Mapping[str, str]) -> AnyResponse:
    here = resident()
    places = [(path, container_label(here.storage.url + path)) for path in PLACES]
    body = page(
        "add-file.html",
        "/stukken",
        form=form,
        errors=errors,
        places=places,
        chosen=form.get("map", "brieven/"),
        is_shared=_is_shared(PLACES),
    )
    return make_response(body, 422 if errors else 200)


def _plan_form(form: Mapping[str, str], errors: Mapping[str, str]) -> AnyResponse:
    goals = range(1, max_goals + 1)
    is_shared = _is_shared(["plannen/"])
    body = page("add-plan.html", "/stukken", form=form, errors=errors, goals=goals, is_shared=is_shared)
    return make_response(body, 422 if errors else 200)


def _is_shared(places: Iterable[str]) -> bool:
    """Whether somebody was given one of these containers as a whole, so that new pieces are seen at once."""
    here = resident()
    wholes = {here.storage.url + path for path in places}
    grants, _ = list_grants(here.session, here.storage.endpoint(SERVICE))
    return any(grant.is_open and wholes & set(grant.terms.targets()) for grant in grants)
