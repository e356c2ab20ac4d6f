"""A grant becomes exactly the Authorizations of the domain's example."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

import vocab
from tests.support.grants import GROUP, ISSUER, STORAGE, derived_triples, make_grant, policy
from vault.access.compile import compile_acl
from vault.grants.materialise import derive, modes_on, needs_container
from vault.grants.written import read_grant
from vault.model.grant import Action, AssigneeKind, Period, instant
from vault.model.modes import AccessMode
from vault.model.rules import ClientCondition, OrganisationCondition, PurposeCondition, TimeCondition
from vault.rdf.documents import serialize
from vocab.media_types import N_TRIPLES

EXAMPLES = Path(__file__).parent / "examples"
_NAMES = {f"acl:{mode.name.title()}": mode for mode in AccessMode}


def graph_of(triples: object) -> Graph:
    """Triples as a graph that can be compared."""
    return Graph().parse(data=serialize(triples, N_TRIPLES), format="nt")  # type: ignore[arg-type]  # any triples


def test_the_example_gives_exactly_the_example() -> None:
    grant = read_grant(json.loads((EXAMPLES / "toegang.jsonld").read_text(encoding="utf-8")))
    found = derived_triples(grant)
    assert list(found) == ["https://kluis.example/ncsv6x3mmnsnut6x/plannen/ba2a2u57ux7qc6ht/"]
    wanted = Graph().parse(EXAMPLES / "afgeleid.acl.ttl")
    assert isomorphic(graph_of(next(iter(found.values()))), wanted)


def test_every_action_gives_the_modes_of_the_table() -> None:
    table = json.loads((Path(vocab.__file__).parent / "domain" / "acties.json").read_text(encoding="utf-8"))
    for row in table["actions"]:
        action = Action(row["action"])
        own, members = modes_on([action], f"{STORAGE}plannen/")
        assert own == {_NAMES[name] for name in row["self"]}
        assert members == {_NAMES[name] for name in row["members"]}
        if not needs_container([action]):
            wanted = {_NAMES[name] for name in row.get("self_document", row["self"])}
            assert modes_on([action], f"{STORAGE}plannen/x") == (frozenset(wanted), frozenset())


def test_equal_modes_make_one_authorization_and_different_ones_two() -> None:
    assert len(derive(make_grant("a", policy("plannen/")))) == 1
    assert len(derive(make_grant("a", policy("plannen/", actions=[Action.MODIFY])))) == 2
    assert len(derive(make_grant("a", policy("plannen/x", actions=[Action.MODIFY])))) == 1


def test_numbers_go_on_over_targets_and_policies() -> None:
    grant = make_grant("a", policy("plannen/b", "plannen/a"), policy("brieven/", actions=[Action.MODIFY]))
    assert [(d.number, d.target.removeprefix(STORAGE)) for d in derive(grant)] == [
        (1, "brieven/"),
        (2, "brieven/"),
        (3, "plannen/a"),
        (4, "plannen/b"),
    ]


@pytest.mark.parametrize("kind", [AssigneeKind.TEAM, AssigneeKind.WHOLE_ORGANISATION])
def test_a_team_is_named_as_a_group_and_never_as_an_agent(kind: AssigneeKind) -> None:
    grant = make_grant("a", policy("plannen/x"), assignee=GROUP, assignee_kind=kind)
    rule = compile_acl(derived_triples(grant)[f"{STORAGE}plannen/x"], f"{STORAGE}plannen/x").access_to[0]
    assert rule.groups == {GROUP}
    assert not rule.agents


def test_every_authorization_carries_every_condition() -> None:
    period = Period(instant("2026-12-01T00:00:00+01:00"), instant("2026-12-31T23:59:59+01:00"))
    grant = make_grant("a", policy("plannen/", actions=[Action.MODIFY]), period=period)
    compiled = compile_acl(derived_triples(grant)[f"{STORAGE}plannen/"], f"{STORAGE}plannen/")
    for rule in (*compiled.access_to, *compiled.default):
        kinds = {type(condition) for condition in rule.conditions}
        assert len(rule.conditions) == 5
        assert {ClientCondition, TimeCondition, PurposeCondition, OrganisationCondition} < kinds
        assert rule.grant == grant.id


def test_a_person_has_no_organisation_condition_and_may_have_a_lenient_purpose() -> None:
    person = make_grant(
        "a",
        policy("plannen/x"),
        organisation=None,
        assignee_kind=AssigneeKind.PERSON,
        clients=(),
        strict=False,
    )
    rule = compile_acl(derived_triples(person)[f"{STORAGE}plannen/x"], f"{STORAGE}plannen/x").access_to[0]
    assert len(rule.conditions) == 3
    assert PurposeCondition(frozenset({person.terms.purpose}), strict=False) in rule.conditions


def test_the_same_grant_gives_the_same_triples_each_time() -> None:
    grant = make_grant("a", policy("plannen/"))
    assert derived_triples(grant) == derived_triples(replace(grant))


def test_a_grant_to_an_organisation_names_an_issuer() -> None:
    with pytest.raises(ValueError, match="names it, its issuer"):
        make_grant("a", policy("plannen/x"), issuers=())
    assert make_grant("a", policy("plannen/x")).issuers == (ISSUER,)
