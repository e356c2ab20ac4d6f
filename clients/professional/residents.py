"""The residents who let this worker in, and what each of them shares with her right now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from clients.look.dates import local_day
from clients.professional.here import Opened, text, worker
from clients.solid.errors import Absent, MalformedAnswer, Refused
from clients.solid.grants import Grant, list_grants
from clients.solid.meetings import Meeting, list_meetings
from clients.solid.pieces import Piece, find_pieces, make_piece
from clients.solid.resources import Member
from vocab.concepts import label


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who gave access, or who said that she may be asked; `grants` are those in force."""

    ref: str
    storage: str
    name: str
    grants: tuple[Grant, ...]

    @property
    def first(self) -> str:
        """How a sentence calls her."""
        return self.name.partition(" ")[0]

    @property
    def until(self) -> date | None:
        """The last day on which something of hers can be seen."""
        return max((local_day(grant.terms.end) for grant in self.grants), default=None)

    @property
    def purposes(self) -> tuple[str, ...]:
        """What it is all for, in the words she read, each once."""
        return tuple(dict.fromkeys(purpose_words(grant.terms.purpose) for grant in self.grants))


@dataclass(frozen=True, slots=True)
class Shown:
    """One document on her page."""

    ref: str
    title: str
    changed: datetime
    may: str


def find_residents() -> tuple[Resident, ...]:
    """Everybody who gave access or whom she met, by name."""
    here = worker()
    grants, _ = list_grants(here.session, here.server.grants)
    active = [grant for grant in grants if grant.status == "Active"]
    meetings = list_meetings(here.session, here.server.meetings)
    storages = dict.fromkeys([grant.storage for grant in active] + [meeting.storage for meeting in meetings])
    found = [_resident(storage, active, meetings) for storage in storages]
    return tuple(sorted(found, key=lambda resident: (not resident.grants, resident.name)))


def find_resident(ref: str) -> Resident | None:
    """The resident with this reference."""
    return next((resident for resident in find_residents() if resident.ref == ref), None)


def purpose_words(purpose: str) -> str:
    """A purpose in the words that the resident read."""
    return label(purpose) or text("waarom.onbekend")


def shown_of(resident: Resident) -> tuple[Shown, ...]:
    """The documents of a resident that can be opened now, newest first; remembers why for each."""
    here = worker()
    found: dict[str, Shown] = {}
    for grant in resident.grants:
        opened = Opened(resident.name, grant.terms.purpose, grant.terms.end, grant.terms.actions())
        for piece in _pieces(grant):
            address = piece.document.url if piece.document is not None else piece.file or piece.target
            here.opened.setdefault(address, opened)
            found.setdefault(address, _shown(address, piece, opened))
    return tuple(sorted(found.values(), key=lambda shown: shown.changed, reverse=True))


def may_words(actions: Iterable[str]) -> str:
    """What she may do, in words."""
    if "modify" in actions:
        return text("mag.veranderen")
    return text("mag.erbij") if {"create", "append"} & set(actions) else text("mag.lezen")


def _resident(storage: str, grants: Iterable[Grant], meetings: Iterable[Meeting]) -> Resident:
    mine = tuple(grant for grant in grants if grant.storage == storage)
    names = [grant.giver_name for grant in mine] + [m.name for m in meetings if m.storage == storage]
    name = next((name for name in names if name), text("inwoners.naamloos"))
    return Resident(worker().references.name(storage), storage, name, mine)


def _pieces(grant: Grant) -> Iterator[Piece]:
    here, purpose = worker(), grant.terms.purpose
    for target in grant.terms.targets():
        try:
            if target.endswith("/"):
                yield from find_pieces(here.session, here.memory, target, purpose=purpose)
            else:
                yield make_piece(here.session, here.memory, Member(target, None), purpose)
        except (Absent, Refused, MalformedAnswer):
            continue


def _shown(address: str, piece: Piece, opened: Opened) -> Shown:
    kind = label(piece.kind) if piece.kind else None
    title = piece.title or kind or text("stukken.naamloos")
    return Shown(worker().references.name(address), title, piece.modified, may_words(opened.actions))
