"""An organisation that is suspended, resumed or removed, as its workers and the citizen feel it over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pod_server.storages import grants, invitations
from tests.http.test_storages_journal_service import SERVICES
from tests.http.test_storages_service_lines import OWN_SERVICES
from tests.support.asgi import Home, make_parts, who
from tests.support.grants import CLIENT, GROUP, ISSUER, ORGANISATION, PURPOSE, WORKER
from tests.support.people import COLLEAGUE, People, document_of, make_people, short, worker
from vault.context import Context
from vault.keeping import organisations
from vault.model.rules import RefusalReason

JSON = {"Content-Type": "application/ld+json"}
PLAN = "plannen/rust/plan"


def works(webid: str) -> dict[str, str]:
    """What a worker sends with each request."""
    return {**who(webid, CLIENT, ISSUER), "Purpose-Of-Use": PURPOSE}


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A citizen who met a worker, and gave her and her team access."""
    made = make_people(tmp_path)
    made.meet()
    plan = made.add(PLAN)
    made.give(plan)
    made.give(plan, assignee=GROUP, assigneeKind="Team")
    return made


@pytest.fixture
def housed(people: People) -> Home:
    """The storage of these people behind the application, with its services."""
    parts = make_parts(people.context, services=SERVICES, server_services=OWN_SERVICES)
    return Home(people.context, people.storage.storage, parts)


def suspend(context: Context) -> None:
    organisations.suspend_organisation(context, ORGANISATION)


def remove(context: Context) -> None:
    organisations.remove_organisation(context, ORGANISATION)


@pytest.mark.parametrize("put_out", [suspend, remove])
@pytest.mark.parametrize("webid", [WORKER, COLLEAGUE])
def test_nobody_of_it_reads_anything_from_that_second_on(
    people: People, housed: Home, put_out: Callable[[Context], None], webid: str
) -> None:
    assert housed.ask("GET", PLAN, works(webid)).status == 200
    put_out(people.context)
    assert housed.ask("GET", PLAN, works(webid)).status == 403
    assert housed.ask("GET", "toegang/", works(webid)).status == 404
    everywhere = housed.client.request("GET", people.context.base_url + grants.OF_SERVER, works(webid))
    assert (everywhere.status, json.loads(everywhere.body)["items"]) == (200, [])
    refused = [line.refusal for line in housed.lines if line.agent == webid and line.activity == "read"]
    assert refused[-1] in {RefusalReason.ORGANISATION_NOT_ACTIVE, RefusalReason.NO_GRANT}


@pytest.mark.parametrize("put_out", [suspend, remove])
def test_it_cannot_ask_nor_meet_anybody(
    people: People, housed: Home, put_out: Callable[[Context], None]
) -> None:
    question = json.dumps(people.question(f"{people.url}plannen/")).encode()
    assert housed.ask("POST", "verzoeken/", {**works(WORKER), **JSON}, question).status == 201
    made = document_of(people.call(invitations.handle, "POST"))
    put_out(people.context)
    before = len(housed.lines)
    assert housed.ask("POST", "verzoeken/", {**works(WORKER), **JSON}, question).status == 404
    assert len(housed.lines) == before + 1
    code = json.dumps({"code": made["code"]}).encode()
    url = f"{people.context.base_url}.well-known/wijkkluis/uitnodiging"
    assert housed.client.request("POST", url, {**works(WORKER), **JSON}, code).status == 202
    shown = document_of(people.call(invitations.handle, "GET", rest=short(made)))
    assert shown["redeemedBy"] == WORKER
    assert "organisation" not in shown, (
        "she is met as somebody who works for nobody, whom nothing can be given"
    )
    people.call(invitations.handle, "POST", {"confirmed": True}, rest=short(made))
    assert housed.ask("POST", "verzoeken/", {**works(WORKER), **JSON}, question).status == 404


def test_what_was_given_counts_again_once_it_is_resumed(people: People, housed: Home) -> None:
    suspend(people.context)
    assert housed.ask("GET", PLAN, works(WORKER)).status == 403
    organisations.resume_organisation(people.context, ORGANISATION)
    assert housed.ask("GET", PLAN, works(WORKER)).status == 200
    told = [
        line.activity for line in housed.lines if line.organisation == ORGANISATION and line.agent is None
    ]
    assert told == [organisations.SUSPENDED, organisations.RESUMED]


def test_the_citizen_cannot_give_anything_to_one_that_is_suspended(people: People, housed: Home) -> None:
    suspend(people.context)
    draft = people.draft(f"{people.url}{PLAN}") | {"previewed": []}
    assert housed.as_owner("POST", "toegang/", JSON, json.dumps(draft).encode()).status == 422
    assert not people.may(worker(), f"{people.url}{PLAN}")
