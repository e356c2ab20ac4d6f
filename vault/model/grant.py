"""Grants and access requests as values, valid by construction (`kluis.example/ns/toegang#AccessProfile`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

_XSD_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")


class Action(StrEnum):
    """What a policy lets somebody do; the value is its term in a document."""

    READ = "read"
    CREATE = "create"
    APPEND = "append"
    MODIFY = "modify"
    DELETE = "delete"


class AssigneeKind(StrEnum):
    """What kind of receiver a grant or request names."""

    PERSON = "Person"
    WORKER = "Worker"
    TEAM = "Team"
    WHOLE_ORGANISATION = "WholeOrganisation"

    @property
    def is_group(self) -> bool:
        """Whether the assignee is a group of workers."""
        return self in {AssigneeKind.TEAM, AssigneeKind.WHOLE_ORGANISATION}


class TargetKind(StrEnum):
    """What kind of things a policy is about."""

    STORAGE_RESOURCE = "StorageResource"
    CONTAINER = "Container"
    DATA_RESOURCE = "DataResource"
    DOCUMENT_KIND = "DocumentKind"


class GrantStatus(StrEnum):
    """How a grant stands at a moment."""

    ACTIVE = "Active"
    PLANNED = "Planned"
    ENDED = "Ended"
    STOPPED = "Stopped"


class RequestStatus(StrEnum):
    """How an access request stands."""

    WAITING = "Waiting"
    ACCEPTED = "Accepted"
    REFUSED = "Refused"
    CANCELLED = "Cancelled"


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A moment in whole seconds with its zone: as it was written, and in seconds since the epoch.

    Raises:
        ValueError: not an ISO 8601 moment in whole seconds with a zone.
    """

    seconds: int
    text: str

    def __post_init__(self) -> None:
        if instant_seconds(self.text) != self.seconds:
            raise ValueError("the moment is not what its text says")


def instant_seconds(text: str) -> int:
    """Read a moment.

    Raises:
        ValueError: not a moment in whole seconds with a zone.
    """
    if not _XSD_DATE_TIME.fullmatch(text):
        raise ValueError("not a moment with date, time in whole seconds and zone")
    return int(datetime.fromisoformat(text).timestamp())


def instant(text: str) -> Instant:
    """Make an instant of its text.

    Raises:
        ValueError: not a moment in whole seconds with a zone.
    """
    return Instant(instant_seconds(text), text)


def instant_at(seconds: int) -> Instant:
    """Make an instant of seconds since the epoch, written in UTC."""
    return Instant(seconds, datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def last_segment(iri: str) -> str:
    """The last part of an IRI."""
    return iri.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Period:
    """From when (None: from the moment of giving) until when, both included."""

    start: Instant | None
    end: Instant

    def __post_init__(self) -> None:
        if self.start is not None and self.end.seconds <= self.start.seconds:
            raise ValueError("the end must be after the start")

    def is_within(self, other: Period) -> bool:
        """Whether this is the other period or a part of it."""
        starts_later = other.start is None or (
            self.start is not None and self.start.seconds >= other.start.seconds
        )
        return starts_later and self.end.seconds <= other.end.seconds


@dataclass(frozen=True, slots=True)
class Policy:
    """Some actions on some targets: URLs exactly as received, or kinds of documents in a request."""

    actions: frozenset[Action]
    kind: TargetKind
    targets: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.actions or not self.targets:
            raise ValueError("a policy names an action and a target")
        if len(set(self.targets)) != len(self.targets):
            raise ValueError("a target is named twice")


@dataclass(frozen=True, slots=True)
class Terms:
    """What requests and grants share: one receiver, one purpose, one period, and policies."""

    assignee: str
    assignee_kind: AssigneeKind
    purpose: str
    period: Period
    clients: tuple[str, ...]
    legal_basis: tuple[str, ...]
    reason: str
    policies: tuple[Policy, ...]

    def __post_init__(self) -> None:
        if not self.policies or not self.legal_basis:
            raise ValueError("terms name a policy and a legal basis")

    def targets(self) -> tuple[str, ...]:
        """All targets, sorted."""
        return tuple(sorted({target for policy in self.policies for target in policy.targets}))

    def actions_on(self, target: str) -> frozenset[Action]:
        """Every action that some policy names for this target."""
        return frozenset(
            action for policy in self.policies if target in policy.targets for action in policy.actions
        )


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What a worker asks; only its status changes."""

    id: str
    storage: str
    terms: Terms
    requested_by: str
    requested_at: Instant
    organisation: str
    consequence_of_refusal: str
    inbox: str | None = None
    status: RequestStatus = RequestStatus.WAITING

    @property
    def short_id(self) -> str:
        """The last part of its IRI, by which it is kept."""
        return last_segment(self.id)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the citizen gave.

    `exceptions` are URLs inside its targets where a nearer ACL of hers keeps it out, also when nothing is there now.
    `stopped_at` is set when she stopped it. `giver_name` is how she is called, as of giving.
    """

    id: str
    storage: str
    terms: Terms
    given_by: str
    given_at: Instant
    opened_by: str
    issuers: tuple[str, ...]
    organisation: str | None = None
    strict: bool = True
    in_response_to: str | None = None
    replaces: str | None = None
    stopped_at: Instant | None = None
    exceptions: tuple[str, ...] = ()
    giver_name: str = ""

    def __post_init__(self) -> None:
        person = self.terms.assignee_kind is AssigneeKind.PERSON
        if person and (self.organisation is not None or len(self.issuers) != 1):
            raise ValueError("a grant to a person names exactly one issuer and no organisation")
        if not person and (self.organisation is None or not self.issuers or not self.terms.clients):
            raise ValueError("a grant to an organisation names it, its issuer and its app")
        if not person and not self.strict:
            raise ValueError("a grant to an organisation is strict")

    @property
    def short_id(self) -> str:
        """The last part of its IRI, by which it is kept."""
        return last_segment(self.id)

    def status_at(self, policy_s: int) -> GrantStatus:
        """How it stands at a moment of policy time, given in seconds since the epoch."""
        period = self.terms.period
        if self.stopped_at is not None:
            return GrantStatus.STOPPED
        if policy_s > period.end.seconds:
            return GrantStatus.ENDED
        if period.start is not None and policy_s < period.start.seconds:
            return GrantStatus.PLANNED
        return GrantStatus.ACTIVE

    def is_in_force(self, policy_s: int) -> bool:
        """Whether it lets somebody in at a moment of policy time, or will."""
        return self.status_at(policy_s) in {GrantStatus.ACTIVE, GrantStatus.PLANNED}

    def with_policies(self, policies: tuple[Policy, ...]) -> Grant:
        """The same grant with other policies."""
        return replace(self, terms=replace(self.terms, policies=policies))

    def with_period(self, period: Period) -> Grant:
        """The same grant with another period."""
        return replace(self, terms=replace(self.terms, period=period))
