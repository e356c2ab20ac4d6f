"""Who is full hears so before the body is read; access can always be changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.support.asgi import Home, acl_for, make_home, make_parts
from vault.model.limits import VaultLimits

TEXT = {"Content-Type": "text/plain"}
BIG = b"x" * 60_000


def small_home(folder: Path, *, mine: int = 200_000, others: int = 100_000) -> Home:
    """A storage with little room."""
    home = make_home(folder)
    limits = VaultLimits(quota_bytes=mine, grantee_quota_bytes=others)
    context = replace(home.context, limits=limits)
    return Home(context, home.storage, make_parts(context))


def unread() -> Iterator[bytes]:
    """A body of which more is read than there is room for, without an end."""
    while True:
        yield BIG


def test_what_is_announced_as_too_much_is_refused_unread(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    answer = home.as_owner("PUT", "plannen/groot", TEXT | {"Content-Length": "900000"})
    assert answer.status == 507
    assert "the storage is full" in answer.text.lower()
    assert home.as_owner("GET", "plannen/groot").status == 404


def test_a_body_without_an_end_is_stopped_where_the_room_ends(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    assert home.as_owner("PUT", "plannen/groot", TEXT, unread()).status == 507
    assert home.as_owner("POST", "plannen/", TEXT, unread()).status == 507


def test_a_worker_fills_her_part_and_the_owner_goes_on(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    home.let("plannen/", "Read", "Write", "Append")
    assert home.as_bob("PUT", "plannen/een", TEXT, BIG).status == 201
    full = home.as_bob("PUT", "plannen/een", TEXT, BIG)
    assert (full.status, "your part" in full.text.lower()) == (507, True)
    assert home.as_bob("POST", "plannen/", TEXT, BIG).status == 507
    assert home.as_owner("PUT", "plannen/twee", TEXT, BIG).status == 201
    assert home.as_bob("DELETE", "plannen/een").status == 204
    assert home.as_bob("PUT", "plannen/een", TEXT, BIG).status == 507


def test_on_a_full_storage_access_is_still_taken_away(tmp_path: Path) -> None:
    home = small_home(tmp_path, mine=100_000)
    home.let("plannen/", "Read")
    assert home.as_owner("PUT", "plannen/een", TEXT, BIG).status == 201
    assert home.as_owner("PUT", "plannen/twee", TEXT, BIG).status == 507
    assert home.as_bob("GET", "plannen/een").status == 200
    closed = acl_for(f"{home.url}plannen/", home.owner, "nobody", (), default=False).encode()
    long = closed + b"\n# " + BIG
    answer = home.as_owner("PUT", "plannen/.acl", {"Content-Type": "text/turtle"}, long)
    assert answer.status == 204
    assert home.as_bob("GET", "plannen/een").status == 403


def test_removing_works_on_a_full_storage(tmp_path: Path) -> None:
    home = small_home(tmp_path, mine=100_000)
    assert home.as_owner("PUT", "plannen/een", TEXT, BIG).status == 201
    assert home.as_owner("PUT", "plannen/twee", TEXT, BIG).status == 507
    assert home.as_owner("DELETE", "plannen/een").status == 204
