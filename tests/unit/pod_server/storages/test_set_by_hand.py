"""What people wrote into access rules is told with the app that wrote it, until everything is stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pod_server.storages import grants, previews, relocation
from tests.support.grants import CLIENT, ORGANISATION
from tests.support.people import People, document_of
from vault.acl_changes import put_rules
from vault.model.identifiers import ResourceIdentifier
from vault.model.operation import Body, Preconditions, Replace
from vocab.media_types import TURTLE
from vocab.namespaces import ACL, FOAF, WK

FRIEND, NEIGHBOUR = "https://friends.example/card#me", "https://neighbours.example/card#me"
PORTAL, EDITOR = "https://portal.example/client-id", "https://editor.example/client-id"


def let_in(people: People, path: str, *agents: str, app: str | None = PORTAL) -> None:
    """Let the owner write an ACL with an app, in which each agent may read."""
    subject = ResourceIdentifier(people.storage.storage, path)
    url = subject.url(people.context.base_url)
    text = "".join(
        f"<#r{number}> a <{ACL.Authorization}> ; <{ACL.accessTo}> <{url}> ; <{ACL.default}> <{url}> ;"
        f" <{ACL.agent}> <{agent}> ; <{ACL.mode}> <{ACL.Read}> .\n"
        for number, agent in enumerate(agents)
    )
    owner = people.owner
    caller = replace(owner, credentials=replace(owner.credentials, client=app))
    body = Body(TURTLE, iter((text.encode(),)))
    put_rules(people.context, Replace(subject.acl, body, Preconditions()), caller)


def listed(people: People) -> list[dict[str, Any]]:
    """Everything that was set by hand."""
    found: list[dict[str, Any]] = document_of(people.call(previews.handle, "GET"))["setByHand"]
    return found


def apps(people: People, path: str) -> dict[str, list[str]]:
    """With which apps those who see a resource by hand were let in."""
    query = {"resource": people.url + path}
    found = document_of(people.call(previews.handle, "GET", query=query))
    return {agent["id"]: agent["apps"] for agent in found["agents"] if agent["setByHand"]}


def test_what_an_app_wrote_is_told_with_that_app(people: People) -> None:
    people.add("brieven/b1")
    let_in(people, "brieven/b1", FRIEND, people.storage.owner, app=EDITOR)
    rule = {"agent": FRIEND, "resource": f"{people.url}brieven/b1", "modes": [ACL.Read], "app": EDITOR}
    assert listed(people) == [rule]
    assert apps(people, "brieven/b1") == {FRIEND: [EDITOR]}


def test_a_rule_that_another_app_leaves_as_it_was_stays_the_first_apps(people: People) -> None:
    people.add("brieven/b1")
    let_in(people, "brieven/b1", FRIEND, app=EDITOR)
    let_in(people, "brieven/b1", NEIGHBOUR, FRIEND, app=PORTAL)
    assert apps(people, "brieven/b1") == {FRIEND: [EDITOR], NEIGHBOUR: [PORTAL]}


def test_a_rule_that_is_repeated_below_stays_the_app_that_wrote_it_above(people: People) -> None:
    people.add("plannen/p1")
    let_in(people, "plannen/", FRIEND, app=EDITOR)
    let_in(people, "plannen/p1", FRIEND, NEIGHBOUR, app=PORTAL)
    assert apps(people, "plannen/p1") == {FRIEND: [EDITOR], NEIGHBOUR: [PORTAL]}
    people.add("plannen/p2")
    people.meet()
    people.give(f"{people.url}plannen/p2")
    assert apps(people, "plannen/p2") == {FRIEND: [EDITOR]}


def test_what_a_grant_gives_was_written_with_no_app(people: People) -> None:
    plan = people.add("plannen/p1")
    people.meet()
    people.give(plan)
    assert (listed(people), apps(people, "plannen/p1")) == ([], {})


def test_what_a_grant_gives_beside_what_was_set_by_hand_is_not_listed(people: People) -> None:
    plan = people.add("plannen/p1")
    let_in(people, "plannen/p1", FRIEND)
    people.meet()
    people.give(plan)
    assert [rule["agent"] for rule in listed(people)] == [FRIEND]
    assert apps(people, "plannen/p1") == {FRIEND: [PORTAL]}


def test_an_app_of_the_register_is_named_by_its_organisation(people: People) -> None:
    people.add("brieven/b1")
    let_in(people, "brieven/b1", FRIEND, app=CLIENT)
    found = document_of(people.call(previews.handle, "GET"))
    (party,) = (one for one in found["parties"] if one["id"] == CLIENT)
    assert party["organisation"]["id"] == ORGANISATION


def test_stopping_everything_ends_what_was_set_by_hand(people: People) -> None:
    people.add("brieven/b1")
    let_in(people, "brieven/b1", FRIEND, people.storage.owner, app=EDITOR)
    people.call(grants.handle, "DELETE")
    assert (listed(people), apps(people, "brieven/b1")) == ([], {})


def test_her_public_card_is_not_listed_as_set_by_hand(people: People) -> None:
    let_in(people, "profiel/card", FRIEND, FOAF.Agent)
    assert listed(people) == []


@pytest.mark.parametrize("app", [EDITOR, None])
def test_a_plan_for_moving_lists_what_was_set_by_hand(people: People, app: str | None) -> None:
    people.add("brieven/b1")
    let_in(people, "brieven/b1", FRIEND, app=app)
    move = {"municipality": "Zwolle", "date": "2027-02-01", "circumstances": [WK["om-andere-gemeente"]]}
    plan = document_of(people.call(relocation.handle, "POST", move))
    assert plan["setByHand"] == listed(people)
    assert [(rule["agent"], rule["app"]) for rule in plan["setByHand"]] == [(FRIEND, app)]
    assert {FRIEND, *([app] if app else [])} <= {party["id"] for party in plan["parties"]}
