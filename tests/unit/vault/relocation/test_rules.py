"""Which row of the relocation table fits a grant, and until when its suggestion lets the grant run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.grants import CLIENT, GROUP, ISSUER, ORGANISATION, make_grant, policy
from vault.model.grant import AssigneeKind, Grant
from vault.model.organisation import Organisation, Register
from vault.relocation.rules import fitting_rule, kind_of_receiver, suggested_end
from vocab.concepts import RelocationRule, relocation_rules
from vocab.namespaces import WK, WKT

MOVE = date(2027, 2, 1)
GIVEN_END = "2027-03-31T23:59:59+02:00"
TEAM = Organisation(
    iri=ORGANISATION,
    name="Wijkteam Lindenholt",
    kind=WK["soort-wijkteam"],
    number_kind="OIN",
    number="0" * 20,
    municipality="Nijmegen",
    issuers=frozenset({ISSUER}),
    clients=frozenset({CLIENT}),
    group=GROUP,
    verified_by="Beheerder",
    verified_at=1,
)
ANY = RelocationRule(
    iri="https://rules.example/any",
    priority=900,
    purposes=(),
    kinds=(),
    circumstance=None,
    suggestion=WKT.Ask,
    overlap_days=None,
    offer_new_team=False,
    also_kept_by_law=False,
    sentence_nl="Kies zelf.",
    sentence_en="Choose.",
    question_nl=None,
)


def given(purpose: str = WK["doel-ondersteuning-geven"]) -> Grant:
    return make_grant("g", policy("plannen/a"), purpose=purpose)


def rule_for(grant: Grant, kind: str | None, *circumstances: str) -> str:
    return fitting_rule(grant, kind, circumstances, relocation_rules()).iri


def test_the_kind_of_an_organisation_is_what_the_register_says() -> None:
    assert kind_of_receiver(given(), Register((TEAM,))) == WK["soort-wijkteam"]
    assert kind_of_receiver(given(), Register()) is None


def test_a_person_counts_as_somebody_near_whatever_the_register_says() -> None:
    person = make_grant(
        "g", policy("plannen/a"), assignee_kind=AssigneeKind.PERSON, organisation=None, clients=()
    )
    assert kind_of_receiver(person, Register((TEAM,))) == WK["soort-naaste"]


def test_the_rule_with_the_lowest_priority_number_wins_in_whatever_order_they_come() -> None:
    urgent = replace(ANY, iri="https://rules.example/urgent", priority=1)
    for rules in ((ANY, urgent), (urgent, ANY)):
        assert fitting_rule(given(), None, (), rules) == urgent


@pytest.mark.parametrize(
    "condition",
    [
        {"purposes": (WK["doel-jeugd-school"],)},
        {"kinds": (WK["soort-school"],)},
        {"circumstance": WK["om-andere-gemeente"]},
    ],
)
def test_one_condition_that_does_not_hold_is_enough_to_pass_a_rule_by(condition: dict[str, Any]) -> None:
    narrow = replace(ANY, iri="https://rules.example/narrow", priority=1, **condition)
    assert fitting_rule(given(), WK["soort-wijkteam"], (), (narrow, ANY)) == ANY


def test_a_narrower_purpose_falls_under_the_rule_of_the_broader_one_and_not_the_other_way() -> None:
    broad = replace(ANY, priority=1, purposes=(WK["doel-jeugdhulp"],))
    narrow = replace(ANY, priority=1, purposes=(WK["doel-jeugd-school"],))
    assert fitting_rule(given(WK["doel-jeugd-school"]), None, (), (broad, ANY)) == broad
    assert fitting_rule(given(WK["doel-jeugdhulp"]), None, (), (narrow, ANY)) == ANY


def test_the_table_tells_a_provider_from_somebody_who_stays_in_the_same_town() -> None:
    grant = given(WK["doel-samenwerken-plan"])
    assert rule_for(grant, WK["soort-jeugdhulp"]) == WKT["vr-aanbieder"]
    assert rule_for(grant, WK["soort-jeugdhulp"], WK["om-zelfde-gemeente"]) == WKT["vr-zelfde-gemeente"]


def test_the_table_has_a_row_for_a_receiver_of_whom_nothing_is_known() -> None:
    assert rule_for(given(WK["doel-samenwerken-plan"]), None) == WKT["vr-anders"]


@pytest.mark.parametrize(
    ("suggestion", "end"),
    [
        (WKT.Ends, "2027-01-31T23:59:59+01:00"),
        (WKT.KeptByLaw, "2027-01-31T23:59:59+01:00"),
        (WKT.Overlaps, "2027-02-15T23:59:59+01:00"),
        (WKT.Continues, GIVEN_END),
        (WKT.Unaffected, GIVEN_END),
        (WKT.Ask, None),
    ],
)
def test_each_suggestion_has_its_end(suggestion: str, end: str | None) -> None:
    found = suggested_end(given(), replace(ANY, suggestion=suggestion, overlap_days=14), MOVE)
    assert (found and found.text) == end


@pytest.mark.parametrize("suggestion", [WKT.Ends, WKT.KeptByLaw, WKT.Overlaps])
def test_no_suggestion_lets_a_grant_run_longer_than_she_gave(suggestion: str) -> None:
    late = date(2027, 12, 1)
    found = suggested_end(given(), replace(ANY, suggestion=suggestion, overlap_days=42), late)
    assert found is not None
    assert found.text == GIVEN_END


def test_an_overlap_without_a_length_ends_on_the_day_itself() -> None:
    found = suggested_end(given(), replace(ANY, suggestion=WKT.Overlaps), MOVE)
    assert found is not None
    assert found.text == "2027-02-01T23:59:59+01:00"
