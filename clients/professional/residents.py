"""The residents who let this worker in, and what each of them shares with her right now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from clients.look.dates import local_day
from clients.professional.here import Opened, team, text, worker
from clients.solid.errors import Absent, MalformedAnswer, Refused
from clients.solid.grants import Grant, list_grants
from clients.solid.meetings import Meeting, list_meetings
from clients.solid.pieces import Piece, find_pieces, make_piece
from clients.solid.resources import Member
from vocab.concepts import fixed_containers, label

soon_days = 14
max_opened = 5000
_FIXED = frozenset(container.path for container in fixed_containers())
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who gave access, or who said that she may be asked; `grants` are those in force."""

    ref: str
    storage: str
    name: str
    grants: tuple[Grant, ...]
    can_be_asked: bool

    @property
    def first(self) -> str:
        """How a sentence calls her."""
        return self.name.partition(" ")[0]

    @property
    def is_paused(self) -> bool:
        """Whether something she gave waits for her yes, because the team grew much larger."""
        return any(grant.paused for grant in self.grants)

    @property
    def until(self) -> date | None:
        """The last day on which something of hers can be seen."""
        return max((local_day(grant.terms.end) for grant in self.grants), default=None)

    @property
    def purposes(self) -> tuple[str, ...]:
        """What it is all for, in the words she read, each once."""
        return tuple(dict.fromkeys(purpose_words(grant.terms.purpose) for grant in self.grants))

    @property
    def days_left(self) -> int | None:
        """In how many days her access ends, None when that is not soon."""
        left = (self.until - team().today()).days if self.until is not None else soon_days + 1
        return max(left, 0) if left <= soon_days else None


@dataclass(frozen=True, slots=True)
class Shown:
    """One document on her page; `changed` is None when that is not known."""

    ref: str
    title: str
    changed: datetime | None
    may: str


def find_residents() -> tuple[Resident, ...]:
    """Everybody who gave access or whom she met: whose access ends soon first, then by name."""
    here = worker()
    grants, _ = list_grants(here.session, here.server.grants)
    active = [grant for grant in grants if grant.status == "Active"]
    meetings = list_meetings(here.session, here.server.meetings)
    storages = dict.fromkeys([grant.storage for grant in active] + [meeting.storage for meeting in meetings])
    found = [_resident(storage, active, meetings) for storage in storages]
    return tuple(sorted(found, key=_order))


def find_resident(ref: str) -> Resident | None:
    """The resident with this reference."""
    return next((resident for resident in find_residents() if resident.ref == ref), None)


def purpose_words(purpose: str) -> str:
    """A purpose in the words that the resident read."""
    return label(purpose) or text("waarom.onbekend")


def shown_of(resident: Resident) -> tuple[Shown, ...]:
    """The documents of a resident that can be opened now, newest first; remembers why for each."""
    found: dict[str, Shown] = {}
    for grant in resident.grants:
        for piece in _pieces(grant):
            address = piece.document.url if piece.document is not None else piece.file
            if address is None or address in found:
                continue
            remember(address, opened_by(resident, grant))
            found[address] = _shown(address, piece, grant)
    return tuple(sorted(found.values(), key=lambda shown: shown.changed or _NEVER, reverse=True))


def opened_by(resident: Resident, grant: Grant) -> Opened:
    """Why a document can be opened: a grant of this resident."""
    terms = grant.terms
    return Opened(resident.ref, resident.name, terms.purpose, terms.end, terms.actions())


def covering(resident: Resident, address: str) -> Grant | None:
    """The newest grant in force that holds an address."""
    return next((grant for grant in resident.grants if _covers(grant, address)), None)


def remember(address: str, opened: Opened) -> None:
    """Remember why a document can be opened, so that a refusal later is asked from the vault, not guessed here."""
    known = worker().opened
    if len(known) >= max_opened:
        known.clear()
    known[address] = opened


def may_words(actions: Iterable[str]) -> str:
    """What she may do, as the last part of a text's name."""
    if "modify" in actions:
        return "veranderen"
    return "erbij" if {"create", "append"} & set(actions) else "lezen"


def kind_words(kind: str | None) -> str:
    """A kind of document as a worker calls it; the words of the vocabulary are the resident's own."""
    words = (label(kind) if kind else None) or text("stukken.naamloos")
    return words.removeprefix("Mijn ").capitalize() if words.startswith("Mijn ") else words


def _order(resident: Resident) -> tuple[bool, int, str]:
    left = resident.days_left
    return not resident.grants, soon_days + 1 if left is None else left, resident.name.casefold()


def _resident(storage: str, grants: Iterable[Grant], meetings: Iterable[Meeting]) -> Resident:
    mine = tuple(grant for grant in grants if grant.storage == storage)
    met = [meeting.name for meeting in meetings if meeting.storage == storage]
    names = [grant.giver_name for grant in mine] + met
    name = next((name for name in names if name), text("inwoners.naamloos"))
    return Resident(worker().references.name(storage), storage, name, mine, bool(met))


def _covers(grant: Grant, address: str) -> bool:
    targets = grant.terms.targets()
    return any(
        address == target or (target.endswith("/") and address.startswith(target)) for target in targets
    )


def _pieces(grant: Grant) -> Iterator[Piece]:
    here, purpose = worker(), grant.terms.purpose
    for target in grant.terms.targets():
        try:
            if target.removeprefix(grant.storage) in _FIXED:
                yield from find_pieces(here.session, here.memory, target, purpose=purpose)
            else:
                yield make_piece(here.session, here.memory, Member(target, None), purpose)
        except (Absent, Refused, MalformedAnswer):
            continue


def _shown(address: str, piece: Piece, grant: Grant) -> Shown:
    title = piece.title or kind_words(piece.kind)
    written = piece.document.written if piece.document is not None else None
    changed = piece.modified if piece.modified.timestamp() > 0 else written
    may = text(f"mag.{may_words(grant.terms.actions())}")
    return Shown(worker().references.name(address), title, changed, may)
