"""What a container's new triples may say, and what a card must keep saying."""

from __future__ import annotations

import pytest
from pyoxigraph import Triple

from vault.errors import Conflict
from vault.operations.card import card_triples, check_card, owner_of
from vault.operations.replace import without_listing
from vault.rdf.containment import MemberFacts, container_triples
from vault.rdf.documents import parse

URL = "https://vault.example/s/a/"
ISSUER = "https://id.vault.example/"
LISTED = tuple(container_triples(URL, 1000, (MemberFacts(f"{URL}b", False, "text/turtle", 5, 1000),)))


@pytest.mark.requirement("protocol", "server-protect-containment-2")
@pytest.mark.requirement("protocol", "server-protect-contained-resource-metadata")
@pytest.mark.requirement("protocol", "server-protect-containment")
@pytest.mark.parametrize(
    "text",
    [
        "<> <http://www.w3.org/ns/ldp#contains> <c> .",
        "<b> <http://www.w3.org/ns/posix/stat#size> 6 .",
        "<b> a <#Ander> .",
        "<c/d> <http://purl.org/dc/terms/modified> 1 .",
    ],
)
def test_what_the_vault_says_itself_cannot_be_written(text: str) -> None:
    with pytest.raises(Conflict):
        without_listing(parse(text.encode(), "text/turtle", URL), LISTED, URL)


@pytest.mark.requirement("protocol", "server-basic-container")
def test_what_was_shown_may_come_back_and_is_let_go_of() -> None:
    assert without_listing(LISTED, LISTED, URL) == ()


@pytest.mark.requirement("protocol", "server-basic-container")
@pytest.mark.parametrize(
    "text",
    [
        '<> <http://purl.org/dc/terms/title> "Post" .',
        "<b#it> a <#Brief> .",
        "<b> <#over> <#it> .",
        "[] a <#Iets> .",
        "<https://elsewhere.example/> a <#Iets> .",
    ],
)
def test_anything_else_is_kept(text: str) -> None:
    sent = parse(text.encode(), "text/turtle", URL)
    assert without_listing((*LISTED, *sent), LISTED, URL) == tuple(sent)


def card(*more: str) -> list[Triple]:
    """The triples of a card with more said of its owner."""
    triples = list(card_triples("https://vault.example/s/", ISSUER))
    text = "".join(f"<{owner_of('https://vault.example/s/')}> {rest} ." for rest in more)
    return [*triples, *parse(text.encode(), "text/turtle", URL)]


def test_a_card_says_nothing_that_tells_who_she_is() -> None:
    said = {triple.predicate.value.rsplit("#")[-1].rsplit("/")[-1] for triple in card_triples(URL, ISSUER)}
    assert said == {"type", "oidcIssuer", "storage", "preferencesFile", "inbox"}


@pytest.mark.requirement("webid-profile", "server-update-protected-triples")
def test_a_card_may_say_more() -> None:
    check_card(card(), card("<#taal> 'nl'", "a <#Iemand>"))


@pytest.mark.requirement("webid-profile", "server-update-protected-triples")
@pytest.mark.requirement("webid-profile", "server-update-protected-triples-2")
@pytest.mark.parametrize(
    "rest",
    [
        f"<http://www.w3.org/ns/solid/terms#oidcIssuer> <{URL}>",
        f"<http://www.w3.org/ns/pim/space#storage> <{URL}>",
        f"<http://www.w3.org/ns/solid/terms#owner> <{URL}>",
    ],
)
def test_a_card_gets_no_other_issuer_storage_or_owner(rest: str) -> None:
    with pytest.raises(Conflict):
        check_card(card(), card(rest))
    with pytest.raises(Conflict):
        check_card(card(rest), card())


@pytest.mark.requirement("webid-profile", "server-update-protected-triples")
@pytest.mark.requirement("webid-profile", "server-update-protected-triples-2")
def test_a_card_keeps_its_type() -> None:
    with pytest.raises(Conflict):
        check_card(card(), card()[1:])
