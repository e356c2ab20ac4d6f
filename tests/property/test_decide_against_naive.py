"""The vault's decision against an independent naive evaluator: real parsing, compiling, catalogue and register."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph

from tests.support.access_scenes import (
    ALICE,
    CLIENTS,
    FAULTS,
    HERE,
    HOME,
    ISSUERS,
    NEIGHBOUR,
    NEXT,
    NEXT_DOOR,
    NEXT_ROOT,
    NOW,
    OWNER,
    PATHS,
    PURPOSES,
    REMOTE,
    ROOT,
    WORKERS,
    Scene,
    make_request,
    make_scene,
)
from tests.support.examples import examples
from tests.support.naive_access import (
    NaiveAcl,
    NaiveOrganisation,
    NaiveRequest,
    NaiveStorage,
    NaiveWorld,
    is_acceptable,
    is_allowed,
)
from tests.support.vaults import BASE_URL, ISSUER_URL, TestClock, keyring_of, make_context
from vault.access.compile import compile_acl
from vault.access.decide import allowed_modes, decide
from vault.access.rules import subject_of
from vault.authorize import Standing, stand
from vault.context import Context
from vault.errors import UnacceptableContent
from vault.model.groups import Group
from vault.model.identifiers import ResourceIdentifier, StorageId, identifier_from_url
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation, Worker
from vault.model.records import NewRevision, ResourceKind, StorageRecord
from vault.model.requester import AppLimit, Caller, Credentials, Declared
from vault.model.rules import Allowed, CompiledAcl, RefusalReason, Refused
from vault.rdf.documents import parse
from vault.rdf.groups import read_groups
from vault.stores.ports import CatalogueTransaction
from vocab.concepts import satisfied_purposes
from vocab.media_types import N_TRIPLES, TURTLE
from vocab.namespaces import ACL, RDF, WK

# `make access-proof` takes 100,000.
EXAMPLES = int(os.environ.get("ACCESS_EXAMPLES", examples(2_000)))
# With fewer trees the rarest outcome may be missed.
ENOUGH = 2_000
MODE_OF = {mode.value.rpartition("#")[2]: mode for mode in AccessMode}
# Asked in every scene: whoever most rules are about.
WORKER_REQUEST = NaiveRequest(ALICE, CLIENTS[0], ISSUERS[1], PURPOSES[0], None, NOW, None)
KINDS = {
    **dict.fromkeys(WORKERS, "workers"),
    HERE: "here",
    NEXT_DOOR: "next door",
    **dict.fromkeys(REMOTE, "else"),
}


class Undo(Exception):
    """Takes what was found out of a transaction, and everything that was written in it back."""

    def __init__(self, found: list[Found]) -> None:
        super().__init__()
        self.found = found


@dataclass(frozen=True)
class Found:
    """What the vault decided: whether it may, whether `WAC-Allow` would say so, and a word for the outcome."""

    request: NaiveRequest
    path: str
    mode: str
    may: bool
    is_shown: bool
    outcome: str


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """Two storages with nothing but a root."""
    context = make_context(tmp_path_factory.mktemp("proof"), TestClock(NOW * 1000))
    for name, owner in ((HOME, OWNER), (NEXT, NEIGHBOUR)):
        storage = StorageId(name)
        keyring_of(context).create(storage)
        context.catalogue.write(_creating(context, StorageRecord(storage, owner, ISSUER_URL, "S", 1)))
    return context


def _creating(context: Context, record: StorageRecord) -> Callable[[CatalogueTransaction], None]:
    def change(tx: CatalogueTransaction) -> None:
        tx.create_storage(record)
        _create(context, tx, ResourceIdentifier(record.storage, ""))

    return change


def _create(
    context: Context,
    tx: CatalogueTransaction,
    identifier: ResourceIdentifier,
    agent: str | None = None,
    groups: tuple[Group, ...] = (),
) -> None:
    kind = ResourceKind.CONTAINER if identifier.is_container else ResourceKind.DOCUMENT
    kind = ResourceKind.ACL if identifier.is_acl else kind
    new = NewRevision(context.new_id(), TURTLE, None, agent, NOW * 1000, groups=groups)
    tx.create_resource(identifier, kind, new, context.new_id())


def _compiled(scene: Scene) -> tuple[dict[str, CompiledAcl], dict[str, Graph]]:
    """What both sides keep of the ACLs that are sent: the same ones, or the property is broken already."""
    compiled, graphs = {}, {}
    for url, written in scene.acls.items():
        graph = Graph().parse(data=written.text, format="nt")
        try:
            compiled[url] = compile_acl(parse(written.text.encode(), N_TRIPLES, url), url)
        except UnacceptableContent:
            assert not is_acceptable(graph), written.text
        else:
            assert is_acceptable(graph), written.text
            graphs[url] = graph
    return compiled, graphs


def _world(scene: Scene, graphs: dict[str, Graph]) -> NaiveWorld:
    """What the naive evaluator gets."""
    documents = {
        group.partition("#")[0]: Graph().parse(data=text, format="nt")
        for group, text in scene.documents.items()
    }
    storages = tuple(
        NaiveStorage(
            root,
            owner,
            ISSUER_URL,
            {
                url.removeprefix(root): NaiveAcl(graph, scene.acls[url].writer)
                for url, graph in graphs.items()
                if url.startswith(root)
            },
            {url.removeprefix(root): graph for url, graph in documents.items() if url.startswith(root)},
        )
        for root, owner in ((ROOT, OWNER), (NEXT_ROOT, NEIGHBOUR))
    )
    return NaiveWorld(storages, scene.organisations, scene.elsewhere, scene.paused)


def _build(
    context: Context, tx: CatalogueTransaction, scene: Scene, compiled: dict[str, CompiledAcl]
) -> None:
    """Write a scene into the catalogue."""
    _register(tx, scene)
    described = {
        url: read_groups(parse(text.encode(), N_TRIPLES, url), url, 100)
        for url, text in scene.documents.items()
    }
    existing = (ROOT + path for path in sorted(scene.paths - {""}))
    for url in (*existing, NEXT_DOOR):
        _create(context, tx, identifier_from_url(url, BASE_URL), groups=described.get(url, ()))
    for url, rules in compiled.items():
        identifier = identifier_from_url(url, BASE_URL)
        _create(context, tx, identifier.acl, scene.acls[url].writer)
        subject = tx.find_resource(identifier)
        assert subject is not None
        tx.put_rules(subject, rules)
    for group, (members, age) in scene.elsewhere.items():
        tx.put_group(Group(group, members), NOW - age)
        if group in scene.paused:
            # It grows too fast for a moment: that it shrinks again is no yes.
            many = members | {f"https://x.example/{number}" for number in range(len(members) + 1)}
            tx.put_group(Group(group, many), NOW - age)
            tx.put_group(Group(group, members), NOW - age)
    for o in scene.organisations:
        if o.group in scene.paused:
            many = o.workers | {f"https://x.example/{number}" for number in range(len(o.workers) + 1)}
            _fetch(tx, o, many)
            _fetch(tx, o, o.workers)


def _register(tx: CatalogueTransaction, scene: Scene) -> None:
    for o in scene.organisations:
        organisation = Organisation(
            o.iri, "O", WK["soort-wijkteam"], "KvK", "00000000", "Nijmegen", o.issuers, o.clients, o.group,
            "operator", 0, 5 if o.is_suspended else None,
        )  # fmt: skip
        tx.put_organisation(organisation)
        _fetch(tx, o, o.workers)


def _fetch(tx: CatalogueTransaction, o: NaiveOrganisation, webids: Iterable[str]) -> None:
    workers = tuple(Worker(webid, None) for webid in sorted(webids))
    tx.put_workers(o.iri, workers, NOW - (0 if o.is_fresh else 601))


def _standing(context: Context, tx: CatalogueTransaction, request: NaiveRequest) -> Standing:
    assert isinstance(context.clock, TestClock)
    context.clock.policy_s = request.time
    if request.limit is not None and request.agent is not None and request.client is not None:
        modes, containers = request.limit
        limit = AppLimit(frozenset(MODE_OF[mode] for mode in modes), containers, frozenset())
        tx.put_app_limit(request.agent, request.client, limit)
    is_local = request.issuer == ISSUER_URL
    credentials = Credentials(request.agent, request.client, request.issuer, None, is_local)
    purposes = satisfied_purposes(request.purpose) if request.purpose else frozenset()
    declared = Declared(request.purpose, purposes, request.origin)
    return stand(context, tx, StorageId(HOME), Caller(credentials, declared, "0" * 32))


def _decide(standing: Standing, request: NaiveRequest, path: str) -> Iterator[Found]:
    subject = subject_of(standing.view, standing.storage, ResourceIdentifier(StorageId(HOME), path))
    requester = standing.meeting(subject)
    shown = allowed_modes(requester, subject, request.time)
    for name, mode in MODE_OF.items():
        decision = decide(requester, mode, subject, request.time)
        may = isinstance(decision, Allowed)
        if isinstance(decision, Refused):
            outcome = decision.reason.name
        else:
            outcome = _how(decision, request, requester.groups)
        yield Found(request, path, name, may, mode in shown, outcome)


def _how(allowed: Allowed, request: NaiveRequest, groups: frozenset[str]) -> str:
    rule = allowed.rule
    if rule is None:
        return "owner"
    if rule.everyone or rule.signed_in or request.agent in rule.agents:
        return "conditions" if rule.conditions else "plain"
    return f"group {KINDS[min(rule.groups & groups)]}"


def _found(context: Context, scene: Scene, compiled: dict[str, CompiledAcl], random: Random) -> list[Found]:
    """What the vault decides on some requests at some paths; nothing of the scene stays."""
    asked = [WORKER_REQUEST, make_request(random), make_request(random)]
    paths = random.sample(PATHS, 3)

    def change(tx: CatalogueTransaction) -> None:
        _build(context, tx, scene, compiled)
        found = []
        for request in asked:
            standing = _standing(context, tx, request)
            found += [one for path in paths for one in _decide(standing, request, path)]
        raise Undo(found)

    with pytest.raises(Undo) as undone:
        context.catalogue.write(change)
    return undone.value.found


def test_the_decision_is_that_of_a_naive_evaluator_and_every_outcome_is_met(context: Context) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    # All random numbers of a tree are one choice of Hypothesis: five times as quick, but nothing is made simpler.
    @given(st.randoms(use_true_random=True))
    def compare(random: Random) -> None:
        scene = make_scene(random)
        compiled, graphs = _compiled(scene)
        world = _world(scene, graphs)
        for one in _found(context, scene, compiled, random):
            expected = is_allowed(world, one.request, one.mode, ROOT + one.path)
            if (one.may, one.is_shown) != (expected, expected):
                pytest.fail(f"{one}, expected {expected}: {scene}")
            seen[one.outcome] += 1

    compare()
    total = seen.total()
    refused = sum(seen[reason.name] for reason in RefusalReason)
    told = ", ".join(f"{count} {outcome}" for outcome, count in seen.most_common())
    sys.stdout.write(f"{EXAMPLES} trees, {total} decisions, {refused / total:.1%} refused: {told}\n")
    assert 0.3 < refused / total < 0.93
    assert seen["plain"] > 0.01 * total
    assert seen["conditions"] > 0.005 * total
    assert seen["owner"] > 0.005 * total
    assert {reason.name for reason in RefusalReason} <= seen.keys()
    kinds = {f"group {kind}" for kind in KINDS.values()}
    assert kinds - seen.keys() <= (set() if EXAMPLES >= ENOUGH else {"group next door"})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_condition_that_cannot_be_honoured_is_not_written(fault: list[str]) -> None:
    name = f"{ROOT}.acl#r"
    text = "\n".join(
        [f"<{name}> <{RDF.type}> <{ACL.Authorization}> .", f"<{name}> <{ACL.condition}> _:c ."]
        + [f"_:c {part} ." for part in fault]
    )
    with pytest.raises(UnacceptableContent):
        compile_acl(parse(text.encode(), N_TRIPLES, ROOT), ROOT)
