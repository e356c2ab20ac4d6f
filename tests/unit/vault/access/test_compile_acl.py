"""From an ACL graph to rules."""

from __future__ import annotations

import pytest

from tests.support.catalogue_views import ROOT
from tests.support.rules import ALICE, APPEND, BOB, GROUP, READ
from vault.access.compile import compile_acl
from vault.errors import UnacceptableContent
from vault.model.rules import ClientCondition, CompiledAcl, IssuerCondition, Rule
from vault.rdf.documents import parse
from vocab.media_types import TURTLE

SUBJECT = f"{ROOT}plannen/"
PREFIXES = """
@prefix acl: <http://www.w3.org/ns/auth/acl#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
"""
WHOLE = f"<#r> a acl:Authorization ; acl:agent <{ALICE}> ; acl:mode acl:Read ; acl:accessTo <{SUBJECT}>"


def compiled(text: str) -> CompiledAcl:
    return compile_acl(parse((PREFIXES + text).encode(), TURTLE, f"{SUBJECT}.acl"), SUBJECT)


def only_rule(text: str) -> Rule:
    (rule,) = compiled(text).access_to
    return rule


def test_a_whole_authorization_becomes_a_rule() -> None:
    rule = only_rule(f"{WHOLE} ; acl:mode acl:Append ; prov:wasDerivedFrom <{ROOT}toegang/g> .")
    expected = Rule(
        f"{SUBJECT}.acl#r", frozenset({READ, APPEND}), frozenset({ALICE}), grant=f"{ROOT}toegang/g"
    )
    assert rule == expected


@pytest.mark.parametrize(
    "subject",
    [f"acl:agentGroup <{GROUP}>", "acl:agentClass foaf:Agent", "acl:agentClass acl:AuthenticatedAgent"],
)
def test_each_way_to_say_for_whom_makes_a_rule_by_itself(subject: str) -> None:
    assert only_rule(f"{WHOLE.replace(f'acl:agent <{ALICE}>', subject)} .").agents == frozenset()


def test_of_several_grants_that_a_rule_names_the_same_counts_every_time() -> None:
    grants = f"<{ROOT}toegang/h>, <{ROOT}toegang/g>"
    assert only_rule(f"{WHOLE} ; prov:wasDerivedFrom {grants} .").grant == f"{ROOT}toegang/g"


def test_a_rule_on_the_resource_itself_is_not_inherited() -> None:
    found = compiled(f"{WHOLE} .")
    assert found.default == ()
    assert len(found.access_to) == 1


def test_a_default_rule_does_not_hold_for_the_container_itself() -> None:
    found = compiled(WHOLE.replace("acl:accessTo", "acl:default") + " .")
    assert found.access_to == ()
    assert len(found.default) == 1


@pytest.mark.parametrize("other", [f"{SUBJECT}x", f"{ROOT}plannen", ROOT, f"{SUBJECT}#it"])
def test_a_rule_for_another_resource_has_no_effect(other: str) -> None:
    assert compiled(f"{WHOLE.replace(SUBJECT, other)} .") == CompiledAcl()


@pytest.mark.parametrize(
    "missing",
    ["a acl:Authorization ;", f"acl:agent <{ALICE}> ;", "acl:mode acl:Read ;", f"; acl:accessTo <{SUBJECT}>"],
)
def test_an_incomplete_authorization_has_no_effect(missing: str) -> None:
    assert compiled(f"{WHOLE.replace(missing, '')} .") == CompiledAcl()


@pytest.mark.requirement("wac", "extension-acl-mode")
@pytest.mark.requirement("wac", "extension-acl-mode-2")
@pytest.mark.requirement("wac", "wac-02")
@pytest.mark.parametrize("mode", ["acl:Access", "<https://else.example/Read>", '"Read"', "acl:read"])
def test_an_unknown_mode_gives_nothing_and_disturbs_nothing(mode: str) -> None:
    assert compiled(f"{WHOLE.replace('acl:Read', mode)} .") == CompiledAcl()
    assert only_rule(f"{WHOLE} ; acl:mode {mode} .").modes == {READ}


def test_an_origin_alone_grants_nothing() -> None:
    alone = WHOLE.replace(f"acl:agent <{ALICE}>", 'acl:origin "https://app.example"')
    assert compiled(f"{alone} .") == CompiledAcl()


def test_origins_stand_as_text_or_as_iri() -> None:
    rule = only_rule(f'{WHOLE} ; acl:origin "https://app.example", <https://else.example> .')
    assert rule.origins == {"https://app.example", "https://else.example"}


def test_an_origin_that_cannot_be_read_takes_its_rule_away() -> None:
    assert compiled(f"{WHOLE} ; acl:origin [] .") == CompiledAcl()


def test_agents_are_iris_and_nothing_else() -> None:
    text = WHOLE.replace(f"<{ALICE}>", f'"{ALICE}", [ foaf:name "Bob" ]')
    assert compiled(f"{text} .") == CompiledAcl()


def test_groups_and_classes_name_who_they_name() -> None:
    text = WHOLE.replace(
        f"acl:agent <{ALICE}>",
        f"acl:agentGroup <{GROUP}> ; acl:agentClass foaf:Agent, acl:AuthenticatedAgent",
    )
    rule = only_rule(f"{text} .")
    assert (rule.agents, rule.groups) == (frozenset[str](), frozenset({GROUP}))
    assert rule.everyone
    assert rule.signed_in


def test_an_unknown_class_names_nobody() -> None:
    text = WHOLE.replace(
        f"acl:agent <{ALICE}>", "acl:agentClass <https://else.example/Everyone>, foaf:Person"
    )
    assert compiled(f"{text} .") == CompiledAcl()


def test_all_conditions_of_an_authorization_are_kept() -> None:
    text = f"{WHOLE} ; acl:condition [ a acl:ClientCondition ; acl:client <x:c> ], <#issuer> ."
    rule = only_rule(text + "<#issuer> a acl:IssuerCondition ; acl:issuer <x:i> .")
    assert set(rule.conditions) == {ClientCondition(frozenset({"x:c"})), IssuerCondition(frozenset({"x:i"}))}


@pytest.mark.parametrize(
    "condition", ["[]", "<#nowhere>", "<https://else.example/c>", '"office hours"', "true"]
)
def test_a_condition_that_is_not_described_refuses_the_whole_document(condition: str) -> None:
    with pytest.raises(UnacceptableContent) as caught:
        compiled(f"{WHOLE} ; acl:condition {condition} .")
    assert caught.value.violations[0].field == "condition"


def test_a_bad_condition_on_an_incomplete_authorization_is_refused_too() -> None:
    with pytest.raises(UnacceptableContent):
        compiled("<#r> a acl:Authorization ; acl:condition [ a acl:Condition ] .")


def test_an_authorization_without_a_name_counts() -> None:
    assert only_rule(f"{WHOLE.replace('<#r> a', '[] a')} .").authorization == ""


def test_rules_have_the_same_order_whatever_the_order_of_the_triples() -> None:
    first = f"{WHOLE} ."
    second = WHOLE.replace("<#r>", "<#s>").replace(ALICE, BOB) + " ."
    assert compiled(first + second) == compiled(second + first)
    assert len(compiled(first + second).access_to) == 2
