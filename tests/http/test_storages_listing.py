"""Listings of containers with many members: whole, in order, of one state, and only of what the reader may see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.asgi import APP, Home, fill, make_home
from tests.support.vaults import ISSUER_URL
from vault import listing
from vault.model.modes import AccessMode
from vault.model.requester import AppLimit, Credentials
from vault.stores.catalogue import SqlTransaction
from vocab.namespaces import LDP

NT = {"Accept": "application/n-triples"}


def members_of(text: str) -> list[str]:
    """The members that N-Triples name, in their order."""
    lines = (line.split(" ") for line in text.splitlines())
    return [line[2][1:-1] for line in lines if line[1] == f"<{LDP.contains}>"]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of a hundred members, so that a test has several."""
    monkeypatch.setattr(listing, "page_members", 100)


@pytest.mark.requirement("protocol", "server-basic-container")
@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 1200])
def test_all_members_come_in_the_order_of_their_creation(home: Home, count: int) -> None:
    urls = fill(home, count)
    answer = home.as_owner("GET", "map/", NT)
    assert (answer.status, answer.is_whole) == (200, True)
    assert members_of(answer.text) == urls


@pytest.mark.requirement("protocol", "server-http")
def test_a_long_listing_has_no_length_before_it_ends_and_a_short_one_has(home: Home) -> None:
    fill(home, 1200)
    fill(home, 3, "kort/")
    long, short = home.as_owner("GET", "map/"), home.as_owner("GET", "kort/")
    assert "content-length" not in long.headers
    assert short.headers["content-length"] == str(len(short.body))


@pytest.mark.requirement("protocol", "server-http")
def test_asking_about_a_container_tells_its_tag_and_sends_nothing(home: Home) -> None:
    fill(home, 1200)
    get, head = home.as_owner("GET", "map/"), home.as_owner("HEAD", "map/")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", get.headers["etag"])
    known = home.as_owner("GET", "map/", {"If-None-Match": get.headers["etag"]})
    assert (known.status, known.body) == (304, b"")
    assert [line.activity for line in home.lines[-3:]] == ["list"] * 3


@pytest.mark.requirement("protocol", "server-etag")
def test_the_tag_changes_with_every_member_that_is_seen(home: Home) -> None:
    fill(home, 300)
    tags = [home.as_owner("GET", "map/").headers["etag"]]
    home.put("map/doc00100")
    tags.append(home.as_owner("GET", "map/").headers["etag"])
    home.as_owner("DELETE", "map/doc00299")
    tags.append(home.as_owner("GET", "map/").headers["etag"])
    assert len(set(tags)) == 3


@pytest.mark.parametrize("path", ["map/", "map/doc00000"])
def test_writing_into_a_large_container_reads_none_of_its_members(
    home: Home, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise AssertionError("the members were read")

    fill(home, 5)
    for name in ("member_marks", "member_page", "descendants"):
        monkeypatch.setattr(SqlTransaction, name, fail)
    method = "POST" if path == "map/" else "PUT"
    for headers in ({}, {"If-Match": "*"}):
        answer = home.as_owner(method, path, {**headers, "Content-Type": "text/plain"}, b"x")
        assert answer.status in {201, 204}
    assert home.as_owner("GET", "map/doc00001").status == 200
    assert home.as_owner("DELETE", "map/doc00002").status == 204


def test_replacing_what_a_large_container_says_of_itself_looks_at_the_members_it_names(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise AssertionError("all members were read")

    fill(home, 5)
    shown = home.as_owner("GET", "map/", NT).text
    for name in ("member_page", "descendants"):
        monkeypatch.setattr(SqlTransaction, name, fail)
    turtle, more = {"Content-Type": "text/turtle"}, '<> <http://schema.org/name> "Map" .'
    assert home.as_owner("PUT", "map/", turtle, (shown + more).encode()).status == 204
    other = shown.replace("doc00003", "doc00009")
    assert home.as_owner("PUT", "map/", turtle, other.encode()).status == 409
    monkeypatch.undo()
    assert '"Map"' in home.as_owner("GET", "map/", NT).text


@pytest.mark.requirement("wac", "server-read-operation")
def test_only_members_that_may_be_read_are_listed_and_counted_in_the_tag(home: Home) -> None:
    fill(home, 20)
    home.let("map/", "Read")
    before = home.as_bob("GET", "map/", NT)
    home.put("map/dicht")
    home.let("map/dicht")
    home.put("map/zaal/in")
    home.let("map/zaal/")
    after = home.as_bob("GET", "map/", NT)
    assert (before.text, before.headers["etag"]) == (after.text, after.headers["etag"])
    assert len(members_of(home.as_owner("GET", "map/", NT).text)) == 22
    assert before.headers["etag"] != home.as_owner("GET", "map/", NT).headers["etag"]


def test_a_reader_without_read_below_sees_what_has_rules_of_its_own(home: Home) -> None:
    fill(home, 3)
    home.let("map/", "Read", default=False)
    home.let("map/doc00001", "Read")
    assert members_of(home.as_bob("GET", "map/", NT).text) == [f"{home.url}map/doc00001"]


@pytest.mark.parametrize(
    ("containers", "expected"), [(("map/", "brieven/"), ["brieven/", "map/"]), (None, None)]
)
def test_of_a_listing_outside_its_limit_an_app_sees_what_the_limit_names(
    tmp_path: Path, containers: tuple[str, ...] | None, expected: list[str] | None
) -> None:
    home = make_home(tmp_path)
    fill(home, 1)
    home.put("brieven/a")
    limit = AppLimit(frozenset({AccessMode.READ}), containers, frozenset())
    home.context.catalogue.write(lambda tx: tx.put_app_limit(home.owner, APP, limit))
    # The root may be read by everybody, so that the app can look at it at all; what is below it may not.
    home.let("", "Read", agent="everyone", default=False)
    limited = replace(
        home.parts, authenticate=lambda *_: Credentials(home.owner, APP, ISSUER_URL, is_local=True)
    )
    found = members_of(Home(home.context, home.storage, limited).as_bob("GET", "", NT).text)
    if expected is None:
        assert set(found) > {f"{home.url}map/", f"{home.url}profiel/"}
    else:
        assert sorted(found) == [f"{home.url}{path}" for path in expected]


@pytest.mark.requirement("protocol", "server-contained-resource-metadata")
def test_a_media_type_with_odd_characters_does_not_break_a_listing(home: Home) -> None:
    home.put("map/a", "x", "application/x^y#z")
    for accept in ("text/turtle", "application/ld+json", "application/n-triples"):
        answer = home.as_owner("GET", "map/", {"Accept": accept})
        assert (answer.status, "application/x%5Ey%23z#Resource" in answer.text) == (200, True)
