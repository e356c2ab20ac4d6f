"""Groups as documents describe them."""

from __future__ import annotations

import pytest

from tests.support.groups import group_text
from vault.errors import TooLarge
from vault.model.groups import Group
from vault.rdf.documents import parse
from vault.rdf.groups import read_groups
from vocab.media_types import TURTLE

URL = "https://vault.example/x/team"


def read(text: str, most: int = 2) -> tuple[Group, ...]:
    return read_groups(parse(text.encode(), TURTLE, URL), URL, most)


def test_a_group_has_the_members_that_are_iris() -> None:
    text = group_text("x:a", "x:b").removesuffix(".") + '; vcard:hasMember "x:c", [] .'
    assert read(text) == (Group(f"{URL}#team", frozenset({"x:a", "x:b"})),)


def test_the_document_itself_may_be_the_group() -> None:
    assert read(group_text(name="")) == (Group(URL, frozenset()),)


@pytest.mark.parametrize(
    "text",
    [
        group_text("x:a", name="other#team"),
        group_text("x:a", name="team/#team"),
        "<#team> <http://www.w3.org/2006/vcard/ns#hasMember> <x:a> .",
        "<#team> a <http://www.w3.org/2006/vcard/ns#Individual> .",
        "[] a <http://www.w3.org/2006/vcard/ns#Group> .",
    ],
)
def test_what_is_no_group_of_this_document_is_none(text: str) -> None:
    assert read(text) == ()


def test_a_group_with_too_many_members_is_refused() -> None:
    assert len(read(group_text("x:a", "x:b"))[0].members) == 2
    with pytest.raises(TooLarge):
        read(group_text("x:a", "x:b", "x:c"))
