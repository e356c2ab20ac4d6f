"""Each condition alone: when it holds, and what it says when it does not."""

from __future__ import annotations

import pytest

from tests.support.rules import APP, ORGANISATION, PURPOSE, WORK_ISSUER, requester
from vault.access.conditions import why_not
from vault.model.requester import ANONYMOUS, Declared, Requester
from vault.model.rules import (
    ClientCondition,
    Condition,
    IssuerCondition,
    NeverCondition,
    OrganisationCondition,
    PurposeCondition,
    RefusalReason,
    TimeCondition,
)

NOBODY = Requester(ANONYMOUS)
OTHER = "https://else.example/"


@pytest.mark.parametrize(
    "condition",
    [
        ClientCondition(frozenset({OTHER, APP})),
        IssuerCondition(frozenset({OTHER, WORK_ISSUER})),
        OrganisationCondition(frozenset({ORGANISATION})),
        PurposeCondition(frozenset({PURPOSE}), strict=False),
    ],
)
def test_a_condition_that_names_her_holds(condition: Condition) -> None:
    assert why_not(condition, requester(), 0) is None


@pytest.mark.requirement("wac", "server-condition-evaluation")
@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (ClientCondition(frozenset({OTHER})), RefusalReason.OTHER_CLIENT),
        (IssuerCondition(frozenset({OTHER})), RefusalReason.OTHER_ISSUER),
        (OrganisationCondition(frozenset({OTHER})), RefusalReason.ORGANISATION_NOT_ACTIVE),
        (NeverCondition(), RefusalReason.NO_GRANT),
    ],
)
def test_a_condition_that_names_another_does_not_hold(condition: Condition, reason: RefusalReason) -> None:
    assert why_not(condition, requester(), 0) is reason


@pytest.mark.parametrize("condition", [ClientCondition, IssuerCondition])
def test_a_client_or_an_issuer_meets_a_condition_by_its_group(
    condition: type[ClientCondition | IssuerCondition],
) -> None:
    wanted = condition(frozenset({OTHER}), frozenset({"x:g", "x:h"}))
    groups = frozenset({"x:h"})
    in_clients, in_issuers = requester(client_groups=groups), requester(issuer_groups=groups)
    hers, others = (in_clients, in_issuers) if condition is ClientCondition else (in_issuers, in_clients)
    assert why_not(wanted, hers, 0) is None
    assert why_not(wanted, others, 0) is not None
    assert why_not(wanted, requester(groups=groups), 0) is not None
    assert why_not(condition(frozenset(), frozenset({"x:g"})), hers, 0) is not None


@pytest.mark.parametrize("condition", [ClientCondition, IssuerCondition])
def test_the_class_of_everybody_lets_any_client_or_issuer_meet_a_condition(
    condition: type[ClientCondition | IssuerCondition],
) -> None:
    anything = condition(frozenset({OTHER}), everyone=True)
    assert why_not(anything, requester(), 0) is None
    assert why_not(anything, requester(client=None, issuer=None), 0) is None


@pytest.mark.parametrize(
    "condition",
    [
        ClientCondition(frozenset({APP})),
        IssuerCondition(frozenset({WORK_ISSUER})),
        OrganisationCondition(frozenset({ORGANISATION})),
    ],
)
def test_nobody_fulfils_a_condition_on_who_asks(condition: Condition) -> None:
    assert why_not(condition, NOBODY, 0) is not None


@pytest.mark.parametrize(
    ("second", "reason"),
    [(9, RefusalReason.TOO_EARLY), (10, None), (20, None), (21, RefusalReason.TOO_LATE)],
)
def test_both_bounds_of_a_period_are_included(second: int, reason: RefusalReason | None) -> None:
    assert why_not(TimeCondition(10, 20), NOBODY, second) is reason


def test_one_bound_leaves_the_other_side_open() -> None:
    assert why_not(TimeCondition(None, 20), NOBODY, -5) is None
    assert why_not(TimeCondition(10, None), NOBODY, 10**12) is None


@pytest.mark.parametrize(
    ("declared", "strict", "reason"),
    [
        (Declared(PURPOSE, frozenset({PURPOSE})), True, None),
        (Declared("x:narrower", frozenset({"x:narrower", PURPOSE})), True, None),
        (Declared(), True, RefusalReason.PURPOSE_MISSING),
        (Declared(), False, None),
        (Declared("x:other", frozenset({"x:other"})), True, RefusalReason.OTHER_PURPOSE),
        (Declared("x:other", frozenset({"x:other"})), False, RefusalReason.OTHER_PURPOSE),
        (Declared("x:unknown"), True, RefusalReason.OTHER_PURPOSE),
        (Declared("x:unknown"), False, RefusalReason.OTHER_PURPOSE),
        (Declared(PURPOSE), True, RefusalReason.OTHER_PURPOSE),
    ],
)
def test_a_purpose_must_be_equal_or_narrower_and_may_be_absent_only_when_lenient(
    declared: Declared, *, strict: bool, reason: RefusalReason | None
) -> None:
    condition = PurposeCondition(frozenset({PURPOSE}), strict)
    assert why_not(condition, requester(declared=declared), 0) is reason


def test_why_she_does_not_act_for_an_organisation_is_told_as_the_register_knows_it() -> None:
    leaver = requester(organisations=frozenset(), not_acting={ORGANISATION: RefusalReason.NOT_IN_GROUP})
    condition = OrganisationCondition(frozenset({ORGANISATION}))
    assert why_not(condition, leaver, 0) is RefusalReason.NOT_IN_GROUP
