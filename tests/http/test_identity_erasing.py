"""Erasing her vault: after a fresh proof, out of sight at once, hers to take back for fourteen days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pod_server.identity import credentials
from pod_server.identity.fresh_proof import fresh_s
from tests.http.test_identity_account import her, let_in, other_window, program_token, standing
from tests.support.identity import (
    ISSUER,
    LOGIN,
    PASSWORD,
    TRUSTED,
    Browser,
    asking,
    csrf_token,
    opened_browser,
)
from vault.keeping.erase import hidden, hide, out_of_sight_s

WAITS = "Uw kluis wordt op 29\u00a0januari\u00a02027 gewist"


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.sign_in()
        yield one


def is_hidden(browser: Browser) -> bool:
    return bool(hidden(browser.house.parts.context))


def test_it_asks_for_a_fresh_proof_and_for_who_it_is(browser: Browser) -> None:
    assert "Uw kluis wissen?" in browser.get("/account/wissen").text
    token = csrf_token(browser.get("/account/wissen").text)
    browser.house.now_s += fresh_s + 1
    assert browser.get("/account/wissen").headers["Location"] == "/bewijs?verder=%2Faccount%2Fwissen"
    page = browser.client.post("/account/wissen", data={"csrf_token": token}, base_url=ISSUER)
    assert "Bent u het zelf?" in page.text
    browser.post("/uitloggen", {}, page="/")
    assert browser.get("/account/wissen").status_code == 303
    for path in ("/account/wissen", "/account/wissen/terug"):
        assert browser.post(path, {}, page="/inloggen").status_code == 303
    assert not is_hidden(browser)


def test_a_form_from_elsewhere_erases_nothing(browser: Browser) -> None:
    assert browser.client.post("/account/wissen", base_url=ISSUER).status_code == 400
    assert not is_hidden(browser)


def test_her_vault_is_out_of_sight_at_once_and_nobody_stays_signed_in(browser: Browser) -> None:
    app = let_in(browser, TRUSTED)
    other = other_window(browser)
    made = credentials.create(browser.house.parts, her(browser), "Agenda")
    answer = browser.post("/account/wissen", {})
    assert WAITS in answer.text
    assert "__Host-wijkkluis=;" in str(answer.headers)
    assert is_hidden(browser)
    for one in (browser, other):
        assert one.get("/").headers["Location"] == "/inloggen"
    assert standing(browser, app.access).agent is None
    assert browser.refresh(app.refresh).get_json()["error"] == "invalid_grant"
    assert program_token(browser, made).get_json()["error"] == "invalid_client"


def test_it_is_a_line_in_her_log(browser: Browser) -> None:
    browser.post("/account/wissen", {})
    browser.sign_in()
    browser.post("/account/wissen/terug", {}, page="/account/wissen")
    lines = [line for line in browser.house.lines() if "erasure" in line.activity]
    assert [(line.activity, line.agent) for line in lines] == [
        ("ask-erasure", her(browser).webid),
        ("take-back-erasure", her(browser).webid),
    ]


def test_while_it_waits_signing_in_shows_until_when_and_one_button_and_nothing_else(browser: Browser) -> None:
    browser.post("/account/wissen", {})
    assert browser.sign_in().status_code == 303
    for path in ("/", "/account", "/account/wachtwoord", f"/toestaan?{asking(client_id=TRUSTED)}"):
        assert browser.get(path).headers["Location"] == "/account/wissen"
    page = browser.get("/account/wissen").text
    assert WAITS in page
    assert page.count("<button") == 3
    assert "Wis mijn kluis toch niet" in page
    assert WAITS in browser.post("/account/wissen", {}, page="/account/wissen").text
    assert "U bent uitgelogd" in browser.post("/uitloggen", {}, page="/account/wissen").text
    assert browser.client.post("/weg", base_url=ISSUER).status_code == 200


def test_she_takes_it_back_with_one_button_and_all_is_as_it_was(browser: Browser) -> None:
    browser.post("/account/wissen", {})
    browser.house.now_s += out_of_sight_s - 60
    browser.sign_in()
    assert "Uw kluis blijft" in browser.post("/account/wissen/terug", {}, page="/account/wissen").text
    assert not is_hidden(browser)
    assert "U bent ingelogd als" in browser.get("/").text
    assert let_in(browser, TRUSTED).access
    again = browser.post("/account/wissen/terug", {}, page="/")
    assert again.headers["Location"] == "/account/wissen"


def test_after_fourteen_days_it_cannot_be_taken_back(browser: Browser) -> None:
    browser.post("/account/wissen", {})
    browser.house.now_s += out_of_sight_s
    browser.sign_in(LOGIN, PASSWORD)
    page = browser.get("/account/wissen").text
    assert "De 14 dagen zijn voorbij." in page
    assert "toch niet" not in page
    browser.post("/account/wissen/terug", {}, page="/account/wissen")
    assert is_hidden(browser)


def test_what_the_operator_put_out_of_sight_waits_just_the_same(browser: Browser) -> None:
    hide(browser.house.parts.context, her(browser).storage)
    assert browser.get("/account").headers["Location"] == "/account/wissen"
    browser.sign_in()
    assert WAITS in browser.get("/account/wissen").text
