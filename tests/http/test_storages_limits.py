"""Over a limit: a problem that names it and the way out, nothing kept, and nobody else kept out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pod_server.http.gate import Gate
from pod_server.http.limits import Limits
from pod_server.storages.app import create_app
from tests.support.asgi import BOB, Answer, AsgiClient, Home, make_home, make_parts, who
from vault.model.limits import VaultLimits

BINARY = {"Content-Type": "application/octet-stream"}
TURTLE = {"Content-Type": "text/turtle"}
ORIGIN = {"Origin": "https://app.example"}


def with_limits(home: Home, limits: Limits) -> Home:
    """The same storage in a process with these limits, at a moment that does not pass."""
    return Home(
        home.context, home.storage, make_parts(home.context, limits=limits, gate=Gate(limits, lambda: 600.0))
    )


def problem_of(answer: Answer) -> dict[str, Any]:
    """The problem that an answer tells, complete."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(answer.body)
    assert {"title", "status", "detail", "traceId"} <= problem.keys()
    assert (problem["status"], problem["traceId"]) == (answer.status, answer.headers["trace-id"])
    return problem


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("path", "headers", "status", "limit"),
    [
        ("a" * 2048, {}, 414, "2048"),
        (f"a?{'b' * 4097}", {}, 414, "4096"),
        ("a", {"X-Groot": "x" * 40_000}, 431, "32768"),
        ("a", {f"X-{number}": "x" for number in range(91)}, 431, "90"),
    ],
)
def test_a_head_over_a_limit_is_told_which(
    home: Home, path: str, headers: dict[str, str], status: int, limit: str
) -> None:
    answer = home.as_owner("PUT", path, {**headers, **ORIGIN, **BINARY}, b"x")
    assert (answer.status, limit in problem_of(answer)["detail"]) == (status, True)
    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    assert home.as_owner("GET", path[:1]).status == 404


@pytest.mark.requirement("protocol", "server-cors-options")
def test_a_preflight_whose_head_is_refused_is_told_so_too(home: Home) -> None:
    headers = {**ORIGIN, "Access-Control-Request-Method": "PUT", "X-Groot": "x" * 40_000}
    answer = home.ask("OPTIONS", "a", headers)
    assert (answer.status, problem_of(answer)["title"]) == (431, "Request Header Fields Too Large")
    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]


@pytest.mark.requirement("protocol", "server-http")
def test_a_document_over_a_limit_is_told_which_and_leaves_what_was_there(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    home.put("brieven/a", "<> a <#Eerst> .")
    context = replace(home.context, limits=VaultLimits(max_rdf_bytes=5_000, max_triples=10))
    narrow = Home(context, home.storage, make_parts(context))
    for body, limit in ((b"#" * 5_001, "5000"), (b"<> a 1,2,3,4,5,6,7,8,9,10,11 .", "10 triples")):
        for path in ("brieven/a", "brieven/", "brieven/a.acl"):
            answer = narrow.as_owner("PUT", path, TURTLE, body.replace(b" a ", b" <#x> "))
            assert (answer.status, limit in problem_of(answer)["detail"]) == (413, True)
    assert "Eerst" in home.as_owner("GET", "brieven/a").text
    assert home.as_owner("GET", "brieven/a.acl").status == 404
    assert narrow.as_owner("PUT", "brieven/b", BINARY, b"#" * 6_000).status == 201


@pytest.mark.requirement("protocol", "server-http")
def test_who_is_refused_too_often_is_turned_away_alike_whatever_is_there(home: Home) -> None:
    home.put("brieven/dicht")
    narrow = with_limits(home, Limits(max_refusals_per_minute=5))
    assert {narrow.as_bob("GET", "brieven/dicht").status for _ in range(5)} == {403}
    answers = [narrow.as_bob("GET", path) for path in ("brieven/dicht", "brieven/niets", "", "a//b")]
    assert [answer.status for answer in answers] == [429] * 4
    assert {problem_of(answer)["detail"] for answer in answers} == {problem_of(answers[0])["detail"]}
    assert answers[0].headers["retry-after"] == "60"
    assert narrow.as_owner("GET", "brieven/dicht").status == 200
    assert narrow.ask("GET", "profiel/card").status == 200
    other_app = who(BOB, client="https://other.example/id")
    assert narrow.ask("GET", "brieven/dicht", other_app).status == 403


def test_turning_away_is_a_line_of_the_journal(home: Home) -> None:
    narrow = with_limits(home, Limits(max_refusals_per_minute=1))
    answers = [narrow.as_bob("GET", "brieven/") for _ in range(3)]
    assert [answer.status for answer in answers] == [403, 429, 429]
    assert [line.trace_id for line in home.lines] == [answer.headers["trace-id"] for answer in answers]
    assert [line.failed for line in home.lines] == [False, True, True]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "brieven/a"),
        ("HEAD", "brieven/niets"),
        ("PUT", "brieven/a"),
        ("POST", "brieven/"),
        ("PATCH", "brieven/a"),
        ("DELETE", "brieven/a"),
        ("GET", "brieven/a.acl"),
        ("GET", "a//b"),
        ("GET", ".well-known/wijkkluis/voorbeeld/"),
        ("POST", "toegang/"),
        ("GET", "logboek/"),
    ],
)
def test_turning_away_who_was_recognised_is_one_line_whatever_she_asks(
    home: Home, method: str, path: str
) -> None:
    home.put("brieven/a")
    narrow = with_limits(home, Limits(max_refusals_per_minute=1))
    assert narrow.as_bob("GET", "brieven/").status == 403
    answer = narrow.as_bob(method, path, TURTLE, b"<> a <#Thing> .")
    assert answer.status == 429
    (line,) = (line for line in home.lines if line.trace_id == answer.headers["trace-id"])
    assert (line.agent, line.failed) == (BOB, True)


def test_a_refusal_that_becomes_turning_away_at_the_last_moment_is_one_line(home: Home) -> None:
    home.put("brieven/a")
    client = with_limits(home, Limits(max_refusals_per_minute=1)).client

    async def twice() -> list[Answer]:
        asked = (client.exchange("GET", f"{home.url}brieven/a", who(BOB)) for _ in range(2))
        return list(await asyncio.gather(*asked))

    answers = asyncio.run(twice())
    assert sorted(answer.status for answer in answers) == [403, 429]
    traces = [line.trace_id for line in home.lines if line.agent == BOB]
    assert sorted(traces) == sorted(answer.headers["trace-id"] for answer in answers)


def test_nobody_is_told_no_more_about_what_is_hidden_but_gets_what_is_open(home: Home) -> None:
    home.put("brieven/a")
    narrow = with_limits(home, Limits(max_refusals_per_minute=3))
    statuses = [narrow.ask("GET", "brieven/a").status for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    assert narrow.ask("GET", "brieven/niets").status == 429
    assert narrow.ask("GET", "brieven/a", who("wrong")).status == 429
    assert narrow.ask("GET", "profiel/card").status == 200
    assert narrow.as_bob("GET", "profiel/card").status == 200


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("limits", "status"),
    [(Limits(max_concurrent_per_agent=2), 429), (Limits(max_concurrent=2), 503)],
)
def test_who_asks_too_much_at_a_time_hears_when_to_come_back(home: Home, limits: Limits, status: int) -> None:
    home.put("brieven/a")
    narrow = with_limits(home, limits)
    answers = asyncio.run(_three_at_a_time(narrow))
    assert sorted(answer["status"] for answer in answers) == sorted([201, 201, status])
    refused = next(answer for answer in answers if answer["status"] == status)
    assert dict(refused["headers"])[b"retry-after"] == b"1"
    assert narrow.as_owner("GET", "brieven/a").status == 200, "there is room again"
    assert len([line for line in home.lines if line.activity == "create" and not line.failed]) == 3
    # Before anybody is recognised, nobody can say whose storage was meant by whom.
    trace = dict(refused["headers"])[b"trace-id"].decode()
    assert [line.agent for line in home.lines if line.trace_id == trace] == [home.owner] * (status == 429)


async def _three_at_a_time(home: Home) -> list[dict[str, Any]]:
    """Begin three uploads, and end them when all have begun."""
    app, starts, begun = create_app(home.parts), [], asyncio.Event()
    count = 0

    async def put(name: str) -> None:
        async def receive() -> dict[str, Any]:
            nonlocal count
            count += 1
            if count == 2:
                begun.set()
            await begun.wait()
            await asyncio.sleep(0.05)
            return {"type": "http.request", "body": b"x", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                starts.append(message)
                begun.set()

        credentials = who(home.owner, issuer=home.context.issuer_url)
        headers = {**credentials, **BINARY, "Host": "vault.example", "Content-Length": "1"}
        scope = {
            "type": "http",
            "method": "PUT",
            "raw_path": f"/{home.storage}/brieven/{name}".encode(),
            "query_string": b"",
            "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
            "client": ("192.0.2.1", 5000),
        }
        await app(scope, receive, send)

    await asyncio.gather(*(put(name) for name in "xyz"))
    return starts


@pytest.mark.requirement("protocol", "server-http-11")
def test_an_answer_that_nobody_takes_in_time_is_ended(home: Home) -> None:
    body = [bytes(60_000)] * 20
    assert home.as_owner("PUT", "brieven/film", BINARY, body).status == 201
    hurried = with_limits(home, Limits(max_request_s=0.05))
    sent: list[Any] = []

    async def slow(message: Any) -> None:
        sent.append(message)
        await asyncio.sleep(0.03)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    credentials = who(home.owner, issuer=home.context.issuer_url)
    headers = [(b"host", b"vault.example"), (b"authorization", credentials["Authorization"].encode())]
    scope = {
        "type": "http",
        "method": "GET",
        "raw_path": f"/{home.storage}/brieven/film".encode(),
        "query_string": b"",
        "headers": headers,
    }
    asyncio.run(_run(hurried, scope, receive, slow))
    assert sent[0]["status"] == 200
    assert all(message["more_body"] for message in sent[1:])
    assert sum(len(message["body"]) for message in sent[1:]) < 1_200_000


async def _run(home: Home, scope: Any, receive: Any, send: Any) -> None:
    await create_app(home.parts)(scope, receive, send)


@pytest.mark.requirement("protocol", "server-cors")
@pytest.mark.requirement("protocol", "server-content-type-includes")
@pytest.mark.parametrize("path", ["niets", "a//b", "brieven/dicht", ".well-known/niets", ""])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "PATCH", "DELETE", "TRACE", "BREW"])
def test_every_refusal_is_a_whole_problem_that_an_app_may_read(home: Home, method: str, path: str) -> None:
    for client in (home.ask, home.as_bob):
        answer = client(method, path, {**ORIGIN, **BINARY}, b"x")
        assert answer.status >= 400
        problem_of(answer)
        assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]


@pytest.mark.requirement("protocol", "server-cors")
def test_a_fault_of_our_own_is_a_problem_that_an_app_may_read(tmp_path: Path) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    home = make_home(tmp_path, authenticate=broken)
    answer = home.as_owner("GET", "profiel/card", ORIGIN)
    assert (answer.status, problem_of(answer)["title"]) == (500, "Internal Server Error")
    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    assert AsgiClient(create_app(home.parts)).request("GET", f"{home.url}profiel/card").status == 200
