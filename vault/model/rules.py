"""Compiled access rules: what an ACL resource says, ready to be decided on (`solidproject.org/TR/wac#authorization`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode

_WKT = "https://kluis.example/ns/toegang#"


@dataclass(frozen=True, slots=True)
class ClientCondition:
    """The requester's client is one of these, or in one of these groups, or anything at all."""

    clients: frozenset[str]
    groups: frozenset[str] = frozenset()
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class IssuerCondition:
    """The requester's issuer is one of these, or in one of these groups, or anything at all."""

    issuers: frozenset[str]
    groups: frozenset[str] = frozenset()
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class TimeCondition:
    """Policy time lies between two moments, both included; seconds since the epoch, at least one given."""

    not_before: int | None
    not_after: int | None


@dataclass(frozen=True, slots=True)
class PurposeCondition:
    """The declared purpose is one of these or narrower; `strict` refuses when none was declared."""

    purposes: frozenset[str]
    strict: bool


@dataclass(frozen=True, slots=True)
class OrganisationCondition:
    """The requester acts for one of these organisations right now."""

    organisations: frozenset[str]


@dataclass(frozen=True, slots=True)
class NeverCondition:
    """A condition that could not be understood where it was met; it never holds."""


Condition = (
    ClientCondition
    | IssuerCondition
    | TimeCondition
    | PurposeCondition
    | OrganisationCondition
    | NeverCondition
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One Authorization that can have effect; `authorization` is its IRI (or ""), `grant` the IRI it was derived from.

    `origins` restrict only this rule and never grant alone. `client` is the app with which a rule without a grant was
    written, None when that was the vault or is not known; it decides nothing.
    """

    authorization: str
    modes: frozenset[AccessMode]
    agents: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    everyone: bool = False
    signed_in: bool = False
    origins: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()
    grant: str | None = None
    client: str | None = None

    @property
    def says(self) -> tuple[Rule, frozenset[Condition]]:
        """What a rule says, whatever its name is, with its conditions in no order, and whoever wrote it."""
        return replace(self, authorization="", conditions=(), client=None), frozenset(self.conditions)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision is about: the resource, the storage's owner with her issuer, and the rules that govern it.

    For a resource governed by its own ACL these are its `access_to` rules, else the `default` rules of the nearest
    ACL above; for an absent one what it would inherit. `writer` wrote that ACL, None: the vault, for the owner.
    """

    identifier: ResourceIdentifier
    owner: str
    owner_issuer: str
    rules: tuple[Rule, ...]
    writer: str | None


@dataclass(frozen=True, slots=True)
class CompiledAcl:
    """The rules of one ACL resource: for its own subject, and for what inherits from it.

    A group in them counts as far as `writer` may read it, None: as far as the owner may. A catalogue that gets None
    fills in whoever wrote the ACL resource.
    """

    access_to: tuple[Rule, ...] = ()
    default: tuple[Rule, ...] = ()
    writer: str | None = None

    def written_with(self, client: str | None) -> CompiledAcl:
        """The same, with every rule that no grant made written with this app."""
        return self._each(lambda _: client)

    def after(self, before: CompiledAcl) -> CompiledAcl:
        """The same, with every rule that stood there before still written with the app that wrote it then."""
        known = {rule.says: rule.client for rule in (*before.access_to, *before.default)}
        return self._each(lambda rule: known.get(rule.says, rule.client))

    def _each(self, client_of: Callable[[Rule], str | None]) -> CompiledAcl:
        own, inherited = (
            tuple(rule if rule.grant else replace(rule, client=client_of(rule)) for rule in part)
            for part in (self.access_to, self.default)
        )
        return replace(self, access_to=own, default=inherited)

    def groups(self) -> frozenset[str]:
        """Every group that is named: of agents, of clients and of issuers."""
        return frozenset().union(*(groups_in(rule) for rule in (*self.access_to, *self.default)))


def groups_in(rule: Rule) -> frozenset[str]:
    """The groups that a rule names, of agents and in its conditions."""
    found = rule.groups
    for condition in rule.conditions:
        if isinstance(condition, ClientCondition | IssuerCondition) and condition.groups:
            found |= condition.groups
    return found


class RefusalReason(StrEnum):
    """Why something was refused; the value is the IRI in the journal."""

    NO_GRANT = f"{_WKT}NoGrant"
    TOO_EARLY = f"{_WKT}TooEarly"
    TOO_LATE = f"{_WKT}TooLate"
    OTHER_PURPOSE = f"{_WKT}OtherPurpose"
    PURPOSE_MISSING = f"{_WKT}PurposeMissing"
    OTHER_CLIENT = f"{_WKT}OtherClient"
    OTHER_ISSUER = f"{_WKT}OtherIssuer"
    NOT_IN_GROUP = f"{_WKT}NotInGroup"
    ORGANISATION_NOT_ACTIVE = f"{_WKT}OrganisationNotActive"
    GROUP_PAUSED = f"{_WKT}GroupPaused"
    OTHER_MODE = f"{_WKT}OtherMode"
    NOT_SIGNED_IN = f"{_WKT}NotSignedIn"


@dataclass(frozen=True, slots=True)
class Allowed:
    """May; `rule` is None when she may as owner. `valid_until` is the next moment it could change, policy time."""

    rule: Rule | None
    valid_until: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """May not: the nearest reason, and the modes that are missing."""

    reason: RefusalReason
    missing: frozenset[AccessMode]


Decision = Allowed | Refused
