"""Announcing, choosing, confirming: nothing changes before it is confirmed, and then everything in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.grants import LEGAL_BASIS, PURPOSE
from tests.support.people import People, worker
from tests.support.relocation import ZWOLLE
from vault.admission import Asking
from vault.errors import Conflict, NoSuchResource, PreconditionFailed, UnacceptableContent
from vault.grants.known import known_grants
from vault.model.grant import Grant, GrantStatus, instant
from vault.relocation import moving
from vault.relocation.days import day_of, start_of_day
from vault.relocation.moving import Announcement, Choice, KnownPlan
from vault.relocation.plan import NewTeam
from vocab.namespaces import WKT

MOVE = date(2027, 2, 1)


def asking(people: People, **changes: Any) -> Asking:
    return replace(Asking(people.storage.storage, people.owner), **changes)


def announced(people: People, day: date = MOVE) -> KnownPlan:
    return moving.announce(people.context, asking(people), Announcement("Zwolle", day))


def team(people: People) -> NewTeam:
    plan, end = f"{people.url}plannen/rust/plan", instant("2027-07-31T23:59:59+02:00")
    return NewTeam(ZWOLLE, (plan,), PURPOSE, (LEGAL_BASIS,), "Verder met de hulp.", end)


def chosen(people: People, known: KnownPlan, *, choice: str = WKT.ChooseEnd, **more: Any) -> KnownPlan:
    choices = [Choice(line.grant, choice, more.get("last_day")) for line in known.plan.lines]
    return moving.choose(people.context, asking(people), known, choices, more.get("team"))


def confirmed(people: People, known: KnownPlan) -> KnownPlan:
    previewed: frozenset[str] = frozenset()
    if known.plan.new_team is not None:
        previewed = moving.preview(people.context, asking(people), known.short_id).digests()
    return moving.confirm(people.context, asking(people), known.short_id, previewed)


def grants(people: People) -> list[Grant]:
    with people.context.catalogue.view() as view:
        return [known.grant for known in known_grants(view, people.storage.storage)]


def activities(people: People) -> list[str]:
    return [line.activity for line in people.lines()]


def test_an_announcement_names_every_grant_that_lets_somebody_in_and_no_other(people: People) -> None:
    ended = people.give(people.add("brieven/tweede"), end="2026-12-31T23:59:59+01:00")
    stopped_grant = people.give(people.add("brieven/derde"))
    people.stop(stopped_grant)
    people.clock.policy_s = start_of_day(date(2027, 1, 2)).seconds
    lines = announced(people).plan.lines
    assert len(lines) == 1
    assert not {line.grant for line in lines} & {ended["id"], stopped_grant["id"]}


@pytest.mark.parametrize("days", [0, -1, moving.max_days_ahead + 1])
def test_a_day_that_is_over_or_too_far_ahead_is_refused(people: People, days: int) -> None:
    today = day_of(people.clock().policy_s)
    with pytest.raises(UnacceptableContent):
        announced(people, date.fromordinal(today.toordinal() + days))


@pytest.mark.parametrize("days", [1, moving.max_days_ahead])
def test_the_first_and_the_last_day_that_can_be_chosen_are_accepted(people: People, days: int) -> None:
    today = day_of(people.clock().policy_s)
    assert announced(people, date.fromordinal(today.toordinal() + days)).plan.undecided


@pytest.mark.parametrize(
    "announcement",
    [
        Announcement(" ", MOVE),
        Announcement("123456782", MOVE),
        Announcement("Zwolle", MOVE, (), "123456782"),
    ],
)
def test_an_announcement_needs_a_town_and_no_number_of_a_citizen(
    people: People, announcement: Announcement
) -> None:
    with pytest.raises(UnacceptableContent):
        moving.announce(people.context, asking(people), announcement)


def test_choosing_changes_the_plan_and_no_grant(people: People) -> None:
    before = grants(people)
    known = chosen(people, announced(people))
    assert known.plan.undecided == ()
    assert grants(people) == before


def test_what_she_did_not_choose_yet_stays_open(people: People) -> None:
    known = announced(people)
    after = moving.choose(people.context, asking(people), known, [], team(people))
    assert (after.plan.undecided, after.plan.new_team) == (known.plan.lines, team(people))
    with pytest.raises(UnacceptableContent):
        confirmed(people, after)


def test_choices_are_kept_only_on_the_plan_that_she_saw(people: People) -> None:
    first = announced(people)
    second = chosen(people, first)
    assert first.etag != second.etag
    with pytest.raises(PreconditionFailed):
        chosen(people, first)


@pytest.mark.parametrize(
    "choice",
    [
        Choice("https://vault.example/unknown", WKT.ChooseEnd),
        Choice("", WKT.Continues),
        Choice("", WKT.ChooseEnd, date(2026, 9, 1)),
        Choice("", WKT.ChooseEnd, date.min),
    ],
)
def test_a_choice_that_cannot_be_is_refused(people: People, choice: Choice) -> None:
    known = announced(people)
    sent = choice if choice.grant else replace(choice, grant=known.plan.lines[0].grant)
    with pytest.raises(UnacceptableContent):
        moving.choose(people.context, asking(people), known, [sent], None)


def test_confirming_ends_the_old_and_begins_the_new_in_one_transaction(people: People) -> None:
    (old,) = grants(people)
    known = confirmed(people, chosen(people, announced(people), team=team(people)))
    (new_id,) = known.plan.new_grants
    kept = {grant.id: grant for grant in grants(people)}
    assert kept[old.id].terms.period.end.text == "2027-01-31T23:59:59+01:00"
    assert kept[new_id].status_at(people.clock().policy_s) is GrantStatus.PLANNED
    assert activities(people).count("relocate") == 1


def test_confirming_without_a_new_team_only_ends(people: People) -> None:
    known = confirmed(people, chosen(people, announced(people)))
    assert known.plan.new_grants == ()
    assert len(grants(people)) == 1


def test_a_grant_that_was_stopped_meanwhile_is_not_touched(people: People) -> None:
    (old,) = grants(people)
    known = chosen(people, announced(people))
    people.stop({"id": old.id})
    (before,) = grants(people)
    confirmed(people, known)
    assert grants(people) == [before]


def test_a_grant_that_would_end_before_it_begins_stops_at_once(people: People) -> None:
    planned = people.give(people.add("brieven/later"), start="2027-03-01T00:00:00+01:00")
    confirmed(people, chosen(people, announced(people)))
    (found,) = [grant for grant in grants(people) if grant.id == planned["id"]]
    assert found.stopped_at is not None


def test_the_last_day_may_be_today(people: People) -> None:
    today = day_of(people.clock().policy_s)
    confirmed(people, chosen(people, announced(people), last_day=today))
    (grant,) = grants(people)
    assert day_of(grant.terms.period.end.seconds) == today
    assert people.may(worker(), f"{people.url}plannen/rust/plan")


def test_a_plan_whose_days_went_by_before_it_was_confirmed_stops_at_once(people: People) -> None:
    known = chosen(people, announced(people))
    people.clock.policy_s = start_of_day(date(2027, 2, 2)).seconds
    confirmed(people, known)
    (grant,) = grants(people)
    assert grant.status_at(people.clock().policy_s) is GrantStatus.STOPPED


def test_what_was_previewed_is_what_is_confirmed(people: People) -> None:
    known = chosen(people, announced(people), team=team(people))
    with pytest.raises(Conflict, match="previewed"):
        moving.confirm(people.context, asking(people), known.short_id, ())
    confirmed(people, known)
    with pytest.raises(Conflict, match="already"):
        confirmed(people, known)
    with pytest.raises(Conflict, match="already"):
        chosen(people, known)


def test_plans_are_found_by_their_id_and_listed_oldest_first(people: People) -> None:
    first, second = announced(people), announced(people)
    storage = people.storage.storage
    with people.context.catalogue.view() as view:
        assert moving.find_plans(view, storage) == [first, second]
        assert moving.find_plan(view, storage, second.short_id) == second
        with pytest.raises(NoSuchResource):
            moving.find_plan(view, storage, "unknown")


def test_to_a_worker_there_is_no_such_storage(people: People) -> None:
    known = chosen(people, announced(people), team=team(people))
    stranger = asking(people, caller=worker())
    for call in (
        lambda: moving.announce(people.context, stranger, Announcement("Zwolle", MOVE)),
        lambda: moving.choose(people.context, stranger, known, [], None),
        lambda: moving.preview(people.context, stranger, known.short_id),
        lambda: moving.confirm(people.context, stranger, known.short_id, ()),
    ):
        with pytest.raises(NoSuchResource):
            call()


def test_a_grant_that_is_gone_is_passed_by(people: People) -> None:
    known = chosen(people, announced(people))
    absent = replace(known.plan.lines[0], grant=f"{people.url}toegang/gone")
    plan = replace(known.plan, lines=(absent,))
    with people.context.catalogue.view() as view:
        change = moving.grants_of_plan(people.context, view, people.storage, plan)
    assert (change.new, change.replaced) == ((), ())
