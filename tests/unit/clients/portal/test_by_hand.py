"""What was set in access rules without giving access here stands on the pages, with the app that set it."""

from __future__ import annotations

import re

import pytest

from tests.unit.clients.fake_vault import APP, ORGANISATION, SERVICES, STORAGE, WORKER, FakeVault
from tests.unit.clients.portal.world import MOVE, PREVIEW, full_vault, move_document
from tests.unit.clients.sign_in import signed_in, words
from vocab.namespaces import ACL, FOAF


@pytest.fixture
def vault() -> FakeVault:
    return full_vault()


_RULES = [
    {"agent": WORKER, "resource": f"{STORAGE}brieven/b1", "modes": [ACL.Read], "app": f"{APP}client-id"},
    {"agent": FOAF.Agent, "resource": f"{STORAGE}geld/", "modes": [ACL.Write], "app": "https://a.example/id"},
    {"agent": ACL.AuthenticatedAgent, "resource": STORAGE, "modes": [ACL.Read, ACL.Write], "app": None},
    {"agent": WORKER, "resource": f"{STORAGE}geld/", "modes": [ACL.Append], "app": ORGANISATION},
]
_HAND_TEXTS = (
    "Kan zien Brieven Mag Lezen Zelf ingesteld, met Mijn Kluis.",
    "Iedereen op internet Kan zien Geld Mag Erbij zetten of veranderen Zelf ingesteld, met een andere app.",
    "Iedereen die inlogt Kan zien uw kluis Mag Lezen en veranderen Zelf ingesteld. Wij weten niet",
    "Zelf ingesteld, met de app van Stichting",
)


@pytest.mark.parametrize("sentence", _HAND_TEXTS)
def test_what_was_set_by_hand_stands_with_its_app_among_who_can_see(vault: FakeVault, sentence: str) -> None:
    vault.say("GET", SERVICES["PreviewService"], PREVIEW | {"setByHand": _RULES})
    assert sentence in words(signed_in(vault).get("/toegang").text)


def test_a_move_shows_what_was_set_by_hand(vault: FakeVault) -> None:
    vault.say("GET", MOVE, move_document(setByHand=_RULES))
    page = words(signed_in(vault).get("/verhuizen/plan1/2").text)
    assert "Dit verandert niet als u verhuist." in page
    assert _HAND_TEXTS[0] in page


def test_without_rules_set_by_hand_nothing_is_said_of_them(vault: FakeVault) -> None:
    browser = signed_in(vault)
    assert "Zelf ingesteld" not in browser.get("/toegang").text + browser.get("/verhuizen/plan1/2").text


def test_a_piece_says_with_which_app_somebody_was_let_in(vault: FakeVault) -> None:
    agents = [
        {"id": WORKER, "grants": [], "setByHand": True, "apps": ["https://a.example/id", f"{APP}client-id"]}
    ]
    vault.say("GET", SERVICES["PreviewService"], PREVIEW | {"agents": agents})
    browser = signed_in(vault)
    piece = re.findall(r'href="(/stukken/[0-9a-f]{16})"', browser.get("/stukken").text)[0]
    assert "Zelf ingesteld, met een andere app en Mijn Kluis." in words(browser.get(piece).text)
