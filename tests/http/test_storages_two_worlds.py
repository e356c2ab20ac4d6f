"""Refused equals absent: two storages that differ only in what is hidden answer the same to every method."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.asgi import Answer, Home, make_home

TURTLE = {"Content-Type": "text/turtle"}
METHODS = ("GET", "HEAD", "OPTIONS", "PATCH", "DELETE", "POST", "PUT", "TRACE")
PATHS = (
    "brieven/dicht",
    "brieven/dicht.acl",
    "brieven/dicht.meta",
    "brieven/doos/",
    "brieven/doos/.acl",
    "brieven/doos/in",
    "brieven/doos/in/diep",
    "plannen/dicht",
    "plannen/doos/in",
    "brieven/",
    "plannen/",
)


def hide(home: Home) -> None:
    """Add what neither Bob nor anybody else may see."""
    for container in ("brieven/", "plannen/"):
        home.put(f"{container}dicht", "<> a <#Geheim> .")
        home.let(f"{container}dicht")
        home.put(f"{container}doos/in")
        home.let(f"{container}doos/")


def make_world(folder: Path, *, hidden: bool, modes: tuple[str, ...], agent: str) -> Home:
    """A storage in which Bob or everybody may do something in `brieven/` and nothing in `plannen/`."""
    folder.mkdir()
    home = make_home(folder)
    home.let("brieven/", *modes, agent=agent)
    home.put("brieven/open")
    if hidden:
        hide(home)
    return home


def shape(home: Home, answer: Answer) -> tuple[int, dict[str, str], str]:
    """An answer without what differs by nature: the storage's random id, dates, trace and random tags."""
    status, headers, text = answer.without_trace()
    cleaned = {name: value.replace(home.url, "STORAGE/") for name, value in headers.items() if name != "etag"}
    return status, cleaned, text.replace(home.url, "STORAGE/")


def ask(home: Home, method: str, path: str, *, signed_in: bool) -> Answer:
    """Ask as Bob or as nobody; what is sent is malformed, so that no method changes anything where it is allowed."""
    body = b"geen turtle" if method in {"PUT", "POST", "PATCH"} else None
    headers = TURTLE if body is not None else None
    return (home.as_bob if signed_in else home.ask)(method, path, headers, body)


@pytest.mark.requirement("wac", "server-read-operation")
@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("modes", [("Read",), ("Read", "Append"), ("Append",)])
def test_what_is_hidden_answers_as_if_it_were_not_there(
    tmp_path: Path, modes: tuple[str, ...], signed_in: bool
) -> None:
    agent = "https://bob.example/profile#me" if signed_in else "everyone"
    with_secret = make_world(tmp_path / "a", hidden=True, modes=modes, agent=agent)
    without = make_world(tmp_path / "b", hidden=False, modes=modes, agent=agent)
    seen = set()
    for method in METHODS:
        for path in PATHS:
            one = shape(with_secret, ask(with_secret, method, path, signed_in=signed_in))
            other = shape(without, ask(without, method, path, signed_in=signed_in))
            assert one == other, f"{method} {path}"
            seen.add(one[0])
    assert {200, 405} <= seen or modes == ("Append",)
    assert ({403, 404} if signed_in else {401}) & seen


def test_writing_in_a_container_does_not_tell_what_is_hidden_to_who_may_read_and_delete(
    tmp_path: Path,
) -> None:
    modes = ("Read", "Write")
    bob = "https://bob.example/profile#me"
    with_secret = make_world(tmp_path / "a", hidden=True, modes=modes, agent=bob)
    without = make_world(tmp_path / "b", hidden=False, modes=modes, agent=bob)
    for method in ("GET", "HEAD", "DELETE", "POST"):
        for path in ("brieven/dicht", "brieven/dicht.acl", "brieven/doos/", "brieven/doos/in", "brieven/"):
            one = shape(with_secret, ask(with_secret, method, path, signed_in=True))
            assert one == shape(without, ask(without, method, path, signed_in=True)), f"{method} {path}"


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_patch_that_is_refused_tells_nothing_of_what_is_hidden(tmp_path: Path, signed_in: bool) -> None:
    agent = "https://bob.example/profile#me" if signed_in else "everyone"
    with_secret = make_world(tmp_path / "a", hidden=True, modes=("Read",), agent=agent)
    without = make_world(tmp_path / "b", hidden=False, modes=("Read",), agent=agent)
    updates = (
        b"INSERT DATA { <> <#b> 1 }",
        b"DELETE DATA { <> a <#Geheim> }",
        b"DELETE WHERE { ?s a <#Geheim> }",
    )
    seen = set()
    for update in updates:
        for path in PATHS:
            answers = []
            for home in (with_secret, without):
                headers = {"Content-Type": "application/sparql-update"}
                answer = (home.as_bob if signed_in else home.ask)("PATCH", path, headers, update)
                answers.append(shape(home, answer))
            assert answers[0] == answers[1], path
            seen.add(answers[0][0])
    assert seen == ({403} if signed_in else {401})


def test_the_comparison_sees_what_is_not_hidden(tmp_path: Path) -> None:
    bob = "https://bob.example/profile#me"
    with_secret = make_world(tmp_path / "a", hidden=True, modes=("Read",), agent=bob)
    without = make_world(tmp_path / "b", hidden=False, modes=("Read",), agent=bob)
    with_secret.let("brieven/dicht", "Read")
    answers = [
        shape(home, ask(home, "GET", "brieven/dicht", signed_in=True)) for home in (with_secret, without)
    ]
    assert answers[0] != answers[1]


@pytest.mark.requirement("protocol", "server-unauthenticated")
@pytest.mark.parametrize("path", ["brieven/a", "brieven/niets", "plannen/", ".acl", ""])
def test_nobody_hears_whether_anything_is_there(home: Home, path: str) -> None:
    home.put("brieven/a")
    answer = home.ask("GET", path)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("DPoP ")


@pytest.mark.requirement("wac", "server-read-operation")
@pytest.mark.parametrize("path", ["brieven/a", "brieven/niets", "brieven/a/b/c", "plannen/"])
def test_who_would_not_inherit_read_is_refused_everywhere_alike(home: Home, path: str) -> None:
    home.put("brieven/a")
    assert home.as_bob("GET", path).status == 403


@pytest.mark.requirement("wac", "server-read-operation")
def test_who_would_inherit_read_hears_that_nothing_is_there(home: Home) -> None:
    home.let("brieven/", "Read")
    assert home.as_bob("GET", "brieven/niets").status == 404
    home.let("brieven/", "Read", agent="everyone")
    assert home.ask("GET", "brieven/niets").status == 404


def test_a_container_that_may_be_read_but_not_what_is_in_it_refuses_what_is_in_it(home: Home) -> None:
    home.let("brieven/", "Read")
    home.put("brieven/map/a")
    home.let("brieven/map/", "Read", default=False)
    assert home.as_bob("GET", "brieven/map/a").status == 403
    assert home.as_bob("GET", "brieven/map/niets").status == 403


@pytest.mark.parametrize("method", METHODS)
def test_a_storage_that_does_not_exist_answers_alike_everywhere_and_makes_no_line(
    home: Home, method: str
) -> None:
    stranger = "aaaaaaaaaaaaaaaa/"
    answers = {
        home.client.request(method, f"{home.context.base_url}{stranger}{path}").status
        for path in ("", "a", "a/b.acl", ".well-known/solid")
    }
    expected = {"OPTIONS": {204, 404}, "TRACE": {405}, "PUT": {404, 405}, "POST": {404, 405}}
    assert answers <= expected.get(method, {404, 405})
    assert home.lines == []
