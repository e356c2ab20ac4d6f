"""Whatever people wrote and gave before: what `decide` allows after placing is what a naive model of grants allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Triple

from tests.support.examples import examples
from tests.support.grants import CLIENT, ISSUER, ORGANISATION, PURPOSE, STORAGE, make_grant, policy
from vault.access.compile import compile_acl
from vault.access.decide import decide
from vault.errors import Conflict
from vault.grants.foreign_edits import judge_edit
from vault.grants.place import Tree, boundaries_below, place
from vault.model.grant import Action, Grant, instant_at
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import AccessMode, with_implied
from vault.model.requester import Credentials, Declared, Requester
from vault.model.rules import Allowed, CompiledAcl, Subject
from vault.rdf.documents import parse
from vocab.media_types import TURTLE
from vocab.namespaces import ACL, FOAF

PATHS = (
    "",
    "plannen/",
    "plannen/a",
    "plannen/x/",
    "plannen/x/p",
    "plannen/x/y/",
    "plannen/x/y/q",
    "brieven/",
    "brieven/b",
)
URLS = tuple(STORAGE + path for path in PATHS)
FRIEND = "https://friends.example/card#me"
WORKERS = ("https://work.example/one#me", "https://work.example/two#me")
NOW = instant_at(1_790_000_000).seconds
_R, _A, _W = AccessMode.READ, AccessMode.APPEND, AccessMode.WRITE
_OWN = {Action.READ: {_R}, Action.CREATE: {_A}, Action.APPEND: {_A}, Action.MODIFY: {_R}, Action.DELETE: {_W}}
_DOCUMENT = {Action.READ: {_R}, Action.APPEND: {_A}, Action.MODIFY: {_R, _W}}
_INSIDE = {**_OWN, Action.MODIFY: {_R, _W}}


@dataclass(frozen=True)
class Written:
    """One rule that a person wrote: for whom, which modes, on the resource itself, on what inherits, or both."""

    agent: str
    modes: frozenset[AccessMode]
    own: bool
    inherited: bool

    def turtle(self, number: int, url: str) -> str:
        """The rule as an Authorization."""
        who = (
            f"<{ACL.agentClass}> <{FOAF.Agent}>"
            if self.agent == FOAF.Agent
            else f"<{ACL.agent}> <{self.agent}>"
        )
        places = [f"<{ACL.accessTo}> <{url}>"] if self.own else []
        places += [f"<{ACL.default}> <{url}>"] if self.inherited else []
        modes = ", ".join(f"<{mode.value}>" for mode in sorted(self.modes))
        return f"<{url}.acl#r{number}> a <{ACL.Authorization}> ; {who} ; {' ; '.join(places)} ; <{ACL.mode}> {modes} ."


@dataclass
class Model:
    """What a person would say is so: rules by resource, and what each grant gives where, minus where it is kept out."""

    written: dict[str, tuple[Written, ...]] = field(default_factory=dict)
    gives: dict[str, dict[str, frozenset[Action]]] = field(default_factory=dict)
    kept_out: dict[str, set[str]] = field(default_factory=dict)
    receiver: dict[str, str] = field(default_factory=dict)

    def modes(self, agent: str, url: str) -> frozenset[AccessMode]:
        """Every mode an agent has on a resource."""
        found = set(self._written(agent, url))
        for grant in self.gives:
            if self.receiver[grant] == agent:
                found |= self._given(grant, url)
        return with_implied(frozenset(found))

    def _written(self, agent: str, url: str) -> Iterable[AccessMode]:
        nearest = next(above for above in at_or_above(url) if above in self.written)
        for rule in self.written[nearest]:
            if rule.agent in {agent, FOAF.Agent} and (rule.own if nearest == url else rule.inherited):
                yield from rule.modes

    def _given(self, grant: str, url: str) -> set[AccessMode]:
        found: set[AccessMode] = set()
        for target, actions in self.gives[grant].items():
            if target == url:
                table = _OWN if url.endswith("/") else _DOCUMENT
                found |= {mode for action in actions for mode in table.get(action, set())}
            elif lies_in(url, target) and not self._is_kept_out(grant, target, url):
                found |= {mode for action in actions for mode in _INSIDE[action]}
        return found

    def _is_kept_out(self, grant: str, target: str, url: str) -> bool:
        kept = (one for one in self.kept_out[grant] if lies_in(one, target))
        return any(url == one or lies_in(url, one) for one in kept)

    def reached(self, grant: str, url: str) -> bool:
        """Whether a grant gives something on a resource from above."""
        targets = (target for target in self.gives[grant] if lies_in(url, target))
        return any(not self._is_kept_out(grant, target, url) for target in targets)


@dataclass
class Vault:
    """The pure parts put together: ACL graphs by resource, and who wrote which."""

    acls: dict[str, Sequence[Triple]] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)
    grants: dict[str, Grant] = field(default_factory=dict)

    def tree(self) -> Tree:
        """What placing starts from."""
        return Tree(STORAGE, {url: self.acls[url] for url in self.people}, URLS.__contains__)

    def settle(self) -> None:
        """Place every grant in force."""
        in_force = [grant for grant in self.grants.values() if grant.is_in_force(NOW)]
        self.acls = dict(place(self.tree(), in_force))

    def give(self, grant: Grant) -> None:
        """Give a grant."""
        self.grants[grant.id] = replace(grant, exceptions=boundaries_below(self.tree(), grant))
        self.settle()

    def stop(self, id_: str) -> None:
        """Stop a grant."""
        self.grants[id_] = replace(self.grants[id_], stopped_at=instant_at(NOW))
        self.settle()

    def edit(self, url: str, after: Sequence[Triple] | None) -> None:
        """A person writes or deletes an ACL."""
        verdict = judge_edit(url, self.acls.get(url), after, list(self.grants.values()), NOW)
        self.grants |= {grant.id: grant for grant in verdict.narrowed}
        self.people.discard(url)
        if after is not None:
            self.acls[url] = after
            self.people.add(url)
        for id_ in verdict.ended:
            self.grants[id_] = replace(self.grants[id_], stopped_at=instant_at(NOW))
        self.settle()

    def compiled(self) -> dict[str, CompiledAcl]:
        """All ACLs, compiled."""
        return {url: compile_acl(triples, url) for url, triples in self.acls.items()}

    def modes(self, agent: str, url: str, compiled: dict[str, CompiledAcl]) -> frozenset[AccessMode]:
        """Every mode that the vault's decision allows an agent on a resource."""
        nearest = next(above for above in at_or_above(url) if above in compiled)
        rules = compiled[nearest].access_to if nearest == url else compiled[nearest].default
        identifier = ResourceIdentifier(StorageId("sabcdefghjkmnpqr"), url.removeprefix(STORAGE))
        subject = Subject(identifier, "https://vault.example/owner#me", ISSUER, rules, None)
        allowed = (mode for mode in AccessMode if isinstance(decide(ask(agent), mode, subject, NOW), Allowed))
        return frozenset(allowed)


def at_or_above(url: str) -> list[str]:
    """A URL and the containers above it, nearest first."""
    return [url, *sorted((one for one in URLS if lies_in(url, one)), key=len, reverse=True)]


def lies_in(url: str, container: str) -> bool:
    """Whether a URL lies in a container."""
    return container.endswith("/") and url.startswith(container) and url != container


def ask(agent: str) -> Requester:
    """A request of somebody who meets every condition of the grants of these tests."""
    credentials = Credentials(agent, CLIENT, ISSUER)
    return Requester(credentials, Declared(PURPOSE, frozenset({PURPOSE})), frozenset({ORGANISATION}))


def graph(url: str, rules: Iterable[Written]) -> list[Triple]:
    """Rules that a person wrote, as the ACL of a resource."""
    lines = "\n".join(rule.turtle(number, url) for number, rule in enumerate(rules))
    return parse(lines.encode(), TURTLE, f"{url}.acl")


def vault_of(written: dict[str, tuple[Written, ...]]) -> Vault:
    """A vault with the ACLs that people wrote."""
    return Vault({url: graph(url, rules) for url, rules in written.items()}, set(written))


def access(vault: Vault) -> dict[tuple[str, str], frozenset[AccessMode]]:
    """Who may what, everywhere."""
    compiled = vault.compiled()
    return {(a, url): vault.modes(a, url, compiled) for a in (FRIEND, *WORKERS) for url in URLS}


rules = st.lists(
    st.builds(
        Written,
        st.sampled_from([FRIEND, FRIEND, FOAF.Agent]),
        st.frozensets(st.sampled_from([_R, _A, _W, AccessMode.CONTROL]), min_size=1),
        st.booleans(),
        st.just(value=True),
    ),
    max_size=3,
).map(tuple)
trees = st.dictionaries(st.sampled_from(URLS[1:]), rules, max_size=4).flatmap(
    lambda below: rules.map(lambda root: {URLS[0]: root, **below})
)


@st.composite
def made_grants(draw: st.DrawFn, id_: str) -> Grant:
    """A grant of one to three targets with actions that exist on them."""
    targets = draw(st.lists(st.sampled_from(PATHS[1:]), min_size=1, max_size=3, unique=True))
    policies = []
    for target in targets:
        known = list(_OWN if target.endswith("/") else _DOCUMENT)
        policies.append(policy(target, actions=draw(st.sets(st.sampled_from(known), min_size=1))))
    return make_grant(id_, *policies, assignee=draw(st.sampled_from(WORKERS)))


def model_gives(model: Model, vault: Vault, grant: Grant) -> None:
    """Give the same in the model: kept out where a person's ACL lies inside a target."""
    model.receiver[grant.id] = grant.terms.assignee
    model.gives[grant.id] = {target: grant.terms.actions_on(target) for target in grant.terms.targets()}
    model.kept_out[grant.id] = {
        url for url in vault.people for target in grant.terms.targets() if lies_in(url, target)
    }


@settings(max_examples=examples(300), deadline=None)
@given(trees, st.tuples(made_grants("ga"), made_grants("gb"), made_grants("gc")))
def test_what_is_allowed_after_placing_is_what_the_model_allows(
    written: dict[str, tuple[Written, ...]], given_: tuple[Grant, ...]
) -> None:
    vault, model = vault_of(written), Model(dict(written))
    for grant in given_:
        model_gives(model, vault, grant)
        vault.give(grant)
    assert access(vault) == {(a, url): model.modes(a, url) for a in (FRIEND, *WORKERS) for url in URLS}


@settings(max_examples=examples(200), deadline=None)
@given(trees, made_grants("ga"), made_grants("gb"))
def test_giving_and_stopping_restores_exactly_the_access_and_the_acls_of_before(
    written: dict[str, tuple[Written, ...]], first: Grant, second: Grant
) -> None:
    vault = vault_of(written)
    vault.give(first)
    before, acls = access(vault), vault.compiled()
    vault.give(second)
    vault.stop(second.id)
    assert access(vault) == before
    assert vault.compiled() == acls


@settings(max_examples=examples(200), deadline=None)
@given(trees, made_grants("ga"), made_grants("gb"))
def test_nobody_elses_access_changes_by_giving(
    written: dict[str, tuple[Written, ...]], first: Grant, second: Grant
) -> None:
    vault = vault_of(written)
    vault.give(first)
    before = access(vault)
    vault.give(second)
    after = access(vault)
    others = {key for key in before if key[0] != second.terms.assignee}
    assert {key: after[key] for key in others} == {key: before[key] for key in others}
    assert all(before[key] <= after[key] for key in before)


@settings(max_examples=examples(200), deadline=None)
@given(trees, made_grants("ga"))
def test_a_grant_never_reaches_past_a_persons_nearer_acl(
    written: dict[str, tuple[Written, ...]], grant: Grant
) -> None:
    vault = vault_of(written)
    before = access(vault)
    vault.give(grant)
    after = access(vault)
    for url in URLS:
        boundary = next(above for above in at_or_above(url) if above in written)
        if not any(
            target in (url, boundary) or lies_in(target, boundary) for target in grant.terms.targets()
        ):
            key = (grant.terms.assignee, url)
            assert after[key] == before[key]


@settings(max_examples=examples(200), deadline=None)
@given(trees, made_grants("ga"))
def test_an_acl_that_a_person_wrote_changes_only_at_a_grants_own_target(
    written: dict[str, tuple[Written, ...]], grant: Grant
) -> None:
    vault = vault_of(written)
    before = vault.compiled()
    vault.give(grant)
    after = vault.compiled()
    for url in set(written) - set(grant.terms.targets()):
        assert after[url] == before[url]
    for url in written:
        assert {r for r in after[url].access_to if r.grant is None} == set(before[url].access_to)


edits = st.tuples(st.sampled_from(URLS[1:]), st.sampled_from(["keep", "drop", "delete", "stop"]), rules)


@settings(max_examples=examples(300), deadline=None)
@given(trees, st.tuples(made_grants("ga"), made_grants("gb")), st.lists(edits, max_size=5), made_grants("gc"))
def test_the_model_still_holds_after_people_wrote_and_deleted_acls(
    written: dict[str, tuple[Written, ...]],
    given_: tuple[Grant, ...],
    changes: list[tuple[str, str, tuple[Written, ...]]],
    last: Grant,
) -> None:
    vault, model = vault_of(written), Model(dict(written))
    for grant in given_:
        model_gives(model, vault, grant)
        vault.give(grant)
    for url, how, new in changes:
        carry_out(vault, model, url, how, new)
        assert access(vault) == {(a, u): model.modes(a, u) for a in (FRIEND, *WORKERS) for u in URLS}
    model_gives(model, vault, last)
    vault.give(last)
    assert access(vault) == {(a, u): model.modes(a, u) for a in (FRIEND, *WORKERS) for u in URLS}


def carry_out(vault: Vault, model: Model, url: str, how: str, new: tuple[Written, ...]) -> None:
    """One thing a person does, in the vault and in the model."""
    match how:
        case "stop":
            id_ = sorted(vault.grants)[len(new) % len(vault.grants)]
            vault.stop(id_)
            model.gives[id_] = {}
        case "delete" if url in vault.acls:
            vault.edit(url, None)
            model.written.pop(url, None)
            for gives in model.gives.values():
                gives.pop(url, None)
        case "keep" if url in vault.acls:
            derived = [t for t in vault.acls[url] if is_about_grant(t, vault.acls[url])]
            vault.edit(url, [*graph(url, new), *derived])
            model.written[url] = new
        case "keep" | "drop":
            vault.edit(url, graph(url, new))
            for id_, gives in model.gives.items():
                if model.reached(id_, url):
                    model.kept_out[id_].add(url)
                gives.pop(url, None)
            model.written[url] = new


def is_about_grant(triple: Triple, triples: Sequence[Triple]) -> bool:
    """Whether a triple belongs to a derived Authorization or to a condition of one."""
    prefix = f"{STORAGE}toegang/"
    derived = {str(t.subject) for t in triples if prefix in str(t.object)}
    conditions = {
        str(t.object) for t in triples if str(t.subject) in derived and t.predicate.value == ACL.condition
    }
    return str(triple.subject) in derived | conditions


@settings(max_examples=examples(100), deadline=None)
@given(trees, made_grants("ga"), st.sampled_from(URLS[1:]), rules)
def test_an_authorization_without_conditions_for_somebody_with_a_grant_there_is_refused(
    written: dict[str, tuple[Written, ...]], grant: Grant, url: str, new: tuple[Written, ...]
) -> None:
    vault, model = vault_of(written), Model(dict(written))
    model_gives(model, vault, grant)
    vault.give(grant)
    copied = Written(grant.terms.assignee, frozenset({_R}), own=True, inherited=True)
    is_there = url in grant.terms.targets() or model.reached(grant.id, url)
    try:
        vault.edit(url, graph(url, (*new, copied)))
    except Conflict:
        assert is_there
    else:
        assert not is_there
