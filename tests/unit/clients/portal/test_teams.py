"""A team that can look: how many came since, when, never who; and the citizen's yes when it grew much larger."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from flask.testing import FlaskClient

from tests.unit.clients.fake_vault import (
    BASE,
    PARTIES,
    PLAN,
    SERVICES,
    STORAGE,
    FakeVault,
    access,
    grant_document,
)
from tests.unit.clients.portal.world import PREVIEW, ZWOLLE, full_vault, line, say_journal
from tests.unit.clients.sign_in import send, signed_in, words
from vocab.namespaces import ACL

GROUP = str(ZWOLLE["group"])
LOOK = f"{BASE}.well-known/wijkkluis/groepen"
JOINED = ["2026-11-22T10:00:00Z", "2026-11-22T15:00:00Z", "2026-11-23T09:00:00Z"]
PAUSED = "2026-11-23T09:00:00Z"


def team(**changes: Any) -> dict[str, Any]:
    """A team of three, of whom nobody came since."""
    return {"members": 3, "joined": [], "paused": None, "confirmed": None} | changes


def give_to_team(vault: FakeVault, told: dict[str, Any]) -> None:
    """Let the citizen have given a team access."""
    policies = access(PLAN)
    policies[0]["assignee"] = GROUP
    changes: dict[str, Any] = {
        "assigneeKind": "Team",
        "access": policies,
        "organisation": ZWOLLE["id"],
        "team": told,
    }
    grant = grant_document(**changes, parties=[ZWOLLE])
    vault.say("GET", SERVICES["AccessGrantService"], {"items": [grant], "parties": [*PARTIES, ZWOLLE]})
    vault.say("GET", str(grant["id"]), grant, ETag='"1"')


@pytest.fixture
def vault() -> FakeVault:
    made = full_vault()
    own = {"invitation": "i", "meetings": "m", "grants": "g", "groups": LOOK}
    made.say("GET", f"{BASE}.well-known/wijkkluis/", own)
    return made


def path_of_team(browser: FlaskClient) -> str:
    """Where the overview leads to for the team."""
    found = re.findall(r'href="(/toegang/team/[0-9a-f]{16})"', browser.get("/toegang").text)
    assert len(set(found)) == 1
    return str(found[0])


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (team(), "Sinds u toegang gaf, kwam er niemand bij dit team."),
        (team(joined=JOINED[:1]), "Sinds u toegang gaf, kwam er 1 persoon bij dit team."),
        (team(joined=JOINED), "Sinds u toegang gaf, kwamen er 3 mensen bij dit team."),
        (team(confirmed=PAUSED), "Sinds u ja zei, kwam er niemand bij dit team."),
        (team(confirmed=PAUSED, joined=JOINED[1:]), "Sinds u ja zei, kwamen er 2 mensen bij dit team."),
    ],
)
def test_who_can_see_what_tells_how_many_came(vault: FakeVault, told: dict[str, Any], sentence: str) -> None:
    give_to_team(vault, told)
    browser = signed_in(vault)
    assert sentence in words(browser.get("/toegang").text)
    assert sentence in words(browser.get("/toegang/yqusbu8jeu3kbz9y/ziet").text)
    assert "Gepauzeerd" not in browser.get("/toegang").text


def test_the_page_of_a_team_tells_when_they_came_and_how_many_there_are(vault: FakeVault) -> None:
    give_to_team(vault, team(members=5, joined=JOINED))
    browser = signed_in(vault)
    page = words(browser.get(path_of_team(browser)).text)
    assert "Wie kwam er bij Wijkteam Stadshagen?" in page
    assert "22 november 2026: 2 mensen 23 november 2026: 1 persoon" in page
    assert "Er werken nu 5 mensen in dit team. Wie dat zijn, weet het team." in page
    assert "Ja, dit team mag weer kijken" not in page


def test_a_grant_to_a_person_says_nothing_of_a_team(vault: FakeVault) -> None:
    page = signed_in(vault).get("/toegang").text
    assert "/toegang/team/" not in page
    assert "dit team" not in page


def test_a_team_that_waits_says_so_everywhere_and_asks(vault: FakeVault) -> None:
    give_to_team(vault, team(members=7, joined=JOINED, paused=PAUSED))
    browser = signed_in(vault)
    assert "Gepauzeerd. Dit team wacht op uw ja" in words(browser.get("/").text)
    overview = words(browser.get("/toegang").text)
    assert "Gepauzeerd. Dit team wacht op uw ja" in overview
    assert "Dit team werd meer dan twee keer zo groot. Het kan nu niet kijken." in overview
    page = words(browser.get(path_of_team(browser)).text)
    assert "Op 23 november 2026 werd dit team meer dan twee keer zo groot." in page
    assert "Ja, dit team mag weer kijken" in page


def test_her_yes_tells_how_many_she_saw(vault: FakeVault) -> None:
    give_to_team(vault, team(members=7, paused=PAUSED))
    vault.say("POST", SERVICES["AccessGrantService"], {"team": team(members=7, confirmed=PAUSED)})
    browser = signed_in(vault)
    path = path_of_team(browser)
    page = browser.get(path).text
    assert send(browser, f"{path}/ja", page, aantal=re.findall(r'name="aantal" value="(\d+)"', page)[0]) == (
        f"{path}?melding=ja"
    )
    asked = vault.asked("POST", SERVICES["AccessGrantService"])
    assert asked == [{"type": "TeamConfirmation", "group": GROUP, "members": 7}]
    assert "U zei ja. Dit team kan weer kijken." in words(browser.get(f"{path}?melding=ja").text)


def test_a_team_that_changed_meanwhile_is_shown_again(vault: FakeVault) -> None:
    give_to_team(vault, team(members=7, paused=PAUSED))
    vault.say("POST", SERVICES["AccessGrantService"], {"title": "Conflict"}, 409)
    browser = signed_in(vault)
    path = path_of_team(browser)
    led_to = send(browser, f"{path}/ja", browser.get(path).text, aantal=7)
    assert "Het team is net weer veranderd." in words(browser.get(led_to).text)


@pytest.mark.parametrize("number", ["", "-1", "zeven", "99999999999", "٣"])
def test_a_yes_to_no_number_is_none(vault: FakeVault, number: str) -> None:
    give_to_team(vault, team(members=7, paused=PAUSED))
    browser = signed_in(vault)
    path = path_of_team(browser)
    send(browser, f"{path}/ja", browser.get(path).text, aantal=number)
    assert vault.asked("POST", SERVICES["AccessGrantService"]) == []


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (204, "De kluis keek net wie er in dit team werkt."),
        (503, "Het lukte nu niet om te kijken."),
        (429, "De kluis keek net al. Wacht een minuut."),
    ],
)
def test_she_lets_the_vault_look_now(vault: FakeVault, status: int, sentence: str) -> None:
    give_to_team(vault, team())
    vault.services["POST", LOOK] = lambda _: httpx2.Response(status)
    browser = signed_in(vault)
    path = path_of_team(browser)
    led_to = send(browser, f"{path}/nu", browser.get(path).text)
    assert vault.asked("POST", LOOK) == [{"group": GROUP}]
    assert sentence in words(browser.get(led_to).text)


def test_an_unknown_notice_says_nothing(vault: FakeVault) -> None:
    give_to_team(vault, team())
    browser = signed_in(vault)
    page = browser.get(f"{path_of_team(browser)}?melding=<b>").text
    assert "wk-notice" not in page


@pytest.mark.parametrize("ref", ["0" * 16, "x"])
def test_a_team_that_is_not_there_is_not_found(vault: FakeVault, ref: str) -> None:
    assert signed_in(vault).get(f"/toegang/team/{ref}").status_code == 404


def test_a_group_that_was_set_by_hand_has_the_same_page(vault: FakeVault) -> None:
    rule = {"agent": GROUP, "resource": f"{STORAGE}brieven/b1", "modes": [ACL.Read], "app": None}
    told = team(members=7, joined=JOINED, paused=PAUSED)
    by_hand = PREVIEW | {"setByHand": [rule | {"team": told}], "parties": [ZWOLLE]}
    vault.say("GET", SERVICES["PreviewService"], by_hand)
    browser = signed_in(vault)
    assert "Ja, dit team mag weer kijken" in words(browser.get(path_of_team(browser)).text)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"activity": "pause-team", "agent": None, "organisation": ZWOLLE["id"]},
            "De kluis zette de toegang van Wijkteam Stadshagen op pauze. Dat team werd meer dan twee keer zo groot.",
        ),
        (
            {"activity": "pause-team", "agent": None, "organisation": None},
            "De kluis zette de toegang van een organisatie op pauze.",
        ),
        (
            {"activity": "confirm-team", "agent": f"{STORAGE}profiel/card#me", "organisation": ZWOLLE["id"]},
            "U zei ja: het team van Wijkteam Stadshagen mag kijken.",
        ),
        (
            {"refusal": "https://kluis.example/ns/toegang#GroupPaused"},
            "Het team werd veel groter en wacht op uw ja.",
        ),
    ],
)
def test_the_journal_tells_of_a_pause_a_yes_and_who_was_refused(
    vault: FakeVault, more: dict[str, Any], sentence: str
) -> None:
    give_to_team(vault, team())
    say_journal(vault, [line(10, more.pop("activity", "read"), "24T10:30:00", **more)])
    assert sentence in words(signed_in(vault).get("/logboek").text)
