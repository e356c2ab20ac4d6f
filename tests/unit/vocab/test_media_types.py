"""Reading Content-Type and Accept."""

from __future__ import annotations

import pytest

from vocab.media_types import JSON_LD, TURTLE, essence, parse_accept, quality_of


def test_the_essence_has_no_parameters_and_no_capitals() -> None:
    assert essence("Text/Turtle; charset=UTF-8") == "text/turtle"
    assert essence("") == ""


def test_the_most_specific_range_counts_whatever_the_order() -> None:
    accepted = parse_accept("text/*;q=0.5, */*;q=0.1, text/turtle;q=0.9")
    assert quality_of(TURTLE, accepted) == 0.9
    assert quality_of("text/html", accepted) == 0.5
    assert quality_of(JSON_LD, accepted) == 0.1


def test_a_type_that_no_range_matches_is_not_welcome() -> None:
    assert quality_of(TURTLE, parse_accept("text/html, application/*")) == 0.0


def test_a_family_does_not_match_a_longer_name() -> None:
    assert quality_of("textual/turtle", parse_accept("text/*")) == 0.0


def test_everything_is_welcome_when_nothing_was_said() -> None:
    assert quality_of(TURTLE, parse_accept("")) == 1.0


@pytest.mark.parametrize("weight", ["nothing", "", "nan", "-1"])
def test_a_malformed_weight_counts_as_none(weight: str) -> None:
    assert quality_of(TURTLE, parse_accept(f"text/turtle;q={weight}")) == 0.0


def test_a_weight_is_at_most_one_and_other_parameters_do_not_count() -> None:
    assert quality_of(TURTLE, parse_accept("text/turtle;version=1.2;q=7")) == 1.0


@pytest.mark.parametrize(
    "header",
    [
        'application/ld+json;profile="https://a.example/x,y;q=0";q=0.5, text/html',
        'text/html, application/ld+json ; q=0.5 ; profile="a\\"b, */*;q=1"',
        "text/html,,application/ld+json;q=0.5,",
        'application/ld+json;q=0.5;profile="not closed, */*',
    ],
)
def test_a_profile_may_hold_anything_and_does_not_narrow_a_range(header: str) -> None:
    accepted = parse_accept(header)
    assert quality_of(JSON_LD, accepted) == 0.5
    assert quality_of(TURTLE, accepted) == 0.0
