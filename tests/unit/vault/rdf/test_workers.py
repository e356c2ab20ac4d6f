from __future__ import annotations

import pytest

from vault.errors import TooLarge, UnacceptableContent
from vault.model.organisation import Worker
from vault.rdf import workers as module
from vault.rdf.documents import parse
from vault.rdf.workers import read_workers

GROUP = "https://o.example/groepen/medewerkers"
MARIEKE = "https://o.example/a6ru6ku4wxa33b68/profiel/card#me"
HEAD = "@prefix v: <http://www.w3.org/2006/vcard/ns#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> ."


def workers(turtle: str, group: str = GROUP) -> tuple[Worker, ...]:
    return read_workers(parse(f"{HEAD} {turtle}".encode(), "text/turtle", GROUP), group)


def test_members_are_read_by_webid_with_name_and_role() -> None:
    turtle = (
        f"<> a v:Group ; v:hasMember <{MARIEKE}>, <https://o.example/b#me> . "
        f'<{MARIEKE}> v:fn " Marieke Bos " ; v:role <https://kluis.example/ns/wijk#rol-aanbieder> . '
        '<https://o.example/b#me> foaf:name "Bo" ; <http://www.w3.org/ns/org#role> "invaller" .'
    )
    assert workers(turtle) == (
        Worker(MARIEKE, "Marieke Bos", "https://kluis.example/ns/wijk#rol-aanbieder"),
        Worker("https://o.example/b#me", "Bo", "invaller"),
    )


def test_a_group_may_be_a_part_of_a_document() -> None:
    assert workers(f"<#team> a v:Group ; v:hasMember <{MARIEKE}> .", f"{GROUP}#team") == (
        Worker(MARIEKE, None),
    )


def test_a_group_without_members_has_no_workers() -> None:
    assert workers("<> a v:Group .") == ()


@pytest.mark.parametrize(
    "turtle",
    [
        "",
        f"<> v:hasMember <{MARIEKE}> .",
        f"<https://elsewhere.example/> a v:Group ; v:hasMember <{MARIEKE}> .",
        f"[] a v:Group ; v:hasMember <{MARIEKE}> .",
    ],
)
def test_a_document_that_does_not_describe_the_group_is_refused(turtle: str) -> None:
    with pytest.raises(UnacceptableContent):
        workers(turtle)


def test_what_cannot_be_a_webid_is_no_worker() -> None:
    assert workers('<> a v:Group ; v:hasMember "https", <urn:x>, [] .') == ()


def test_long_and_empty_texts_are_bounded() -> None:
    turtle = f'<> a v:Group ; v:hasMember <{MARIEKE}> . <{MARIEKE}> v:fn "{"x" * 999}" ; v:role "  " .'
    assert workers(turtle) == (Worker(MARIEKE, "x" * module.max_text_length, None),)


def test_too_many_members_are_refused_as_a_whole() -> None:
    members = ", ".join(f"<https://o.example/{number}#me>" for number in range(1001))
    with pytest.raises(TooLarge):
        workers(f"<> a v:Group ; v:hasMember {members} .")
