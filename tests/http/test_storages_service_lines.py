"""Exactly one journal line for every kind of answered call of a service: allowed, refused, or come to nothing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pod_server.storages import grants, invitations
from tests.http.test_storages_journal_service import SERVICES
from tests.support.asgi import Answer, Home, make_home, who
from tests.support.grants import CLIENT, ISSUER, PURPOSE, WORKER
from tests.support.people import People, register
from tests.support.vaults import TestClock
from vault.model.journal import JournalEntry

OWN_SERVICES = {
    ".well-known/wijkkluis/uitnodiging": invitations.handle_server,
    ".well-known/wijkkluis/ontmoetingen/": invitations.handle_server,
    ".well-known/wijkkluis/toegang/": grants.handle_server,
}
INVITATIONS = ".well-known/wijkkluis/uitnodigingen/"
PREVIEW = ".well-known/wijkkluis/voorbeeld/"
MOVES = ".well-known/wijkkluis/verhuizingen/"
ALLOWED, REFUSED, FAILED = "allowed", "refused", "failed"
Json = dict[str, Any]


@dataclass
class Story:
    """A citizen, a worker whom she meets and a stranger; every call is checked to have one line."""

    home: Home
    people: People
    answers: list[Answer] = field(default_factory=list)

    def owner(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Call as the owner, at a path in her storage or at a URL."""
        return self._call(self.home.as_owner, method, path, body, headers)

    def stranger(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Call as somebody of another server."""
        return self._call(self.home.as_bob, method, path, body, headers)

    def worker(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Call as the worker with the organisation's app."""
        given = {**who(WORKER, CLIENT, ISSUER), "Purpose-Of-Use": PURPOSE, **headers}
        return self._call(self.home.ask, method, path, body, given)

    def nobody(self, method: str, path: str, body: object = None) -> Answer:
        """Call as nobody."""
        return self._call(self.home.ask, method, path, body, {})

    def line(self, answer: Answer) -> JournalEntry:
        """The one line of an answer."""
        (line,) = (line for line in self.home.lines if line.trace_id == answer.headers["trace-id"])
        return line

    def expect(self, answer: Answer, status: int, activity: str, outcome: str = ALLOWED) -> Answer:
        """Check what was answered and what its one line says."""
        assert answer.status == status, answer.text
        line = self.line(answer)
        assert (line.activity, outcome_of(line)) == (activity, outcome)
        return answer

    def _call(
        self,
        ask: Callable[..., Answer],
        method: str,
        path: str,
        body: object,
        headers: dict[str, str],
    ) -> Answer:
        path = path.removeprefix(self.home.url)
        kind = "application/merge-patch+json" if method == "PATCH" else "application/ld+json"
        written = None if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append(
            ask(method, path, {**({"Content-Type": kind} if written else {}), **named}, written)
        )
        return self.answers[-1]


def outcome_of(line: JournalEntry) -> str:
    """Whether it was refused, allowed without anything happening, or done."""
    return REFUSED if line.refusal is not None else FAILED if line.failed else ALLOWED


@pytest.fixture
def story(tmp_path: Path) -> Story:
    home = make_home(tmp_path, services=SERVICES, server_services=OWN_SERVICES)
    with home.context.catalogue.view() as view:
        record = view.find_storage(home.storage)
    assert record is not None
    assert isinstance(home.context.clock, TestClock)
    people = People(home.context, home.context.clock, record)
    register(people)
    home.put("plannen/plan")
    return Story(home, people)


def document(answer: Answer) -> Json:
    found: Json = json.loads(answer.body)
    return found


def meet(story: Story) -> None:
    """Let the worker in, each step a line."""
    made = story.expect(story.owner("POST", INVITATIONS), 201, "invite")
    code = {"code": document(made)["code"]}
    story.expect(redeem(story, code), 202, "redeem")
    story.expect(story.owner("POST", document(made)["id"], {"confirmed": True}), 200, "meet")


def redeem(story: Story, code: Json) -> Answer:
    """Enter a code at the server's own address."""
    url = f"{story.home.context.base_url}.well-known/wijkkluis/uitnodiging"
    headers = {**who(WORKER, CLIENT, ISSUER), "Content-Type": "application/ld+json"}
    return story.home.client.request("POST", url, headers, json.dumps(code).encode())


def test_meeting_somebody(story: Story) -> None:
    meet(story)
    again = document(story.expect(story.owner("POST", INVITATIONS), 201, "invite"))["id"]
    story.expect(story.owner("GET", INVITATIONS), 200, "list")
    story.expect(story.owner("DELETE", again), 204, "cancel")
    story.expect(story.stranger("POST", INVITATIONS), 404, "invite", REFUSED)
    story.expect(story.stranger("DELETE", again), 404, "cancel", REFUSED)
    story.expect(story.owner("GET", f"{INVITATIONS}niets"), 404, "read", FAILED)
    story.expect(story.home.ask("POST", INVITATIONS), 401, "invite", REFUSED)


def test_asking(story: Story) -> None:
    meet(story)
    question = story.people.question(f"{story.home.url}plannen/")
    asked = [story.expect(story.worker("POST", "verzoeken/", question), 201, "ask") for _ in range(2)]
    items = [answer.headers["location"] for answer in asked]
    story.expect(story.owner("GET", "verzoeken/"), 200, "list")
    story.expect(story.worker("GET", items[0]), 200, "read")
    story.expect(story.worker("DELETE", items[0]), 204, "withdraw")
    story.expect(story.owner("PATCH", items[1], {"status": "Refused"}), 200, "refuse")
    story.expect(story.owner("PATCH", items[1], {"status": "Refused"}), 409, "refuse", FAILED)
    story.expect(story.worker("POST", "verzoeken/", {"type": "no"}), 422, "ask", FAILED)
    story.expect(story.stranger("POST", "verzoeken/", question), 404, "ask", REFUSED)
    story.expect(story.stranger("GET", items[1]), 404, "read", REFUSED)


def test_giving_and_stopping(story: Story) -> None:
    meet(story)
    draft = story.people.draft(f"{story.home.url}plannen/")
    shown = document(story.expect(story.owner("POST", PREVIEW, draft), 200, "preview"))
    previewed = {"previewed": [entry["digest"] for entry in shown["visible"]]}
    given = story.expect(story.owner("POST", "toegang/", draft | previewed), 201, "give")
    item, shorter = (
        given.headers["location"],
        story.people.draft(f"{story.home.url}plannen/", end="2027-01-31T23:59:59+01:00"),
    )
    story.expect(story.owner("PUT", item, shorter, If_Match='"0"'), 412, "narrow", FAILED)
    story.expect(story.owner("PUT", item, shorter, If_Match=given.headers["etag"]), 200, "narrow")
    story.expect(story.worker("GET", "toegang/"), 200, "list")
    story.expect(story.worker("GET", "plannen/plan"), 200, "read")
    story.expect(story.stranger("DELETE", item), 404, "stop", REFUSED)
    story.expect(story.owner("DELETE", item), 204, "stop")
    story.expect(story.worker("GET", "plannen/plan"), 403, "read", REFUSED)
    story.expect(story.owner("DELETE", "toegang/"), 204, "stop-all")
    story.expect(story.owner("POST", "toegang/", draft), 422, "give", FAILED)
    story.expect(story.owner("POST", "toegang/", draft | {"previewed": ["other"]}), 409, "give", FAILED)
    story.expect(story.stranger("POST", PREVIEW, draft), 404, "preview", REFUSED)
    story.expect(story.owner("POST", PREVIEW, {"type": "no"}), 422, "preview", FAILED)


def test_moving(story: Story) -> None:
    plan = {"municipality": "Zwolle", "date": "2026-12-01", "circumstances": []}
    made = story.expect(story.owner("POST", MOVES, plan), 201, "announce")
    item = made.headers["location"]
    story.expect(story.owner("GET", item), 200, "read")
    story.expect(story.owner("PUT", item, {"lines": []}, If_Match='"0"'), 412, "choose", FAILED)
    story.expect(story.owner("PUT", item, {"lines": []}, If_Match=made.headers["etag"]), 200, "choose")
    story.expect(story.owner("POST", MOVES, {"municipality": 3}), 422, "announce", FAILED)
    story.expect(story.stranger("PUT", item, {"lines": []}, If_Match="*"), 404, "choose", REFUSED)


def test_the_journal_itself(story: Story) -> None:
    story.expect(story.owner("GET", "logboek/"), 200, "consult-journal")
    story.expect(story.owner("HEAD", "logboek/"), 200, "consult-journal")
    story.expect(story.owner("GET", "logboek/ijkpunt"), 404, "consult-journal", FAILED)
    story.expect(story.owner("POST", "logboek/ijkpunt"), 202, "sign-checkpoint")
    story.expect(story.owner("POST", "logboek/"), 405, "sign-checkpoint", FAILED)
    story.expect(story.owner("GET", "logboek/?x=y"), 422, "consult-journal", FAILED)
    story.expect(story.stranger("GET", "logboek/"), 404, "consult-journal", REFUSED)
    story.expect(story.stranger("POST", "logboek/ijkpunt"), 404, "sign-checkpoint", REFUSED)


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "BREW")


@pytest.mark.parametrize("prefix", SERVICES)
def test_every_method_by_everybody_has_one_line(story: Story, prefix: str) -> None:
    outcomes = set()
    asks: tuple[Callable[..., Answer], ...] = (story.owner, story.stranger, story.worker, story.nobody)
    for ask, method, rest in itertools.product(asks, METHODS, ("", "niets")):
        answer = ask(method, prefix + rest, None if method in {"GET", "HEAD", "DELETE"} else {})
        outcomes.add(outcome_of(story.line(answer)))
    wrong = story.home.ask("GET", prefix, who("wrong"))
    outcomes.add(outcome_of(story.line(wrong)))
    assert {REFUSED, FAILED} <= outcomes
    assert (ALLOWED in outcomes) or prefix == PREVIEW


def test_a_call_of_a_storage_that_does_not_exist_has_no_line(story: Story) -> None:
    elsewhere = f"{story.home.context.base_url}zzzzzzzzzzzzzzzz/"
    before = len(story.home.lines)
    for prefix in SERVICES:
        headers = who(WORKER, CLIENT, ISSUER)
        assert story.home.client.request("GET", elsewhere + prefix, headers).status == 404
    assert len(story.home.lines) == before
