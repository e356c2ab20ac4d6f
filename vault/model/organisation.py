"""Verified organisations of the register, and who acts for them right now."""

from __future__ import annotations

from dataclasses import dataclass, field

group_lifetime_s = 600


@dataclass(frozen=True, slots=True)
class Organisation:
    """A verified organisation: who it is, and which issuers, clients and group act for it.

    `kind` is a concept IRI of the scheme Organisatiesoorten. `number_kind` is "KvK" (8 digits) or "OIN" (20). Times are
    seconds since the epoch.
    """

    iri: str
    name: str
    kind: str
    number_kind: str
    number: str
    municipality: str
    issuers: frozenset[str]
    clients: frozenset[str]
    group: str
    verified_by: str
    verified_at: int
    suspended_at: int | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """A member of a workers' group as the organisation's group document names her."""

    webid: str
    name: str | None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """The workers of an organisation as last fetched (`fetched_at`: wall seconds; None when never)."""

    workers: tuple[Worker, ...] = ()
    fetched_at: int | None = None

    def worker(self, webid: str) -> Worker | None:
        """The worker with this WebID, None when she is not in the group."""
        return next((w for w in self.workers if w.webid == webid), None)


@dataclass(frozen=True, slots=True)
class Register:
    """All organisations with their workers, as of one server epoch."""

    organisations: tuple[Organisation, ...] = ()
    memberships: dict[str, Membership] = field(default_factory=dict)

    def find(self, iri: str) -> Organisation | None:
        """The organisation with this IRI."""
        return next((o for o in self.organisations if o.iri == iri), None)

    def membership(self, iri: str) -> Membership:
        """The workers of an organisation; empty when never fetched."""
        return self.memberships.get(iri, Membership())
