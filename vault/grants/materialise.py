"""From a grant to the Authorizations that follow from it, and from it alone (`kluis.example/ns/toegang#AccessProfile`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vault.model.grant import Action, Grant, Policy
from vault.model.modes import AccessMode
from vocab.namespaces import ACL, PROV, RDF, WKT, XSD

_READ = frozenset({AccessMode.READ})
_APPEND = frozenset({AccessMode.APPEND})
_WRITE = frozenset({AccessMode.WRITE})
_ON_DOCUMENT: Mapping[Action, frozenset[AccessMode]] = {
    Action.READ: _READ,
    Action.APPEND: _APPEND,
    Action.MODIFY: _READ | _WRITE,
}
_ON_CONTAINER: Mapping[Action, frozenset[AccessMode]] = {
    Action.READ: _READ,
    Action.CREATE: _APPEND,
    Action.APPEND: _APPEND,
    # Write on the container itself would let somebody delete its direct members.
    Action.MODIFY: _READ,
    Action.DELETE: _WRITE,
}
_ON_MEMBERS: Mapping[Action, frozenset[AccessMode]] = {
    Action.READ: _READ,
    Action.CREATE: _APPEND,
    Action.APPEND: _APPEND,
    Action.MODIFY: _READ | _WRITE,
    Action.DELETE: _WRITE,
}


@dataclass(frozen=True, slots=True)
class Derived:
    """One Authorization of a grant: its number in the grant, and its modes on a target, on what lies in it, or both."""

    grant: Grant
    number: int
    target: str
    modes: frozenset[AccessMode]
    on_target: bool
    on_members: bool


def needs_container(actions: Iterable[Action]) -> bool:
    """Whether an action among these exists on containers only."""
    return any(action not in _ON_DOCUMENT for action in actions)


def modes_on(actions: Iterable[Action], target: str) -> tuple[frozenset[AccessMode], frozenset[AccessMode]]:
    """The modes that actions give on a target itself, and on what lies in it (none for a document)."""
    chosen = tuple(actions)
    if not target.endswith("/"):
        return _joined(_ON_DOCUMENT, chosen), frozenset()
    return _joined(_ON_CONTAINER, chosen), _joined(_ON_MEMBERS, chosen)


def derive(grant: Grant) -> tuple[Derived, ...]:
    """Every Authorization of a grant, numbered from 1 in the order of its targets.

    Equal modes on a container and on what lies in it make one Authorization, different ones two.
    """
    parts: list[tuple[str, frozenset[AccessMode], bool, bool]] = []
    for policy in sorted(grant.terms.policies, key=_sorted_targets):
        for target in _sorted_targets(policy):
            own, members = modes_on(policy.actions, target)
            if own == members:
                parts.append((target, own, True, True))
            else:
                parts.append((target, own, True, False))
                parts += [(target, members, False, True)] if members else []
    return tuple(Derived(grant, number, *part) for number, part in enumerate(parts, 1))


def triples_on_target(derived: Derived) -> Iterator[Triple]:
    """The Authorization in the ACL resource of its own target."""
    predicates = [ACL.accessTo] if derived.on_target else []
    predicates += [ACL.default] if derived.on_members else []
    return _authorization(derived, derived.target, predicates)


def triples_below(derived: Derived, subject_url: str) -> Iterator[Triple]:
    """The Authorization repeated in the ACL resource of something inside its target, as what lies there gets it."""
    predicates = [ACL.accessTo, ACL.default] if subject_url.endswith("/") else [ACL.accessTo]
    return _authorization(derived, subject_url, predicates)


def _sorted_targets(policy: Policy) -> list[str]:
    return sorted(policy.targets)


def _joined(
    table: Mapping[Action, frozenset[AccessMode]], actions: Iterable[Action]
) -> frozenset[AccessMode]:
    return frozenset(mode for action in actions for mode in table.get(action, frozenset()))


def _authorization(derived: Derived, subject_url: str, predicates: Iterable[str]) -> Iterator[Triple]:
    grant, terms = derived.grant, derived.grant.terms
    node = NamedNode(f"{subject_url}.acl#{grant.short_id}-{derived.number}")
    who = ACL.agentGroup if terms.assignee_kind.is_group else ACL.agent
    yield Triple(node, NamedNode(RDF.type), NamedNode(ACL.Authorization))
    yield Triple(node, NamedNode(PROV.wasDerivedFrom), NamedNode(grant.id))
    yield Triple(node, NamedNode(who), NamedNode(terms.assignee))
    for predicate in predicates:
        yield Triple(node, NamedNode(predicate), NamedNode(subject_url))
    for mode in sorted(derived.modes):
        yield Triple(node, NamedNode(ACL.mode), NamedNode(mode.value))
    for kind, facts in _conditions(grant):
        # The name follows from the grant, so that the same Authorization is the same bytes each time.
        blank = BlankNode(f"{grant.short_id}x{derived.number}{kind.rsplit('#', 1)[-1]}")
        yield Triple(node, NamedNode(ACL.condition), blank)
        yield Triple(blank, NamedNode(RDF.type), NamedNode(kind))
        for predicate, value in facts:
            yield Triple(blank, NamedNode(predicate), value)


_Facts = list[tuple[str, NamedNode | Literal]]


def _conditions(grant: Grant) -> Iterator[tuple[str, _Facts]]:
    terms = grant.terms
    if terms.clients:
        yield ACL.ClientCondition, [(ACL.client, NamedNode(client)) for client in terms.clients]
    yield ACL.IssuerCondition, [(ACL.issuer, NamedNode(issuer)) for issuer in grant.issuers]
    yield WKT.TimeCondition, list(_bounds(grant))
    strict = Literal(grant.strict)
    yield WKT.PurposeCondition, [(WKT.purpose, NamedNode(terms.purpose)), (WKT.strict, strict)]
    if grant.organisation is not None:
        yield WKT.OrganisationCondition, [(WKT.organisation, NamedNode(grant.organisation))]


def _bounds(grant: Grant) -> Iterator[tuple[str, NamedNode | Literal]]:
    period, date_time = grant.terms.period, NamedNode(XSD.dateTime)
    if period.start is not None:
        yield WKT.notBefore, Literal(period.start.text, datatype=date_time)
    yield WKT.notAfter, Literal(period.end.text, datatype=date_time)
