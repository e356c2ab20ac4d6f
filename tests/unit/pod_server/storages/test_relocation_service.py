"""Moving house through its service: suggestions, choices, one confirmation, and what that does to access."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pod_server.storages import relocation
from pod_server.storages.calls import Result
from tests.support.grants import LEGAL_BASIS, PURPOSE
from tests.support.people import People, document_of, short, stranger, worker
from tests.support.relocation import FEMKE, ZWOLLE, ZWOLLE_GROUP, people_who_move, register_new_team
from vault.errors import (
    AccessRefused,
    Conflict,
    MethodNotAllowed,
    NoSuchResource,
    NotSignedIn,
    PreconditionFailed,
    UnacceptableContent,
)
from vault.model.requester import ANONYMOUS, Caller, Declared
from vault.relocation.days import end_of_day, start_of_day
from vocab.namespaces import WK, WKT

MOVE = {"municipality": "Zwolle", "date": "2027-02-01", "circumstances": [WK["om-andere-gemeente"]]}


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A citizen who gave a worker her plan, and a team in the town she moves to."""
    return people_who_move(tmp_path)


def announced(people: People) -> dict[str, Any]:
    return document_of(people.call(relocation.handle, "POST", MOVE))


def chosen(people: People, plan: dict[str, Any], choice: str, *, team: bool = True, **more: Any) -> None:
    new_team = {
        "organisation": ZWOLLE,
        "resources": [f"{people.url}plannen/rust/plan"],
        "purpose": PURPOSE,
        "legalBasis": [LEGAL_BASIS],
        "reason": "Het nieuwe team gaat verder met de hulp.",
        "end": "2027-07-31T23:59:59+02:00",
    }
    lines = [{"grant": line["grant"]["id"], "choice": choice, "end": None} for line in plan["lines"]]
    body = {"lines": lines, "newTeam": new_team | more if team else None}
    people.call(relocation.handle, "PUT", body, rest=short(plan), if_match="*")


def confirmed(people: People, plan: dict[str, Any]) -> dict[str, Any]:
    seen = document_of(people.call(relocation.handle, "POST", {}, rest=f"{short(plan)}/voorbeeld"))
    assert [entry["id"] for entry in seen["visible"]] == [f"{people.url}plannen/rust/plan"]
    body = {"previewed": [entry["digest"] for entry in seen["visible"]]}
    return document_of(people.call(relocation.handle, "POST", body, rest=f"{short(plan)}/bevestiging"))


def at(people: People, moment_s: int) -> tuple[bool, bool, bool]:
    """Whether the old worker reads the plan, the new one reads it, and the new one reads the letter, at a moment."""
    people.clock.wall_ms = moment_s * 1000
    register_new_team(people)
    femke = worker(FEMKE)
    plan, letter = f"{people.url}plannen/rust/plan", f"{people.url}brieven/brief"
    return people.may(worker(), plan), people.may(femke, plan), people.may(femke, letter)


def test_every_grant_has_a_line_with_the_suggestion_of_the_table(people: People) -> None:
    answer = people.call(relocation.handle, "POST", MOVE)
    plan = document_of(answer)
    assert (answer.result, answer.location) == (Result.CREATED, plan["id"])
    (line,) = plan["lines"]
    assert (line["rule"], line["suggestion"]) == (WKT["vr-aanbieder"], WKT.Continues)
    assert line["sentence"]
    assert [found["id"] for found in plan["candidates"]] == [ZWOLLE]
    assert plan["status"] == "Draft"


def test_nothing_changes_before_she_confirms(people: People) -> None:
    chosen(people, announced(people), WKT.ChooseEnd)
    assert at(people, people.clock().wall_s) == (True, False, False)


def test_the_old_worker_ends_the_day_before_and_the_new_team_begins_that_day(people: People) -> None:
    plan = announced(people)
    chosen(people, plan, WKT.ChooseEnd)
    receipt = confirmed(people, plan)
    assert (receipt["documentsCopied"], receipt["documents"]) == (0, 3)
    register_now = people.clock().wall_s
    assert at(people, register_now) == (True, False, False)
    (line,) = receipt["lines"]
    assert line["end"] == "2027-01-31T23:59:59+01:00"
    (new,) = receipt["newGrants"]
    assert (new["start"], new["assignee"]) == ("2027-02-01T00:00:00+01:00", ZWOLLE_GROUP)
    people.clock.policy_s = start_of_day(_day("2027-02-01")).seconds
    femke, plan_url = worker(FEMKE), f"{people.url}plannen/rust/plan"
    assert not people.may(worker(), plan_url)
    assert people.may(femke, plan_url)
    assert not people.may(femke, f"{people.url}brieven/brief")
    people.clock.policy_s -= 1
    assert people.may(worker(), plan_url)
    assert not people.may(femke, plan_url)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def test_who_continues_keeps_the_end_that_was_given(people: People) -> None:
    plan = announced(people)
    chosen(people, plan, WKT.ChooseContinue, team=False)
    body: dict[str, Any] = {"previewed": []}
    receipt = document_of(people.call(relocation.handle, "POST", body, rest=f"{short(plan)}/bevestiging"))
    assert [line["end"] for line in receipt["lines"]] == ["2027-03-31T23:59:59+02:00"]
    assert receipt["newGrants"] == []


def test_a_plan_is_confirmed_once_and_only_as_it_was_previewed(people: People) -> None:
    plan = announced(people)
    chosen(people, plan, WKT.ChooseEnd)
    with pytest.raises(Conflict, match="previewed"):
        people.call(relocation.handle, "POST", {"previewed": []}, rest=f"{short(plan)}/bevestiging")
    confirmed(people, plan)
    with pytest.raises(Conflict, match="already"):
        people.call(relocation.handle, "POST", {"previewed": []}, rest=f"{short(plan)}/bevestiging")
    assert document_of(people.call(relocation.handle, "GET", rest=f"{short(plan)}/bewijs"))["confirmedAt"]


def test_a_line_without_a_choice_cannot_be_confirmed(people: People) -> None:
    plan = announced(people)
    with pytest.raises(UnacceptableContent):
        people.call(relocation.handle, "POST", {"previewed": []}, rest=f"{short(plan)}/bevestiging")
    with pytest.raises(NoSuchResource):
        people.call(relocation.handle, "GET", rest=f"{short(plan)}/bewijs")


@pytest.mark.parametrize(
    "changed",
    [
        {"municipality": " "},
        {"municipality": 7},
        {"municipality": "Zwolle 123456782"},
        {"oldMunicipality": "123456782"},
        {"date": "2026-01-01"},
        {"date": "2031-01-01"},
        {"date": "morgen"},
        {"circumstances": "geen"},
    ],
)
def test_an_announcement_that_cannot_be_is_refused(people: People, changed: dict[str, Any]) -> None:
    with pytest.raises(UnacceptableContent):
        people.call(relocation.handle, "POST", MOVE | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"organisation": "https://organisations.example/unknown"},
        {"resources": []},
        {"resources": ["https://elsewhere.example/x"]},
        {"purpose": WK["doel-verboden-fraude"]},
        {"end": "2027-01-01T00:00:00+01:00"},
        {"end": "2027-02-01T00:00:00+01:00"},
        {"legalBasis": []},
        {"reason": "Over 123456782, haar dochter."},
    ],
)
def test_terms_for_the_new_team_that_break_a_rule_are_refused(
    people: People, changed: dict[str, Any]
) -> None:
    plan = announced(people)
    chosen(people, plan, WKT.ChooseEnd, **changed)
    with pytest.raises(UnacceptableContent):
        people.call(relocation.handle, "POST", {}, rest=f"{short(plan)}/voorbeeld")


def test_a_suspended_team_can_be_neither_offered_nor_chosen(people: People) -> None:
    register_new_team(people, suspended_at=1)
    plan = announced(people)
    assert plan["candidates"] == []
    chosen(people, plan, WKT.ChooseEnd)
    with pytest.raises(UnacceptableContent):
        people.call(relocation.handle, "POST", {}, rest=f"{short(plan)}/voorbeeld")


def test_choices_are_put_on_the_plan_that_was_read(people: People) -> None:
    plan = announced(people)
    for if_match in (None, '"another"'):
        with pytest.raises(PreconditionFailed):
            people.call(relocation.handle, "PUT", {"lines": []}, rest=short(plan), if_match=if_match)
    for lines in (
        [{"grant": "https://x.example/", "choice": WKT.ChooseEnd}],
        "niets",
        [{"grant": 1, "choice": 2}],
    ):
        with pytest.raises(UnacceptableContent):
            people.call(relocation.handle, "PUT", {"lines": lines}, rest=short(plan), if_match="*")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_but_the_owner_moves_her(people: People, method: str) -> None:
    for caller in (worker(), stranger()):
        with pytest.raises(NoSuchResource):
            people.call(relocation.handle, method, MOVE, by=caller)
    with pytest.raises(NotSignedIn):
        people.call(relocation.handle, method, MOVE, by=Caller(ANONYMOUS, Declared(), "a" * 32))
    limited = replace(people.owner, credentials=replace(people.owner.credentials, is_trusted_client=False))
    with pytest.raises(AccessRefused):
        people.call(relocation.handle, method, MOVE, by=limited)


def test_other_methods_and_addresses_are_refused(people: People) -> None:
    plan = short(announced(people))
    for method, rest in (
        ("DELETE", plan),
        ("DELETE", ""),
        ("PUT", f"{plan}/voorbeeld"),
        ("POST", f"{plan}/bewijs"),
    ):
        with pytest.raises(MethodNotAllowed):
            people.call(relocation.handle, method, {}, rest=rest)
    with pytest.raises(NoSuchResource):
        people.call(relocation.handle, "GET", rest="onbekend")
    with pytest.raises(NoSuchResource):
        people.call(relocation.handle, "GET", storage=None)
    assert len(document_of(people.call(relocation.handle, "GET"))["items"]) == 1


def test_a_date_means_the_whole_day_in_amsterdam() -> None:
    assert end_of_day(_day("2027-06-30")).text == "2027-06-30T23:59:59+02:00"
    assert start_of_day(_day("2027-02-01")).text == "2027-02-01T00:00:00+01:00"
