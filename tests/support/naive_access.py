"""A second, deliberately naive reading of the access rules: graphs and the texts only, nothing of `vault.access`.

Slow and simple on purpose. Each paragraph of the specification is one function, so that a difference with the vault's
decision points at one sentence (`solid.github.io/web-access-control-spec/`, `kluis.example/ns/toegang`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF, SKOS, XSD
from rdflib.term import Node

import vocab

ACL = Namespace("http://www.w3.org/ns/auth/acl#")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
WKT = Namespace("https://kluis.example/ns/toegang#")
_CONCEPTS = Graph().parse(Path(vocab.__file__).parent / "domain" / "begrippen.ttl")
_TEN_MINUTES = 600

# Each known type of condition: its properties with the datatype of the values (None: an IRI), how few and how many.
_Form = dict[URIRef, tuple[URIRef | None, int, int]]
_FORMS: dict[Node, _Form] = {
    ACL.ClientCondition: dict.fromkeys((ACL.client, ACL.clientGroup, ACL.clientClass), (None, 0, 99)),
    ACL.IssuerCondition: dict.fromkeys((ACL.issuer, ACL.issuerGroup, ACL.issuerClass), (None, 0, 99)),
    WKT.TimeCondition: {WKT.notBefore: (XSD.dateTime, 0, 1), WKT.notAfter: (XSD.dateTime, 0, 1)},
    WKT.PurposeCondition: {WKT.purpose: (None, 1, 99), WKT.strict: (XSD.boolean, 0, 1)},
    WKT.OrganisationCondition: {WKT.organisation: (None, 1, 1)},
}
_CLASSES = {ACL.clientClass, ACL.issuerClass}


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
class NaiveAcl:
    """An ACL as it was written, and by whom; None: by the server, for the owner."""

    graph: Graph
    writer: str | None = None


@dataclass(frozen=True)
class NaiveStorage:
    """A storage: its owner, ACLs by path of their subject, and its documents by path."""

    root: str
    owner: str
    owner_issuer: str
    acls: dict[str, NaiveAcl]
    documents: dict[str, Graph]


@dataclass(frozen=True)
class NaiveWorld:
    """The storages of a server, the register, groups of other servers (their members, and seconds since fetched), and
    those of both that wait for a yes."""

    storages: tuple[NaiveStorage, ...]
    organisations: tuple[NaiveOrganisation, ...]
    elsewhere: dict[str, tuple[frozenset[str], int]]
    paused: frozenset[str] = frozenset()

    def home(self, url: str) -> NaiveStorage | None:
        """The storage that a URL lies in."""
        return next((storage for storage in self.storages if url.startswith(storage.root)), None)


@dataclass(frozen=True)
class _Case:
    """One request on one Authorization of one ACL."""

    world: NaiveWorld
    storage: NaiveStorage
    request: NaiveRequest
    acl: NaiveAcl


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
    if not any((condition, name, None) in graph for name in form):
        return False
    if any(value != FOAF.Agent for name in _CLASSES for value in graph.objects(condition, name)):
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


def is_allowed(world: NaiveWorld, request: NaiveRequest, mode: str, url: str) -> bool:
    """Whether a request may do something in a mode at a URL."""
    storage = world.home(url)
    assert storage is not None
    path = url.removeprefix(storage.root)
    if not _is_within_limit(request, mode, path):
        nobody = replace(request, agent=None, client=None, issuer=None, limit=None)
        return mode == "Read" and is_allowed(world, nobody, mode, url)
    if request.agent == storage.owner and request.issuer == storage.owner_issuer:
        return True
    acl, scope, subject = _effective_acl(storage, path)
    case, graph = _Case(world, storage, request, acl), acl.graph
    return any(
        (authorization, scope, URIRef(storage.root + subject)) in graph
        and _has_mode(graph, authorization, mode)
        and _names(case, authorization)
        and _lets_origin_pass(case, authorization)
        and all(_holds(case, condition) for condition in graph.objects(authorization, ACL.condition))
        for authorization in graph.subjects(RDF.type, ACL.Authorization)
    )


def _is_within_limit(request: NaiveRequest, mode: str, path: str) -> bool:
    if request.limit is None:
        return True
    modes, containers = request.limit
    may = mode in modes or (mode == "Append" and "Write" in modes)
    return may and (containers is None or any(path.startswith(container) for container in containers))


def _effective_acl(storage: NaiveStorage, path: str) -> tuple[NaiveAcl, URIRef, str]:
    """The nearest ACL, whether it is the resource's own, and whose it is."""
    if path in storage.acls:
        return storage.acls[path], ACL.accessTo, path
    while path:
        path = "/".join(path.rstrip("/").split("/")[:-1])
        path = f"{path}/" if path else ""
        if path in storage.acls:
            return storage.acls[path], ACL.default, path
    return NaiveAcl(Graph()), ACL.default, ""


def _has_mode(graph: Graph, authorization: Node, mode: str) -> bool:
    enough = {ACL[mode], ACL.Write} if mode == "Append" else {ACL[mode]}
    return any((authorization, ACL.mode, one) in graph for one in enough)


def _names(case: _Case, authorization: Node) -> bool:
    graph, agent = case.acl.graph, case.request.agent
    if (authorization, ACL.agentClass, FOAF.Agent) in graph:
        return True
    if agent is None:
        return False
    if (authorization, ACL.agentClass, ACL.AuthenticatedAgent) in graph:
        return True
    if (authorization, ACL.agent, URIRef(agent)) in graph:
        return True
    groups = list(graph.objects(authorization, ACL.agentGroup))
    acting = {o.group for o in case.world.organisations if _acts_for(case.request, o)} - case.world.paused
    return any(str(group) in acting or _is_in(case, group, agent) for group in groups)


def _is_in(case: _Case, group: Node, who: str | None) -> bool:
    """Whether somebody is in a group that is no organisation's, as far as the writer of the ACL may know."""
    world, iri = case.world, str(group)
    if who is None or any(iri == organisation.group for organisation in world.organisations):
        return False
    if iri in world.paused:
        return False
    if iri in world.elsewhere:
        members, age = world.elsewhere[iri]
        return who in members and age <= _TEN_MINUTES
    document, _, _ = iri.partition("#")
    home = world.home(document)
    if home is None or document.removeprefix(home.root) not in home.documents:
        return False
    described = home.documents[document.removeprefix(home.root)]
    is_group = (URIRef(iri), RDF.type, VCARD.Group) in described
    has_member = (URIRef(iri), VCARD.hasMember, URIRef(who)) in described
    return is_group and has_member and _may_read(home, case.acl.writer or case.storage.owner, document)


def _may_read(home: NaiveStorage, who: str, document: str) -> bool:
    """Whether somebody may read a document whatever app, issuer, purpose and group."""
    if who == home.owner:
        return True
    acl, scope, subject = _effective_acl(home, document.removeprefix(home.root))
    named = {(ACL.agentClass, FOAF.Agent)}
    if who != str(FOAF.Agent):
        named |= {(ACL.agentClass, ACL.AuthenticatedAgent), (ACL.agent, URIRef(who))}
    return any(
        (authorization, scope, URIRef(home.root + subject)) in acl.graph
        and (authorization, ACL.mode, ACL.Read) in acl.graph
        and any((authorization, *name) in acl.graph for name in named)
        and (authorization, ACL.condition, None) not in acl.graph
        and (authorization, ACL.origin, None) not in acl.graph
        for authorization in acl.graph.subjects(RDF.type, ACL.Authorization)
    )


def _lets_origin_pass(case: _Case, authorization: Node) -> bool:
    origins = {str(origin) for origin in case.acl.graph.objects(authorization, ACL.origin)}
    return case.request.origin is None or not origins or case.request.origin in origins


def _acts_for(request: NaiveRequest, organisation: NaiveOrganisation) -> bool:
    return (
        not organisation.is_suspended
        and organisation.is_fresh
        and request.agent in organisation.workers
        and request.issuer in organisation.issuers
        and request.client in organisation.clients
    )


def _holds(case: _Case, condition: Node) -> bool:
    graph, request = case.acl.graph, case.request
    kind = graph.value(condition, RDF.type)
    if kind == ACL.ClientCondition:
        return _is_met(case, condition, request.client, (ACL.client, ACL.clientGroup, ACL.clientClass))
    if kind == ACL.IssuerCondition:
        return _is_met(case, condition, request.issuer, (ACL.issuer, ACL.issuerGroup, ACL.issuerClass))
    if kind == WKT.TimeCondition:
        return _is_in_time(request, graph, condition)
    if kind == WKT.PurposeCondition:
        return _is_for_purpose(request, graph, condition)
    if kind == WKT.OrganisationCondition:
        named = graph.value(condition, WKT.organisation)
        return any(str(named) == o.iri and _acts_for(request, o) for o in case.world.organisations)
    return False


def _is_met(case: _Case, condition: Node, who: str | None, names: tuple[URIRef, URIRef, URIRef]) -> bool:
    graph, (one, of_group, of_class) = case.acl.graph, names
    return (
        (condition, of_class, FOAF.Agent) in graph
        or (condition, one, URIRef(who or "")) in graph
        # Somebody who is not signed in has neither an app nor an issuer.
        or any(_is_in(case, group, who) for group in graph.objects(condition, of_group))
    )


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


@cache
def _with_broader(purpose: str) -> frozenset[Node]:
    if purpose.startswith("https://w3id.org/dpv#"):
        return frozenset({URIRef(purpose)})
    return frozenset(
        broader
        for broader in _CONCEPTS.transitive_objects(URIRef(purpose), SKOS.broader)
        if broader is not None and (broader, SKOS.inScheme, None) in _CONCEPTS
    )
