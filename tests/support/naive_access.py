"""A second, deliberately naive reading of the access rules: graphs and the texts only, nothing of `vault.access`.

Slow and simple on purpose. Each paragraph of the specification is one function, so that a difference with the vault's
decision points at one sentence (`solid.github.io/web-access-control-spec/`, `kluis.example/ns/toegang`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF, SKOS, XSD
from rdflib.term import Node

import vocab

ACL = Namespace("http://www.w3.org/ns/auth/acl#")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
WKT = Namespace("https://kluis.example/ns/toegang#")
_CONCEPTS = Graph().parse(Path(vocab.__file__).parent / "domain" / "begrippen.ttl")

# Each known type of condition: its properties with the datatype of the values (None: an IRI), how few and how many.
_Form = dict[URIRef, tuple[URIRef | None, int, int]]
_FORMS: dict[Node, _Form] = {
    ACL.ClientCondition: {ACL.client: (None, 1, 99)},
    ACL.IssuerCondition: {ACL.issuer: (None, 1, 99)},
    WKT.TimeCondition: {WKT.notBefore: (XSD.dateTime, 0, 1), WKT.notAfter: (XSD.dateTime, 0, 1)},
    WKT.PurposeCondition: {WKT.purpose: (None, 1, 99), WKT.strict: (XSD.boolean, 0, 1)},
    WKT.OrganisationCondition: {WKT.organisation: (None, 1, 1)},
}


@dataclass(frozen=True)
class NaiveOrganisation:
    """An organisation of the register with its workers."""

    iri: str
    group: str
    issuers: frozenset[str]
    clients: frozenset[str]
    workers: frozenset[str]
    is_suspended: bool
    is_fresh: bool


@dataclass(frozen=True)
class NaiveRequest:
    """One request; `limit` is what her app may do at most: modes, and containers (None: everywhere)."""

    agent: str | None
    client: str | None
    issuer: str | None
    purpose: str | None
    origin: str | None
    time: int
    limit: tuple[frozenset[str], tuple[str, ...] | None] | None


@dataclass(frozen=True)
class NaiveWorld:
    """A storage: its owner, ACL graphs by path of their subject, and the register."""

    root: str
    owner: str
    owner_issuer: str
    acls: dict[str, Graph]
    organisations: tuple[NaiveOrganisation, ...]


def is_acceptable(graph: Graph) -> bool:
    """Whether an ACL may be written: every condition of every Authorization is known and well formed."""
    conditions = [
        condition
        for authorization in graph.subjects(RDF.type, ACL.Authorization)
        for condition in graph.objects(authorization, ACL.condition)
    ]
    return all(_is_well_formed(graph, condition) for condition in conditions)


def _is_well_formed(graph: Graph, condition: Node) -> bool:
    types = list(graph.objects(condition, RDF.type))
    if len(types) != 1 or types[0] not in _FORMS:
        return False
    form = _FORMS[types[0]]
    if any(name != RDF.type and name not in form for name in graph.predicates(condition)):
        return False
    if types[0] == WKT.TimeCondition and not any((condition, bound, None) in graph for bound in form):
        return False
    return all(
        least <= len(values := list(graph.objects(condition, name))) <= most
        and all(_has_datatype(value, datatype) for value in values)
        for name, (datatype, least, most) in form.items()
    )


def _has_datatype(value: Node, datatype: URIRef | None) -> bool:
    if datatype is None:
        return isinstance(value, URIRef)
    if not isinstance(value, Literal) or value.datatype != datatype:
        return False
    meant = value.toPython()
    if datatype == XSD.dateTime:
        return isinstance(meant, datetime) and meant.tzinfo is not None and meant.microsecond == 0
    return isinstance(meant, bool)


def is_allowed(world: NaiveWorld, request: NaiveRequest, mode: str, path: str) -> bool:
    """Whether a request may do something in a mode on a path."""
    if not _is_within_limit(request, mode, path):
        nobody = replace(request, agent=None, client=None, issuer=None, limit=None)
        return mode == "Read" and is_allowed(world, nobody, mode, path)
    if request.agent == world.owner and request.issuer == world.owner_issuer:
        return True
    graph, scope, subject = _effective_acl(world, path)
    return any(
        (authorization, scope, URIRef(world.root + subject)) in graph
        and _has_mode(graph, authorization, mode)
        and _names(world, request, graph, authorization)
        and _lets_origin_pass(request, graph, authorization)
        and all(_holds(world, request, graph, c) for c in graph.objects(authorization, ACL.condition))
        for authorization in graph.subjects(RDF.type, ACL.Authorization)
    )


def _is_within_limit(request: NaiveRequest, mode: str, path: str) -> bool:
    if request.limit is None:
        return True
    modes, containers = request.limit
    may = mode in modes or (mode == "Append" and "Write" in modes)
    return may and (containers is None or any(path.startswith(container) for container in containers))


def _effective_acl(world: NaiveWorld, path: str) -> tuple[Graph, URIRef, str]:
    """The nearest ACL, whether it is the resource's own, and whose it is."""
    if path in world.acls:
        return world.acls[path], ACL.accessTo, path
    while path:
        path = "/".join(path.rstrip("/").split("/")[:-1])
        path = f"{path}/" if path else ""
        if path in world.acls:
            return world.acls[path], ACL.default, path
    return Graph(), ACL.default, ""


def _has_mode(graph: Graph, authorization: Node, mode: str) -> bool:
    enough = {ACL[mode], ACL.Write} if mode == "Append" else {ACL[mode]}
    return any((authorization, ACL.mode, one) in graph for one in enough)


def _names(world: NaiveWorld, request: NaiveRequest, graph: Graph, authorization: Node) -> bool:
    if (authorization, ACL.agentClass, FOAF.Agent) in graph:
        return True
    if request.agent is None:
        return False
    if (authorization, ACL.agentClass, ACL.AuthenticatedAgent) in graph:
        return True
    if (authorization, ACL.agent, URIRef(request.agent)) in graph:
        return True
    return any(
        (authorization, ACL.agentGroup, URIRef(organisation.group)) in graph
        for organisation in world.organisations
        if _acts_for(request, organisation)
    )


def _lets_origin_pass(request: NaiveRequest, graph: Graph, authorization: Node) -> bool:
    origins = {str(origin) for origin in graph.objects(authorization, ACL.origin)}
    return request.origin is None or not origins or request.origin in origins


def _acts_for(request: NaiveRequest, organisation: NaiveOrganisation) -> bool:
    return (
        not organisation.is_suspended
        and organisation.is_fresh
        and request.agent in organisation.workers
        and request.issuer in organisation.issuers
        and request.client in organisation.clients
    )


def _holds(world: NaiveWorld, request: NaiveRequest, graph: Graph, condition: Node) -> bool:
    kind = graph.value(condition, RDF.type)
    if kind == ACL.ClientCondition:
        return (condition, ACL.client, URIRef(request.client or "")) in graph
    if kind == ACL.IssuerCondition:
        return (condition, ACL.issuer, URIRef(request.issuer or "")) in graph
    if kind == WKT.TimeCondition:
        return _is_in_time(request, graph, condition)
    if kind == WKT.PurposeCondition:
        return _is_for_purpose(request, graph, condition)
    if kind == WKT.OrganisationCondition:
        named = graph.value(condition, WKT.organisation)
        return any(str(named) == o.iri and _acts_for(request, o) for o in world.organisations)
    return False


def _is_in_time(request: NaiveRequest, graph: Graph, condition: Node) -> bool:
    first, last = graph.value(condition, WKT.notBefore), graph.value(condition, WKT.notAfter)
    return (first is None or _seconds(first) <= request.time) and (
        last is None or request.time <= _seconds(last)
    )


def _seconds(bound: Node) -> float:
    assert isinstance(bound, Literal)
    meant = bound.toPython()
    assert isinstance(meant, datetime)
    return meant.timestamp()


def _is_for_purpose(request: NaiveRequest, graph: Graph, condition: Node) -> bool:
    if request.purpose is None:
        strict = graph.value(condition, WKT.strict)
        return isinstance(strict, Literal) and strict.toPython() is False
    return any((condition, WKT.purpose, known) in graph for known in _with_broader(request.purpose))


def _with_broader(purpose: str) -> set[Node]:
    if purpose.startswith("https://w3id.org/dpv#"):
        return {URIRef(purpose)}
    return {
        broader
        for broader in _CONCEPTS.transitive_objects(URIRef(purpose), SKOS.broader)
        if broader is not None and (broader, SKOS.inScheme, None) in _CONCEPTS
    }
