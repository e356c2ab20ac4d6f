"""Meeting each other: invitation codes and the meetings they lead to (InvitationService)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from clients.solid.description import LD_JSON, Storage
from clients.solid.parties import Parties, read_parties
from clients.solid.session import Session
from clients.solid.values import Document, maybe_text, moment, objects, read_document, text

SERVICE = "InvitationService"
OPEN, REDEEMED, CONFIRMED = "Open", "Redeemed", "Confirmed"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation; `code` is told only when it is made, `redeemed_by` who used it.

    `expires` is when the code stops working, `until` the end of the meeting it led to.
    """

    id: str
    status: str
    expires: datetime | None
    code: str | None
    redeemed_by: str | None
    organisation: str | None
    until: datetime | None = None

    @property
    def ref(self) -> str:
        """The last part of its IRI: random, says nothing."""
        return self.id.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A worker's meeting with a citizen: her storage, her name as she gave it, and until when one may ask."""

    id: str
    storage: str
    name: str | None
    until: datetime | None


def invite(session: Session, storage: Storage) -> Invitation:
    """Make an invitation code."""
    answer = session.request("POST", storage.endpoint(SERVICE), json={}, headers={"Content-Type": LD_JSON})
    return _read_invitation(read_document(answer))


def get_invitation(session: Session, storage: Storage, ref: str) -> tuple[Invitation, Parties]:
    """How an invitation stands, with who redeemed it."""
    url = urljoin(storage.endpoint(SERVICE), ref)
    document = read_document(session.request("GET", url, headers={"Accept": LD_JSON}))
    return _read_invitation(document), read_parties(document)


def list_invitations(session: Session, storage: Storage) -> tuple[tuple[Invitation, ...], Parties]:
    """All invitations and meetings of a storage."""
    document = read_document(session.request("GET", storage.endpoint(SERVICE), headers={"Accept": LD_JSON}))
    return tuple(_read_invitation(entry) for entry in objects(document, "items")), read_parties(document)


def confirm_meeting(session: Session, storage: Storage, ref: str) -> None:
    """Say that the one who redeemed the code is the person meant."""
    url = urljoin(storage.endpoint(SERVICE), ref)
    session.request("POST", url, json={"confirmed": True}, headers={"Content-Type": LD_JSON})


def cancel_invitation(session: Session, storage: Storage, ref: str) -> None:
    """Make a code worthless, or end a meeting."""
    session.request("DELETE", urljoin(storage.endpoint(SERVICE), ref))


def redeem(session: Session, address: str, code: str) -> None:
    """Enter a code at a server's invitation address; nothing is revealed.

    Raises:
        Problem: the code does not work (any more), or too many were tried.
    """
    session.request("POST", address, json={"code": code}, headers={"Content-Type": LD_JSON})


def list_meetings(session: Session, address: str) -> tuple[Meeting, ...]:
    """A worker's own meetings at a server."""
    document = read_document(session.request("GET", address, headers={"Accept": LD_JSON}))
    return tuple(_read_meeting(entry) for entry in objects(document, "items"))


def _read_invitation(document: Document) -> Invitation:
    return Invitation(
        text(document, "id"),
        text(document, "status"),
        moment(document, "expires"),
        maybe_text(document, "code"),
        maybe_text(document, "redeemedBy"),
        maybe_text(document, "organisation"),
        moment(document, "until"),
    )


def _read_meeting(document: Document) -> Meeting:
    return Meeting(
        text(document, "id"),
        text(document, "storage"),
        maybe_text(document, "giverName"),
        moment(document, "until"),
    )
