"""What people wrote is kept apart from what followed from grants, also where names and conditions are shared."""

from __future__ import annotations

from pyoxigraph import Triple

from tests.support.grants import STORAGE, derived_triples, make_grant, policy
from vault.access.compile import compile_acl
from vault.grants.graphs import repeated, without_derived, without_others
from vault.grants.place import Tree, place
from vault.model.modes import AccessMode
from vault.rdf.documents import parse
from vocab.media_types import TURTLE

PLAN, PLANS = f"{STORAGE}plannen/p1", f"{STORAGE}plannen/"
GRANTS = f"{STORAGE}toegang/"
FRIEND, OWNER = "https://friends.example/#me", f"{STORAGE}profiel/card#me"
PREFIXES = (
    "@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> . "
    "@prefix prov: <http://www.w3.org/ns/prov#> . "
)


def acl(text: str, url: str = PLAN) -> list[Triple]:
    """An ACL in Turtle."""
    return parse((PREFIXES + text).encode(), TURTLE, f"{url}.acl")


def test_what_was_derived_goes_with_its_conditions_and_nothing_else() -> None:
    grant = make_grant("a", policy("plannen/p1"))
    own = acl(
        f"<#r> a acl:Authorization ; acl:agent <{FRIEND}> ; acl:accessTo <{PLAN}> ; acl:mode acl:Read ."
    )
    both = [*own, *derived_triples(grant)[PLAN]]
    assert set(without_derived(both, GRANTS)) == set(own)
    assert set(without_derived(both, "https://elsewhere.example/")) > set(own)


def test_a_condition_that_an_own_authorization_shares_stays() -> None:
    text = (
        f"<#own> a acl:Authorization ; acl:agent <{FRIEND}> ; acl:accessTo <{PLAN}> ; acl:mode acl:Read ; "
        f"acl:condition <#c>, _:b . <#c> a acl:ClientCondition ; acl:client <x:a> . "
        f"_:b a acl:ClientCondition ; acl:client <x:b> . "
        f"<#d> a acl:Authorization ; prov:wasDerivedFrom <{GRANTS}a> ; acl:condition <#c>, _:b . "
        f"<#e> a acl:Authorization ; prov:wasDerivedFrom <{GRANTS}b> ; acl:condition <#c>, _:b ."
    )
    left = compile_acl(without_derived(acl(text), GRANTS), PLAN)
    assert [len(rule.conditions) for rule in left.access_to] == [2]


def test_an_own_authorization_with_the_name_of_a_derived_one_does_not_become_it() -> None:
    grant = make_grant("yqusbu8jeu3kbz9y", policy("plannen/p1"))
    text = f"<#yqusbu8jeu3kbz9y-1> a acl:Authorization ; acl:agent <{FRIEND}> ; acl:accessTo <{PLAN}> ; acl:mode acl:Write ."
    wanted = place(Tree(STORAGE, {PLAN: acl(text)}, lambda _: True), [grant])[PLAN]
    by_agent = {next(iter(rule.agents)): rule.modes for rule in compile_acl(wanted, PLAN).access_to}
    assert by_agent == {FRIEND: {AccessMode.WRITE}, grant.terms.assignee: {AccessMode.READ}}


def test_a_blank_node_with_the_name_of_a_derived_one_does_not_become_it() -> None:
    grant = make_grant("yqusbu8jeu3kbz9y", policy("plannen/p1"))
    text = (
        f"<#r> a acl:Authorization ; acl:agent <{FRIEND}> ; acl:accessTo <{PLAN}> ; acl:mode acl:Read ; "
        f"acl:condition _:yqusbu8jeu3kbz9yx1ClientCondition . "
        f"_:yqusbu8jeu3kbz9yx1ClientCondition a acl:ClientCondition ; acl:client <x:a> ."
    )
    wanted = place(Tree(STORAGE, {PLAN: acl(text)}, lambda _: True), [grant])[PLAN]
    conditions = {len(rule.conditions) for rule in compile_acl(wanted, PLAN).access_to}
    assert conditions == {1, 5}


def test_what_inherits_is_repeated_with_its_name_and_conditions_for_the_new_place() -> None:
    text = (
        f"<#r> a acl:Authorization ; acl:agent <{FRIEND}> ; acl:default <{PLANS}> ; acl:mode acl:Read ; "
        f"acl:condition [ a acl:ClientCondition ; acl:client <x:a> ] . "
        f"[] a acl:Authorization ; acl:agentClass foaf:Agent ; acl:default <{PLANS}> ; acl:mode acl:Read . "
        f"<#here> a acl:Authorization ; acl:agent <x:b> ; acl:accessTo <{PLANS}> ; acl:mode acl:Read . "
        f"<#no> acl:default <{PLANS}> ."
    )
    compiled = compile_acl(repeated(acl(text, PLANS), PLANS, PLAN), PLAN)
    assert compiled.default == ()
    assert {rule.authorization for rule in compiled.access_to} == {f"{PLAN}.acl#r", f"{PLAN}.acl#2"}
    assert {len(rule.conditions) for rule in compiled.access_to} == {0, 1}


def test_without_any_acl_above_only_the_grant_stands_in_a_new_one() -> None:
    grant = make_grant("a", policy("plannen/x/y"))
    wanted = place(Tree(STORAGE, {}, lambda _: True), [grant])
    assert [
        rule.grant for rule in compile_acl(wanted[f"{STORAGE}plannen/x/y"], f"{STORAGE}plannen/x/y").access_to
    ] == [grant.id]


def test_a_target_that_is_not_there_gets_no_acl() -> None:
    assert place(Tree(STORAGE, {}, lambda _: False), [make_grant("a", policy("plannen/p1"))]) == {}


def test_only_the_owner_is_left_when_all_others_go() -> None:
    text = (
        f"<#a> a acl:Authorization ; acl:agent <{FRIEND}> ; acl:accessTo <{PLAN}> ; acl:mode acl:Read . "
        f"<#b> a acl:Authorization ; acl:agent <{OWNER}>, <{FRIEND}> ; acl:agentClass foaf:Agent ; "
        f"acl:agentGroup <x:g> ; acl:accessTo <{PLAN}> ; acl:mode acl:Read ."
    )
    rules = compile_acl(without_others(acl(text), OWNER), PLAN).access_to
    assert [rule.agents for rule in rules] == [{OWNER}]
    assert not any(rule.groups or rule.everyone for rule in rules)
