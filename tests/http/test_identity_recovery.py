"""Coming back in on the pages: codes on paper, the operator's code, and everybody who may not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from pod_server.identity import recoveries, recovery_codes, recovery_pages
from pod_server.identity.accounts import Account, authenticate, find_account_by_login
from pod_server.identity.browsers import cookies_for
from pod_server.identity.throttle import Allowance
from tests.support.authenticators import Authenticator, asked_form
from tests.support.identity import ISSUER, LOGIN, PASSWORD, Browser, opened_browser, without_random
from vault.errors import Unavailable

NEW = "nog vier andere woorden"
WRONG = "Dit klopt niet. Kijk uw inlognaam en noodcode na."
CODE = re.compile(r"<li>([0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4})</li>")
DAY_S = 24 * 3600


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    yield from opened_browser(tmp_path, monkeypatch)


@pytest.fixture
def codes(browser: Browser) -> list[str]:
    """The codes that Samira made; she is signed out again."""
    browser.sign_in()
    found = CODE.findall(browser.post("/account/noodcodes", {}).text)
    browser.client.post("/weg", base_url=ISSUER)
    browser.house.now_s += 60
    return found


def her_account(browser: Browser) -> Account:
    account = find_account_by_login(browser.house.parts, LOGIN)
    assert account is not None
    return account


def tried(browser: Browser, code: str, login: str = LOGIN) -> TestResponse:
    return browser.post("/herstel", {"inlognaam": login, "noodcode": code})


def back(browser: Browser, code: str, password: str = NEW, **changed: str) -> TestResponse:
    form = {"inlognaam": LOGIN, "noodcode": code, "wachtwoord": password, "herhaal": password}
    return browser.post("/herstel/wachtwoord", form | changed, page="/herstel")


def activities(browser: Browser) -> list[str]:
    return [line.activity for line in browser.house.lines()]


def test_ten_codes_are_shown_once(browser: Browser) -> None:
    browser.sign_in()
    assert "U hebt geen noodcodes." in browser.get("/account/noodcodes").text
    made = browser.post("/account/noodcodes", {})
    assert len(set(CODE.findall(made.text))) == 10
    assert made.headers["Cache-Control"] == "no-store"
    assert "Ik heb ze opgeschreven" in made.text
    after = browser.get("/account/noodcodes").text
    assert CODE.findall(after) == []
    assert "Nog 10 over" in after
    assert "Nog 10 over" in browser.get("/account").text
    assert activities(browser)[-1] == "make-recovery-codes"


def test_codes_need_a_session_and_a_fresh_proof(browser: Browser) -> None:
    assert browser.get("/account/noodcodes").headers["Location"].startswith("/inloggen")
    browser.sign_in()
    browser.house.now_s += 301
    assert "Bent u het zelf?" in browser.post("/account/noodcodes", {}).text
    assert recovery_codes.codes_left(browser.house.parts, her_account(browser).id) is None


def test_a_code_leads_to_a_new_password_and_in(browser: Browser, codes: list[str]) -> None:
    asked = tried(browser, codes[0].lower())
    assert "Kies een nieuw wachtwoord" in asked.text
    done = back(browser, codes[0].lower())
    assert done.headers["Location"] == "/herstel/klaar"
    page = browser.get("/herstel/klaar").text
    assert "U bent weer binnen" in page
    assert "U hebt nog 9 noodcodes over." in page
    assert authenticate(browser.house.parts, LOGIN, PASSWORD) is None
    assert authenticate(browser.house.parts, LOGIN, NEW)
    assert activities(browser)[-2:] == ["use-recovery-code", "sign-in"]


def test_looking_at_a_code_uses_nothing_up(browser: Browser, codes: list[str]) -> None:
    for _ in range(3):
        assert tried(browser, codes[0]).status_code == 200
    assert authenticate(browser.house.parts, LOGIN, PASSWORD)
    assert back(browser, codes[0]).status_code == 303


def test_a_code_works_once(browser: Browser, codes: list[str]) -> None:
    back(browser, codes[0])
    for answer in (tried(browser, codes[0]), back(browser, codes[0], "weer een ander wachtwoord")):
        assert (answer.status_code, WRONG in answer.text) == (422, True)
    assert authenticate(browser.house.parts, LOGIN, NEW)


def test_every_session_and_app_of_before_is_out(browser: Browser, codes: list[str]) -> None:
    browser.sign_in()
    tokens = browser.tokens()
    old = browser.client.get_cookie(cookies_for(ISSUER).session, domain="id.example")
    browser.house.now_s += 5
    other = Browser(browser.house, browser.app, browser.app.test_client())
    back(other, codes[0])
    assert old is not None
    assert browser.get("/").headers["Location"] == "/inloggen"
    assert browser.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_the_refresh_token_of_a_session_that_stood_still_is_out_too(
    browser: Browser, codes: list[str]
) -> None:
    browser.sign_in()
    tokens = browser.tokens()
    browser.house.now_s += 1000
    other = Browser(browser.house, browser.app, browser.app.test_client())
    other.sign_in()
    back(other, codes[0])
    assert browser.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("password", "changed", "sentence"),
    [
        ("kort", {}, "Dit wachtwoord is te kort."),
        ("Samira El Idrissi", {}, "zit alleen uw naam"),
        (NEW, {"herhaal": "iets anders"}, "De twee wachtwoorden zijn niet gelijk."),
    ],
)
def test_a_password_that_cannot_be_one_leaves_the_code(
    browser: Browser, codes: list[str], password: str, changed: Mapping[str, str], sentence: str
) -> None:
    answer = back(browser, codes[0], password, **changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Uw code is nog niet gebruikt." in answer.text
    assert f'value="{codes[0]}"' in answer.text
    assert back(browser, codes[0]).status_code == 303


def test_a_wrong_code_and_an_unknown_name_give_the_same_page(browser: Browser, codes: list[str]) -> None:
    texts = []
    for login in (LOGIN, "sameer"):
        answer = tried(browser, "0000 0000 0000", login)
        assert (answer.status_code, answer.text.count(WRONG)) == (422, 2)
        texts.append(without_random(answer.text.replace(f'value="{login}"', "")))
    assert texts[0] == texts[1]


def test_what_was_typed_stays_but_is_shown_as_text(browser: Browser) -> None:
    page = tried(browser, '"><script>', "<b>samira").text
    assert 'value="&lt;b&gt;samira"' in page
    assert "<script>" not in page


def test_many_codes_from_one_address_are_refused(browser: Browser, codes: list[str]) -> None:
    for _ in range(20):
        tried(browser, "0000 0000 0000")
    answer = tried(browser, codes[0])
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert back(browser, codes[0]).status_code == 429
    browser.house.now_s += 300
    assert tried(browser, codes[0]).status_code == 200


def test_who_tries_her_name_from_one_address_does_not_keep_her_out(
    browser: Browser, codes: list[str]
) -> None:
    for _ in range(25):
        tried(browser, "0000 0000 0000")
    here = browser.client.environ_base
    browser.client.environ_base = {**here, "REMOTE_ADDR": "192.0.2.99"}
    assert back(browser, codes[0]).status_code == 303


def test_a_name_is_not_tried_without_end_from_everywhere(
    browser: Browser, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery_pages, "RECOVERY_BY_NAME", Allowance("recovery name", 2, 300))
    for login in ("niemand", LOGIN):
        statuses = [tried(browser, "0000 0000 0000", login).status_code for _ in range(3)]
        assert statuses == [422, 422, 429]


def test_a_form_from_elsewhere_counts_for_nothing(browser: Browser, codes: list[str]) -> None:
    form = {"inlognaam": LOGIN, "noodcode": codes[0], "wachtwoord": NEW, "herhaal": NEW}
    assert browser.client.post("/herstel/wachtwoord", data=form, base_url=ISSUER).status_code == 400
    assert authenticate(browser.house.parts, LOGIN, PASSWORD)


def test_the_password_of_a_code_cannot_touch_older_ways_in_for_a_week(browser: Browser) -> None:
    browser.sign_in()
    form = asked_form(browser.get("/account/toestel").text)
    device = Authenticator()
    browser.client.post("/account/toestel", data=form.answered(device.create(form.options)), base_url=ISSUER)
    found = CODE.findall(browser.post("/account/noodcodes", {}).text)
    link = re.search(r"/account/toestel/\w+", browser.get("/account").text)
    assert link
    browser.house.now_s += 30 * DAY_S
    back(browser, found[0])
    refused = browser.post(f"{link[0]}/weg", {}, page=link[0])
    assert (refused.status_code, "Wacht 7 dagen" in refused.text) == (422, True)
    codes_refused = browser.post("/account/noodcodes", {})
    assert (codes_refused.status_code, "Wacht 7 dagen" in codes_refused.text) == (422, True)
    browser.house.now_s += 7 * DAY_S
    browser.sign_in(password=NEW)
    assert browser.post(f"{link[0]}/weg", {}, page=link[0]).status_code == 303


def test_neither_a_code_nor_a_name_is_in_an_address_or_the_log(
    browser: Browser, codes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        tried(browser, "0000 0000 0000")
        answer = back(browser, codes[0])
    assert codes[0] not in answer.headers["Location"]
    assert codes[0] not in caplog.text
    assert LOGIN not in caplog.text.lower()


def test_codes_are_offered_and_not_forced_when_the_account_was_made(browser: Browser) -> None:
    browser.sign_in()
    page = browser.get("/klaar").text
    assert 'href="/account/noodcodes">Maak noodcodes' in page
    assert "Naar Mijn Kluis" in page


def test_both_pages_of_coming_back_change_their_language_without_losing_the_code(
    browser: Browser, codes: list[str]
) -> None:
    form = {"inlognaam": LOGIN, "noodcode": codes[0], "taal": "en"}
    assert f'value="{codes[0]}"' in browser.post("/herstel", form).text
    second = browser.post("/herstel/wachtwoord", form, page="/herstel").text
    assert "Choose a new password" in second
    assert f'value="{codes[0]}"' in second


def started(browser: Browser) -> str:
    return recoveries.start(browser.house.parts, her_account(browser)).code


def test_the_operators_code_says_from_when_it_works(browser: Browser) -> None:
    code = started(browser)
    browser.house.now_s += 72 * 3600 - 1
    for answer in (tried(browser, code), back(browser, code)):
        assert answer.status_code == 422
        assert "Deze code werkt nog niet. Hij werkt vanaf" in answer.text
    browser.house.now_s += 1
    assert back(browser, code).headers["Location"] == "/herstel/klaar"
    assert "U hebt geen noodcodes." in browser.get("/herstel/klaar").text
    assert activities(browser) == ["start-recovery", "use-recovery", "sign-in"]


def test_every_page_tells_who_is_signed_in_that_a_way_back_waits(browser: Browser) -> None:
    browser.sign_in()
    words = "Iemand vroeg om een nieuwe toegang"
    assert words not in browser.get("/account").text
    started(browser)
    for path in ("/", "/account", "/account/noodcodes", "/account/toestel", "/klaar", "/nieuw"):
        assert words in browser.get(path).text
    browser.client.post("/weg", base_url=ISSUER)
    assert words not in browser.get("/inloggen").text


def test_any_session_stops_it_without_proof(browser: Browser) -> None:
    code = started(browser)
    browser.sign_in()
    browser.house.now_s += 600
    stopped = browser.post("/herstel/stop", {}, page="/account")
    assert "De nieuwe toegang werkt niet." in stopped.text
    assert "Iemand vroeg" not in browser.get("/account").text
    assert browser.post("/herstel/stop", {}, page="/account").status_code == 200
    browser.house.now_s += 72 * 3600
    assert WRONG in back(browser, code).text
    assert activities(browser).count("cancel-recovery") == 1


def test_nobody_stops_it_from_another_site_or_without_a_session(browser: Browser) -> None:
    started(browser)
    out = browser.post("/herstel/stop", {}, page="/inloggen")
    assert out.headers["Location"].startswith("/inloggen")
    browser.sign_in()
    assert browser.client.post("/herstel/stop", base_url=ISSUER).status_code == 400
    assert recoveries.pending_of(browser.house.parts, her_account(browser).id)


def test_where_something_fails_nothing_more_is_looked_up(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sign_in()

    def refuse(*_: object) -> None:
        raise Unavailable("the catalogue is busy", 7)

    monkeypatch.setattr(recoveries, "pending_of", refuse)
    assert browser.get("/account").status_code == 503
    assert browser.get("/niets").status_code == 404


def test_who_is_not_signed_in_does_not_see_that_somebody_came_back(browser: Browser) -> None:
    assert browser.get("/herstel/klaar").headers["Location"].startswith("/inloggen")


def test_it_is_stopped_while_her_vault_waits_to_be_erased_too(browser: Browser) -> None:
    started(browser)
    browser.sign_in()
    browser.post("/account/wissen", {})
    browser.sign_in()
    page = browser.get("/account/wissen").text
    assert "Iemand vroeg om een nieuwe toegang" in page
    assert browser.post("/herstel/stop", {}, page="/account/wissen").status_code == 200
    assert recoveries.pending_of(browser.house.parts, her_account(browser).id) is None
