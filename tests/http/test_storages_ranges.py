"""Parts of documents over HTTP, and what a condition on the state makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.asgi import Home, make_home
from tests.support.vaults import NOON_MS, TestClock

FILM = "brieven/film"
BODY = bytes(range(256)) * 2000
LAST_MODIFIED = "Mon, 21 Sep 2026 14:13:20 GMT"


@pytest.fixture
def clock() -> TestClock:
    """Time that stands still until it is moved."""
    return TestClock()


@pytest.fixture
def home(tmp_path: Path, clock: TestClock) -> Home:
    """A storage in that time."""
    return make_home(tmp_path, clock)


@pytest.fixture
def film(home: Home) -> Home:
    """A storage with a film of half a megabyte."""
    assert NOON_MS == 1_790_000_000_000, "the date above"
    chunks = [BODY[start : start + 60_000] for start in range(0, len(BODY), 60_000)]
    assert home.as_owner("PUT", FILM, {"Content-Type": "video/mp4"}, chunks).status == 201
    return home


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=65530-65550", 65_530, 65_551),
        ("bytes=100000-", 100_000, len(BODY)),
        ("bytes=-7", len(BODY) - 7, len(BODY)),
        ("bytes=1-999999999", 1, len(BODY)),
    ],
)
def test_one_part_comes_with_its_place_in_the_whole(film: Home, asked: str, start: int, end: int) -> None:
    answer = film.as_owner("GET", FILM, {"Range": asked})
    assert (answer.status, answer.body == BODY[start:end], answer.is_whole) == (206, True, True)
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BODY)}"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.requirement("protocol", "server-http")
def test_a_part_is_of_the_same_state_as_the_whole_and_a_journal_line(film: Home) -> None:
    whole, part = film.as_owner("GET", FILM), film.as_owner("GET", FILM, {"Range": "bytes=0-0"})
    for name in ("etag", "last-modified", "accept-ranges", "vary", "cache-control", "wac-allow", "link"):
        assert part.headers[name] == whole.headers[name]
    assert [line.activity for line in film.lines if line.activity == "read"] == ["read", "read"]


@pytest.mark.requirement("protocol", "server-http")
def test_a_part_beyond_the_end_is_refused_with_the_size(film: Home) -> None:
    answer = film.as_owner("GET", FILM, {"Range": f"bytes={len(BODY)}-"})
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{len(BODY)}")
    assert json.loads(answer.body)["status"] == 416
    assert film.lines[-1].failed


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=0-1", "bytes=5-1", "bytes=x"])
def test_what_is_not_one_range_gets_the_whole(film: Home, asked: str) -> None:
    answer = film.as_owner("GET", FILM, {"Range": asked})
    assert (answer.status, answer.body == BODY) == (200, True)


@pytest.mark.requirement("protocol", "server-http")
def test_a_range_counts_for_reading_bodies_only(film: Home) -> None:
    head = film.as_owner("HEAD", FILM, {"Range": "bytes=0-9"})
    assert (head.status, head.headers["content-length"]) == (200, str(len(BODY)))
    put = film.as_owner("PUT", "brieven/b", {"Content-Type": "video/mp4", "Range": "bytes=0-0"}, b"heel")
    assert put.status == 201
    assert film.as_owner("GET", "brieven/b").body == b"heel"


@pytest.mark.requirement("protocol", "server-http")
def test_if_range_gives_the_part_of_the_state_it_names_or_the_whole(film: Home, clock: TestClock) -> None:
    tag = film.as_owner("GET", FILM).headers["etag"]
    part = {"Range": "bytes=0-9"}
    assert film.as_owner("GET", FILM, {**part, "If-Range": tag}).status == 206
    assert film.as_owner("GET", FILM, {**part, "If-Range": LAST_MODIFIED}).status == 206
    clock.forward(0.5)
    film.put(FILM, "iets anders", "video/mp4")
    for condition in (tag, LAST_MODIFIED):
        answer = film.as_owner("GET", FILM, {**part, "If-Range": condition})
        assert (answer.status, answer.body) == (200, b"iets anders")


@pytest.mark.requirement("protocol", "server-http")
def test_linked_data_has_parts_as_it_was_sent_and_none_in_another_type(home: Home) -> None:
    home.put("brieven/a", "<> a <#Brief> .")
    part = {"Range": "bytes=0-1"}
    assert home.as_owner("GET", "brieven/a", part).body == b"<>"
    converted = home.as_owner("GET", "brieven/a", {**part, "Accept": "application/ld+json"})
    assert (converted.status, "accept-ranges" in converted.headers) == (200, False)
    listed = home.as_owner("GET", "brieven/", part)
    assert (listed.status, "accept-ranges" in listed.headers) == (200, False)


@pytest.mark.requirement("wac", "server-read-operation")
def test_a_part_is_hidden_as_the_whole_is(film: Home) -> None:
    for asked in ("bytes=0-0", "bytes=999999999-"):
        hidden = film.as_bob("GET", FILM, {"Range": asked}).without_trace()
        assert hidden == film.as_bob("GET", "brieven/niets", {"Range": asked}).without_trace()


@pytest.mark.requirement("protocol", "server-caching")
def test_what_was_changed_since_is_sent_and_what_was_not_is_known(home: Home, clock: TestClock) -> None:
    home.put(FILM, "een", "video/mp4")
    known = home.as_owner("GET", FILM, {"If-Modified-Since": LAST_MODIFIED})
    assert (known.status, known.body, known.headers["last-modified"]) == (304, b"", LAST_MODIFIED)
    assert "content-length" not in known.headers
    clock.forward(5)
    home.put(FILM, "twee", "video/mp4")
    assert home.as_owner("GET", FILM, {"If-Modified-Since": LAST_MODIFIED}).status == 200
    assert home.as_owner("GET", FILM, {"If-Unmodified-Since": LAST_MODIFIED}).status == 412


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_nothing_is_changed_that_changed_since(home: Home, clock: TestClock, method: str) -> None:
    clock.forward(5)
    home.put(FILM, "een", "video/mp4")
    headers = {"Content-Type": "video/mp4", "If-Unmodified-Since": LAST_MODIFIED}
    body = b"twee" if method == "PUT" else None
    assert home.as_owner(method, FILM, headers, body).status == 412
    assert home.as_owner("GET", FILM).body == b"een"
    tag = home.as_owner("GET", FILM).headers["etag"]
    assert home.as_owner(method, FILM, {**headers, "If-Match": tag}, body).status == 204


@pytest.mark.requirement("protocol", "server-http")
def test_what_is_not_there_was_not_changed_since(home: Home) -> None:
    headers = {"Content-Type": "video/mp4", "If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}
    assert home.as_owner("PUT", "brieven/nieuw", headers, b"x").status == 201


@pytest.mark.requirement("protocol", "server-basic-container")
def test_a_container_has_no_time_of_its_own_that_could_tell_of_what_is_hidden(home: Home) -> None:
    answer = home.as_owner("GET", "brieven/", {"If-Modified-Since": "Sun, 06 Nov 2044 08:49:37 GMT"})
    assert (answer.status, "last-modified" in answer.headers) == (200, False)
