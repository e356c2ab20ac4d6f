"""Which modes each operation takes, tried one by one and in every combination (`solidproject.org/TR/wac#reading-writing-resources`)."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.support.asgi import BOB, Home
from tests.support.groups import acl_text

TURTLE = {"Content-Type": "text/turtle"}
BODY = b"<> a <#X> ."
MODES = ("Read", "Append", "Write", "Control")
ALL = [set(chosen) for size in range(5) for chosen in combinations(MODES, size)]


def may(modes: set[str], *wanted: str) -> bool:
    """Whether modes hold all that is wanted; Write holds Append."""
    return set(wanted) <= modes | ({"Append"} if "Write" in modes else set())


def let(home: Home, path: str, on: set[str], below: set[str]) -> None:
    """Give Bob modes on a container, and others on what lies in it."""
    given = [f"acl:accessTo <{{0}}> ; acl:mode {_names(on)}"] if on else []
    given += [f"acl:default <{{0}}> ; acl:mode {_names(below)}"] if below else []
    own = acl_text(home.url + path, home.owner)
    rules = "".join(
        f"\n<#bob{number}> a acl:Authorization ; acl:agent <{BOB}> ; {text} ."
        for number, text in enumerate(given)
    ).replace("{0}", home.url + path)
    assert home.as_owner("PUT", f"{path}.acl", TURTLE, (own + rules).encode()).status == 201


def _names(modes: set[str]) -> str:
    return ", ".join(f"acl:{mode}" for mode in sorted(modes))


@pytest.mark.requirement("wac", "server-read-operation")
@pytest.mark.parametrize("modes", ALL)
def test_reading_takes_read_and_nothing_else(home: Home, modes: set[str]) -> None:
    home.put("brieven/a")
    let(home, "brieven/", set(), modes)
    for method in ("GET", "HEAD"):
        assert home.as_bob(method, "brieven/a").status == (200 if may(modes, "Read") else 403)
        acl = home.as_bob(method, "brieven/a.acl").status
        assert acl == (404 if may(modes, "Control") else 403)


@pytest.mark.requirement("wac", "server-update-operation")
@pytest.mark.parametrize("modes", ALL)
def test_replacing_takes_write_on_what_is_replaced_alone(home: Home, modes: set[str]) -> None:
    home.put("brieven/a")
    let(home, "brieven/", set(), modes)
    assert home.as_bob("PUT", "brieven/a", TURTLE, BODY).status == (204 if may(modes, "Write") else 403)


@pytest.mark.requirement("wac", "server-create-operation")
@pytest.mark.parametrize("on", [set(), {"Read"}, {"Append"}, {"Write"}, {"Control"}])
@pytest.mark.parametrize("below", [set(), {"Read", "Control"}, {"Append"}, {"Write"}])
@pytest.mark.parametrize("path", ["brieven/new", "brieven/x/y/new", "brieven/x/"])
def test_making_takes_append_on_the_container_and_write_on_all_that_is_new(
    home: Home, path: str, on: set[str], below: set[str]
) -> None:
    let(home, "brieven/", on, below)
    is_allowed = may(on, "Append") and may(below, "Write")
    status = home.as_bob("PUT", path, TURTLE, BODY).status
    assert status == (201 if is_allowed else 403)
    assert home.as_owner("GET", path).status == (200 if is_allowed else 404)


@pytest.mark.requirement("wac", "server-create-operation")
@pytest.mark.parametrize("modes", ALL)
def test_adding_takes_append_on_the_container(home: Home, modes: set[str]) -> None:
    let(home, "brieven/", modes, set())
    assert home.as_bob("POST", "brieven/", TURTLE, BODY).status == (201 if may(modes, "Append") else 403)


@pytest.mark.requirement("wac", "server-delete-operation")
@pytest.mark.parametrize("on", [set(), {"Append", "Read", "Control"}, {"Write"}])
@pytest.mark.parametrize("below", [set(), {"Append", "Read", "Control"}, {"Write"}, {"Read", "Write"}])
def test_deleting_takes_write_on_the_resource_and_on_its_container(
    home: Home, on: set[str], below: set[str]
) -> None:
    home.put("brieven/a")
    let(home, "brieven/", on, below)
    is_allowed = may(on, "Write") and may(below, "Write")
    status = home.as_bob("DELETE", "brieven/a").status
    assert status == (204 if is_allowed else 403)
    assert home.as_owner("GET", "brieven/a").status == (404 if is_allowed else 200)


@pytest.mark.requirement("wac", "server-control-operation")
@pytest.mark.parametrize("modes", ALL)
def test_an_acl_takes_control_of_its_subject_for_everything(home: Home, modes: set[str]) -> None:
    home.put("brieven/a")
    let(home, "brieven/", set(), modes)
    text = acl_text(f"{home.url}brieven/a", home.owner, f"acl:agent <{BOB}> ; acl:mode acl:Control").encode()
    is_allowed = may(modes, "Control")
    assert home.as_bob("PUT", "brieven/a.acl", TURTLE, text).status == (201 if is_allowed else 403)
    assert home.as_bob("DELETE", "brieven/a.acl").status == (204 if is_allowed else 403)


@pytest.mark.requirement("wac", "server-wac-allow")
@pytest.mark.parametrize("modes", [chosen for chosen in ALL if "Read" in chosen])
def test_wac_allow_holds_exactly_these_modes_with_what_they_imply(home: Home, modes: set[str]) -> None:
    home.put("brieven/a")
    let(home, "brieven/", set(), modes)
    value = home.as_bob("GET", "brieven/a").headers["wac-allow"]
    user, public = (part.split('"')[1].split() for part in value.split(","))
    implied = modes | ({"Append"} if "Write" in modes else set())
    assert sorted(user) == sorted(mode.lower() for mode in implied)
    assert public == []
