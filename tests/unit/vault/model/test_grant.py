"""Grants and requests are valid by construction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.grants import make_grant, policy
from vault.model.grant import (
    Action,
    AssigneeKind,
    GrantStatus,
    Instant,
    Period,
    Policy,
    TargetKind,
    instant,
    instant_at,
    last_segment,
)

START, END = instant("2026-12-01T00:00:00+01:00"), instant("2026-12-31T23:59:59+01:00")


@pytest.mark.parametrize(
    "text", ["2026-12-01", "2026-12-01T00:00:00", "2026-12-01T00:00:00.5Z", "2026-02-30T00:00:00Z", ""]
)
def test_a_moment_has_a_date_a_time_in_whole_seconds_and_a_zone(text: str) -> None:
    with pytest.raises(ValueError, match=r"moment|day is out of range"):
        instant(text)


def test_a_moment_is_what_its_text_says() -> None:
    assert instant("2026-12-01T00:00:00+01:00").seconds == instant("2026-11-30T23:00:00Z").seconds
    assert instant_at(0).text == "1970-01-01T00:00:00Z"
    with pytest.raises(ValueError, match="not what its text says"):
        Instant(1, "1970-01-01T00:00:00Z")


def test_the_end_of_a_period_is_after_its_start() -> None:
    with pytest.raises(ValueError, match="after the start"):
        Period(END, START)


@pytest.mark.parametrize(
    ("inner", "outer", "within"),
    [
        (Period(START, END), Period(None, END), True),
        (Period(None, END), Period(START, END), False),
        (Period(START, END), Period(START, END), True),
        (Period(START, END), Period(START, instant_at(END.seconds - 1)), False),
        (Period(START, END), Period(instant_at(START.seconds + 1), END), False),
    ],
)
def test_a_period_is_within_another_when_it_starts_no_earlier_and_ends_no_later(
    inner: Period, outer: Period, within: bool
) -> None:
    assert inner.is_within(outer) is within


def test_a_policy_names_an_action_and_each_target_once() -> None:
    with pytest.raises(ValueError, match="names an action and a target"):
        Policy(frozenset(), TargetKind.CONTAINER, ("x:a",))
    with pytest.raises(ValueError, match="names an action and a target"):
        Policy(frozenset({Action.READ}), TargetKind.CONTAINER, ())
    with pytest.raises(ValueError, match="named twice"):
        Policy(frozenset({Action.READ}), TargetKind.CONTAINER, ("x:a", "x:a"))


def test_terms_name_a_policy_and_a_legal_basis() -> None:
    terms = make_grant("a", policy("plannen/p1")).terms
    for changes in ({"policies": ()}, {"legal_basis": ()}):
        with pytest.raises(ValueError, match="a policy and a legal basis"):
            replace(terms, **changes)  # type: ignore[arg-type]  # the fields are of these types


@pytest.mark.parametrize(
    "changes",
    [
        {"assignee_kind": AssigneeKind.PERSON},
        {"assignee_kind": AssigneeKind.PERSON, "organisation": None, "issuers": ("x:a", "x:b")},
        {"organisation": None},
        {"clients": ()},
        {"strict": False},
    ],
)
def test_who_gets_something_decides_what_a_grant_names(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a grant to"):
        make_grant("a", policy("plannen/p1"), **changes)


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (START.seconds - 1, GrantStatus.PLANNED),
        (START.seconds, GrantStatus.ACTIVE),
        (END.seconds, GrantStatus.ACTIVE),
        (END.seconds + 1, GrantStatus.ENDED),
    ],
)
def test_both_bounds_of_a_period_count_to_the_second(second: int, status: GrantStatus) -> None:
    grant = make_grant("a", policy("plannen/p1"), period=Period(START, END))
    assert grant.status_at(second) is status
    assert grant.is_in_force(second) is (status is not GrantStatus.ENDED)
    assert replace(grant, stopped_at=START).status_at(second) is GrantStatus.STOPPED


def test_a_grant_can_be_changed_in_its_policies_and_its_period_only() -> None:
    grant = make_grant("a", policy("plannen/p1"))
    other = grant.with_policies((policy("plannen/p2"),)).with_period(Period(START, END))
    assert (other.terms.targets(), other.terms.period.end) == (policy("plannen/p2").targets, END)
    assert other.with_policies(grant.terms.policies).with_period(grant.terms.period) == grant


def test_actions_on_a_target_are_those_of_every_policy_that_names_it() -> None:
    grant = make_grant("a", policy("plannen/p1"), policy("plannen/p1", actions=[Action.APPEND]))
    assert grant.terms.actions_on(policy("plannen/p1").targets[0]) == {Action.READ, Action.APPEND}
    assert grant.terms.actions_on("x:other") == frozenset()


def test_a_grant_is_kept_by_the_last_part_of_its_iri() -> None:
    assert make_grant("a", policy("plannen/p1")).short_id == "a"
    assert last_segment("https://a.example/b/c") == "c"
