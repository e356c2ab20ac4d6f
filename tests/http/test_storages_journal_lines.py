"""Exactly one journal line for every answered request of a person or app on a storage."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.support.asgi import APP, BOB, BOBS_ISSUER, Home, who
from tests.support.vaults import ISSUER_URL
from vault.context import Context
from vault.errors import Unavailable
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.model.rules import RefusalReason

TURTLE = {"Content-Type": "text/turtle"}
BODIES: tuple[bytes | None, ...] = (b"<> a <#Thing> .", b"geen turtle", None)
PATHS = (
    "",
    "brieven/",
    "brieven/a",
    "brieven/niets",
    "brieven/a.acl",
    "brieven/a.meta",
    "a//b",
    "brieven/999990007",
)
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH")
CONDITIONS: tuple[dict[str, str], ...] = (
    {},
    {"If-Match": '"x"'},
    {"Purpose-Of-Use": "fout"},
    {"Accept": "image/png"},
)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("webid", [BOB, "owner", "wrong"])
def test_every_answer_has_one_line_with_its_trace_id(
    home: Home, webid: str, condition: dict[str, str]
) -> None:
    home.put("brieven/a")
    signed = {
        "owner": who(home.owner, issuer=ISSUER_URL),
        "wrong": who("wrong"),
    }.get(webid, who(BOB))
    before = len(home.lines)
    traces = []
    for method, path, body in itertools.product(METHODS, PATHS, BODIES):
        headers = {**signed, **condition, **(TURTLE if body is not None else {})}
        traces.append(home.ask(method, path, headers, body).headers["trace-id"])
    new = [line for line in home.lines if line.trace_id in set(traces)]
    counted = [line for line in new if line.agent is not None or line.refusal is not None or line.failed]
    assert len(home.lines) - before == len(new) == len(counted)
    assert sorted(line.trace_id for line in new) == sorted(traces)


def last(home: Home, trace_id: str) -> JournalEntry:
    """The line of one request."""
    (line,) = (line for line in home.lines if line.trace_id == trace_id)
    return line


def test_a_line_says_who_did_what_with_which_app_for_which_purpose(home: Home) -> None:
    home.let("brieven/", "Read")
    home.put("brieven/a")
    purpose = "https://kluis.example/ns/wijk#doel-samenwerken-plan"
    answer = home.as_bob("GET", "brieven/a", {"Purpose-Of-Use": purpose})
    line = last(home, answer.headers["trace-id"])
    assert (line.agent, line.client, line.issuer, line.purpose) == (BOB, APP, BOBS_ISSUER, purpose)
    assert (line.activity, line.mode, line.resource) == ("read", AccessMode.READ, f"{home.url}brieven/a")
    assert line.authorization == f"{home.url}brieven/.acl#other"
    assert (line.refusal, line.failed, line.absent) == (None, False, False)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "brieven/", ("list", AccessMode.READ)),
        ("HEAD", "brieven/a", ("read", AccessMode.READ)),
        ("PUT", "brieven/a", ("replace", AccessMode.WRITE)),
        ("PUT", "brieven/b", ("create", AccessMode.WRITE)),
        ("POST", "brieven/", ("create", AccessMode.APPEND)),
        ("DELETE", "brieven/a", ("delete", AccessMode.WRITE)),
        ("PUT", "brieven/a.meta", ("create", AccessMode.WRITE)),
        ("GET", ".acl", ("read", AccessMode.CONTROL)),
        ("PUT", "brieven/a.acl", ("create", AccessMode.CONTROL)),
    ],
)
def test_a_line_has_a_word_and_a_mode(
    home: Home, method: str, path: str, expected: tuple[str, AccessMode]
) -> None:
    home.put("brieven/a")
    body = b"" if method in {"PUT", "POST"} else None
    headers = TURTLE if body is not None else None
    for ask in (home.as_bob, home.as_owner):
        answer = ask(method, path, headers, body)
        line = last(home, answer.headers["trace-id"])
        assert (line.activity, line.mode) == expected
        assert (line.refusal is None) == (answer.status < 300)


def test_a_path_that_names_nothing_is_not_written_down(home: Home) -> None:
    answer = home.as_bob("GET", "brieven/een/verzonnen/pad")
    line = last(home, answer.headers["trace-id"])
    assert (line.absent, line.resource) == (True, f"{home.url}brieven/")
    assert line.refusal is RefusalReason.NO_GRANT


def test_nobody_reading_what_is_public_is_no_line_and_nobody_refused_is_one(home: Home) -> None:
    assert home.ask("GET", "profiel/card").status == 200
    assert home.ask("GET", "profiel/card", {"Accept": "image/png"}).status == 406
    assert home.lines == []
    assert home.ask("GET", "brieven/").status == 401
    assert [line.refusal for line in home.lines] == [RefusalReason.NOT_SIGNED_IN]


def test_asking_what_may_be_asked_is_no_line(home: Home) -> None:
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    assert home.as_owner("OPTIONS", "brieven/").status == 204
    assert home.as_owner("OPTIONS", "brieven/", preflight).status == 204
    assert home.as_owner("GET", ".well-known/solid").status == 200
    assert home.lines == []


def test_what_failed_after_it_was_allowed_says_so(home: Home) -> None:
    home.put("brieven/a")
    answers = [
        home.as_owner("PUT", "brieven/a", {**TURTLE, "If-Match": '"x"'}, b""),
        home.as_owner("DELETE", "brieven/"),
        home.as_owner("GET", "brieven/niets"),
    ]
    assert [answer.status for answer in answers] == [412, 409, 404]
    lines = [last(home, answer.headers["trace-id"]) for answer in answers]
    assert all(line.failed and line.refusal is None for line in lines)
    assert [line.absent for line in lines] == [False, False, True]


def test_what_the_journal_cannot_keep_is_not_answered(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.put("brieven/a")

    def refuse(*_: Any) -> None:
        raise Unavailable("the intake cannot be written")

    monkeypatch.setattr(type(home.context.intake), "append", refuse)
    for answer in (home.as_owner("GET", "brieven/a"), home.as_bob("GET", "brieven/a")):
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert b"Thing" not in answer.body


def test_the_context_is_what_the_lines_are_kept_in(home: Home) -> None:
    assert isinstance(home.context, Context)
    trace = home.put("brieven/a").headers["trace-id"]
    with home.context.catalogue.view() as view:
        pending = [row.entry.trace_id for row in view.pending_lines(10)]
    assert pending == [trace], "a write's line is in its own transaction"
