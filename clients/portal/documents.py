"""Mijn stukken: lists by container, one piece as text, downloading its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, make_response
from werkzeug.wrappers import Response as AnyResponse

from clients.look.dates import day
from clients.portal.by_hand import ViewerView, viewer_view
from clients.portal.containers import container_label, container_of, pieces_in, shown_containers, title_of
from clients.portal.fields import Field, fields_of
from clients.portal.here import count_text, page, resident, text
from clients.portal.plans import PlanView, plan_of
from clients.solid.errors import Absent
from clients.solid.pieces import Piece
from clients.solid.previews import who_sees
from clients.solid.resources import read
from vocab.concepts import FixedContainer, label

pages = Blueprint("documents", __name__)
newest_shown = 5
PRIVATE = "mijn/"
ALWAYS = frozenset({"plannen/", "gesprekken/", "brieven/", "afspraken/", "geld/", PRIVATE})
_ICONS = {
    "plannen/": "clipboard-check",
    "gesprekken/": "message-circle",
    "brieven/": "mail",
    "besluiten/": "mail",
    "afspraken/": "calendar",
    "geld/": "coin-euro",
    "mijn/": "lock",
    "team/": "users",
    "netwerk/": "users",
}
_EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "text/plain": "txt"}


@dataclass(frozen=True, slots=True)
class Tile:
    """One container on the overview."""

    ref: str
    icon: str
    title: str
    hint: str


@dataclass(frozen=True, slots=True)
class PieceView:
    """One piece in a list."""

    ref: str
    title: str
    changed: datetime
    seen_by: str


@pages.get("/stukken")
def overview() -> str:
    """All containers, and what is new."""
    found = {container: pieces_in(container) for container in shown_containers()}
    newest = sorted(
        (piece for pieces in found.values() for piece in pieces), key=lambda p: p.modified, reverse=True
    )
    tiles = [
        _tile(container, pieces) for container, pieces in found.items() if pieces or container.path in ALWAYS
    ]
    return page(
        "documents.html", "/stukken", tiles=tiles, newest=[_view(piece) for piece in newest[:newest_shown]]
    )


@pages.get("/stukken/map/<ref>")
def container(ref: str) -> str:
    """The pieces in one container."""
    found = container_of(find_address(ref))
    if found is None:
        abort(404)
    pieces = [_view(piece) for piece in pieces_in(found)]
    return page("container.html", "/stukken", title=found.label_nl, pieces=pieces)


@pages.get("/stukken/<ref>")
def show(ref: str) -> str:
    """One piece: its known properties as text, its file to download, and who can see it."""
    piece = _find(ref)
    plan: PlanView | None = plan_of(piece)
    facts: Sequence[Field] = () if plan is not None or piece.document is None else fields_of(piece.document)
    return page(
        "document.html",
        "/stukken",
        ref=ref,
        title=title_of(piece),
        kind=(label(piece.kind) if piece.kind else None) or container_label(piece.target),
        piece=piece,
        plan=plan,
        fields=facts,
        author=_author(piece),
        viewers=_viewers(piece),
        is_private=piece.target.startswith(resident().storage.url + PRIVATE),
    )


@pages.get("/stukken/<ref>/bestand")
def download(ref: str) -> AnyResponse:
    """The stored file, always as a download, never shown here."""
    piece = _find(ref)
    if piece.file is None or not resident().storage.holds(piece.file):
        abort(404)
    found = read(resident().session, piece.file)
    answer = Response(found.body, content_type="application/octet-stream")
    extension = _EXTENSIONS.get(found.media_type, "bin")
    answer.headers.set("Content-Disposition", "attachment", filename=_file_name(title_of(piece), extension))
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return make_response(answer)


def find_address(ref: str) -> str:
    """The address of a reference; after signing in again it is looked for once more."""
    here = resident()
    known = here.references.find(ref)
    if known is not None:
        return known
    for one in shown_containers():
        here.references.name(here.storage.url + one.path)
        for piece in pieces_in(one):
            here.references.name(piece.target)
    known = here.references.find(ref)
    if known is None:
        abort(404)
    return known


def seen_by(piece: Piece) -> str:
    """Who can see a piece, as a number of people."""
    others = len(_viewers(piece))
    return text("stukken.alleen_u") if others == 0 else count_text("stukken.u_en", others)


def _find(ref: str) -> Piece:
    address = find_address(ref)
    found = container_of(address)
    piece = (
        next((one for one in pieces_in(found) if one.target == address), None) if found is not None else None
    )
    if piece is None:
        raise Absent(404, "no such piece")
    return piece


def _tile(container: FixedContainer, pieces: Sequence[Piece]) -> Tile:
    here = resident()
    hint = (
        text("stukken.alleen_u") if container.path == PRIVATE else count_text("stukken.aantal", len(pieces))
    )
    icon = _ICONS.get(container.path, "files")
    return Tile(here.references.name(here.storage.url + container.path), icon, container.label_nl, hint)


def _view(piece: Piece) -> PieceView:
    return PieceView(
        resident().references.name(piece.target),
        title_of(piece),
        piece.modified,
        seen_by(piece),
    )


def _viewers(piece: Piece) -> list[ViewerView]:
    here = resident()
    subject = piece.document.url if piece.document is not None else piece.target
    viewers, parties = who_sees(here.session, here.storage, subject)
    return [viewer_view(viewer, parties) for viewer in viewers if viewer.id != here.webid]


def _author(piece: Piece) -> str:
    document = piece.document
    if document is None or document.author is None:
        return ""
    when = day(document.written or piece.modified)
    if document.author == resident().webid:
        return text("stukken.door_u", dag=when)
    return text("stukken.door_ander", dag=when)


def _file_name(title: str, extension: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in title)
    name = " ".join(kept.split())[:80] or text("stukken.naamloos")
    return name if name.lower().endswith(f" {extension}") else f"{name}.{extension}"
