"""Rules are within others only when they let nobody do anything more; with the decision itself as the judge."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.support.catalogue_views import HOME, OWNER, at
from tests.support.examples import examples
from vault.access.decide import decide
from vault.access.within import are_within, holding_at, not_over_at
from vault.model.modes import AccessMode
from vault.model.requester import Credentials, Declared, Requester
from vault.model.rules import (
    Allowed,
    ClientCondition,
    Condition,
    IssuerCondition,
    NeverCondition,
    OrganisationCondition,
    PurposeCondition,
    Rule,
    Subject,
    TimeCondition,
)

ANNA, BOB = "https://anna.example/#me", "https://bob.example/#me"
READ, WRITE = frozenset({AccessMode.READ}), frozenset({AccessMode.WRITE})
RULE = Rule("#r", READ, agents=frozenset({BOB}))


def some(*values: str) -> st.SearchStrategy[frozenset[str]]:
    """Some of these, at least one."""
    return st.frozensets(st.sampled_from(values), min_size=1)


CONDITIONS = st.one_of(
    st.builds(ClientCondition, some("c1", "c2"), st.frozensets(st.just("g1")), st.booleans()),
    st.builds(IssuerCondition, some("i1", "i2"), st.frozensets(st.just("g2")), st.booleans()),
    st.builds(OrganisationCondition, some("o1", "o2")),
    st.builds(PurposeCondition, some("p1", "p2"), st.booleans()),
    st.builds(TimeCondition, st.sampled_from([None, 3, 6]), st.sampled_from([4, 7])),
    st.just(NeverCondition()),
)
RULES = st.builds(
    Rule,
    st.just("#r"),
    st.frozensets(st.sampled_from(AccessMode), min_size=1),
    st.frozensets(st.sampled_from([ANNA, BOB, OWNER])),
    st.frozensets(st.sampled_from(["g1", "g2"])),
    st.booleans(),
    st.booleans(),
    st.frozensets(st.sampled_from(["https://a.example", "https://b.example"])),
    st.lists(CONDITIONS, max_size=2).map(tuple),
)
REQUESTERS = st.builds(
    Requester,
    st.builds(
        Credentials,
        st.sampled_from([None, ANNA, BOB]),
        st.sampled_from(["c1", "c2"]),
        st.sampled_from(["i1", "i2"]),
    ),
    st.builds(
        Declared,
        st.sampled_from([None, "p1"]),
        st.frozensets(st.sampled_from(["p1", "p2"])),
        st.sampled_from([None, "https://a.example", "https://b.example"]),
    ),
    st.frozensets(st.sampled_from(["o1", "o2"])),
    st.frozensets(st.sampled_from(["g1", "g2"])),
)
LISTS = st.lists(RULES, max_size=3)


def allows(
    rules: list[Rule] | tuple[Rule, ...], requester: Requester, mode: AccessMode, policy_s: int
) -> bool:
    """What the decision says."""
    subject = Subject(at("plan"), OWNER, HOME.issuer, tuple(rules), None)
    return isinstance(decide(requester, mode, subject, policy_s), Allowed)


@settings(max_examples=examples(300))
@given(LISTS, LISTS, st.lists(REQUESTERS, min_size=1, max_size=8), st.sampled_from(AccessMode))
def test_what_is_within_lets_nobody_in_whom_the_bounds_do_not(
    rules: list[Rule], bounds: list[Rule], requesters: list[Requester], mode: AccessMode
) -> None:
    if not are_within(rules, bounds, OWNER):
        return
    for requester in requesters:
        for policy_s in (2, 5, 8):
            if allows(rules, requester, mode, policy_s):
                assert allows(bounds, requester, mode, policy_s)


@given(LISTS, REQUESTERS, st.sampled_from([2, 3, 4, 5, 6, 7, 8]))
def test_at_a_moment_the_rules_that_hold_say_what_all_say(
    rules: list[Rule], requester: Requester, policy_s: int
) -> None:
    for mode in AccessMode:
        held = allows(holding_at(rules, policy_s), requester, mode, policy_s)
        assert held == allows(rules, requester, mode, policy_s)
        for later_s in range(policy_s, 9):
            left = allows(not_over_at(rules, policy_s), requester, mode, later_s)
            assert left == allows(rules, requester, mode, later_s)


@given(LISTS)
def test_rules_that_can_hold_are_within_themselves(rules: list[Rule]) -> None:
    assert are_within(rules, rules, OWNER)


def when(*conditions: Condition) -> Rule:
    """Reading for Bob under conditions."""
    return replace(RULE, conditions=conditions)


NARROWER = [
    (RULE, RULE),
    (RULE, replace(RULE, modes=READ | WRITE)),
    (replace(RULE, modes=frozenset({AccessMode.APPEND})), replace(RULE, modes=WRITE)),
    (RULE, replace(RULE, everyone=True)),
    (RULE, replace(RULE, signed_in=True)),
    (replace(RULE, agents=frozenset({OWNER})), replace(RULE, agents=frozenset({ANNA}))),
    (replace(RULE, agents=frozenset(), groups=frozenset({"g"})), replace(RULE, groups=frozenset({"g", "h"}))),
    (replace(RULE, origins=frozenset({"https://a.example"})), RULE),
    (when(NeverCondition()), replace(RULE, agents=frozenset({ANNA}))),
    (when(ClientCondition(frozenset({"c"}))), RULE),
    (when(ClientCondition(frozenset({"c"}))), when(ClientCondition(frozenset({"c", "d"})))),
    (when(PurposeCondition(frozenset({"p"}), True)), when(PurposeCondition(frozenset({"p", "q"}), False))),
    (when(TimeCondition(3, 5)), when(TimeCondition(None, 5))),
    (when(TimeCondition(3, 5)), when(TimeCondition(2, None))),
]
WIDER = [
    (replace(RULE, modes=WRITE), RULE),
    (replace(RULE, everyone=True), RULE),
    (replace(RULE, everyone=True), replace(RULE, signed_in=True)),
    (replace(RULE, signed_in=True), RULE),
    (replace(RULE, agents=frozenset({ANNA, BOB})), RULE),
    (replace(RULE, agents=frozenset(), groups=frozenset({"g"})), RULE),
    (RULE, replace(RULE, origins=frozenset({"https://a.example"}))),
    (RULE, when(NeverCondition())),
    (RULE, when(ClientCondition(frozenset({"c"})))),
    (when(ClientCondition(frozenset({"c", "d"}))), when(ClientCondition(frozenset({"c"})))),
    (when(IssuerCondition(frozenset({"c"}))), when(ClientCondition(frozenset({"c"})))),
    (when(PurposeCondition(frozenset({"p"}), False)), when(PurposeCondition(frozenset({"p"}), True))),
    (when(TimeCondition(None, 5)), when(TimeCondition(3, 5))),
    (when(TimeCondition(3, None)), when(TimeCondition(3, 5))),
    (when(TimeCondition(2, 5)), when(TimeCondition(3, 5))),
    (when(TimeCondition(3, 6)), when(TimeCondition(3, 5))),
]


A, B, C, D = frozenset({"c"}), frozenset({"d"}), frozenset({"c", "d"}), frozenset({"g"})
ORIGINS = frozenset({"https://a.example"}), frozenset({"https://a.example", "https://b.example"})
NARROWER += [
    (replace(RULE, origins=ORIGINS[0]), replace(RULE, origins=ORIGINS[1])),
    (replace(RULE, signed_in=True), replace(RULE, everyone=True)),
    (when(OrganisationCondition(A)), when(OrganisationCondition(C))),
    *((when(kind(A, D)), when(kind(C, D))) for kind in (ClientCondition, IssuerCondition)),
    *((when(kind(A)), when(kind(A, everyone=True))) for kind in (ClientCondition, IssuerCondition)),
]
WIDER += [
    (replace(RULE, origins=ORIGINS[1]), replace(RULE, origins=ORIGINS[0])),
    (replace(RULE, signed_in=True), replace(RULE, agents=frozenset(), signed_in=False, groups=D)),
    (when(OrganisationCondition(C)), when(OrganisationCondition(A))),
    (when(PurposeCondition(C, True)), when(PurposeCondition(A, True))),
    *((when(kind(A)), when(kind(B))) for kind in (ClientCondition, IssuerCondition)),
    *((when(kind(A, D)), when(kind(A))) for kind in (ClientCondition, IssuerCondition)),
    *((when(kind(A, everyone=True)), when(kind(A))) for kind in (ClientCondition, IssuerCondition)),
]


@pytest.mark.parametrize(("rule", "bound"), NARROWER)
def test_a_rule_that_gives_less_is_within(rule: Rule, bound: Rule) -> None:
    assert are_within([rule], [bound], OWNER)


@pytest.mark.parametrize(("rule", "bound"), WIDER)
def test_a_rule_that_gives_more_is_not_within(rule: Rule, bound: Rule) -> None:
    assert not are_within([rule], [bound], OWNER)


def test_two_rules_may_bound_one_together_when_each_names_some_of_its_parties() -> None:
    both = replace(RULE, agents=frozenset({ANNA, BOB}))
    assert are_within([both], [RULE, replace(RULE, agents=frozenset({ANNA}))], OWNER)


@pytest.mark.parametrize(
    ("bounds", "holds_at", "lasts_until"),
    [
        ((3, 5), {3, 5}, 5),
        ((None, 5), {2, 3, 5}, 5),
        ((3, None), {3, 5, 6}, 9),
        ((None, None), {2, 3, 5, 6}, 9),
    ],
)
def test_a_rule_holds_from_its_first_second_to_its_last(
    bounds: tuple[int | None, int | None], holds_at: set[int], lasts_until: int
) -> None:
    timed = when(TimeCondition(*bounds), ClientCondition(A))
    for policy_s in (2, 3, 5, 6):
        kept = (when(ClientCondition(A)),) if policy_s in holds_at else ()
        assert holding_at([timed], policy_s) == kept
        assert not_over_at([timed], policy_s) == ((timed,) if policy_s <= lasts_until else ())
