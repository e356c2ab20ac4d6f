"""Somebody as `decide` would meet her when she uses what she was given: for showing the citizen who sees what."""

from __future__ import annotations

from collections.abc import Iterator

from vault.grants.visible import Rules
from vault.model.grant import Grant
from vault.model.organisation import Register
from vault.model.requester import Credentials, Declared, Requester
from vault.model.rules import (
    ClientCondition,
    IssuerCondition,
    OrganisationCondition,
    PurposeCondition,
    Rule,
)
from vocab.concepts import satisfied_purposes
from vocab.namespaces import ACL, FOAF


def receiver_of(grant: Grant, register: Register) -> Requester:
    """The receiver of a grant who meets all its conditions but time; a worker also has what her team has."""
    organisation = register.find(grant.organisation or "")
    groups = {grant.terms.assignee} if grant.terms.assignee_kind.is_group else set()
    groups |= {organisation.group} if organisation is not None else set()
    return Requester(
        Credentials(grant.terms.assignee, next(iter(grant.terms.clients), None), grant.issuers[0]),
        _declared(grant.terms.purpose),
        frozenset({grant.organisation} if grant.organisation else ()),
        frozenset(groups),
    )


def requesters_of(rules: Rules, party: str, register: Register) -> tuple[Requester, ...]:
    """Every way in which somebody, or the workers of a group, can use the rules about her as the register stands."""
    groups = groups_of(party, register)
    about = (
        rule
        for acl in rules.acls.values()
        for rule in (*acl.access_to, *acl.default)
        if party in rule.agents or ({party} | groups) & rule.groups
    )
    plain = Requester(Credentials(party), groups=groups)
    found = {_key(one): one for one in (plain, *(requester_for(rule, party, register) for rule in about))}
    return tuple(found.values())


def requester_for(rule: Rule, party: str, register: Register) -> Requester:
    """Somebody who meets the conditions of a rule about her, as far as the register lets her."""
    clients, issuers, purposes, acting = _wanted(rule)
    return Requester(
        Credentials(party, min(clients, default=None), min(issuers, default=None)),
        _declared(min(purposes, default=None), min(rule.origins, default=None)),
        frozenset(iri for iri in acting if _may_act(party, iri, register)),
        groups_of(party, register) | _itself(rule, party, register),
    )


def parties_of(rule: Rule) -> Iterator[str]:
    """Whom a rule is about: agents, groups, everybody, everybody who is signed in."""
    yield from sorted(rule.agents | rule.groups)
    if rule.everyone:
        yield FOAF.Agent
    if rule.signed_in:
        yield ACL.AuthenticatedAgent


def groups_of(party: str, register: Register) -> frozenset[str]:
    """The workers' groups that somebody is in, of organisations that may act; a group is in itself."""
    return frozenset(
        organisation.group
        for organisation in register.organisations
        if organisation.suspended_at is None and _is_worker(party, organisation.iri, register)
    )


def _itself(rule: Rule, party: str, register: Register) -> frozenset[str]:
    """A group that a rule names and that is of no organisation: whoever is in it, whether it could be fetched just now or
    not. Those of organisations are theirs while they may act."""
    is_of_register = any(organisation.group == party for organisation in register.organisations)
    return frozenset({party} if party in rule.groups and not is_of_register else ())


def _may_act(party: str, organisation: str, register: Register) -> bool:
    found = register.find(organisation)
    return found is not None and found.suspended_at is None and _is_worker(party, organisation, register)


def _is_worker(party: str, organisation: str, register: Register) -> bool:
    found = register.find(organisation)
    is_group = found is not None and found.group == party
    return is_group or register.membership(organisation).worker(party) is not None


def _wanted(rule: Rule) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    clients, issuers, purposes, acting = (
        frozenset[str](),
        frozenset[str](),
        frozenset[str](),
        frozenset[str](),
    )
    for condition in rule.conditions:
        match condition:
            case ClientCondition(clients=named):
                clients = named
            case IssuerCondition(issuers=named):
                issuers = named
            case PurposeCondition(named, _):
                purposes = named
            case OrganisationCondition(named):
                acting = named
            case _:
                pass
    return clients, issuers, purposes, acting


def _declared(purpose: str | None, origin: str | None = None) -> Declared:
    if purpose is None:
        return Declared(origin=origin)
    return Declared(purpose, satisfied_purposes(purpose) or frozenset({purpose}), origin)


def _key(requester: Requester) -> tuple[object, ...]:
    return (requester.credentials, requester.declared, requester.organisations)
