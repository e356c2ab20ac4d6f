"""Choosing among media types."""

from __future__ import annotations

import pytest

from pod_server.http.negotiation import selector

AVAILABLE = ("text/turtle; charset=utf-8", "application/ld+json", "application/n-triples")


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, 0),
        ("", 0),
        ("*/*", 0),
        ("application/ld+json", 1),
        ("application/ld+json;q=0.1, */*;q=0.5", 0),
        ("text/*;q=0.2, application/n-triples;q=0.3", 2),
        ("text/turtle;q=0, */*", 1),
        ("TEXT/TURTLE", 0),
        ("application/ld+json;profile=x;q=0.9, text/turtle;q=0.8", 1),
    ],
)
def test_the_most_welcome_type_is_chosen_and_of_equals_the_first(accept: str | None, expected: int) -> None:
    assert selector(accept)(AVAILABLE) == AVAILABLE[expected]


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize("accept", ["text/html", "*/*;q=0", "text/turtle;q=fout", "application/json"])
def test_nothing_is_chosen_that_was_not_asked_for(accept: str) -> None:
    assert selector(accept)(("text/turtle",)) is None
