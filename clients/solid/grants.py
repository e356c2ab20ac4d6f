"""Grants: give, narrow, stop, list (AccessGrantService)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from clients.solid.description import LD_JSON, Storage
from clients.solid.parties import Parties, read_parties
from clients.solid.session import Session
from clients.solid.teams import Team, read_team
from clients.solid.terms import Terms, read_terms, write_terms
from clients.solid.values import Document, flag, maybe_text, moment, objects, read_document, text

SERVICE = "AccessGrantService"
_JSON = {"Content-Type": LD_JSON, "Accept": LD_JSON}


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as the server tells it; `status` is "Active", "Planned", "Ended" or "Stopped".

    `team` is told to who gave it, `paused` also to who received it: the team grew much larger and waits for a yes.
    """

    id: str
    storage: str
    terms: Terms
    status: str
    organisation: str | None
    given_at: datetime | None
    stopped_at: datetime | None
    giver_name: str | None
    etag: str | None = None
    team: Team | None = None
    paused: bool = False

    @property
    def ref(self) -> str:
        """The last part of its IRI: random, says nothing."""
        return self.id.rsplit("/", 1)[-1]

    @property
    def is_open(self) -> bool:
        """Whether it lets somebody in, now or later."""
        return self.status in {"Active", "Planned"}


@dataclass(frozen=True, slots=True)
class NewGrant:
    """What is given: terms, the request it answers or the grant it replaces, and the digests of what was previewed."""

    terms: Terms
    previewed: Sequence[str] = ()
    in_response_to: str | None = None
    strict: bool = True

    def document(self, storage: str) -> dict[str, object]:
        """The draft without the digests, as PreviewService takes it."""
        written = write_terms("AccessGrant", storage, self.terms) | {"strict": self.strict}
        return written | ({"inResponseTo": self.in_response_to} if self.in_response_to else {})


def list_grants(session: Session, endpoint: str) -> tuple[tuple[Grant, ...], Parties]:
    """All grants that the asker may see at a collection, newest first, with who is in them.

    The collection is that of a storage, or the server's own of the grants a worker received.
    """
    document = read_document(session.request("GET", endpoint, headers={"Accept": LD_JSON}))
    grants = [read_grant(entry) for entry in objects(document, "items")]
    return tuple(sorted(grants, key=_given, reverse=True)), read_parties(document)


def get_grant(session: Session, url: str) -> tuple[Grant, Parties]:
    """One grant with its ETag."""
    answer = session.request("GET", url, headers={"Accept": LD_JSON})
    document = read_document(answer)
    return read_grant(document, answer.headers.get("ETag")), read_parties(document)


def give(session: Session, storage: Storage, grant: NewGrant) -> str:
    """Give access. Gives the IRI of the grant.

    Raises:
        Clash: what would be seen is not what was previewed.
        Unacceptable: against a rule.
    """
    endpoint = storage.endpoint(SERVICE)
    body = grant.document(storage.url) | {"previewed": list(grant.previewed)}
    answer = session.request("POST", endpoint, json=body, headers=_JSON)
    return urljoin(endpoint, answer.headers.get("Location", ""))


def stop(session: Session, grant: str) -> None:
    """Stop a grant, given by its IRI; it works from the answer on."""
    session.request("DELETE", grant)


def stop_everything(session: Session, storage: Storage) -> None:
    """Stop all grants and what was set by hand, and refuse open requests."""
    session.request("DELETE", storage.endpoint(SERVICE))


def read_grant(document: Document, etag: str | None = None) -> Grant:
    """Read a grant.

    Raises:
        MalformedAnswer: it is none.
    """
    team = read_team(document)
    return Grant(
        text(document, "id"),
        text(document, "storage"),
        read_terms(document),
        text(document, "status"),
        maybe_text(document, "organisation"),
        moment(document, "givenAt"),
        moment(document, "stoppedAt"),
        maybe_text(document, "giverName"),
        etag,
        team,
        flag(document, "paused", otherwise=team is not None and team.paused is not None),
    )


def _given(grant: Grant) -> float:
    return grant.given_at.timestamp() if grant.given_at else 0.0
