"""Moving house: a plan with suggestions, choices, preview, one confirmation, a receipt (RelocationService)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urljoin

from clients.solid.description import LD_JSON, Storage
from clients.solid.errors import MalformedAnswer
from clients.solid.parties import Organisation, Parties, read_organisation, read_parties
from clients.solid.previews import Preview, SetByHand, read_preview, read_set_by_hand
from clients.solid.session import Session
from clients.solid.values import (
    Document,
    flag,
    maybe_text,
    moment,
    number,
    objects,
    read_document,
    text,
    texts,
)

SERVICE = "RelocationService"
_JSON = {"Content-Type": LD_JSON, "Accept": LD_JSON}


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where to and when, and which circumstances hold (concept IRIs)."""

    municipality: str
    date: date
    circumstances: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One grant with the suggestion of the rule table and what the citizen chose; all IRIs but the sentence."""

    grant: str
    assignee: str
    assignee_kind: str | None
    organisation: str | None
    purpose: str | None
    grant_end: datetime | None
    rule: str
    suggestion: str
    sentence: str
    suggested_end: datetime | None
    offers_new_team: bool
    choice: str | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class NewTeam:
    """What an organisation in the new town may read from the day of the move."""

    organisation: str
    resources: tuple[str, ...]
    purpose: str
    end: str
    legal_basis: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A relocation plan; `status` is "Draft" or "Confirmed"."""

    id: str
    status: str
    old_municipality: str | None
    new_municipality: str
    move_date: date
    lines: tuple[PlanLine, ...]
    candidates: tuple[Organisation, ...]
    new_team: NewTeam | None
    parties: Parties
    etag: str | None = None
    set_by_hand: tuple[SetByHand, ...] = ()

    @property
    def ref(self) -> str:
        """The last part of its IRI: random, says nothing."""
        return self.id.rstrip("/").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen for one grant; `end` is a date, None when the choice needs none."""

    grant: str
    choice: str
    end: date | None = None


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """How one grant stands after the move."""

    assignee: str
    assignee_kind: str | None
    organisation: str | None
    choice: str | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the move did: how many documents were copied (none) of how many there are, and who may look until when."""

    documents_copied: int
    documents: int
    lines: tuple[ReceiptLine, ...]
    new_grants: tuple[ReceiptLine, ...]
    confirmed_at: datetime | None
    parties: Parties


def announce(session: Session, storage: Storage, announcement: Announcement) -> Plan:
    """Make a plan with a suggestion for every grant; nothing changes yet."""
    body = {
        "municipality": announcement.municipality,
        "date": announcement.date.isoformat(),
        "circumstances": list(announcement.circumstances),
    }
    answer = session.request("POST", storage.endpoint(SERVICE), json=body, headers=_JSON)
    return _read_plan(read_document(answer), answer.headers.get("ETag"))


def get_plan(session: Session, storage: Storage, ref: str) -> Plan:
    """One plan with its ETag."""
    answer = session.request("GET", urljoin(storage.endpoint(SERVICE), ref), headers={"Accept": LD_JSON})
    return _read_plan(read_document(answer), answer.headers.get("ETag"))


def list_plans(session: Session, storage: Storage) -> tuple[Plan, ...]:
    """All plans of a storage."""
    document = read_document(session.request("GET", storage.endpoint(SERVICE), headers={"Accept": LD_JSON}))
    return tuple(_read_plan(entry, None) for entry in objects(document, "items"))


def choose(session: Session, plan: Plan, choices: Sequence[Choice], new_team: NewTeam | None) -> Plan:
    """Put all choices of a plan.

    Raises:
        Changed: the plan was changed in another window.
    """
    body = {"lines": [_written_choice(choice) for choice in choices], "newTeam": _written_team(new_team)}
    headers = _JSON | {"If-Match": plan.etag or "*"}
    answer = session.request("PUT", plan.id, json=body, headers=headers)
    return _read_plan(read_document(answer), answer.headers.get("ETag"))


def preview_new_team(session: Session, plan: Plan) -> Preview:
    """What the new team will see."""
    return read_preview(
        read_document(session.request("POST", f"{plan.id}/voorbeeld", json={}, headers=_JSON))
    )


def confirm(session: Session, plan: Plan, previewed: Sequence[str]) -> Receipt:
    """Carry the plan out, in one transaction.

    Raises:
        Clash: what the new team would see is not what was previewed.
    """
    answer = session.request(
        "POST", f"{plan.id}/bevestiging", json={"previewed": list(previewed)}, headers=_JSON
    )
    return _read_receipt(read_document(answer))


def get_receipt(session: Session, plan: Plan) -> Receipt:
    """The receipt of a confirmed plan."""
    answer = session.request("GET", f"{plan.id}/bewijs", headers={"Accept": LD_JSON})
    return _read_receipt(read_document(answer))


def _written_choice(choice: Choice) -> Mapping[str, Any]:
    end = None if choice.end is None else choice.end.isoformat()
    return {"grant": choice.grant, "choice": choice.choice, "end": end}


def _written_team(team: NewTeam | None) -> Mapping[str, Any] | None:
    if team is None:
        return None
    return {
        "organisation": team.organisation,
        "resources": list(team.resources),
        "purpose": team.purpose,
        "legalBasis": list(team.legal_basis),
        "reason": team.reason,
        "end": team.end,
    }


def _read_plan(document: Document, etag: str | None) -> Plan:
    try:
        day = date.fromisoformat(text(document, "moveDate"))
    except ValueError as error:
        raise MalformedAnswer("the day of the move is no date") from error
    return Plan(
        text(document, "id"),
        text(document, "status"),
        maybe_text(document, "oldMunicipality"),
        text(document, "newMunicipality"),
        day,
        tuple(_read_line(entry) for entry in objects(document, "lines")),
        tuple(read_organisation(entry) for entry in objects(document, "candidates")),
        next((_read_team(entry) for entry in objects(document, "newTeam")), None),
        read_parties(document),
        etag,
        read_set_by_hand(document),
    )


def _read_line(entry: Document) -> PlanLine:
    summary = objects(entry, "grant")[0]
    return PlanLine(
        text(summary, "id"),
        text(summary, "assignee"),
        maybe_text(summary, "assigneeKind"),
        maybe_text(summary, "organisation"),
        maybe_text(summary, "purpose"),
        moment(summary, "end"),
        text(entry, "rule"),
        text(entry, "suggestion"),
        text(entry, "sentence"),
        moment(entry, "suggestedEnd"),
        flag(entry, "offerNewTeam"),
        maybe_text(entry, "choice"),
        moment(entry, "end"),
    )


def _read_team(entry: Document) -> NewTeam:
    return NewTeam(
        text(entry, "organisation"),
        texts(entry, "resources"),
        text(entry, "purpose"),
        text(entry, "end"),
        texts(entry, "legalBasis"),
        maybe_text(entry, "reason") or "",
    )


def _read_receipt(document: Document) -> Receipt:
    return Receipt(
        number(document, "documentsCopied"),
        number(document, "documents"),
        tuple(_read_receipt_line(entry) for entry in objects(document, "lines")),
        tuple(_read_receipt_line(entry) for entry in objects(document, "newGrants")),
        moment(document, "confirmedAt"),
        read_parties(document),
    )


def _read_receipt_line(entry: Document) -> ReceiptLine:
    summary = next(iter(objects(entry, "grant")), entry) if isinstance(entry.get("grant"), dict) else entry
    assignee = maybe_text(entry, "assignee") or text(summary, "assignee")
    kind = maybe_text(entry, "assigneeKind") or maybe_text(summary, "assigneeKind")
    organisation = maybe_text(entry, "organisation") or maybe_text(summary, "organisation")
    return ReceiptLine(
        assignee,
        kind,
        organisation,
        maybe_text(entry, "choice"),
        moment(entry, "end") or moment(summary, "end"),
    )
