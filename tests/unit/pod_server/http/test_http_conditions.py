"""Conditions and ranges as they stand in headers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pod_server.http.conditions import (
    etag,
    find_span,
    is_unchanged,
    read_date,
    read_preconditions,
    read_tags,
    wanted_by,
)
from pod_server.http.requests import Request, read_headers
from vault.errors import BadInput, UnsatisfiableRange
from vault.model.representation import NOTHING, Candidate, Span

WHEN = 784_111_777
FIXED = "Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"
FILE = Candidate("v1", "text/turtle", WHEN * 1000 + 5, 10, is_first_state=True)
TAG = '"v1.t"'


def request(*lines: tuple[str, str], method: str = "GET") -> Request:
    """A request with these header lines."""
    headers = read_headers((name.lower().encode(), value.encode("latin-1")) for name, value in lines)
    return Request(method, "s/a", "https://vault.example/s/a", "", headers, "t" * 32)


@pytest.mark.requirement("protocol", "server-http")
def test_of_a_tag_the_version_counts_whatever_the_representation() -> None:
    asked = request(("If-Match", '"v1.t", "v2.j"'), ("If-None-Match", "*"), method="PUT")
    conditions = read_preconditions(asked)
    assert (conditions.match, conditions.none_match) == (frozenset({"v1", "v2"}), frozenset({"*"}))
    assert read_preconditions(request()).match is None


@pytest.mark.requirement("protocol", "server-http")
def test_a_weak_tag_never_matches_and_still_excludes() -> None:
    asked = request(("If-Match", 'W/"v1.t"'), ("If-None-Match", 'W/"v1.t"'), method="DELETE")
    conditions = read_preconditions(asked)
    assert (conditions.match, conditions.none_match) == (frozenset(), frozenset({"v1"}))


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("If-Match", TAG), (frozenset({"v1"}), None, None)),
        (("If-Match", '"v1"'), (frozenset({"v1"}), None, None)),
        (("If-Match", "*"), (frozenset({"*"}), None, None)),
        (("If-None-Match", TAG), (None, frozenset({"v1"}), None)),
        (("If-Unmodified-Since", FIXED), (None, None, WHEN)),
    ],
)
def test_each_condition_counts_without_the_others(
    line: tuple[str, str], expected: tuple[object, ...]
) -> None:
    found = read_preconditions(request(line, method="PUT"))
    assert (found.match, found.none_match, found.unmodified_since) == expected


@pytest.mark.requirement("protocol", "server-caching")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_known_state_is_no_obstacle_to_reading(method: str) -> None:
    assert read_preconditions(request(("If-None-Match", TAG), method=method)).none_match is None


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("text", ["", "v1", '"v1', '"a" "b"', '*, "a"', '"a",'])
def test_what_is_no_list_of_tags_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_tags(text)
    with pytest.raises(BadInput):
        read_preconditions(request(("If-None-Match", text)))


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIXED, WHEN),
        ("Sunday, 06-Nov-94 08:49:37 GMT", WHEN),
        ("Sun Nov  6 08:49:37 1994", WHEN),
        ("Sun, 06 Nov 1994 08:49:37 +0100", None),
        ("Sun, 66 Nov 1994 08:49:37 GMT", None),
        ("784111777", None),
        ("", None),
    ],
)
def test_a_date_has_one_of_three_forms_and_counts_in_universal_time(text: str, expected: int | None) -> None:
    assert read_date(request(("If-Unmodified-Since", text)), "if-unmodified-since") == expected


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server whose clock on the wall is hours ahead of universal time."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.usefixtures("far_away")
def test_a_date_without_a_zone_is_in_universal_time_wherever_the_server_is() -> None:
    assert time.localtime(WHEN).tm_hour != time.gmtime(WHEN).tm_hour
    for text in (FIXED, "Sun Nov  6 08:49:37 1994"):
        assert read_date(request(("If-Modified-Since", text)), "if-modified-since") == WHEN


@pytest.mark.requirement("protocol", "server-http")
def test_two_dates_are_none() -> None:
    twice = request(("If-Modified-Since", FIXED), ("If-Modified-Since", FIXED))
    assert read_date(twice, "if-modified-since") is None


@pytest.mark.requirement("protocol", "server-caching")
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("If-None-Match", f'"x", W/{TAG}')], True),
        ([("If-None-Match", "*")], True),
        ([("If-None-Match", '"v1.j"')], False),
        ([("If-Modified-Since", FIXED)], True),
        ([("If-Modified-Since", EARLIER)], False),
        ([("If-Modified-Since", FIXED), ("If-None-Match", '"x"')], False),
        ([("If-Modified-Since", EARLIER), ("If-None-Match", TAG)], True),
        ([], False),
    ],
)
def test_a_tag_goes_before_a_date(lines: list[tuple[str, str]], expected: bool) -> None:
    assert is_unchanged(request(*lines), TAG, FILE.modified_ms) is expected


@pytest.mark.requirement("protocol", "server-caching")
def test_what_has_no_date_is_not_unchanged_since_one() -> None:
    assert not is_unchanged(request(("If-Modified-Since", FIXED)), TAG, None)


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=2-4", Span(2, 3)),
        ("bytes=2-", Span(2, 8)),
        ("bytes=9-99", Span(9, 1)),
        ("bytes=-3", Span(7, 3)),
        ("bytes=-99", Span(0, 10)),
        ("Bytes = 2-4,", Span(2, 3)),
        ("bytes=4-2", None),
        ("bytes=0-1, 4-5", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("lines=0-1", None),
        ("bytes=0-" + "9" * 60, None),
        ("", None),
    ],
)
def test_one_range_of_bytes_gives_a_part_and_anything_else_the_whole(
    asked: str, expected: Span | None
) -> None:
    assert find_span(asked, 10) == expected


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_of_which_nothing_is_there_cannot_be_satisfied(asked: str) -> None:
    with pytest.raises(UnsatisfiableRange) as raised:
        find_span(asked, 10)
    assert raised.value.size == 10


@pytest.mark.requirement("protocol", "server-http")
def test_the_end_of_nothing_is_all_of_it() -> None:
    assert find_span("bytes=-5", 0) is None
    with pytest.raises(UnsatisfiableRange):
        find_span("bytes=0-", 0)


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("condition", "is_part"),
    [
        (TAG, True),
        (f" {TAG}", True),
        (f"W/{TAG}", False),
        ('"v1.j"', False),
        ('"v2.t"', False),
        (FIXED, True),
        (EARLIER, False),
        ("onzin", False),
    ],
)
def test_if_range_names_exactly_this_state_or_the_whole_comes(condition: str, is_part: bool) -> None:
    wanted = wanted_by(request(("Range", "bytes=0-0"), ("If-Range", condition)))
    assert wanted(FILE) == (Span(0, 1) if is_part else None)


@pytest.mark.requirement("protocol", "server-http")
def test_a_date_does_not_tell_states_apart_that_could_share_a_second() -> None:
    wanted = wanted_by(request(("Range", "bytes=0-0"), ("If-Range", FIXED)))
    assert wanted(Candidate("v2", "text/turtle", FILE.modified_ms, 10, is_first_state=False)) is None


@pytest.mark.requirement("protocol", "server-http")
def test_a_date_names_no_state_that_has_none() -> None:
    wanted = wanted_by(request(("Range", "bytes=0-0"), ("If-Range", FIXED)))
    assert wanted(Candidate("v1", "text/turtle", None, 10, is_first_state=True)) is None


@pytest.mark.requirement("protocol", "server-http")
def test_a_range_that_names_another_state_is_not_looked_at() -> None:
    wanted = wanted_by(request(("Range", "bytes=99-"), ("If-Range", '"v2.t"')))
    assert wanted(FILE) is None
    with pytest.raises(UnsatisfiableRange):
        wanted_by(request(("Range", "bytes=99-")))(FILE)


@pytest.mark.requirement("protocol", "server-caching")
def test_nothing_is_wanted_of_what_is_known_or_only_asked_about() -> None:
    ranged = ("Range", "bytes=99-")
    assert wanted_by(request(ranged, method="HEAD"))(FILE) is NOTHING
    assert wanted_by(request(ranged, ("If-None-Match", TAG)))(FILE) is NOTHING


@pytest.mark.requirement("protocol", "server-http")
def test_of_what_is_made_for_the_occasion_no_part_is_given() -> None:
    made = Candidate("v1", "application/ld+json", FILE.modified_ms, None, is_first_state=True)
    assert wanted_by(request(("Range", "bytes=0-0")))(made) is None


@pytest.mark.requirement("protocol", "server-etag")
@pytest.mark.parametrize(
    ("media_type", "suffix"),
    [
        ("text/turtle;charset=utf-8", "t"),
        ("application/ld+json", "j"),
        ("application/n-triples", "n"),
        ("application/pdf", "b"),
    ],
)
def test_a_tag_tells_the_representations_of_a_version_apart(media_type: str, suffix: str) -> None:
    assert etag("v1", media_type) == f'"v1.{suffix}"'
