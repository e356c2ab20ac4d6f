"""The card of a request: preview, giving exactly what was shown, saying no, stopping, giving again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.unit.clients.fake_vault import (
    PARTIES,
    PLAN,
    SERVICES,
    STORAGE,
    WORKER,
    FakeVault,
    access,
    grant_document,
    request_document,
)
from tests.unit.clients.portal.world import GRANT, PREVIEW, REQUEST, VISIBLE, full_vault
from tests.unit.clients.sign_in import send, signed_in, token_on, words

CARD = "/verzoeken/f8wbgrrzbe42sve8"
GRANTS, PREVIEWS = SERVICES["AccessGrantService"], SERVICES["PreviewService"]


@pytest.fixture
def vault() -> FakeVault:
    return full_vault()


def ticks_on(page: str) -> list[str]:
    return re.findall(r'name="stuk" value="([^"]+)"', page)


def hidden_on(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


def given(vault: FakeVault) -> dict[str, Any]:
    (body,) = vault.asked("POST", GRANTS)
    found: dict[str, Any] = body
    return found


def end_of(body: dict[str, Any]) -> str:
    found = [c["rightOperand"] for c in body["access"][0]["constraint"] if c["operator"] == "lteq"]
    return str(found[0])


def test_the_card_says_who_why_what_and_what_happens_on_no(vault: FakeVault) -> None:
    page = words(signed_in(vault).get(CARD).text)
    for sentence in (
        "Marieke Bos vraagt: mag ik “Mijn plan” lezen?",
        "Gecontroleerd: Marieke werkt bij Stichting Samen Verder. KvK-nummer 00000011.",
        "Waarom? Samen werken aan uw plan. Marieke schrijft: “Dan hoeft u het maar één keer te vertellen.”",
        "Wat mag Marieke? Alleen lezen. Marieke kan niets veranderen.",
        "Als u nee zegt Dan nemen we het plan op papier mee.",
        "6 weken Tot en met 5 januari 2027",
        "Zo lang als gevraagd is Tot en met 1 maart 2027",
    ):
        assert sentence in page


def test_an_organisation_that_is_suspended_has_no_mark(vault: FakeVault) -> None:
    employer = {**PARTIES[0]["organisation"], "suspended": True}  # type: ignore[dict-item]  # the fake is plain JSON
    vault.say("GET", REQUEST, request_document(parties=[{**PARTIES[0], "organisation": employer}]))
    assert "Gecontroleerd" not in words(signed_in(vault).get(CARD).text)


def test_a_later_day_than_a_year_is_cut(vault: FakeVault) -> None:
    late = access(f"{STORAGE}plannen/", end="2031-01-01T23:59:59+01:00")
    vault.say("GET", REQUEST, request_document(access=late))
    assert "Zo lang als gevraagd is Tot en met 24 november 2027" in words(signed_in(vault).get(CARD).text)


def test_the_preview_shows_what_is_new_and_gives_nothing(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get(CARD).text
    shown = words(send(browser, f"{CARD}/voorbeeld", page, stuk=ticks_on(page)[0], tot="6w"))
    assert "Dit ziet Marieke dan" in shown
    assert "Rust in huis Nieuw voor Marieke" in shown
    assert "Uw eigen notities. Die kan niemand vragen. En verder: Geld." in shown
    assert vault.asked("POST", GRANTS) == []


def test_of_many_containers_she_reads_the_names_that_she_would_ask_about(vault: FakeVault) -> None:
    hidden = [
        f"https://kluis.example/ns/wijk#map-{n}"
        for n in ("team", "geld", "besluiten", "brieven", "afspraken")
    ]
    vault.say("POST", SERVICES["PreviewService"], PREVIEW | {"invisible": hidden})
    browser = signed_in(vault)
    page = browser.get(CARD).text
    shown = words(send(browser, f"{CARD}/voorbeeld", page, stuk=ticks_on(page)[0], tot="6w"))
    assert "En verder: Geld, Brieven, Mijn team en al het andere." in shown


def test_the_ticks_and_the_day_travel_from_preview_to_grant(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get(CARD).text
    shown = send(browser, f"{CARD}/voorbeeld", page, stuk=ticks_on(page)[0], tot="anders", dag="31-01-2027")
    fields = hidden_on(shown[shown.index("<main") :])
    assert send(browser, CARD, shown, **fields) == "/toegang/yqusbu8jeu3kbz9y/gegeven"
    assert end_of(given(vault)) == "2027-01-31T23:59:59+01:00"
    assert given(vault)["previewed"] == ["sha256:aa"]
    assert given(vault)["access"][0]["target"] == {"type": "Container", "value": [PLAN]}


def test_a_grant_names_the_request_it_answers_and_nothing_the_server_sets(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get(CARD).text
    send(browser, CARD, page, stuk=ticks_on(page)[0], tot="gevraagd")
    assert given(vault)["inResponseTo"] == REQUEST
    assert not {"id", "givenBy", "openedBy", "organisation", "issuer", "status"} & set(given(vault))


def test_what_changed_since_the_preview_is_shown_again_first(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get(CARD).text
    shown = send(browser, f"{CARD}/voorbeeld", page, stuk=ticks_on(page)[0])
    vault.say("POST", PREVIEWS, PREVIEW | {"visible": [VISIBLE | {"digest": "sha256:bb"}]})
    again = words(send(browser, CARD, shown, **hidden_on(shown[shown.index("<main") :])))
    assert "Er is net iets veranderd" in again
    assert vault.asked("POST", GRANTS) == []


def test_a_change_in_the_last_moment_is_shown_again(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get(CARD).text
    vault.say("POST", GRANTS, {"title": "changed"}, 409)
    assert "Er is net iets veranderd" in words(send(browser, CARD, page, stuk=ticks_on(page)[0]))


def test_a_rule_of_the_vault_comes_back_as_its_sentence(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get(CARD).text
    vault.say("POST", GRANTS, {"violations": [{"field": "x", "sentence": "Dit mag niet langer."}]}, 422)
    assert "Dit mag niet langer." in words(send(browser, CARD, page, stuk=ticks_on(page)[0]))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Kies minstens 1 stuk, of kies Nee."),
        ({"tot": "anders"}, "Schrijf de dag zo: 01-02-2027."),
        ({"tot": "anders", "dag": "31-02-2027"}, "Schrijf de dag zo: 01-02-2027."),
        ({"tot": "anders", "dag": "01-01-2026"}, "Deze dag is al voorbij. Kies een latere dag."),
        ({"tot": "anders", "dag": "02-03-2027"}, "Langer dan gevraagd kan niet."),
    ],
)
def test_what_is_wrong_is_said_twice_and_nothing_is_lost(
    vault: FakeVault, fields: dict[str, str], sentence: str
) -> None:
    browser = signed_in(vault)
    page = browser.get(CARD).text
    answer = browser.post(CARD, data={"csrf_token": token_on(page), **fields})
    assert (answer.status_code, "<title>Fout:" in answer.text) == (422, True)
    assert words(answer.text).count(sentence) == 2
    assert f'value="{fields.get("dag", "")}"' in answer.text
    assert vault.asked("POST", GRANTS) == []


def test_a_tick_that_was_not_offered_counts_for_nothing(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get(CARD).text
    assert "Kies minstens 1 stuk" in words(send(browser, CARD, page, stuk="0123456789abcdef"))


def test_changing_ones_mind_on_the_preview_keeps_the_ticks(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get(CARD).text
    whole = ticks_on(page)[-1]
    shown = send(browser, f"{CARD}/voorbeeld", page, stuk=whole, tot="6w")
    back = send(browser, f"{CARD}/verander", shown, **hidden_on(shown[shown.index("<main") :]))
    assert re.search(rf'value="{whole}"[^>]* checked', back)
    assert re.search(r'value="6w" checked', back)


def test_a_request_for_a_kind_offers_only_that_kind(vault: FakeVault) -> None:
    kind = "https://kluis.example/ns/wijk#st-besluit"
    vault.say("GET", REQUEST, request_document(access=access(kind, kind="DocumentKind")))
    page = words(signed_in(vault).get(CARD).text)
    assert "mag ik “Besluit” lezen?" in page
    assert "Hier staat nog niets" in page


def test_a_request_that_is_too_old_can_only_be_refused(vault: FakeVault) -> None:
    old = access(f"{STORAGE}plannen/", end="2026-11-01T23:59:59+01:00")
    vault.say("GET", REQUEST, request_document(access=old))
    page = words(signed_in(vault).get(CARD).text)
    assert "Dit verzoek is te oud" in page
    assert "Geef toegang" not in page
    assert "Nee, geen toegang" in page


def test_saying_no_refuses_the_request(vault: FakeVault) -> None:
    browser = signed_in(vault)
    asked = browser.get(f"{CARD}/nee").text
    assert "U geeft Marieke geen toegang" in asked
    assert send(browser, f"{CARD}/nee", asked) == f"{CARD}/geen-toegang"
    assert vault.asked("PATCH", REQUEST) == [{"status": "Refused"}]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("Accepted", "U koos dit al. U gaf Marieke toegang."),
        ("Refused", "U koos dit al. U gaf Marieke geen toegang."),
        ("Cancelled", "Marieke heeft dit verzoek ingetrokken."),
    ],
)
def test_a_request_is_answered_once(vault: FakeVault, status: str, sentence: str) -> None:
    browser = signed_in(vault)
    token = token_on(browser.get(CARD).text)
    vault.say("GET", REQUEST, request_document(status))
    for path in (CARD, f"{CARD}/voorbeeld", f"{CARD}/verander"):
        assert sentence in words(browser.post(path, data={"csrf_token": token}).text)
    assert sentence in words(browser.get(CARD).text)
    assert sentence in words(browser.get(f"{CARD}/nee").text)
    browser.post(f"{CARD}/nee", data={"csrf_token": token})
    assert (vault.asked("POST", GRANTS), vault.asked("PATCH", REQUEST)) == ([], [])


def stop(browser: FlaskClient) -> str:
    page = browser.get("/toegang/yqusbu8jeu3kbz9y/stop").text
    return send(browser, "/toegang/yqusbu8jeu3kbz9y/stop", page)


def test_stopping_takes_one_confirmation(vault: FakeVault) -> None:
    browser = signed_in(vault)
    assert stop(browser) == "/toegang/yqusbu8jeu3kbz9y/is-gestopt"
    assert vault.asked("DELETE", GRANT) == [None]
    vault.say("GET", GRANT, grant_document("Stopped", stoppedAt="2026-11-24T10:41:00+01:00"))
    page = words(browser.get("/toegang/yqusbu8jeu3kbz9y/is-gestopt").text)
    assert "Gestopt. Marieke ziet niets meer Sinds dinsdag 24 november 2026, 10.41 uur." in page


def test_what_is_stopped_is_not_stopped_again(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/toegang/yqusbu8jeu3kbz9y/stop").text
    vault.say("GET", GRANT, grant_document("Stopped", stoppedAt="2026-11-24T10:41:00+01:00"))
    send(browser, "/toegang/yqusbu8jeu3kbz9y/stop", page)
    assert vault.asked("DELETE", GRANT) == []


def test_giving_again_is_a_new_grant_filled_in_from_the_old_one(vault: FakeVault) -> None:
    vault.say("GET", GRANT, grant_document("Stopped", stoppedAt="2026-11-24T10:41:00+01:00"))
    browser = signed_in(vault)
    page = browser.get("/toegang/yqusbu8jeu3kbz9y/opnieuw").text
    assert "Geef Marieke Bos opnieuw toegang" in words(page)
    assert "Nee, geen toegang" not in words(page)
    send(browser, "/toegang/yqusbu8jeu3kbz9y/opnieuw", page, stuk=ticks_on(page), tot="gevraagd")
    assert "inResponseTo" not in given(vault)
    assert given(vault)["access"][0]["target"]["value"] == [PLAN]


def test_giving_again_can_be_previewed_and_changed(vault: FakeVault) -> None:
    browser = signed_in(vault)
    again = "/toegang/yqusbu8jeu3kbz9y/opnieuw"
    page = browser.get(again).text
    shown = send(browser, f"{again}/voorbeeld", page, stuk=ticks_on(page))
    assert "Dit ziet Marieke dan" in words(shown)
    assert "opnieuw toegang" in words(send(browser, f"{again}/verander", shown, stuk=ticks_on(page)))


def test_stopping_everything_names_who_and_how_many_requests(vault: FakeVault) -> None:
    browser = signed_in(vault)
    page = browser.get("/alles-stoppen").text
    assert "1 mens: Marieke Bos 1 verzoek: dat krijgt het antwoord nee" in words(page)
    assert send(browser, "/alles-stoppen", page) == "/alles-gestopt"
    assert vault.asked("DELETE", GRANTS) == [None]


def test_with_nothing_to_stop_there_is_no_button(vault: FakeVault) -> None:
    for service in ("AccessGrantService", "AccessRequestService"):
        vault.say("GET", SERVICES[service], {"items": [], "parties": []})
    page = words(signed_in(vault).get("/alles-stoppen").text)
    assert "Niemand kan nu kijken." in page
    assert "Ja, stop alles nu" not in page


@pytest.mark.parametrize(
    ("more", "words_on_page"),
    [
        (
            {"access": access(PLAN, end="2026-11-30T23:59:59+01:00")},
            "Stopt over 6 dagen: op 30 november 2026",
        ),
        ({"access": access(PLAN, end="2026-11-25T23:59:59+01:00")}, "Stopt over 1 dag: op 25 november 2026"),
        ({}, "Tot en met 1 maart 2027"),
    ],
)
def test_the_overview_says_until_when(vault: FakeVault, more: dict[str, Any], words_on_page: str) -> None:
    vault.say("GET", GRANTS, {"items": [grant_document(**more)], "parties": PARTIES})
    assert words_on_page in words(signed_in(vault).get("/toegang").text)


def test_a_grant_that_has_not_begun_says_so(vault: FakeVault) -> None:
    policies = access(PLAN)
    start = {"leftOperand": "dateTime", "operator": "gteq", "rightOperand": "2027-02-01T00:00:00+01:00"}
    policies[0]["constraint"].append(start)
    vault.say("GET", GRANTS, {"items": [grant_document("Planned", access=policies)], "parties": PARTIES})
    assert "Begint op 1 februari 2027" in words(signed_in(vault).get("/toegang").text)


def test_ended_and_stopped_grants_have_a_page_of_their_own(vault: FakeVault) -> None:
    ended = grant_document("Ended")
    stopped = grant_document("Stopped", stoppedAt="2026-11-24T10:41:00+01:00", id=f"{STORAGE}toegang/b")
    vault.say("GET", GRANTS, {"items": [ended, stopped], "parties": PARTIES})
    browser = signed_in(vault)
    assert "Niemand. Alleen u. Toegang die gestopt is (2)" in words(browser.get("/toegang").text)
    page = words(browser.get("/toegang/gestopt").text)
    assert "Voorbij sinds 1 maart 2027" in page
    assert "Gestopt op 24 november 2026" in page


def test_what_somebody_sees_now_is_asked_for_her_alone(vault: FakeVault) -> None:
    browser = signed_in(vault)
    assert "Dit ziet Marieke" in words(browser.get("/toegang/yqusbu8jeu3kbz9y/ziet").text)
    asked = [dict(r.url.params) for r in vault.seen if str(r.url).startswith(PREVIEWS) and r.method == "GET"]
    assert asked == [{"agent": WORKER}]


def test_more_than_twenty_pieces_are_shown_by_container(vault: FakeVault) -> None:
    many = [VISIBLE | {"id": f"{STORAGE}brieven/{number}"} for number in range(21)]
    vault.say("GET", PREVIEWS, PREVIEW | {"visible": many})
    page = words(signed_in(vault).get("/toegang/yqusbu8jeu3kbz9y/ziet").text)
    assert "Brieven (21)" in page


def test_a_team_is_called_by_its_organisation(vault: FakeVault) -> None:
    team = grant_document(assigneeKind="Team")
    team["access"][0]["assignee"] = "http://localhost:4/groep"
    vault.say("GET", GRANTS, {"items": [team], "parties": PARTIES})
    assert "Stichting Samen Verder Aanbieder van jeugdhulp, Nijmegen" in words(
        signed_in(vault).get("/toegang").text
    )


def test_somebody_unknown_is_called_so_and_never_by_her_address(vault: FakeVault) -> None:
    vault.say("GET", GRANTS, {"items": [grant_document(organisation=None)], "parties": []})
    assert "Iemand die wij niet kennen" in words(signed_in(vault).get("/toegang").text)
