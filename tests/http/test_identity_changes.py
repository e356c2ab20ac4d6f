"""Changing the password, and credentials that she makes for a program herself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pod_server.identity import endings, sessions
from pod_server.identity.accounts import find_account, keep_changed
from pod_server.identity.credentials import NewCredential
from pod_server.identity.fresh_proof import fresh_s
from tests.http.test_identity_account import (
    her,
    let_in,
    link,
    other_window,
    program_token,
    standing,
)
from tests.support.identity import ISSUER, LOGIN, PASSWORD, TRUSTED, Browser, csrf_token, opened_browser
from vault.model.modes import AccessMode
from vault.model.requester import EVERYTHING, NOTHING, AppLimit

NEW_PASSWORD = "heel andere woorden vandaag"
CHANGE = {"wachtwoord": NEW_PASSWORD, "herhaal_wachtwoord": NEW_PASSWORD}
DAY_S = 24 * 3600
READ = frozenset({AccessMode.READ})


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.sign_in()
        yield one


def make(browser: Browser, **filled: object) -> NewCredential:
    form = {"naam": "Agenda", "wat": "lezen", "plaats": "afspraken/", **filled}
    page = browser.post("/account/programma/nieuw", form).text
    client_id, secret, issuer = re.findall(r'<code class="wk-break">([^<]+)</code>', page)
    assert issuer == ISSUER
    return NewCredential(client_id, secret, "")


@pytest.mark.parametrize("path", ["/account/wachtwoord", "/account/programma/nieuw"])
def test_both_ask_for_a_fresh_proof_and_for_who_it_is(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 200
    token = csrf_token(browser.get(path).text)
    browser.house.now_s += fresh_s + 1
    assert browser.get(path).headers["Location"].startswith("/bewijs?verder=%2Faccount%2F")
    form = {"csrf_token": token, **CHANGE, "naam": "Agenda", "plaats": "afspraken/"}
    page = browser.client.post(path, data=form, base_url=ISSUER).text
    assert "Bent u het zelf?" in page
    assert NEW_PASSWORD not in page
    assert her(browser).login == LOGIN
    assert "Er zijn geen programma’s" in browser.get("/account").text
    browser.post("/uitloggen", {}, page="/")
    assert browser.get(path).headers["Location"].startswith("/inloggen?naar=")


def test_a_new_password_counts_and_the_old_one_no_more(browser: Browser) -> None:
    assert "Uw wachtwoord is veranderd" in browser.post("/account/wachtwoord", CHANGE).text
    assert browser.house.lines()[-1].activity == "change-password"
    browser.post("/uitloggen", {}, page="/")
    assert browser.sign_in(LOGIN, PASSWORD).status_code == 422
    assert browser.sign_in(LOGIN, NEW_PASSWORD).status_code == 303


def test_with_a_new_password_every_other_place_is_signed_out_and_this_one_is_not(browser: Browser) -> None:
    other = other_window(browser)
    theirs, hers = let_in(other, TRUSTED), let_in(browser, TRUSTED)
    still = other_window(browser)
    long_ago = let_in(still, TRUSTED)
    session_cookie = still.client.get_cookie("__Host-wijkkluis", domain="id.example")
    assert session_cookie is not None
    browser.post("/account/wachtwoord", CHANGE)
    assert other.get("/").headers["Location"] == "/inloggen"
    for app in (theirs, long_ago):
        assert other.refresh(app.refresh).get_json()["error"] == "invalid_grant"
        assert standing(browser, app.access).agent is None
    assert browser.get("/").status_code == 200
    assert standing(browser, hers.access).agent is None
    renewed = browser.refresh(hers.refresh).get_json()["access_token"]
    assert standing(browser, renewed).limit == EVERYTHING


def test_with_a_new_password_also_ends_what_came_from_a_session_that_stood_still(browser: Browser) -> None:
    other = other_window(browser)
    theirs = let_in(other, TRUSTED)
    browser.house.now_s += sessions.idle_s + 1
    browser.sign_in()
    browser.post("/account/wachtwoord", CHANGE)
    assert other.refresh(theirs.refresh).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"herhaal_wachtwoord": "iets anders"}, "De twee wachtwoorden zijn niet gelijk."),
        ({"wachtwoord": "kort", "herhaal_wachtwoord": "kort"}, "Dit wachtwoord is te kort."),
        ({"wachtwoord": "samira", "herhaal_wachtwoord": "samira"}, "Dit wachtwoord is te kort."),
    ],
)
def test_a_password_that_cannot_be_one_changes_nothing(
    browser: Browser, changed: dict[str, str], sentence: str
) -> None:
    answer = browser.post("/account/wachtwoord", CHANGE | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert her(browser).login == LOGIN


def test_who_came_in_by_a_new_way_cannot_change_the_password_for_a_week(browser: Browser) -> None:
    account = her(browser)
    session, cookie = sessions.begin(browser.house.parts, account.id, account.password_since_s + 10)
    browser.client.set_cookie("__Host-wijkkluis", cookie, domain="id.example", secure=True)
    assert session.way_since_s > account.password_since_s
    answer = browser.post("/account/wachtwoord", CHANGE)
    assert answer.status_code == 422
    assert "Wacht een week." in answer.text
    assert her(browser).password_hash == account.password_hash


def test_credentials_of_her_own_read_only_and_end_by_themselves(browser: Browser) -> None:
    made = make(browser, wat="", hoe_lang="honderd jaar")
    access = program_token(browser, made).get_json()["access_token"]
    until_s = browser.house.now_s + 30 * DAY_S
    assert standing(browser, access).limit == AppLimit(READ, ("afspraken/",), frozenset(), until_s)
    line = browser.house.lines()[-1]
    assert (line.activity, line.client) == ("make-program", f"{ISSUER}.oidc/clients/{made.client_id}")
    assert "Alleen lezen: Afspraken" in browser.get("/account").text


def test_the_secret_is_told_once_and_may_not_be_kept(browser: Browser) -> None:
    page = browser.post("/account/programma/nieuw", {"naam": "Agenda", "plaats": "afspraken/"})
    assert page.headers["Cache-Control"] == "no-store"
    made = make(browser)
    assert made.client_secret not in browser.get("/account").text


@pytest.mark.parametrize(("period", "days"), [("maand", 30), ("kwartaal", 90), ("jaar", 365)])
def test_after_their_end_credentials_are_worth_nothing_anywhere(
    browser: Browser, period: str, days: int
) -> None:
    made = make(browser, hoe_lang=period)
    browser.house.now_s += days * DAY_S - 60
    answer = program_token(browser, made).get_json()
    assert answer["expires_in"] == 60
    assert standing(browser, answer["access_token"]).limit is not NOTHING
    browser.house.now_s += 60
    assert standing(browser, answer["access_token"]).limit is NOTHING
    assert program_token(browser, made).get_json()["error"] == "invalid_client"


def test_what_is_chosen_is_what_the_program_may(browser: Browser) -> None:
    made = make(
        browser, wat="alles", plaats=["plannen/", "brieven/"], hoe_lang="jaar", dienst="JournalService"
    )
    access = program_token(browser, made).get_json()["access_token"]
    limit = standing(browser, access).limit
    assert limit is not None
    assert limit.containers == ("brieven/", "plannen/")
    assert AccessMode.WRITE in limit.modes
    assert AccessMode.CONTROL not in limit.modes
    assert limit.services == frozenset()


def test_without_a_folder_nothing_is_made_and_what_was_typed_is_there(browser: Browser) -> None:
    answer = browser.post(
        "/account/programma/nieuw", {"naam": "Agenda <b>", "wat": "erbij", "hoe_lang": "jaar"}
    )
    assert answer.status_code == 422
    assert "Kies minstens 1 map." in answer.text
    assert 'value="Agenda &lt;b&gt;"' in answer.text
    assert 'value="erbij" checked' in answer.text
    assert 'value="jaar" checked' in answer.text


def test_there_is_an_end_to_how_many(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endings, "max_programs", 1)
    made = make(browser)
    answer = browser.post("/account/programma/nieuw", {"naam": "Nog een", "plaats": "afspraken/"})
    assert answer.status_code == 422
    assert "U hebt te veel sleutels." in answer.text
    browser.post(link(browser, "Agenda"), {})
    assert program_token(browser, made).get_json()["error"] == "invalid_client"
    make(browser)


def test_a_first_password_is_as_new_as_it_is(browser: Browser) -> None:
    parts, account = browser.house.parts, her(browser)
    without = replace(account, password_hash=None, password_since_s=0)
    parts.database.write(lambda connection: keep_changed(parts, connection, without))
    browser.house.now_s += 60
    assert "Uw wachtwoord is veranderd" in browser.post("/account/wachtwoord", CHANGE).text
    made = find_account(parts, account.id)
    assert made is not None
    assert made.password_since_s == browser.house.now_s
