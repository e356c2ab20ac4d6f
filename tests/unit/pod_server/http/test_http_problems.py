"""Every domain error has a status, and a refusal says the same whatever was found."""

from __future__ import annotations

import inspect
import json

import pytest

from pod_server.http.problems import render_error, status_of
from vault import errors
from vault.errors import (
    AccessRefused,
    BadInput,
    ConcurrentChange,
    Conflict,
    InvalidIdentifier,
    MalformedContent,
    MethodNotAllowed,
    NoSuchResource,
    NotAcceptable,
    NotSignedIn,
    Position,
    PreconditionFailed,
    StalledContent,
    StorageFull,
    TooLarge,
    TooManyRequests,
    UnacceptableContent,
    Unavailable,
    UnsatisfiableRange,
    UnsupportedMediaType,
    VaultError,
    Violation,
)

TRACE = "a" * 32
EXPECTED = {
    BadInput: 400,
    InvalidIdentifier: 400,
    MalformedContent: 400,
    NotSignedIn: 401,
    AccessRefused: 403,
    NoSuchResource: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    StalledContent: 408,
    Conflict: 409,
    ConcurrentChange: 409,
    PreconditionFailed: 412,
    TooLarge: 413,
    UnsupportedMediaType: 415,
    UnsatisfiableRange: 416,
    UnacceptableContent: 422,
    TooManyRequests: 429,
    Unavailable: 503,
    StorageFull: 507,
}


def make(kind: type[VaultError], message: str) -> VaultError:
    """An error of a kind."""
    if kind is MethodNotAllowed:
        return MethodNotAllowed(message, ("GET",))
    if kind is TooManyRequests:
        return TooManyRequests(message, 9)
    if kind is UnsatisfiableRange:
        return UnsatisfiableRange(message, 9)
    return kind(message)


@pytest.mark.requirement("protocol", "server-http")
def test_every_error_of_the_tree_has_a_status_of_its_own() -> None:
    kinds = {k for _, k in inspect.getmembers(errors, inspect.isclass) if issubclass(k, VaultError)}
    assert kinds - {VaultError} == set(EXPECTED)
    assert {kind: status_of(make(kind, "x")) for kind in EXPECTED} == EXPECTED
    assert status_of(VaultError("x")) == 400


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("kind", [NotSignedIn, AccessRefused, NoSuchResource])
def test_a_refusal_does_not_repeat_what_was_found(kind: type[VaultError]) -> None:
    one, other = (render_error(kind(text), TRACE) for text in ("nothing is there", "a hidden thing is there"))
    assert one == other
    assert b"hidden" not in other.body


@pytest.mark.requirement("protocol", "server-http")
def test_a_problem_is_told_to_people_and_to_programs() -> None:
    response = render_error(Conflict("the container is not empty"), TRACE)
    headers = dict(response.headers)
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers[b"content-length"] == str(len(response.body)).encode()
    assert json.loads(response.body) == {
        "title": "Conflict",
        "status": 409,
        "detail": "The container is not empty.",
        "traceId": TRACE,
    }


@pytest.mark.requirement("protocol", "server-http")
def test_a_problem_says_where_what_and_when_again() -> None:
    where = json.loads(render_error(MalformedContent("x", Position(3, 7)), TRACE).body)
    assert (where["line"], where["column"]) == (3, 7)
    assert "line" not in json.loads(render_error(MalformedContent("x"), TRACE).body)
    rules = UnacceptableContent("x", (Violation("reason", "Vul een reden in."),))
    found = json.loads(render_error(rules, TRACE).body)["violations"]
    assert found == [{"field": "reason", "sentence": "Vul een reden in."}]
    assert (b"retry-after", b"9") in render_error(TooManyRequests("x", 9), TRACE).headers
    assert (b"allow", b"GET, PUT") in render_error(MethodNotAllowed("x", ("GET", "PUT")), TRACE).headers
    accepted = render_error(UnsupportedMediaType("x", ("text/turtle",)), TRACE).headers
    assert {(b"accept-put", b"text/turtle"), (b"accept-post", b"text/turtle")} <= set(accepted)
