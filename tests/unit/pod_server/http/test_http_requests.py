"""Reading heads of requests: what may come once, and what a request says of itself."""

from __future__ import annotations

import pytest

from pod_server.http.requests import (
    Request,
    asks_for_container,
    check_content,
    read_declared,
    read_headers,
)
from vault.errors import BadInput, TooLarge, UnsupportedMediaType
from vocab.namespaces import LDP

KNOWN = "https://kluis.example/ns/wijk#doel"


def request(*lines: tuple[str, str], method: str = "GET") -> Request:
    """A request with these header lines."""
    headers = read_headers((name.lower().encode(), value.encode("latin-1")) for name, value in lines)
    return Request(method, "s/a", "https://vault.example/s/a", "", headers, "t" * 32)


def satisfied(iri: str) -> frozenset[str]:
    """A world with one purpose."""
    return frozenset({iri}) if iri == KNOWN else frozenset()


@pytest.mark.requirement("protocol", "server-http")
def test_lines_of_the_same_name_are_kept_apart_and_in_order() -> None:
    asked = request(("If-Match", " a "), ("X", "1"), ("if-match", "b"))
    assert asked.values("if-match") == ("a", "b")
    assert asked.joined("if-match") == "a, b"
    assert (asked.values("niets"), asked.joined("niets"), asked.one("niets")) == ((), None, None)
    with pytest.raises(BadInput):
        asked.one("if-match")


@pytest.mark.requirement("protocol", "server-cors-access-control-headers")
@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://app.example", True),
        ("http://[::1]:8080", True),
        ("null", True),
        ("https://app.example/", False),
        ("app.example", False),
        ("https://a b", False),
        ("", False),
    ],
)
def test_only_a_valid_origin_counts(origin: str, expected: bool) -> None:
    assert request(("Origin", origin)).origin == (origin if expected else None)
    assert request(("Origin", origin), ("Origin", origin)).origin is None


def test_a_purpose_is_kept_as_sent_with_what_it_satisfies() -> None:
    asked = request(("Purpose-Of-Use", KNOWN), ("Origin", "https://app.example"))
    declared = read_declared(asked, satisfied)
    assert (declared.purpose, declared.purposes) == (KNOWN, frozenset({KNOWN}))
    assert declared.origin == "https://app.example"
    unknown = read_declared(request(("Purpose-Of-Use", "https://x.example/doel")), satisfied)
    assert (unknown.purpose, unknown.purposes) == ("https://x.example/doel", frozenset())
    assert read_declared(request(), satisfied).purpose is None


@pytest.mark.parametrize(
    "purpose",
    ["doel", "", "https://a.example/<b>", "https://a.example/ b", "https://a,https://b", "x:" + "y" * 600],
)
def test_a_purpose_that_is_no_single_iri_is_refused(purpose: str) -> None:
    with pytest.raises(BadInput):
        read_declared(request(("Purpose-Of-Use", purpose)), satisfied)


@pytest.mark.requirement("protocol", "server-http-11")
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), False),
        ((("Content-Length", "0"),), False),
        ((("Content-Length", "5"),), True),
        ((("Content-Length", "vijf"),), False),
        ((("Content-Length", "\u00b2"),), False),
        ((("Transfer-Encoding", "chunked"),), True),
    ],
)
def test_a_body_is_announced_by_its_length_or_its_coding(
    lines: tuple[tuple[str, str], ...], expected: bool
) -> None:
    assert request(*lines).has_content is expected


@pytest.mark.requirement("protocol", "server-content-type-missing")
@pytest.mark.requirement("protocol", "server-http")
def test_content_needs_a_type_and_comes_whole_and_plain() -> None:
    length = ("Content-Length", "5")
    assert check_content(request(length, ("Content-Type", "text/plain")), 5) == "text/plain"
    assert check_content(request(), 5) == ""
    plain = (length, ("Content-Type", "text/plain"), ("Content-Encoding", "identity"))
    assert check_content(request(*plain), 5) == "text/plain"
    with pytest.raises(BadInput):
        check_content(request(length), 5)
    with pytest.raises(BadInput):
        check_content(request(("Content-Range", "bytes 0-1/2")), 5)
    with pytest.raises(UnsupportedMediaType):
        check_content(request(("Content-Encoding", "gzip")), 5)
    with pytest.raises(TooLarge):
        check_content(request(length, ("Content-Type", "text/plain")), 4)


@pytest.mark.requirement("protocol", "server-post-container")
@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f'<{LDP.BasicContainer}>; rel="type"', True),
        (f"<{LDP.Container}>; rel=type", True),
        (f'<https://x.example/>; rel="type", <{LDP.Container}>;rel="type"', True),
        (f'<{LDP.Container}>; rel="describedby"', False),
        (f'<{LDP.Resource}>; rel="type"', False),
        (f"<{LDP.Container}>", False),
        ("onzin", False),
        (None, False),
    ],
)
def test_a_container_is_asked_for_by_its_type(link: str | None, expected: bool) -> None:
    assert asks_for_container(link) is expected
