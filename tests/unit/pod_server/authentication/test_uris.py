"""Comparing URIs and telling origins."""

from __future__ import annotations

import pytest

from pod_server.authentication.uris import is_same_uri, origin_of

HOST = "https://kluis.example"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HOST, f"{HOST}/"),
        (f"{HOST}/a/..", f"{HOST}/"),
        (f"{HOST}/a/b/.", f"{HOST}/a/b/"),
        (f"{HOST}/../../a", f"{HOST}/a"),
        (f"{HOST}/%7ea%2f", f"{HOST}/~a%2F"),
        ("http://kluis.example:80/a", "HTTP://KLUIS.example/a"),
    ],
)
def test_spellings_of_one_uri_are_the_same(one: str, other: str) -> None:
    assert is_same_uri(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{HOST}/a", f"{HOST}/a/"),
        (f"{HOST}/a", f"{HOST}//a"),
        (f"{HOST}/a", f"{HOST}/A"),
        (f"{HOST}/a%2Fb", f"{HOST}/a/b"),
        (f"{HOST}/a", "http://kluis.example/a"),
        (f"{HOST}/a", f"{HOST}:444/a"),
        (f"{HOST}/a", f"{HOST}.evil.example/a"),
        (f"{HOST}/ab", f"{HOST}/a\tb"),
    ],
)
def test_other_uris_stay_other(one: str, other: str) -> None:
    assert not is_same_uri(one, other)


def test_the_port_of_an_origin_is_always_said() -> None:
    assert origin_of("https://Kluis.example/x") == ("https", "kluis.example", 443)
    assert origin_of("http://[::1]:8001/") == ("http", "::1", 8001)
