"""Asking for access, and meeting a resident with a code: what is typed is never lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.unit.clients.fake_vault import PURPOSE, STORAGE, WORKER, FakeVault
from tests.unit.clients.professional.world import INVITATION, REQUESTS, at_work, link, met, refuse, server
from tests.unit.clients.sign_in import enter, token_on, words

RIGHT: dict[str, Any] = {
    "soort": ["plan", "brief"],
    "mag": "erbij",
    "doel": "doel-samenwerken-plan",
    "waarom": "Samen het plan <bijwerken>.",
    "nee": "Dan doen we het op papier.",
    "tot": "31-05-2027",
}
ERRORS = {
    "soort": "Kies minstens 1 soort stukken.",
    "doel": "Kies waarvoor u dit nodig hebt.",
    "waarom": "Schrijf in één zin waarom u dit nodig hebt.",
    "nee": "Schrijf wat er gebeurt als het antwoord nee is.",
    "tot": "Kies een dag van vandaag tot hoogstens 1 jaar verder.",
}


def form_of(vault: FakeVault) -> tuple[FlaskClient, str]:
    """A browser and the path of the form for asking Samira."""
    met(vault, STORAGE)
    browser = at_work(vault)
    return browser, link(browser.get("/").text, "Vraag toegang aan Samira El Idrissi")


def sent(vault: FakeVault, **changed: Any) -> tuple[int, str]:
    """What the app answers to the form with some fields changed."""
    browser, path = form_of(vault)
    page = browser.get(path).text
    answer = browser.post(path, data=RIGHT | {"csrf_token": token_on(page)} | changed)
    return answer.status_code, answer.headers.get("Location") or answer.text


def test_the_form_asks_in_the_order_of_the_page_and_ends_in_three_months() -> None:
    browser, path = form_of(server())
    page = browser.get(path).text
    asked = words(page)
    assert "Toegang vragen aan Samira" in asked
    questions = (
        "Wat wilt u zien?",
        "Wat wilt u doen?",
        "Waarvoor?",
        "Waarom hebt",
        "Wat gebeurt er",
        "Tot en met",
    )
    assert sorted(questions, key=asked.index) == list(questions)
    assert 'value="24-02-2027"' in page
    assert re.search(r'value="lezen" checked', page)


def test_a_right_form_is_sent_as_a_request_on_kinds_of_documents() -> None:
    vault = server()
    status, location = sent(vault)
    assert (status, location.endswith("/gevraagd")) == (303, True)
    (body,) = vault.asked("POST", REQUESTS)
    (policy,) = body["access"]
    assert (policy["assignee"], policy["action"], body["assigneeKind"]) == (
        WORKER,
        ["read", "create"],
        "Worker",
    )
    assert policy["target"]["type"] == "DocumentKind"
    kinds = [kind.rpartition("#")[2] for kind in policy["target"]["value"]]
    assert kinds == ["st-plan", "st-doel", "st-actie", "st-brief", "st-besluit"]
    rights = {c["leftOperand"]: c["rightOperand"] for c in policy["constraint"]}
    assert rights == {"purpose": PURPOSE, "dateTime": "2027-05-31T23:59:59+02:00"}
    assert (body["reason"], body["consequenceOfRefusal"]) == (RIGHT["waarom"], RIGHT["nee"])
    assert body["legalBasis"] == ["https://w3id.org/dpv/legal/eu/gdpr#A6-1-e"]


def test_after_asking_the_page_tells_what_happens_next() -> None:
    browser, path = form_of(server())
    answer = browser.get(path.removesuffix("vragen") + "gevraagd")
    assert "Uw verzoek is verstuurd Samira ziet uw verzoek in de kluis" in words(answer.text)


@pytest.mark.parametrize("field", list(ERRORS))
def test_what_is_missing_is_told_above_and_at_the_field_and_the_rest_stays(field: str) -> None:
    vault = server()
    status, page = sent(vault, **{field: []})
    assert (status, vault.asked("POST", REQUESTS)) == (422, [])
    assert "<title>Fout: Vraag toegang" in page
    assert page.count(ERRORS[field]) == 2
    assert f'href="#{field}"' in page
    assert f'id="{field}"' in page
    assert f'id="{field}-fout"' in page
    if field != "waarom":
        assert "Samen het plan &lt;bijwerken&gt;." in page


@pytest.mark.parametrize("day", ["23-11-2026", "25-11-2027", "morgen", "31-02-2027", ""])
def test_a_day_before_today_or_after_a_year_is_refused(day: str) -> None:
    status, page = sent(server(), tot=day)
    assert (status, ERRORS["tot"] in page, f'value="{day}"' in page) == (422, True, True)


@pytest.mark.parametrize("day", ["24-11-2026", "24/11/2027"])
def test_today_and_a_whole_year_are_right(day: str) -> None:
    assert sent(server(), tot=day)[0] == 303


@pytest.mark.parametrize("purpose", ["", "doel-verboden-fraude", "doel-archief", PURPOSE])
def test_a_purpose_that_is_not_on_the_list_is_refused(purpose: str) -> None:
    status, page = sent(server(), doel=purpose)
    assert (status, ERRORS["doel"] in page) == (422, True)


def test_an_unknown_kind_or_action_never_widens_the_request() -> None:
    vault = server()
    sent(vault, soort=["plan", "alles"], mag="alles")
    (policy,) = vault.asked("POST", REQUESTS)[0]["access"]
    assert (policy["action"], len(policy["target"]["value"])) == (["read"], 3)


def test_asking_too_often_keeps_what_was_typed() -> None:
    vault = server()
    vault.say("POST", REQUESTS, {"title": "Too Many Requests"}, 429)
    status, page = sent(vault)
    assert (status, "U vroeg dit vandaag al." in page) == (422, True)
    assert "<title>Fout: Vraag toegang" in page
    assert "Dan doen we het op papier." in page
    assert re.search(r'value="brief" id="" checked|value="brief" checked', page)


def test_what_the_shapes_refuse_is_told_in_their_own_sentences() -> None:
    vault = server()
    found = [{"field": "reason", "sentence": "Hier staat een getal dat een BSN kan zijn. Haal het weg."}]
    vault.say("POST", REQUESTS, {"title": "x", "violations": found}, 422)
    status, page = sent(vault)
    assert (status, found[0]["sentence"] in page) == (422, True)
    assert "Samen het plan &lt;bijwerken&gt;." in page


def test_a_refusal_without_sentences_has_one_of_our_own() -> None:
    vault = server()
    vault.say("POST", REQUESTS, {}, 400)
    assert "Dit verzoek kan zo niet." in sent(vault)[1]


def test_a_meeting_that_just_ended_gives_the_page_for_what_cannot_be_opened() -> None:
    vault = server()
    vault.say("POST", REQUESTS, {}, 404)
    status, page = sent(vault)
    assert (status, "U kunt dit niet openen" in page, "Samira" in page) == (404, True, False)


def test_a_form_sent_after_15_quiet_minutes_comes_back_after_signing_in() -> None:
    vault = server()
    browser, path = form_of(vault)
    data = RIGHT | {"csrf_token": token_on(browser.get(path).text)}
    vault.now_s += 16 * 60
    answer = browser.post(path, data=data)
    assert (answer.status_code, "U bent uitgelogd" in answer.text) == (401, True)
    assert enter(browser, vault) == path
    page = browser.get(path).text
    assert "Samen het plan &lt;bijwerken&gt;." in page
    assert "Fout:" not in page


@pytest.mark.parametrize("typed", ["K7MP2Q9F", "k7mp 2q9f", " K7MP-2Q9F "])
def test_a_code_is_taken_as_people_write_it(typed: str) -> None:
    vault = server()
    browser = at_work(vault)
    data = {"csrf_token": token_on(browser.get("/nieuw").text), "code": typed}
    assert browser.post("/nieuw", data=data).headers["Location"] == "/nieuw/ingevuld"
    assert vault.asked("POST", INVITATION) == [{"code": "K7MP2Q9F"}]
    assert "De code is ingevuld" in words(browser.get("/nieuw/ingevuld").text)


def test_every_code_that_does_not_work_has_one_answer() -> None:
    vault = server()
    browser = at_work(vault)
    data = {"csrf_token": token_on(browser.get("/nieuw").text), "code": "<AAAA BBBB>"}
    pages = set()
    for status in (400, 403, 404, 409, 410, 422, 429):
        refuse(vault, "POST", INVITATION, status)
        answer = browser.post("/nieuw", data=data)
        assert answer.status_code == 422
        pages.add(answer.text.replace(token_on(answer.text), ""))  # the token tells the second
    (page,) = pages
    assert page.count("Deze code werkt niet (meer). Vraag de inwoner om een nieuwe.") == 2
    assert 'value="&lt;AAAA BBBB&gt;"' in page


def test_a_code_typed_while_signed_out_comes_back() -> None:
    vault = server()
    browser = at_work(vault)
    data = {"csrf_token": token_on(browser.get("/nieuw").text), "code": "K7MP2Q9F"}
    vault.now_s += 16 * 60
    browser.post("/nieuw", data=data)
    assert enter(browser, vault) == "/nieuw"
    assert 'value="K7MP2Q9F"' in browser.get("/nieuw").text


def test_nothing_is_sent_without_the_form_token() -> None:
    vault = server()
    browser, path = form_of(vault)
    assert browser.post(path, data=RIGHT).status_code == 401
    assert browser.post("/nieuw", data={"code": "K7MP2Q9F"}).status_code == 401
    assert vault.asked("POST", REQUESTS) + vault.asked("POST", INVITATION) == []
