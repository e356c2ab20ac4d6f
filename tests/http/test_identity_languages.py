"""Every page in Dutch and in English: who decides which, and that nothing typed is lost by changing it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pod_server.identity import credentials, sessions
from pod_server.identity.accounts import authenticate
from pod_server.identity.texts import Language, texts
from tests.support.identity import (
    APP,
    ISSUER,
    LOGIN,
    PASSWORD,
    TRUSTED,
    Browser,
    asking,
    csrf_token,
    opened_browser,
)

COOKIE = "__Host-wijkkluis-taal"
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,nl;q=0.5"}
TEXTS = re.compile(r"<[^>]*>")


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    yield from opened_browser(tmp_path, monkeypatch)


def language_of(page: str) -> str:
    found = re.search(r'<html lang="([a-z-]+)">', page)
    assert found, page
    return found[1]


def page_in(browser: Browser, path: str, headers: Mapping[str, str]) -> str:
    return browser.client.get(path, headers=headers, base_url=ISSUER).text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("fr, en;q=0.5, nl;q=0.4", "en"),
        ("nl-BE, en;q=0.5", "nl"),
        ("ti, ar;q=0.8", "nl"),
        ("", "nl"),
        ("*", "nl"),
        (";;;q=x", "nl"),
    ],
)
def test_without_a_choice_the_browser_says_the_language_and_else_it_is_dutch(
    browser: Browser, accepted: str, language: str
) -> None:
    assert language_of(page_in(browser, "/inloggen", {"Accept-Language": accepted})) == language


@pytest.mark.parametrize(
    ("asked", "language"), [("en", "en"), ("fr-CA en-GB nl", "en"), ("nl", "nl"), ("fr", "nl"), ("", "nl")]
)
def test_what_the_app_asks_for_goes_before_what_the_browser_says(
    browser: Browser, asked: str, language: str
) -> None:
    browser.sign_in()
    path = f"/toestaan?{asking(ui_locales=asked)}"
    assert language_of(browser.get(path).text) == language


def test_what_the_app_asks_for_also_holds_while_she_signs_in(browser: Browser) -> None:
    location = browser.get(f"/toestaan?{asking(ui_locales='en')}").headers["Location"]
    assert language_of(browser.get(location).text) == "en"
    wrong = browser.sign_in(password="wrong", verder=asking(ui_locales="en"))
    assert language_of(wrong.text) == "en"


def test_her_choice_goes_before_all_else_and_is_remembered(browser: Browser) -> None:
    answer = browser.get("/taal/en?verder=%2Fnieuw")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/nieuw")
    [cookie] = answer.headers.getlist("Set-Cookie")
    kept = {part.strip() for part in cookie.split(";")}
    assert {f"{COOKIE}=en", "Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=31536000"} <= kept
    assert language_of(page_in(browser, f"/inloggen?verder={asking(ui_locales='nl')}", {})) == "en"
    browser.get("/taal/nl")
    assert language_of(page_in(browser, "/inloggen", ENGLISH)) == "nl"


def test_a_language_that_is_not_there_is_not_kept(browser: Browser) -> None:
    answer = browser.get("/taal/fr")
    assert answer.status_code == 404
    assert COOKIE not in str(answer.headers)
    browser.client.set_cookie(COOKIE, "fr", domain="id.example", secure=True)
    assert language_of(browser.get("/inloggen").text) == "nl"


def test_changing_the_language_never_leads_to_another_site(browser: Browser) -> None:
    for target in ("//elders.example/", "https://elders.example/", "/%5Celders.example", ""):
        assert browser.get(f"/taal/en?verder={target}").headers["Location"] == "/"


def test_each_page_leads_to_itself_in_the_other_language(browser: Browser) -> None:
    browser.sign_in()
    page = browser.get("/").text
    assert '<a href="/taal/en?verder=%2F" lang="en" hreflang="en">English</a>' in page
    assert 'aria-current="true">Nederlands</a>' in page
    page = browser.post("/uitloggen", {}, page="/").text
    assert '<a href="/taal/en?verder=%2F" lang="en"' in page


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/inloggen", {"inlognaam": "samira@voorbeeld.nl", "wachtwoord": "geheim woord"}),
        ("/nieuw", {"naam": "Samira E.", "inlognaam": "samira@voorbeeld.nl", "wachtwoord": "geheim woord"}),
    ],
)
def test_what_is_typed_is_still_there_in_the_other_language_but_for_the_password(
    browser: Browser, path: str, form: dict[str, Any]
) -> None:
    asked = asking(client_id=TRUSTED)
    answer = browser.post(path, {**form, "verder": asked, "taal": "en"})
    assert (answer.status_code, language_of(answer.text)) == (200, "en")
    assert f"{COOKIE}=en" in str(answer.headers)
    assert 'value="samira@voorbeeld.nl"' in answer.text
    assert f'value="{html.escape(asked)}"' in answer.text
    assert "geheim woord" not in answer.text
    assert "wk-error-summary" not in answer.text


def test_what_is_ticked_is_still_there_in_the_other_language_and_nothing_is_allowed(
    browser: Browser,
) -> None:
    browser.sign_in()
    before = len(browser.house.lines())
    form = {"wat": "erbij", "plaats": "plannen/", "besluit": "ja", "taal": "en"}
    page = browser.post(f"/toestaan?{asking()}", form).text
    assert language_of(page) == "en"
    ticked = re.findall(r'value="([^"]+)" checked|value="([^"]+)"(?: id="[a-z]+")? checked', page)
    assert {one or other for one, other in ticked} == {"erbij", "plannen/"}
    assert len(browser.house.lines()) == before


def visible(page: str) -> str:
    return html.unescape(TEXTS.sub("\n", page))


def test_no_page_mixes_the_two_languages(browser: Browser) -> None:
    dutch, english = texts(Language.DUTCH), texts(Language.ENGLISH)
    only_dutch = {words for name, words in dutch.items() if words != english[name] and " " in words}
    pages = _every_page(browser)
    assert len(pages) > 12
    for name, page in pages.items():
        assert language_of(page) == "en", name
        assert [words for words in only_dutch if f"\n{words}\n" in visible(page)] == [], name


def _stops(browser: Browser) -> list[str]:
    """Where the end of an app, another browser and a program is asked; the account page is full then."""
    browser.post(f"/toestaan?{asking()}", {"plaats": "plannen/", "besluit": "ja"})
    account = authenticate(browser.house.parts, LOGIN, PASSWORD)
    assert account is not None
    credentials.create(browser.house.parts, account, "Calendar")
    sessions.begin(browser.house.parts, account.id, 0)
    return re.findall(r'href="(/account/[a-z]+/[a-z0-9]+/stop)"', browser.get("/account").text)


def _every_page(browser: Browser) -> dict[str, str]:
    client = browser.client
    client.get("/taal/en", base_url=ISSUER)
    pages = {path: browser.get(path).text for path in ("/inloggen", "/nieuw", "/niets", "/.oidc/logout")}
    pages["wrong"] = browser.sign_in(password="wrong").text
    pages["new wrong"] = browser.post("/nieuw", {"naam": "", "herhaal": "x"}).text
    pages["too old"] = client.post("/inloggen", data={"inlognaam": LOGIN}, base_url=ISSUER).text
    pages["too large"] = client.post("/inloggen", data={"inlognaam": "x" * 70_000}, base_url=ISSUER).text
    browser.sign_in(LOGIN, PASSWORD)
    pages |= {path: browser.get(path).text for path in ("/", "/klaar")}
    pages["sign out?"] = browser.get("/.oidc/logout").text
    pages["consent"] = browser.get(f"/toestaan?{asking()}").text
    pages["proof"] = browser.get("/bewijs").text
    pages["proof wrong"] = browser.post("/bewijs", {"bewijs_wachtwoord": "x"}).text
    pages["consent wrong"] = browser.post(f"/toestaan?{asking(client_id=APP)}", {"besluit": "ja"}).text
    for path in _stops(browser):
        pages[path] = browser.get(path).text
        pages[f"{path} done"] = browser.post(path, {}).text
        pages[f"{path} over"] = browser.get(path).text
    pages["app wrong"] = browser.get("/toestaan?client_id=x").text
    for path, form in (
        ("/account/wachtwoord", {"wachtwoord": PASSWORD + "!", "herhaal_wachtwoord": PASSWORD + "!"}),
        ("/account/programma/nieuw", {"naam": "Calendar", "plaats": "afspraken/"}),
    ):
        pages[path] = browser.get(path).text
        pages[f"{path} wrong"] = browser.post(path, {}).text
        pages[f"{path} done"] = browser.post(path, form).text
    pages["account"] = browser.get("/account").text
    pages["everywhere?"] = browser.get("/account/overal-uitloggen").text
    pages["signed out"] = browser.post("/uitloggen", {}, page="/").text
    browser.sign_in(LOGIN, PASSWORD + "!")
    pages["everywhere"] = browser.post("/account/overal-uitloggen", {}).text
    browser.sign_in(LOGIN, PASSWORD + "!")
    pages["erase?"] = browser.get("/account/wissen").text
    pages["erase"] = browser.post("/account/wissen", {}).text
    browser.sign_in(LOGIN, PASSWORD + "!")
    pages["erase waits"] = browser.get("/account/wissen").text
    pages["erase not"] = browser.post("/account/wissen/terug", {}, page="/account/wissen").text
    pages["gone"] = client.post("/weg", base_url=ISSUER).text
    return pages


def test_places_of_the_vault_are_named_in_english_too(browser: Browser) -> None:
    browser.sign_in()
    path = f"/toestaan?{asking()}"
    dutch = browser.get(path).text
    browser.get("/taal/en")
    english = browser.get(path).text
    for name in ("Afspraken", "Gesprekken", "Toegang regelen"):
        assert name in dutch
        assert f">{name}<" not in english
    assert csrf_token(english)
    assert "Appointments" in english


def test_no_page_may_be_kept_in_one_language_for_the_other(browser: Browser) -> None:
    for path in ("/inloggen", "/taal/en", "/niets"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"
