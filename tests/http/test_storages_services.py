"""Services behind the application: what they are given, how their answers look, and their journal lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pod_server.storages.calls import Result, ServiceAnswer, ServiceCall, max_service_body_bytes
from pod_server.storages.endpoints import ENDPOINTS
from tests.support.asgi import Home, make_home, who
from tests.support.vaults import BASE_URL
from vault.context import Context
from vault.errors import (
    AccessRefused,
    Conflict,
    MethodNotAllowed,
    NoSuchResource,
    NotSignedIn,
    TooManyRequests,
    UnacceptableContent,
    VaultError,
    Violation,
)
from vault.model.modes import AccessMode
from vault.model.rules import RefusalReason

JSON = {"Content-Type": "application/ld+json; charset=utf-8"}


class Recorder:
    """A service that remembers its calls and answers what it is told to."""

    def __init__(self) -> None:
        self.calls: list[ServiceCall] = []
        self.answer: ServiceAnswer | VaultError = ServiceAnswer(Result.OK, {"id": "x"}, activity="give")

    def __call__(self, _context: Context, call: ServiceCall) -> ServiceAnswer:
        """Answer a call."""
        self.calls.append(call)
        if isinstance(self.answer, VaultError):
            raise self.answer
        return self.answer


@pytest.fixture
def recorder() -> Recorder:
    """A service that does as it is told."""
    return Recorder()


@pytest.fixture
def served(tmp_path: Path, recorder: Recorder) -> Home:
    """A storage in which every service is the recorder."""
    own = {".well-known/wijkkluis/uitnodiging": recorder}
    return make_home(tmp_path, services=dict.fromkeys(ENDPOINTS, recorder), server_services=own)


def test_a_service_gets_the_call_as_it_was_made(served: Home, recorder: Recorder) -> None:
    served.as_owner("PUT", "toegang/abc?a=1&b=&a=2", {**JSON, "If-Match": '"3"'}, b'{"x": 1}')
    (call,) = recorder.calls
    assert (call.method, call.storage, call.rest) == ("PUT", served.storage, "abc")
    assert (dict(call.query), call.body) == ({"a": "2", "b": ""}, b'{"x": 1}')
    assert (call.media_type, call.if_match) == ("application/ld+json", '"3"')
    assert call.caller.credentials.agent == served.owner
    assert len(call.caller.trace_id) == 32


def test_a_head_is_a_get_without_a_body(served: Home, recorder: Recorder) -> None:
    answer = served.as_owner("HEAD", "logboek/")
    assert (answer.status, answer.body, recorder.calls[0].method) == (200, b"", "GET")


@pytest.mark.parametrize(
    ("given", "status", "expected"),
    [
        (ServiceAnswer(Result.OK, {"naam": "Noë"}, etag='"1"'), 200, {"etag": '"1"'}),
        (
            ServiceAnswer(Result.CREATED, {}, location="https://x.example/1"),
            201,
            {"location": "https://x.example/1"},
        ),
        (ServiceAnswer(Result.ACCEPTED), 202, {"content-length": "0"}),
        (ServiceAnswer(Result.NO_CONTENT, headers={"X-Iets": "ja"}), 204, {"x-iets": "ja"}),
    ],
)
def test_answers_of_services_become_answers_of_http(
    served: Home, recorder: Recorder, given: ServiceAnswer, status: int, expected: dict[str, str]
) -> None:
    recorder.answer = given
    answer = served.as_owner("POST", "toegang/", JSON, b"{}")
    assert answer.status == status
    assert expected.items() <= answer.headers.items()
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST, DELETE"
    if given.document is not None:
        assert json.loads(answer.body) == given.document


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (Conflict("dat kan niet"), 409, None),
        (MethodNotAllowed("nee", ("GET",)), 405, ("allow", "GET")),
        (TooManyRequests("te vaak", 9), 429, ("retry-after", "9")),
        (UnacceptableContent("fout", (Violation("reason", "Vul een reden in."),)), 422, None),
    ],
)
def test_faults_of_services_are_problems_and_lines(
    served: Home, recorder: Recorder, error: VaultError, status: int, header: tuple[str, str] | None
) -> None:
    recorder.answer = error
    answer = served.as_owner("POST", "toegang/", JSON, b"{}")
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert header is None or header in answer.headers.items()
    assert [(line.failed, line.activity) for line in served.lines] == [(True, "give")]


def test_a_call_is_one_line_unless_the_service_wrote_it(served: Home, recorder: Recorder) -> None:
    trace = served.as_owner("DELETE", "toegang/abc").headers["trace-id"]
    (line,) = served.lines
    assert (line.trace_id, line.activity, line.mode) == (trace, "give", AccessMode.WRITE)
    assert (line.resource, line.agent) == (f"{served.url}toegang/abc", served.owner)
    recorder.answer = ServiceAnswer(Result.OK, journalled=True)
    served.as_owner("DELETE", "toegang/abc")
    assert len(served.lines) == 1


@pytest.mark.parametrize(
    ("ask", "error", "expected"),
    [
        (Home.as_bob, AccessRefused("nee"), RefusalReason.NO_GRANT),
        (Home.as_bob, NoSuchResource("nee"), RefusalReason.NO_GRANT),
        (Home.as_owner, AccessRefused("nee"), RefusalReason.OTHER_CLIENT),
        (Home.as_owner, NoSuchResource("nee"), None),
        (Home.ask, NotSignedIn("nee"), RefusalReason.NOT_SIGNED_IN),
    ],
)
def test_a_refused_call_says_why_and_names_only_the_service(
    served: Home,
    recorder: Recorder,
    ask: Callable[..., object],
    error: VaultError,
    expected: RefusalReason | None,
) -> None:
    recorder.answer = error
    ask(served, "POST", "verzoeken/verzonnen/pad", JSON, b"{}")
    (line,) = served.lines
    assert (line.refusal, line.failed) == (expected, expected is None)
    assert (line.resource, line.activity) == (f"{served.url}verzoeken/", "ask")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"{}", 400),
        (JSON, b"x" * (max_service_body_bytes + 1), 413),
        (JSON, [b"x" * max_service_body_bytes, b"y"], 413),
        ({**JSON, "Purpose-Of-Use": "fout"}, b"{}", 400),
        (who("wrong"), b"{}", 401),
    ],
)
def test_a_call_that_cannot_be_understood_does_not_reach_the_service(
    served: Home, recorder: Recorder, headers: dict[str, str], body: bytes | list[bytes | None], status: int
) -> None:
    assert served.as_owner("POST", "toegang/", headers, body).status == status
    assert recorder.calls == []
    assert len(served.lines) == 1


def test_a_query_with_very_many_fields_is_refused(served: Home, recorder: Recorder) -> None:
    query = "&".join(f"a{number}=1" for number in range(51))
    assert served.as_owner("GET", f"logboek/?{query}").status == 400
    assert recorder.calls == []


def test_nothing_can_be_stored_where_a_service_is(served: Home, recorder: Recorder) -> None:
    recorder.answer = NoSuchResource("nee")
    assert served.as_owner("PUT", "toegang/.acl", {"Content-Type": "text/turtle"}, b"").status == 404
    assert served.as_owner("PUT", "logboek", {"Content-Type": "text/turtle"}, b"").status == 409
    assert "toegang/" in served.as_owner("GET", "").text


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("toegang/", "GET, HEAD, OPTIONS, POST, DELETE"),
        ("toegang/abc", "GET, HEAD, OPTIONS, PUT, DELETE"),
        ("verzoeken/abc", "GET, HEAD, OPTIONS, PATCH, DELETE"),
        ("logboek/", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_names_what_a_service_supports(
    served: Home, recorder: Recorder, path: str, allowed: str
) -> None:
    assert served.ask("OPTIONS", path).headers["allow"] == allowed
    assert recorder.calls == []


def test_the_servers_own_services_are_no_lines_of_a_storage(served: Home, recorder: Recorder) -> None:
    url = f"{BASE_URL}.well-known/wijkkluis/uitnodiging"
    recorder.answer = ServiceAnswer(Result.ACCEPTED)
    assert served.client.request("POST", url, {**JSON, **who(served.owner)}, b"{}").status == 202
    assert served.client.request("OPTIONS", url).status == 204
    recorder.answer = TooManyRequests("te vaak", 3)
    assert served.client.request("POST", url, {**JSON, **who(served.owner)}, b"{}").status == 429
    assert served.client.request("POST", url, body=b"{}").status == 400
    assert recorder.calls[0].storage is None
    assert served.lines == []


def test_an_item_with_an_impossible_path_is_the_services_own_matter(served: Home) -> None:
    served.as_owner("GET", "toegang/a//b")
    assert served.lines[0].resource == f"{served.url}toegang/"


def test_a_call_on_a_storage_that_does_not_exist_makes_no_line(served: Home, recorder: Recorder) -> None:
    recorder.answer = NoSuchResource("nee")
    url = f"{BASE_URL}aaaaaaaaaaaaaaaa/toegang/"
    unknown = served.client.request("GET", url, who("https://x.example/#me"))
    known = served.as_bob("GET", "toegang/")
    assert unknown.status == known.status == 404
    assert unknown.body.replace(unknown.headers["trace-id"].encode(), b"") == known.body.replace(
        known.headers["trace-id"].encode(), b""
    )
    assert len(served.lines) == 1
