"""Asking, refusing and withdrawing through the request service."""

from __future__ import annotations

from typing import Any

import pytest

from pod_server.storages import invitations, requests
from pod_server.storages.calls import Result
from tests.support.grants import GROUP, ORGANISATION, WORKER
from tests.support.people import COLLEAGUE, People, document_of, register, short, stranger, worker
from vault.errors import (
    AccessRefused,
    Conflict,
    MethodNotAllowed,
    NoSuchResource,
    TooManyRequests,
    UnacceptableContent,
)
from vault.grants.requests import max_waiting
from vault.model.meeting import meeting_lifetime_s
from vocab.namespaces import WK


def test_a_worker_asks_and_the_owner_sees_who(people: People) -> None:
    people.meet()
    asked = people.ask(f"{people.url}plannen/")
    assert (asked["requestedBy"], asked["organisation"], asked["status"]) == (WORKER, ORGANISATION, "Waiting")
    listed = document_of(people.call(requests.handle, "GET"))
    assert [item["id"] for item in listed["items"]] == [asked["id"]]
    party = listed["parties"][0]
    assert (party["name"], party["organisation"]["number"]) == ("Marieke Bos", "00000011")
    assert [line.activity for line in people.lines()][-1] == "ask"


def test_asking_gives_nothing(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.ask(f"{people.url}plannen/")
    assert not people.may(worker(), plan)


def test_without_a_meeting_the_storage_is_unknown(people: People) -> None:
    with pytest.raises(NoSuchResource):
        people.ask(f"{people.url}plannen/")
    with pytest.raises(NoSuchResource):
        people.call(requests.handle, "GET", by=worker())


def test_a_colleague_may_ask_after_a_meeting_with_the_organisation(people: People) -> None:
    people.meet()
    body = people.question(f"{people.url}plannen/", assignee=COLLEAGUE)
    asked = document_of(people.call(requests.handle, "POST", body, by=worker(COLLEAGUE)))
    assert asked["requestedBy"] == COLLEAGUE


def test_a_meeting_lets_ask_for_thirty_days_only(people: People) -> None:
    people.meet()
    people.clock.policy_s = people.clock().policy_s + meeting_lifetime_s + 1
    with pytest.raises(NoSuchResource):
        people.ask(f"{people.url}plannen/")


def test_a_meeting_that_the_owner_ended_lets_nobody_ask(people: People) -> None:
    id_ = people.meet()
    people.call(invitations.handle, "DELETE", rest=id_)
    with pytest.raises(NoSuchResource):
        people.ask(f"{people.url}plannen/")


def test_a_worker_of_a_suspended_organisation_cannot_ask(people: People) -> None:
    people.meet()
    register(people, suspended_at=people.clock().wall_s)
    with pytest.raises(NoSuchResource):
        people.ask(f"{people.url}plannen/")


def test_a_worker_cannot_ask_while_the_storage_is_paused(people: People) -> None:
    people.meet()
    people.pause()
    with pytest.raises(NoSuchResource):
        people.ask(f"{people.url}plannen/")
    people.context.catalogue.write(lambda tx: tx.resume_storage(people.storage.storage))
    assert people.ask(f"{people.url}plannen/")["status"] == "Waiting"


def test_somebody_met_as_a_person_cannot_ask(people: People) -> None:
    people.meet(stranger())
    with pytest.raises(NoSuchResource):
        people.call(requests.handle, "POST", people.question(f"{people.url}plannen/"), by=stranger())


@pytest.mark.parametrize(
    "changes",
    [
        {"assignee": "https://elsewhere.example/rob/card#me"},
        {"assigneeKind": "Person"},
        {"assigneeKind": "Team"},
        {"assigneeKind": "Team", "assignee": "https://elsewhere.example/groep"},
        {"requestedBy": COLLEAGUE},
        {"organisation": "https://elsewhere.example/organisatie"},
        {"consequenceOfRefusal": "Tja"},
        {"status": "Accepted"},
        {"givenBy": WORKER},
        {"purpose": WK["doel-archief"]},
    ],
)
def test_a_question_against_a_rule_is_refused(people: People, changes: dict[str, Any]) -> None:
    people.meet()
    with pytest.raises(UnacceptableContent):
        people.ask(f"{people.url}plannen/", **changes)


def test_a_worker_may_ask_for_her_team(people: People) -> None:
    people.meet()
    asked = people.ask(f"{people.url}plannen/", assigneeKind="Team", assignee=GROUP)
    assert asked["access"][0]["assignee"] == GROUP


@pytest.mark.parametrize("path", ["plannen/abcdefghjkmnpqrs/", "plannen/plan", "mijn/", "", "nergens/"])
def test_only_what_every_vault_has_can_be_asked_for(people: People, path: str) -> None:
    people.meet()
    with pytest.raises(UnacceptableContent):
        people.ask(people.url + path)


def test_kinds_of_documents_can_be_asked_for(people: People) -> None:
    people.meet()
    asked = people.ask(WK["st-plan"], target_kind="DocumentKind")
    assert asked["access"][0]["target"] == {"type": "DocumentKind", "value": [WK["st-plan"]]}


def test_the_owner_refuses_and_nothing_else_can_be_patched(people: People) -> None:
    people.meet()
    asked = people.ask(f"{people.url}plannen/")
    for body in ({"status": "Accepted"}, {"status": "Refused", "reason": "x"}, {}):
        with pytest.raises(UnacceptableContent):
            people.call(requests.handle, "PATCH", body, rest=short(asked))
    answer = people.call(requests.handle, "PATCH", {"status": "Refused"}, rest=short(asked))
    assert document_of(answer)["status"] == "Refused"
    with pytest.raises(Conflict):
        people.call(requests.handle, "PATCH", {"status": "Refused"}, rest=short(asked))
    assert [line.activity for line in people.lines()][-1] == "refuse"


def test_a_worker_cannot_refuse_and_the_owner_cannot_withdraw(people: People) -> None:
    people.meet()
    asked = people.ask(f"{people.url}plannen/")
    with pytest.raises(NoSuchResource):
        people.call(requests.handle, "PATCH", {"status": "Refused"}, rest=short(asked), by=worker())
    for other in (people.owner, worker(COLLEAGUE), stranger()):
        with pytest.raises(NoSuchResource):
            people.call(requests.handle, "DELETE", rest=short(asked), by=other)


def test_a_worker_withdraws_her_own_request_once(people: People) -> None:
    people.meet()
    asked = people.ask(f"{people.url}plannen/")
    answer = people.call(requests.handle, "DELETE", rest=short(asked), by=worker())
    assert (answer.result, answer.journalled) == (Result.NO_CONTENT, True)
    shown = document_of(people.call(requests.handle, "GET", rest=short(asked), by=worker()))
    assert shown["status"] == "Cancelled"
    with pytest.raises(Conflict):
        people.call(requests.handle, "DELETE", rest=short(asked), by=worker())


def test_a_worker_sees_only_what_she_asked_herself(people: People) -> None:
    people.meet()
    mine = people.ask(f"{people.url}plannen/")
    body = people.question(f"{people.url}brieven/", assignee=COLLEAGUE)
    other = document_of(people.call(requests.handle, "POST", body, by=worker(COLLEAGUE)))
    listed = document_of(people.call(requests.handle, "GET", by=worker()))
    assert [item["id"] for item in listed["items"]] == [mine["id"]]
    with pytest.raises(NoSuchResource):
        people.call(requests.handle, "GET", rest=short(other), by=worker())


def test_too_many_waiting_requests_of_one_organisation_are_refused(people: People) -> None:
    people.meet()
    people.ask(f"{people.url}plannen/")
    body = people.question(f"{people.url}plannen/")
    for _ in range(max_waiting - 1):
        people.call(requests.handle, "POST", body, by=worker())
    with pytest.raises(TooManyRequests):
        people.call(requests.handle, "POST", body, by=worker())


def test_refusing_what_is_not_there_is_no_such_resource(people: People) -> None:
    with pytest.raises(NoSuchResource):
        people.call(requests.handle, "PATCH", {"status": "Refused"}, rest="aaaaaaaaaaaaaaaa")


def test_a_collection_cannot_be_deleted(people: People) -> None:
    with pytest.raises(MethodNotAllowed):
        people.call(requests.handle, "DELETE")


def test_a_local_workers_app_needs_the_service(people: People) -> None:
    people.meet()
    small = worker(is_local=True, client="https://team-app.example/client-id")
    with pytest.raises(AccessRefused):
        people.call(requests.handle, "GET", by=small)
