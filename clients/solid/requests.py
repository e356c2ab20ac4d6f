"""Access requests: ask, withdraw, refuse, list (AccessRequestService)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from clients.solid.description import LD_JSON, Storage
from clients.solid.parties import Parties, read_parties
from clients.solid.session import Session
from clients.solid.terms import Terms, read_terms, write_terms
from clients.solid.values import Document, maybe_text, moment, objects, read_document, text

SERVICE = "AccessRequestService"
_MERGE_PATCH = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request as the server tells it; `status` is "Waiting", "Accepted", "Refused" or "Cancelled"."""

    id: str
    storage: str
    terms: Terms
    requested_by: str
    requested_at: datetime | None
    organisation: str | None
    consequence_of_refusal: str
    status: str

    @property
    def ref(self) -> str:
        """The last part of its IRI: random, says nothing."""
        return self.id.rsplit("/", 1)[-1]

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for an answer."""
        return self.status == "Waiting"


def list_requests(session: Session, storage: Storage) -> tuple[tuple[AccessRequest, ...], Parties]:
    """All requests at a storage, newest first, with who is in them."""
    document = read_document(session.request("GET", storage.endpoint(SERVICE), headers={"Accept": LD_JSON}))
    found = [read_request(entry) for entry in objects(document, "items")]
    return tuple(sorted(found, key=_asked, reverse=True)), read_parties(document)


def get_request(session: Session, url: str) -> tuple[AccessRequest, Parties]:
    """One request."""
    document = read_document(session.request("GET", url, headers={"Accept": LD_JSON}))
    return read_request(document), read_parties(document)


def ask(session: Session, storage: Storage, terms: Terms, consequence_of_refusal: str) -> str:
    """Ask for access; targets are fixed containers or kinds of documents. Gives the IRI of the request.

    Raises:
        Absent: no meeting with the owner.
        Unacceptable: against a rule.
        TooOften: asked too much.
    """
    endpoint = storage.endpoint(SERVICE)
    written = write_terms("AccessRequest", storage.url, terms)
    body = written | {"consequenceOfRefusal": consequence_of_refusal}
    answer = session.request("POST", endpoint, json=body, headers={"Content-Type": LD_JSON})
    return urljoin(endpoint, answer.headers.get("Location", ""))


def refuse(session: Session, request: str) -> None:
    """Say no to a request, given by its IRI."""
    session.request("PATCH", request, json={"status": "Refused"}, headers={"Content-Type": _MERGE_PATCH})


def withdraw(session: Session, request: str) -> None:
    """Take back one's own request."""
    session.request("DELETE", request)


def read_request(document: Document) -> AccessRequest:
    """Read a request.

    Raises:
        MalformedAnswer: it is none.
    """
    return AccessRequest(
        text(document, "id"),
        text(document, "storage"),
        read_terms(document),
        text(document, "requestedBy"),
        moment(document, "requestedAt"),
        maybe_text(document, "organisation"),
        text(document, "consequenceOfRefusal"),
        text(document, "status"),
    )


def _asked(request: AccessRequest) -> float:
    return request.requested_at.timestamp() if request.requested_at else 0.0
