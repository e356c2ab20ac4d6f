"""The new team's grant: reading only, for its own people and app, from the first second of the day; or a refusal in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.grants import CLIENT, ISSUER, LEGAL_BASIS, PURPOSE
from tests.support.people import People
from tests.support.relocation import ZWOLLE, ZWOLLE_GROUP, register_new_team
from vault.errors import UnacceptableContent
from vault.model.grant import Action, AssigneeKind, Grant, TargetKind, instant
from vault.relocation.new_team import find_team, grant_to_team
from vault.relocation.plan import NewTeam, Plan
from vocab.namespaces import WK

MOVE = date(2027, 2, 1)
Make = Callable[..., Grant]


@pytest.fixture
def make(people: People) -> Make:
    """Makes the grant of a plan for the plan's document, with changes to what she chose for the team."""

    def make_grant(*, is_chosen: bool = True, **changes: Any) -> Grant:
        team = NewTeam(
            organisation=ZWOLLE,
            resources=(f"{people.url}plannen/rust/plan",),
            purpose=PURPOSE,
            legal_basis=(LEGAL_BASIS,),
            reason="Het nieuwe team gaat verder met de hulp.",
            end=instant("2027-07-31T23:59:59+02:00"),
        )
        chosen = replace(team, **changes) if is_chosen else None
        plan = Plan(f"{people.url}verhuizingen/abc", None, "Zwolle", MOVE, (), (), chosen)
        with people.context.catalogue.view() as view:
            return grant_to_team(people.context, view, people.storage, plan)

    return make_grant


def test_the_team_may_read_what_she_chose_from_the_day_of_the_move(people: People, make: Make) -> None:
    grant = make(resources=(f"{people.url}plannen/rust/", f"{people.url}brieven/brief"))
    assert (grant.terms.assignee, grant.terms.assignee_kind) == (
        ZWOLLE_GROUP,
        AssigneeKind.WHOLE_ORGANISATION,
    )
    assert grant.terms.period.start == instant("2027-02-01T00:00:00+01:00")
    found = [(policy.kind, policy.targets, policy.actions) for policy in grant.terms.policies]
    assert found == [
        (TargetKind.DATA_RESOURCE, (f"{people.url}brieven/brief",), frozenset({Action.READ})),
        (TargetKind.CONTAINER, (f"{people.url}plannen/rust/",), frozenset({Action.READ})),
    ]


def test_only_through_the_apps_and_issuers_of_the_register(make: Make) -> None:
    grant = make()
    assert (grant.terms.clients, grant.issuers, grant.strict) == ((CLIENT,), (ISSUER,), True)
    assert (grant.organisation, grant.opened_by) == (ZWOLLE, WK["reden-inwoner-gaf"])


def test_a_document_that_is_named_twice_is_given_once(people: People, make: Make) -> None:
    plan = f"{people.url}plannen/rust/plan"
    assert make(resources=(plan, plan)).terms.targets() == (plan,)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"organisation": "https://organisations.example/unknown"}, "newTeam"),
        ({"resources": ()}, "newTeam/resources"),
        ({"legal_basis": ()}, "newTeam/legalBasis"),
        ({"end": instant("2027-01-01T00:00:00+01:00")}, "newTeam/end"),
        ({"end": instant("2027-02-01T00:00:00+01:00")}, "newTeam/end"),
        ({"reason": "Over 123456782."}, "reason"),
    ],
)
def test_what_breaks_a_rule_is_refused_at_its_field(make: Make, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(UnacceptableContent) as refused:
        make(**changes)
    assert [violation.field for violation in refused.value.violations] == [field]


def test_what_nobody_can_be_given_the_new_team_is_not_given_either(people: People, make: Make) -> None:
    for url in (f"{people.url}mijn/dagboek", "https://elsewhere.example/x"):
        with pytest.raises(UnacceptableContent):
            make(resources=(url,))


@pytest.mark.parametrize("changes", [{"suspended_at": 1}, {"clients": frozenset()}, {"issuers": frozenset()}])
def test_a_team_that_could_not_look_gets_nothing(people: People, make: Make, changes: dict[str, Any]) -> None:
    register_new_team(people, **changes)
    with pytest.raises(UnacceptableContent):
        make()


def test_without_a_chosen_team_there_is_no_grant(people: People, make: Make) -> None:
    with people.context.catalogue.view() as view:
        assert find_team(view, None) is None
    with pytest.raises(UnacceptableContent):
        make(is_chosen=False)
