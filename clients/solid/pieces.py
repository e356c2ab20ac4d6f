"""Pieces: what a person calls one thing in her vault, a document or a container with everything that belongs to it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from clients.solid.documents import Document, read_domain_document
from clients.solid.errors import MalformedAnswer, Problem
from clients.solid.resources import Member, list_container, read_turtle
from clients.solid.session import Session
from vocab.namespaces import DCT

MAIN_NAMES = ("plan", "verslag", "stuk")
FILE_NAME = "bestand"
max_remembered = 2000


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing: `target` is what a grant on it names, `document` what tells about it, `file` the stored bytes."""

    target: str
    document: Document | None
    file: str | None
    modified: datetime

    @property
    def title(self) -> str | None:
        """Its title, None when it has none that can be read."""
        return self.document.title if self.document is not None else None

    @property
    def kind(self) -> str | None:
        """The IRI of its kind of document."""
        return self.document.kind if self.document is not None else None

    @property
    def is_container(self) -> bool:
        """Whether it is a container with what belongs together."""
        return self.target.endswith("/")


@dataclass(slots=True)
class Memory:
    """Documents read before in this session, by URL and the moment they were changed; the oldest go first."""

    known: OrderedDict[tuple[str, datetime], Document | None] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def describe(self, session: Session, member: Member, purpose: str | None) -> Document | None:
        """What a member says of itself; None when it is no linked data, or not readable.

        Without the moment of its last change a member is read each time.
        """
        if member.modified is None:
            return _read(session, member.url, purpose)
        key = (member.url, member.modified)
        with self._lock:
            if key in self.known:
                return self.known[key]
        found = _read(session, member.url, purpose)
        with self._lock:
            self.known[key] = found
            while len(self.known) > max_remembered:
                self.known.popitem(last=False)
        return found


def find_pieces(
    session: Session, memory: Memory, container: str, *, purpose: str | None = None
) -> tuple[Piece, ...]:
    """The pieces in a fixed container, newest first."""
    members = list_container(session, container, purpose=purpose)
    pieces = (make_piece(session, memory, member, purpose) for member in members)
    return tuple(sorted(pieces, key=lambda piece: piece.modified, reverse=True))


def make_piece(session: Session, memory: Memory, member: Member, purpose: str | None = None) -> Piece:
    """The piece that a member of a fixed container is."""
    changed = member.modified or datetime.fromtimestamp(0, UTC)
    if not member.is_container:
        return _piece(member.url, memory.describe(session, member, purpose), changed, lone=member.url)
    inside = [one for one in list_container(session, member.url, purpose=purpose) if not one.is_container]
    main = _main(inside)
    newest = max((one.modified for one in inside if one.modified is not None), default=changed)
    if main is None:
        return Piece(member.url, None, next((one.url for one in inside), None), newest)
    return _piece(member.url, memory.describe(session, main, purpose), newest, lone=main.url)


def _piece(target: str, document: Document | None, modified: datetime, lone: str) -> Piece:
    if document is None:
        return Piece(target, None, lone, modified)
    return Piece(target, document, next(iter(document.links(DCT.hasFormat)), None), modified)


def _main(inside: Iterable[Member]) -> Member | None:
    by_name = {member.url.rsplit("/", 1)[-1]: member for member in inside}
    named = next((by_name[name] for name in MAIN_NAMES if name in by_name), None)
    return named or next((member for name, member in by_name.items() if name != FILE_NAME), None)


def _read(session: Session, url: str, purpose: str | None) -> Document | None:
    try:
        return read_domain_document(read_turtle(session, url, purpose=purpose))
    except (MalformedAnswer, Problem):
        return None
