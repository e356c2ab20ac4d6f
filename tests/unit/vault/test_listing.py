"""A listing is of one state: what changes between two of its pages ends it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.asgi import BOB, Home, fill, make_home
from vault import listing
from vault.authorize import stand
from vault.errors import TooLarge, Unavailable
from vault.model.identifiers import ResourceIdentifier
from vault.model.operation import Read
from vault.model.outcome import Found
from vault.model.requester import Caller, Credentials, Declared
from vault.operations.read import Representation
from vault.service import perform
from vocab.media_types import N_TRIPLES

BOBS = Caller(Credentials(BOB, "app", "https://issuer.example/"), Declared(), "t" * 32)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A storage with a container of 1,200 documents that Bob may read."""
    home = make_home(tmp_path)
    fill(home, 1200)
    home.let("map/", "Read")
    return home


def begin(home: Home) -> Representation:
    """Begin to list the container for Bob."""
    with home.context.catalogue.view() as view:
        standing = stand(home.context, view, home.storage, BOBS)
        container = view.find_resource(ResourceIdentifier(home.storage, "map/"))
        assert container is not None
        version = listing.version_seen(standing, container)
        opened = listing.open_listing(standing, container, version)
    return listing.show_listing(opened, N_TRIPLES)


def finish(begun: Representation) -> int:
    """Read to the end, and count the members."""
    assert begun.rest is not None
    return (begun.body + b"".join(begun.rest)).count(b"ldp#contains")


def rule(home: Home) -> None:
    """Change who may read one of the last documents."""
    home.let("map/doc01150")


def removal(home: Home) -> None:
    """Remove one of the last documents."""
    assert home.as_owner("DELETE", "map/doc01150").status == 204


def addition(home: Home) -> None:
    """Add a document."""
    home.put("map/nieuw")


@pytest.mark.parametrize(("change", "left"), [(rule, 1199), (removal, 1199), (addition, 1201)])
def test_what_changes_between_two_pages_ends_the_listing(
    home: Home, change: Callable[[Home], None], left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "page_members", 500)
    begun = begin(home)
    change(home)
    with pytest.raises(Unavailable):
        finish(begun)
    assert finish(begin(home)) == left


@pytest.mark.parametrize("change", [rule, removal, addition])
def test_one_page_is_of_one_state_whatever_changes(home: Home, change: Callable[[Home], None]) -> None:
    begun = begin(home)
    change(home)
    assert finish(begun) == 1200


def test_the_catalogue_is_not_held_while_somebody_reads(home: Home, tmp_path: Path) -> None:
    begun = begin(home)
    home.put("map/nieuw")
    # A view that is still held would keep the log of the catalogue from starting anew.
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as other:
        is_held, _, _ = other.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    assert not is_held
    assert finish(begun) == 1200


def test_a_long_listing_ends_when_who_may_see_it_changes_though_its_members_are_known(home: Home) -> None:
    fill(home, 4000, "groot/")
    home.let("groot/", "Read")
    target = ResourceIdentifier(home.storage, "groot/")
    shown = perform(home.context, Read(target, lambda _: N_TRIPLES), BOBS)
    assert isinstance(shown, Found)
    assert shown.rest is not None
    next(shown.rest)
    home.let("groot/doc03999")
    with pytest.raises(Unavailable):
        b"".join(shown.rest)


def found(home: Home, named: frozenset[str] | None) -> list[str]:
    """The members that Bob may see among those with these URLs, or of all."""
    with home.context.catalogue.view() as view:
        standing = stand(home.context, view, home.storage, BOBS)
        container = view.find_resource(ResourceIdentifier(home.storage, "map/"))
    assert container is not None
    return [facts.url for facts in listing.members_seen(standing, container)(named)]


def test_of_named_members_those_are_found_that_lie_in_the_container_and_may_be_seen(home: Home) -> None:
    home.put("map/zaal/in")
    home.put("map/dicht")
    home.let("map/dicht")
    seen = {f"{home.url}map/doc00001", f"{home.url}map/zaal/"}
    others = {
        home.url,
        f"{home.url}map/",
        f"{home.url}map/dicht",
        f"{home.url}map/niets",
        f"{home.url}map/zaal/in",
        f"{home.url}map/.acl",
        f"{home.url}map/a b",
        f"{home.url}map//",
        "https://elders.example/map/doc00001",
    }
    assert set(found(home, frozenset(seen | others))) == seen


def test_all_members_are_found_page_by_page_unless_they_are_too_many(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "page_members", 500)
    assert len(found(home, None)) == 1200
    monkeypatch.setattr(listing, "triples_per_member", 100_000 // 1199)
    assert len(found(home, None)) == 1200
    monkeypatch.setattr(listing, "triples_per_member", 100_000 // 1199 + 1)
    with pytest.raises(TooLarge):
        found(home, None)
