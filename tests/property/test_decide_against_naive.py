"""The vault's decision against an independent naive evaluator, on generated trees, ACLs, registers and requests."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph

from tests.support.catalogue_views import HOME, ISSUER, OWNER, ROOT, at, view_of
from tests.support.examples import examples
from tests.support.naive_access import (
    NaiveOrganisation,
    NaiveRequest,
    NaiveWorld,
    is_acceptable,
    is_allowed,
)
from vault.access.compile import compile_acl
from vault.access.decide import allowed_modes, decide
from vault.access.rules import subject_of
from vault.errors import UnacceptableContent
from vault.model.modes import AccessMode
from vault.model.moments import Moment
from vault.model.organisation import Membership, Organisation, Register, Worker
from vault.model.requester import AppLimit, Caller, Credentials, Declared
from vault.model.rules import Allowed, CompiledAcl, Decision, Refused
from vault.organisations import resolve
from vault.rdf.documents import parse
from vault.stores.ports import CatalogueReader
from vocab.concepts import satisfied_purposes
from vocab.media_types import N_TRIPLES
from vocab.namespaces import ACL, FOAF, RDF, WK, WKT, XSD

# More examples before a release: ACCESS_EXAMPLES=100000.
EXAMPLES = int(os.environ.get("ACCESS_EXAMPLES", examples(1000)))
NOW = 1_790_000_000
PATHS = ("", "a/", "a/b/", "a/b/c/", "a/b/c/g", "a/b/e", "a/d", "f", "a/b/nothing", "z/y/x")
CONTAINERS = ("", "a/", "a/b/", "a/b/c/")
AGENTS = (
    OWNER,
    "https://work.example/alice#me",
    "https://work.example/bob#me",
    "https://else.example/eve#me",
)
ISSUERS = (ISSUER, "https://work.example/", "https://else.example/")
CLIENTS = ("https://app.example/id", "https://other.example/id")
ORIGINS = ("https://app.example", "https://other.example")
ORGANISATIONS = ("https://work.example/one", "https://work.example/two")
GROUPS = tuple(f"{iri}/workers" for iri in ORGANISATIONS)
PURPOSES = (
    WK["doel-ondersteuning-geven"],
    WK["doel-samenwerken-plan"],
    WK["doel-jeugdhulp"],
    "https://w3id.org/dpv#ServiceProvision",
    WK.base + "doel-dat-niet-bestaat",
)
MODES = {mode.value.rpartition("#")[2]: mode for mode in AccessMode}
# Asked in every scene, so that no run passes without meeting each outcome often.
OWN_REQUEST = NaiveRequest(OWNER, CLIENTS[0], ISSUER, None, None, NOW, (frozenset(MODES), None))
WORKER_REQUEST = NaiveRequest(AGENTS[1], CLIENTS[0], ISSUERS[1], PURPOSES[0], None, NOW, None)


@dataclass(frozen=True)
class Scene:
    """A generated storage as texts: ACLs as N-Triples by path, with the register."""

    paths: frozenset[str]
    acls: dict[str, str]
    organisations: tuple[NaiveOrganisation, ...]


def _some(values: tuple[str, ...], most: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


def _iris(predicate: str, values: list[str]) -> list[str]:
    return [f"<{predicate}> <{value}>" for value in values]


@st.composite
def _moments(draw: st.DrawFn) -> str:
    zone = draw(
        st.sampled_from([UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-9, minutes=-30))])
    )
    moment = datetime.fromtimestamp(NOW + draw(st.integers(-3, 3)), zone)
    return f'"{moment.isoformat()}"^^<{XSD.dateTime}>'


@st.composite
def _times(draw: st.DrawFn) -> list[str]:
    bounds = draw(st.sampled_from([[WKT.notBefore], [WKT.notAfter], [WKT.notBefore, WKT.notAfter]]))
    return [f"<{bound}> {draw(_moments())}" for bound in bounds]


def _typed(kind: str, parts: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    return parts.map(lambda found: [f"<{RDF.type}> <{kind}>", *found])


_STRICT = st.sampled_from([[], ["true"], ["false"], ["false"], ["1"], ["0"]]).map(
    lambda values: [f'<{WKT.strict}> "{value}"^^<{XSD.boolean}>' for value in values]
)
CONDITIONS = {
    "client": _typed(ACL.ClientCondition, _some(CLIENTS).map(lambda v: _iris(ACL.client, v))),
    "issuer": _typed(ACL.IssuerCondition, _some(ISSUERS).map(lambda v: _iris(ACL.issuer, v))),
    "organisation": _typed(
        WKT.OrganisationCondition, _some(ORGANISATIONS, 1).map(lambda v: _iris(WKT.organisation, v))
    ),
    "time": _typed(WKT.TimeCondition, _times()),
    "purpose": _typed(
        WKT.PurposeCondition,
        st.tuples(_some(PURPOSES).map(lambda v: _iris(WKT.purpose, v)), _STRICT).map(lambda p: p[0] + p[1]),
    ),
}
FAULTS: tuple[list[str], ...] = (
    [],
    [f"<{ACL.client}> <{CLIENTS[0]}>"],
    [f"<{RDF.type}> <https://else.example/WeatherCondition>"],
    [f"<{RDF.type}> <{ACL.ClientCondition}>"],
    [f"<{RDF.type}> <{ACL.ClientCondition}>", f'<{ACL.client}> "{CLIENTS[0]}"'],
    [
        f"<{RDF.type}> <{ACL.ClientCondition}>",
        f"<{ACL.client}> <{CLIENTS[0]}>",
        f'<{ACL.client}> "{CLIENTS[1]}"',
    ],
    [f"<{RDF.type}> <{ACL.ClientCondition}>", f"<{ACL.clientGroup}> <{GROUPS[0]}>"],
    [f"<{RDF.type}> <{ACL.IssuerCondition}>", f"<{RDF.type}> <{ACL.ClientCondition}>"],
    [
        f"<{RDF.type}> <{ACL.IssuerCondition}>",
        f"<{ACL.issuer}> <{ISSUERS[0]}>",
        f"<{ACL.client}> <{CLIENTS[0]}>",
    ],
    [f"<{RDF.type}> <{WKT.TimeCondition}>"],
    [f"<{RDF.type}> <{WKT.TimeCondition}>", f'<{WKT.notAfter}> "2030-01-01T00:00:00"^^<{XSD.dateTime}>'],
    [f"<{RDF.type}> <{WKT.TimeCondition}>", f'<{WKT.notAfter}> "2030-01-01"^^<{XSD.date}>'],
    [f"<{RDF.type}> <{WKT.TimeCondition}>", f'<{WKT.notAfter}> "2030-01-01T00:00:00.5Z"^^<{XSD.dateTime}>'],
    [f"<{RDF.type}> <{WKT.PurposeCondition}>", f'<{WKT.strict}> "false"^^<{XSD.boolean}>'],
    [f"<{RDF.type}> <{WKT.PurposeCondition}>", f"<{WKT.purpose}> <{PURPOSES[0]}>", f'<{WKT.strict}> "false"'],
    [f"<{RDF.type}> <{WKT.OrganisationCondition}>", *_iris(WKT.organisation, list(ORGANISATIONS))],
)


@st.composite
def _subjects(draw: st.DrawFn) -> list[str]:
    choices = (
        *(f"<{ACL.agent}> <{agent}>" for agent in AGENTS[1:]),
        *(f"<{ACL.agentGroup}> <{group}>" for group in GROUPS),
        f"<{ACL.agentClass}> <{ACL.AuthenticatedAgent}>",
        f"<{ACL.agentClass}> <{FOAF.Agent}>",
    )
    found = draw(st.lists(st.sampled_from(choices), min_size=1, max_size=3))
    if draw(st.integers(0, 5)) == 0:
        found += [f'<{ACL.origin}> "{origin}"' for origin in draw(_some(ORIGINS, 1))]
    return found


@st.composite
def _authorization(draw: st.DrawFn, name: str, path: str) -> list[str]:
    """One Authorization as N-Triples: mostly complete, now and then of another type, for another resource."""
    rare = draw(st.integers(0, 19))
    target = ROOT + ("a/d" if rare == 0 else path)
    parts = [] if rare == 1 else [f"<{RDF.type}> <{ACL.Authorization}>"]
    both = [ACL.accessTo, ACL.default]
    scopes = draw(st.sampled_from([both, [ACL.accessTo], [ACL.default], both]))
    parts += [f"<{scope}> <{target}>" for scope in scopes]
    modes = draw(_some((ACL.Read, ACL.Append, ACL.Write, ACL.Control, "https://else.example/Dance"), 3))
    parts += [] if rare == 2 else _iris(ACL.mode, modes)
    parts += [] if rare == 3 else draw(_subjects())
    lines = [f"<{name}> {part} ." for part in parts]
    most = draw(st.sampled_from([0, 1, 1, 2, 4]))
    kinds = draw(st.lists(st.sampled_from(["purpose", *CONDITIONS]), max_size=most, unique=True))
    conditions = [draw(CONDITIONS[kind]) for kind in kinds]
    conditions += [draw(st.sampled_from(FAULTS))] if rare == 4 else []
    for number, condition in enumerate(conditions):
        node = f"_:{name.rpartition('#')[2]}c{number}"
        lines += [f"<{name}> <{ACL.condition}> {node} .", *(f"{node} {part} ." for part in condition)]
    return lines


@st.composite
def _organisation(draw: st.DrawFn, number: int) -> NaiveOrganisation:
    return NaiveOrganisation(
        iri=ORGANISATIONS[number],
        group=GROUPS[number],
        issuers=frozenset(draw(_some(ISSUERS[1:]))),
        clients=frozenset(draw(_some(CLIENTS))),
        workers=frozenset(draw(_some(AGENTS[1:], 3))),
        is_suspended=draw(st.integers(0, 7)) == 0,
        is_fresh=draw(st.integers(0, 7)) > 0,
    )


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """A storage with some resources, ACLs on some of them (the root always), and a register."""
    existing = {"", *draw(st.lists(st.sampled_from(PATHS[1:8]), max_size=7))}
    existing |= {container for path in existing for container in CONTAINERS if path.startswith(container)}
    acls = {}
    for path in ("", *draw(st.lists(st.sampled_from(sorted(existing)), max_size=2))):
        lines = [
            line
            for number in range(draw(st.integers(1, 5)))
            for line in draw(_authorization(f"{ROOT}{path}.acl#r{number}", path))
        ]
        acls[path] = "\n".join(lines)
    known = tuple(draw(_organisation(number)) for number in range(draw(st.integers(0, 2))))
    return Scene(frozenset(existing), acls, known)


@st.composite
def requests(draw: st.DrawFn) -> NaiveRequest:
    """A request of anybody; agents of the storage's own issuer have a limit, others have none."""
    agent = draw(st.sampled_from([*AGENTS[1:3], *AGENTS, None]))
    issuer = None if agent is None else draw(st.sampled_from([ISSUERS[1], ISSUERS[1], *ISSUERS]))
    limit = None
    if issuer == ISSUER:
        modes = draw(st.sampled_from([tuple(MODES), tuple(MODES), ("Read",), ("Read", "Write"), ()]))
        limit = (frozenset(modes), draw(st.sampled_from([None, None, ("a/b/",), ("f/", "a/"), ()])))
    return NaiveRequest(
        agent,
        None if agent is None else draw(st.sampled_from([None, *CLIENTS, CLIENTS[0]])),
        issuer,
        draw(st.sampled_from([None, *PURPOSES, PURPOSES[1]])),
        draw(st.sampled_from([None, None, *ORIGINS])),
        NOW + draw(st.integers(-3, 3)),
        limit,
    )


def _register(organisations: tuple[NaiveOrganisation, ...]) -> Register:
    kept = tuple(
        Organisation(
            o.iri, "O", WK["soort-wijkteam"], "KvK", "00000000", "Nijmegen", o.issuers, o.clients, o.group,
            "operator", 0, 5 if o.is_suspended else None,
        )
        for o in organisations
    )  # fmt: skip
    memberships = {
        o.iri: Membership(tuple(Worker(w, None) for w in sorted(o.workers)), NOW - (0 if o.is_fresh else 601))
        for o in organisations
    }
    return Register(kept, memberships)


def _written(scene: Scene) -> tuple[dict[str, CompiledAcl], dict[str, Graph]]:
    """What both sides keep of the ACLs that are sent: the same ones, or the property is broken already."""
    compiled: dict[str, CompiledAcl] = {"": CompiledAcl()}
    graphs: dict[str, Graph] = {"": Graph()}
    for path, text in scene.acls.items():
        graph = Graph().parse(data=text, format="nt")
        try:
            compiled[path] = compile_acl(parse(text.encode(), N_TRIPLES, ROOT), ROOT + path)
        except UnacceptableContent:
            assert not is_acceptable(graph), text
        else:
            assert is_acceptable(graph), text
            graphs[path] = graph
    return compiled, graphs


def _view(scene: Scene, compiled: dict[str, CompiledAcl], request: NaiveRequest) -> CatalogueReader:
    limits = {}
    if request.limit is not None and request.agent is not None and request.client is not None:
        modes, containers = request.limit
        limit = AppLimit(frozenset(MODES[mode] for mode in modes), containers, frozenset())
        limits[request.agent, request.client] = limit
    return view_of(scene.paths, compiled, _register(scene.organisations), limits)


def _caller(request: NaiveRequest) -> Caller:
    credentials = Credentials(request.agent, request.client, request.issuer, None, request.issuer == ISSUER)
    purposes = satisfied_purposes(request.purpose) if request.purpose else frozenset()
    return Caller(credentials, Declared(request.purpose, purposes, request.origin), "0" * 32)


def _as_the_vault_sees(request: NaiveRequest) -> NaiveRequest:
    """No limit can be recorded for an app without a name: it may do nothing."""
    is_nameless = request.issuer == ISSUER and request.client is None
    return replace(request, limit=(frozenset(), ())) if is_nameless else request


def _compare(scene: Scene, asked: list[NaiveRequest], seen: Counter[str]) -> None:
    """Every request with no, its own and a narrow purpose, every mode, every path, decided by both and counted."""
    compiled, graphs = _written(scene)
    world = NaiveWorld(ROOT, OWNER, ISSUER, graphs, scene.organisations)
    for request in map(_as_the_vault_sees, asked):
        view = _view(scene, compiled, request)
        for purpose in {None, request.purpose, PURPOSES[1]}:
            _compare_one(world, view, replace(request, purpose=purpose), seen)


def _compare_one(world: NaiveWorld, view: CatalogueReader, request: NaiveRequest, seen: Counter[str]) -> None:
    requester = resolve(view, _caller(request), Moment(NOW * 1000, request.time))
    for path in PATHS:
        subject = subject_of(view, HOME, at(path))
        shown = allowed_modes(requester, subject, request.time)
        for name, mode in MODES.items():
            decision = decide(requester, mode, subject, request.time)
            expected = is_allowed(world, request, name, path)
            assert isinstance(decision, Allowed) == expected, (path, name, decision)
            assert (mode in shown) == expected, (path, name, shown)
            seen[_outcome(decision)] += 1


def _outcome(decision: Decision) -> str:
    if isinstance(decision, Refused):
        return "refused"
    if decision.rule is None:
        return "allowed as owner"
    return "allowed on conditions" if decision.rule.conditions else "allowed"


def test_the_decision_is_that_of_a_naive_evaluator_and_both_outcomes_are_met() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(scenes(), st.lists(requests(), min_size=1, max_size=3))
    def compare(scene: Scene, asked: list[NaiveRequest]) -> None:
        _compare(scene, [OWN_REQUEST, WORKER_REQUEST, *asked], seen)

    compare()
    share = {outcome: count / seen.total() for outcome, count in seen.items()}
    assert share["refused"] > 0.3
    assert share["allowed"] > 0.005
    assert share["allowed on conditions"] > 0.002
    assert share["allowed as owner"] > 0.05


@pytest.mark.parametrize("fault", FAULTS)
def test_a_condition_that_cannot_be_honoured_is_not_written(fault: list[str]) -> None:
    name = f"{ROOT}.acl#r"
    text = "\n".join(
        [f"<{name}> <{RDF.type}> <{ACL.Authorization}> .", f"<{name}> <{ACL.condition}> _:c ."]
        + [f"_:c {part} ." for part in fault]
    )
    with pytest.raises(UnacceptableContent):
        compile_acl(parse(text.encode(), N_TRIPLES, ROOT), ROOT)
