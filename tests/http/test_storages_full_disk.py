"""On a disk that is nearly full nothing more is stored; access is still changed, and everything is still read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.asgi import Home, acl_for, make_home, make_parts

TEXT = {"Content-Type": "text/plain"}
TURTLE = {"Content-Type": "text/turtle"}


@dataclass
class Disk:
    """A disk that says whether it has room; `left` counts down the times that it has."""

    left: int

    def has_room(self) -> bool:
        """Whether there is room now."""
        self.left -= 1
        return self.left >= 0


@pytest.fixture
def disk() -> Disk:
    return Disk(100)


@pytest.fixture
def home(tmp_path: Path, disk: Disk) -> Home:
    home = make_home(tmp_path)
    context = replace(home.context, has_room=disk.has_room)
    return Home(context, home.storage, make_parts(context))


def test_nothing_new_and_nothing_else_is_stored_and_all_is_read(home: Home, disk: Disk) -> None:
    assert home.as_owner("PUT", "plannen/een", TEXT, b"oud").status == 201
    disk.left = 0
    for method, path in (("PUT", "plannen/een"), ("PUT", "plannen/twee"), ("POST", "plannen/")):
        answer = home.as_owner(method, path, TEXT, b"nieuw")
        assert answer.status == 507
        assert "no room is left on the disk" in answer.text.lower()
    assert home.as_owner("GET", "plannen/een").body == b"oud"
    assert home.as_owner("GET", "plannen/twee").status == 404
    assert home.as_owner("DELETE", "plannen/een").status == 204


def test_a_body_that_fills_the_disk_is_stopped_half_way_and_leaves_nothing(home: Home, disk: Disk) -> None:
    disk.left = 5

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 100_000

    assert home.as_owner("PUT", "plannen/een", TEXT, endless()).status == 507
    assert home.as_owner("GET", "plannen/een").status == 404


def test_access_is_still_given_and_taken_away(home: Home, disk: Disk) -> None:
    home.let("plannen/", "Read")
    assert home.as_owner("PUT", "plannen/een", TEXT, b"oud").status == 201
    disk.left = 0
    assert home.as_bob("GET", "plannen/een").status == 200
    rules = acl_for(f"{home.url}plannen/", home.owner, "nobody", (), default=False).encode()
    assert home.as_owner("PUT", "plannen/.acl", TURTLE, rules).status < 300
    assert home.as_bob("GET", "plannen/een").status == 403


def test_who_may_not_write_does_not_hear_of_the_disk(home: Home, disk: Disk) -> None:
    home.let("plannen/", "Read")
    disk.left = 0
    assert home.as_bob("PUT", "plannen/een", TEXT, b"x").status == 403
