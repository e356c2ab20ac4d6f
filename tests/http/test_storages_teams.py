"""A team that more than doubled: paused until the owner says yes, told in the journal, refused clearly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import FetchedDocument
from pod_server.group_documents import refresh_named_group, refresh_now, refresh_workers
from pod_server.storages.teams import look_now
from tests.http.test_storages_journal_service import SERVICES
from tests.http.test_storages_service_lines import OWN_SERVICES
from tests.support.asgi import BOB, Answer, Home, make_parts, who
from tests.support.grants import CLIENT, GROUP, ISSUER, ORGANISATION, PURPOSE, WORKER
from tests.support.groups import acl_text, group_text, to_group
from tests.support.people import COLLEAGUE, People, make_people
from tests.support.vaults import ISSUER_URL
from vault.context import Context
from vault.grants.teams import CONFIRMED, PAUSED
from vault.model.rules import RefusalReason

JSON = {"Content-Type": "application/ld+json"}
PLAN = "plannen/rust/plan"
REMOTE = "https://groups.example/team#team"
LOOK = ".well-known/wijkkluis/groepen"
JOINERS = tuple(f"https://organisations.example/w{number}/card#me" for number in range(9))


@dataclass
class Web:
    """Documents by URL; what is not there cannot be fetched."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str, *_: object) -> FetchedDocument:
        """Fetch a document."""
        self.asked.append(url)
        if url not in self.documents:
            raise CannotFetch("nobody there")
        return FetchedDocument(url, "text/turtle", self.documents[url])


def works(webid: str = WORKER) -> dict[str, str]:
    """What a worker sends with each request."""
    return {**who(webid, CLIENT, ISSUER), "Purpose-Of-Use": PURPOSE}


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A citizen who gave a team of two access."""
    made = make_people(tmp_path)
    made.meet()
    made.give(made.add(PLAN), assignee=GROUP, assigneeKind="Team")
    return made


@pytest.fixture
def web() -> Web:
    """The servers of others."""
    return Web()


@pytest.fixture
def housed(people: People, web: Web) -> Home:
    """Her storage behind the application, with its services."""
    own = {**OWN_SERVICES, LOOK: partial(look_now, partial(refresh_now, web.fetch))}
    parts = make_parts(people.context, services=SERVICES, server_services=own)
    return Home(people.context, people.storage.storage, parts)


def fetch(context: Context, *members: str) -> None:
    """Let the keeper fetch the team of the organisation."""
    with context.catalogue.view() as view:
        organisation = view.register().find(ORGANISATION)
    assert organisation is not None
    body = group_text(*members, name=GROUP).encode()
    refresh_workers(context, organisation, lambda url, *_: FetchedDocument(url, "text/turtle", body))


def fetch_remote(context: Context, *members: str) -> None:
    """Let the keeper fetch the group of another server."""
    body = group_text(*members).encode()
    refresh_named_group(context, lambda url, *_: FetchedDocument(url, "text/turtle", body), REMOTE)


def double(people: People) -> tuple[str, ...]:
    """Let three more work there a minute later."""
    people.clock.forward(60)
    members = (WORKER, COLLEAGUE, *JOINERS[:3])
    fetch(people.context, *members)
    return members


def confirm(housed: Home, members: int, group: str = GROUP, **more: Any) -> Answer:
    """Say yes to a team of so many."""
    body = {"type": "TeamConfirmation", "group": group, "members": members, **more}
    return housed.as_owner("POST", "toegang/", JSON, json.dumps(body).encode())


def team(housed: Home) -> dict[str, Any]:
    """What the owner sees of the team."""
    (grant,) = json.loads(housed.as_owner("GET", "toegang/").body)["items"]
    found: dict[str, Any] = grant["team"]
    return found


def viewers(housed: Home, path: str) -> list[str]:
    """Who the owner is told can see something."""
    url = f".well-known/wijkkluis/voorbeeld/?resource={housed.url}{path}"
    return [viewer["id"] for viewer in json.loads(housed.as_owner("GET", url).body)["agents"]]


def visible(housed: Home, group: str) -> list[Any]:
    """What the owner is told that a group sees."""
    url = f".well-known/wijkkluis/voorbeeld/?agent={quote(group)}"
    return [one["id"] for one in json.loads(housed.as_owner("GET", url).body)["visible"]]


def told(housed: Home) -> Iterator[tuple[str, str | None, str | None, str]]:
    """The lines about the team."""
    for line in housed.lines:
        if line.activity in {PAUSED, CONFIRMED}:
            yield line.activity, line.agent, line.organisation, line.resource


def test_who_joins_has_access_while_the_team_did_not_more_than_double(people: People, housed: Home) -> None:
    fetch(people.context, WORKER, COLLEAGUE, *JOINERS[:2])
    assert housed.ask("GET", PLAN, works(JOINERS[0])).status == 200


def test_the_owner_sees_how_many_joined_and_when_and_never_who(people: People, housed: Home) -> None:
    assert team(housed) == {"members": 2, "joined": [], "paused": None, "confirmed": None}
    people.clock.forward(60)
    fetch(people.context, WORKER, COLLEAGUE, JOINERS[0])
    people.clock.forward(3600)
    fetch(people.context, WORKER, *JOINERS[:2])
    assert team(housed) == {
        "members": 3,
        "joined": ["2026-09-21T14:14:20Z", "2026-09-21T15:14:20Z"],
        "paused": None,
        "confirmed": None,
    }
    listed = housed.as_owner("GET", "toegang/").text
    assert not any(joiner in listed for joiner in JOINERS)


@pytest.mark.parametrize("webid", [WORKER, JOINERS[0]])
def test_a_team_that_more_than_doubled_has_no_access_until_she_says_yes(
    people: People, housed: Home, webid: str
) -> None:
    members = double(people)
    assert webid in members
    refused, absent = housed.ask("GET", PLAN, works(webid)), housed.ask("GET", "plannen/x", works(webid))
    assert refused.status == 403
    assert refused.without_trace() == absent.without_trace(), "nothing says that something is there"
    (line,) = (line for line in housed.lines if line.trace_id == refused.headers["trace-id"])
    assert (line.refusal, line.organisation) == (RefusalReason.GROUP_PAUSED, ORGANISATION)
    assert confirm(housed, len(members)).status == 200
    assert housed.ask("GET", PLAN, works(webid)).status == 200


def test_both_the_pause_and_the_yes_are_in_the_journal(people: People, housed: Home) -> None:
    double(people)
    confirm(housed, 5)
    people.clock.forward(60)
    fetch(people.context, WORKER)
    assert list(told(housed)) == [
        (PAUSED, None, ORGANISATION, GROUP),
        (CONFIRMED, people.storage.owner, ORGANISATION, GROUP),
    ]


def test_a_yes_counts_from_there(people: People, housed: Home) -> None:
    double(people)
    assert team(housed)["paused"] == "2026-09-21T14:14:20Z"
    answer = json.loads(confirm(housed, 5).body)
    assert answer["team"] == team(housed)
    assert team(housed) == {
        "members": 5,
        "joined": [],
        "paused": None,
        "confirmed": "2026-09-21T14:14:20Z",
    }


def test_her_worker_sees_that_it_waits_and_nothing_else_of_the_team(people: People, housed: Home) -> None:
    (grant,) = json.loads(housed.ask("GET", "toegang/", works()).body)["items"]
    assert (grant["paused"], "team" in grant) == (False, False)
    double(people)
    (grant,) = json.loads(housed.ask("GET", "toegang/", works()).body)["items"]
    assert (grant["paused"], "team" in grant) == (True, False)


def test_what_a_worker_has_by_herself_is_not_paused(people: People, housed: Home) -> None:
    url = people.add("plannen/samen/plan")
    people.give(url)
    double(people)
    assert housed.ask("GET", "plannen/samen/plan", works()).status == 200
    assert housed.ask("GET", PLAN, works()).status == 403


def test_a_paused_team_sees_nothing_in_what_the_owner_is_shown(people: People, housed: Home) -> None:
    assert viewers(housed, PLAN) == [GROUP]
    assert visible(housed, GROUP) == [f"{people.url}{PLAN}"]
    double(people)
    assert (viewers(housed, PLAN), visible(housed, GROUP)) == ([], [])


def test_a_yes_to_another_number_than_there_is_is_no_yes(people: People, housed: Home) -> None:
    double(people)
    assert confirm(housed, 4).status == 409
    assert housed.ask("GET", PLAN, works()).status == 403


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"group": "https://nobody.example/"}, 404),
        ({"members": True}, 422),
        ({"group": 5}, 422),
        ({"x": 1}, 422),
    ],
)
def test_a_yes_that_is_not_as_it_should_be_is_refused(
    people: People, housed: Home, more: dict[str, Any], status: int
) -> None:
    double(people)
    body = {"type": "TeamConfirmation", "group": GROUP, "members": 5} | more
    assert housed.as_owner("POST", "toegang/", JSON, json.dumps(body).encode()).status == status
    assert team(housed)["paused"] is not None


def test_only_the_owner_says_yes(people: People, housed: Home) -> None:
    double(people)
    body = json.dumps({"type": "TeamConfirmation", "group": GROUP, "members": 5}).encode()
    for identity, status in ((works(), 404), (who(BOB), 404), ({}, 401)):
        assert housed.ask("POST", "toegang/", {**identity, **JSON}, body).status == status
    assert team(housed)["paused"] is not None
    assert CONFIRMED not in {line.activity for line in housed.lines}


def test_a_grant_that_was_read_can_be_narrowed_as_it_was_read(people: People, housed: Home) -> None:
    read = housed.as_owner("GET", "toegang/")
    (grant,) = json.loads(read.body)["items"]
    path = grant["id"].removeprefix(people.url)
    one = housed.as_owner("GET", path)
    answer = housed.as_owner("PUT", path, {**JSON, "If-Match": one.headers["etag"]}, one.body)
    assert answer.status == 200, answer.text


def test_a_group_of_another_server_that_was_set_by_hand_is_paused_too(people: People, housed: Home) -> None:
    housed.put("brieven/brief")
    text = acl_text(f"{people.url}brieven/brief", people.storage.owner, to_group(REMOTE))
    turtle = {"Content-Type": "text/turtle"}
    assert housed.as_owner("PUT", "brieven/brief.acl", turtle, text.encode()).status == 201
    fetch_remote(people.context, BOB)
    assert housed.as_bob("GET", "brieven/brief").status == 200
    assert viewers(housed, "brieven/brief") == [REMOTE]
    assert visible(housed, REMOTE) == [f"{people.url}brieven/brief"]
    fetch_remote(people.context, BOB, *JOINERS[:2])
    assert (viewers(housed, "brieven/brief"), visible(housed, REMOTE)) == ([], [])
    refused = housed.as_bob("GET", "brieven/brief")
    assert refused.status == 403
    (line,) = (line for line in housed.lines if line.trace_id == refused.headers["trace-id"])
    assert line.refusal is RefusalReason.GROUP_PAUSED
    listed = json.loads(housed.as_owner("GET", ".well-known/wijkkluis/voorbeeld/").body)["setByHand"]
    (rule,) = (rule for rule in listed if rule["agent"] == REMOTE)
    assert rule["team"]["members"] == 3
    assert rule["team"]["paused"] is not None
    assert confirm(housed, 3, REMOTE).status == 200
    assert housed.as_bob("GET", "brieven/brief").status == 200
    assert list(told(housed)) == [
        (PAUSED, None, None, REMOTE),
        (CONFIRMED, people.storage.owner, None, REMOTE),
    ]


# "Nu meteen".


def look(housed: Home, identity: dict[str, str], group: Any = GROUP, **more: Any) -> Answer:
    """Ask to have a group looked at now."""
    body = json.dumps({"group": group, **more}).encode()
    return housed.client.request("POST", housed.context.base_url + LOOK, {**identity, **JSON}, body)


def owner(housed: Home) -> dict[str, str]:
    """What the owner sends."""
    return who(housed.owner, issuer=ISSUER_URL)


@pytest.mark.parametrize("by", ["organisation", "owner"])
def test_a_leaver_is_out_at_once_when_the_organisation_or_the_citizen_says_so(
    housed: Home, web: Web, by: str
) -> None:
    web.documents[GROUP] = group_text(COLLEAGUE, name=GROUP).encode()
    assert housed.ask("GET", PLAN, works(WORKER)).status == 200
    assert look(housed, works(COLLEAGUE) if by == "organisation" else owner(housed)).status == 204
    assert housed.ask("GET", PLAN, works(WORKER)).status == 403
    assert housed.ask("GET", PLAN, works(COLLEAGUE)).status == 200


def test_who_neither_works_there_nor_gave_it_access_has_nothing_looked_at(housed: Home, web: Web) -> None:
    web.documents[GROUP] = group_text(name=GROUP).encode()
    foreign = (
        who("https://x.example/card#me"),
        who(f"{housed.context.base_url}aaaaaaaaaaaaaaaa/profiel/card#me"),
    )
    for identity in (who(BOB), *foreign, who(WORKER, "https://x.example/id", ISSUER)):
        assert look(housed, identity).status == 404
    assert look(housed, {}).status == 401
    assert look(housed, owner(housed), REMOTE).status == 404, "no rule of hers names it"
    assert web.asked == []
    assert housed.ask("GET", PLAN, works()).status == 200


def test_a_group_that_cannot_be_had_now_is_said_so_and_stays(housed: Home, web: Web) -> None:
    assert look(housed, works()).status == 503
    web.documents[GROUP] = b"<html>"
    assert look(housed, works()).status == 503
    assert housed.ask("GET", PLAN, works()).status == 200


def test_looking_at_a_group_again_and_again_waits(people: People, housed: Home, web: Web) -> None:
    web.documents[GROUP] = group_text(WORKER, COLLEAGUE, name=GROUP).encode()
    answers = [look(housed, works()).status for _ in range(8)]
    assert answers == [204] * 6 + [429] * 2
    assert len(web.asked) == 6
    people.clock.forward(60)
    assert look(housed, works()).status == 204


@pytest.mark.parametrize(("more", "status"), [({"group": 5}, 422), ({"x": 1}, 422)])
def test_what_is_not_a_question_about_a_group_is_refused(
    housed: Home, web: Web, more: dict[str, Any], status: int
) -> None:
    assert look(housed, works(), **{"group": GROUP, **more}).status == status
    assert web.asked == []


def test_a_group_of_another_server_is_looked_at_for_whoever_names_it(
    people: People, housed: Home, web: Web
) -> None:
    housed.put("brieven/brief")
    text = acl_text(f"{people.url}brieven/brief", people.storage.owner, to_group(REMOTE))
    housed.as_owner("PUT", "brieven/brief.acl", {"Content-Type": "text/turtle"}, text.encode())
    web.documents["https://groups.example/team"] = group_text(BOB).encode()
    assert look(housed, owner(housed), REMOTE).status == 204
    assert housed.as_bob("GET", "brieven/brief").status == 200
