"""Signing out for an app that shows no ID token: the person is asked, and goes on only to an address that is the app's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from tests.support.identity import APP, ISSUER, TRUSTED, Browser, opened_browser

HOME = "https://app.example/na-afloop"
ASKED = {"client_id": APP, "post_logout_redirect_uri": HOME, "state": 'a&b="<x>'}


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.house.put_app(APP, "https://app.example/terug", post_logout_redirect_uris=[HOME])
        one.sign_in()
        yield one


def ask(browser: Browser, **changed: str | None) -> TestResponse:
    values = {name: value for name, value in {**ASKED, **changed}.items() if value is not None}
    return browser.get(f"/.oidc/logout?{urlencode(values)}")


def hidden(page: str) -> dict[str, str]:
    """What the form of a page carries, without its token."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: value for name, value in found if name != "csrf_token"}


def confirm(browser: Browser, fields: Mapping[str, str]) -> TestResponse:
    return browser.post("/uitloggen", fields, page="/.oidc/logout")


def test_the_confirmation_says_where_she_goes_and_keeps_target_and_state(browser: Browser) -> None:
    page = ask(browser)
    assert "Wilt u uitloggen?" in page.text
    assert "app.example" in page.text
    assert "form-action 'self' https://app.example;" in page.headers["Content-Security-Policy"]
    assert hidden(page.text).keys() == {"client_id", "post_logout_redirect_uri", "state"}
    assert browser.get("/").status_code == 200
    answer = confirm(browser, ASKED)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{HOME}?state=a%26b%3D%22%3Cx%3E"
    assert browser.get("/").headers["Location"] == "/inloggen"


def test_without_a_state_none_is_made_up(browser: Browser) -> None:
    fields = hidden(ask(browser, state=None).text)
    assert confirm(browser, fields).headers["Location"] == HOME


def test_an_id_token_that_is_none_changes_nothing_about_it(browser: Browser) -> None:
    assert hidden(ask(browser, id_token_hint="onzin").text)["post_logout_redirect_uri"] == HOME


@pytest.mark.parametrize(
    "changed",
    [
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": f"{HOME}/"},
        {"post_logout_redirect_uri": f"{HOME}?x=1"},
        {"post_logout_redirect_uri": "https://app.example/terug"},
        {"post_logout_redirect_uri": "javascript:alert(1)"},
        {"client_id": "https://evil.example/id"},
        {"client_id": TRUSTED},
        {"client_id": "onbekend"},
        {"client_id": None},
    ],
)
def test_an_address_that_is_not_the_apps_own_is_refused_when_asked_and_when_confirmed(
    browser: Browser, changed: dict[str, str | None]
) -> None:
    page = ask(browser, **changed)
    assert "Wilt u uitloggen?" in page.text
    assert hidden(page.text) == {}
    assert "form-action 'self';" in page.headers["Content-Security-Policy"]
    forged = {name: value for name, value in {**ASKED, **changed}.items() if value is not None}
    answer = confirm(browser, forged)
    assert "Location" not in answer.headers
    assert "U bent uitgelogd" in answer.text


def test_an_id_token_of_one_app_and_the_name_of_another_give_no_target(browser: Browser) -> None:
    id_token = browser.tokens()["id_token"]
    page = ask(browser, id_token_hint=id_token)
    assert "Wilt u uitloggen?" in page.text
    assert hidden(page.text) == {}


def test_who_is_not_signed_in_is_not_sent_on(browser: Browser) -> None:
    browser.post("/uitloggen", {}, page="/")
    answer = ask(browser)
    assert "Location" not in answer.headers
    assert "U bent uitgelogd" in answer.text


def test_another_site_cannot_confirm_for_her(browser: Browser) -> None:
    answer = browser.client.post("/uitloggen", data=ASKED, base_url=ISSUER)
    assert answer.status_code == 400
    assert browser.get("/").status_code == 200
