"""From what somebody sent to a grant or request that keeps every rule (`kluis.example/ns/toegang#AccessProfile`).

The server completes what is sent with what only it may say, and looks at the whole: the form, the shapes with the
document as focus node, and what shapes cannot see.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pyoxigraph import Literal, NamedNode, Triple

from vault.errors import InvalidIdentifier, UnacceptableContent, Violation
from vault.grants.forms import check_grant_form, refuse
from vault.grants.materialise import needs_container
from vault.grants.written import as_list, constraint, read_grant, read_request, write_grant
from vault.model.grant import AccessRequest, Action, Grant, Policy, TargetKind, Terms
from vault.model.identifiers import identifier_from_url
from vault.rdf.documents import parse
from vault.rdf.validate import violations
from vocab.concepts import FixedContainer, fixed_containers
from vocab.media_types import JSON_LD
from vocab.namespaces import ODRL, WKT, XSD

Json = dict[str, Any]
T = TypeVar("T")
_SET_BY_VAULT = "Dit vult de kluis zelf in."
_OVER = "Kies een einddatum die nog komt."
_NOT_ITS_KIND = "De soort past niet bij het adres."
_ONLY_CONTAINERS = "Nieuwe stukken toevoegen of weggooien kan alleen in een map."
_NOT_COMPLETE = "Dit is niet volledig, of spreekt zichzelf tegen."
_OTHER_STORAGE = "Kies mappen of stukken in deze kluis, niet de hele kluis."
_SAME_EVERYWHERE = "Eén toegang heeft overal dezelfde ontvanger en dezelfde voorwaarden. Maak er anders twee."
_ONLY_READ = "In de map Mijn kijk kan een ander alleen lezen."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document belongs: the server, the storage it must be about, and policy time in seconds."""

    base_url: str
    storage_url: str
    policy_s: int


def complete(document: Mapping[str, Any], said_by_vault: Mapping[str, Any], clients: Iterable[str]) -> Json:
    """Add what only the server says; `None` is for what must be absent. What was sent may repeat it, not differ.

    Raises:
        UnacceptableContent: the sender says something else.
    """
    different = [
        Violation(name, _SET_BY_VAULT)
        for name, value in said_by_vault.items()
        if name in document and _plain(document[name]) != _plain(value)
    ]
    if different:
        raise UnacceptableContent("the sender sets what only the server sets", tuple(different))
    completed = {name: value for name, value in document.items() if name not in said_by_vault}
    completed |= {name: value for name, value in said_by_vault.items() if value is not None}
    wanted = list(clients)
    if wanted and isinstance(completed.get("access"), list):
        completed["access"] = [_with_clients(policy, wanted) for policy in completed["access"]]
    return completed


def without(document: Mapping[str, Any], names: Container[str]) -> Json:
    """A document without some members: those that an answer carries beside it."""
    return {name: value for name, value in document.items() if name not in names}


def read_sent_grant(document: Json, place: Place) -> Grant:
    """Check a completed grant and read it.

    Raises:
        UnacceptableContent: against a rule; every field is named with a sentence.
    """
    _check_shape(document, WKT.AccessGrantShape)
    grant = _read(read_grant, document)
    _check_terms(grant.terms, place)
    return grant


def read_sent_request(document: Json, place: Place) -> AccessRequest:
    """Check a completed request and read it.

    Raises:
        UnacceptableContent: against a rule; every field is named with a sentence.
    """
    _check_shape(document, WKT.AccessRequestShape)
    request = _read(read_request, document)
    _check_terms(request.terms, place)
    return request


def check_grant(grant: Grant, place: Place) -> None:
    """Check a grant that the server itself made of choices of the citizen.

    Raises:
        UnacceptableContent: against a rule.
    """
    document = write_grant(grant)
    check_grant_form(document)
    read_sent_grant(document, place)


def _with_clients(policy: Json, clients: list[str]) -> Json:
    constraints = policy.get("constraint", [])
    sent = [c for c in constraints if c.get("leftOperand") == "client"]
    if any(_plain(c.get("rightOperand")) != _plain(clients) for c in sent):
        raise refuse("access/constraint", _SET_BY_VAULT)
    rest = [c for c in constraints if c.get("leftOperand") != "client"]
    return policy | {"constraint": [*rest, constraint("client", clients)]}


def _plain(value: Any) -> Any:
    return frozenset(as_list(value)) if isinstance(value, str | list) else value


def _check_shape(document: Json, shape: str) -> None:
    triples = _typed(parse(json.dumps(document).encode(), JSON_LD, document["id"]))
    found = violations(triples, shape, document["id"])
    if found:
        raise UnacceptableContent("against the shapes of the access profile", found)


def _typed(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Give each right operand the type that its left operand asks for: in a document they are plain texts."""
    kept = tuple(triples)
    lefts = {t.subject: t.object for t in kept if t.predicate.value == ODRL.leftOperand}
    date_time = NamedNode(ODRL.dateTime)
    for triple in kept:
        value = triple.object
        if triple.predicate.value != ODRL.rightOperand or not isinstance(value, Literal):
            yield triple
        elif lefts.get(triple.subject) == date_time:
            typed = Literal(value.value, datatype=NamedNode(XSD.dateTime))
            yield Triple(triple.subject, triple.predicate, typed)
        else:
            yield Triple(triple.subject, triple.predicate, _iri(value.value))


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError as error:
        raise refuse("access/constraint", "Schrijf een volledig webadres.") from error


def _read(read: Callable[[Mapping[str, Any]], T], document: Json) -> T:
    try:
        if len({_receiver_and_conditions(policy) for policy in document["access"]}) > 1:
            raise refuse("access", _SAME_EVERYWHERE)
        return read(document)
    except (ValueError, KeyError) as error:
        raise refuse("access", _NOT_COMPLETE) from error


def _receiver_and_conditions(policy: Json) -> tuple[str, frozenset[object]]:
    conditions = ((c["leftOperand"], c["operator"], _plain(c["rightOperand"])) for c in policy["constraint"])
    return policy["assignee"], frozenset(conditions)


def _check_terms(terms: Terms, place: Place) -> None:
    found = [violation for policy in terms.policies for violation in _policy_violations(policy, place)]
    if terms.period.end.seconds < place.policy_s:
        found.append(Violation("access/constraint", _OVER))
    if found:
        raise UnacceptableContent("against the rules of the vault", tuple(dict.fromkeys(found)))


def _policy_violations(policy: Policy, place: Place) -> Iterator[Violation]:
    """What is wrong with a policy, whatever the shapes said: they describe documents, they do not authorize."""
    if policy.kind is TargetKind.DOCUMENT_KIND:
        return
    for target in policy.targets:
        home = _home_of(target, place)
        is_container = target.endswith("/")
        if home is None:
            yield Violation("access/target", _OTHER_STORAGE)
        elif home.read_only and policy.actions != {Action.READ}:
            yield Violation("access/action", _ONLY_READ)
        if policy.kind is (TargetKind.DATA_RESOURCE if is_container else TargetKind.CONTAINER):
            yield Violation("access/target", _NOT_ITS_KIND)
        if not is_container and needs_container(policy.actions):
            yield Violation("access/action", _ONLY_CONTAINERS)


def _home_of(target: str, place: Place) -> FixedContainer | None:
    """The fixed container that a target is or lies in; None for what nobody can be given."""
    try:
        identifier = identifier_from_url(target, place.base_url)
    except InvalidIdentifier:
        return None
    if not target.startswith(place.storage_url) or identifier.is_auxiliary or "%" in target:
        return None
    homes = (container for container in fixed_containers() if container.requestable)
    return next((home for home in homes if identifier.path.startswith(home.path)), None)
