"""The pages of coming and going, as a browser without scripts meets them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from pod_server.identity import pages
from pod_server.identity.app import create_app
from pod_server.identity.browsers import cookies_for
from pod_server.identity.throttle import Allowance
from pod_server.settings import SettingsError
from tests.support.identity import (
    APP,
    ISSUER,
    LOGIN,
    PASSWORD,
    TRUSTED,
    Browser,
    asking,
    opened_browser,
    without_random,
)
from vault.errors import Unavailable

NEW = {
    "naam": "Kevin Peters",
    "inlognaam": "kevin",
    "wachtwoord": "vier heel lange woorden",
    "herhaal": "vier heel lange woorden",
}
WRONG = "Dit klopt niet. Kijk uw inlognaam en wachtwoord na."


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    yield from opened_browser(tmp_path, monkeypatch)


def test_who_signs_in_is_known_and_can_sign_out(browser: Browser) -> None:
    assert browser.get("/").headers["Location"] == "/inloggen"
    assert browser.sign_in().headers["Location"] == "/"
    assert "U bent ingelogd als Samira El Idrissi." in browser.get("/").text
    assert "U bent uitgelogd" in browser.post("/uitloggen", {}, page="/").text
    assert browser.get("/").headers["Location"] == "/inloggen"


def test_signing_in_is_a_line_in_the_journal_of_her_storage(browser: Browser) -> None:
    answer = browser.sign_in()
    [line] = browser.house.lines()
    assert (line.activity, line.client, line.issuer) == ("sign-in", None, ISSUER)
    assert line.trace_id == answer.headers["Trace-Id"]
    assert line.resource.endswith(f"{line.storage}/")


def test_a_wrong_password_and_an_unknown_name_give_the_same_page(browser: Browser) -> None:
    texts = []
    for login in (LOGIN, "sameer"):
        answer = browser.sign_in(login, "wrong")
        assert answer.status_code == 422
        assert answer.text.count(WRONG) == 2
        assert "<title>Fout: Inloggen" in answer.text
        texts.append(without_random(answer.text.replace(f'value="{login}"', "")))
    assert texts[0] == texts[1]
    assert browser.house.lines() == []


def test_after_five_wrong_passwords_even_the_right_one_waits(browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in(password="wrong")
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert "Wacht 5 minuten." in answer.text
    browser.house.now_s += 300
    assert browser.sign_in().status_code == 303


def test_a_name_that_nobody_has_waits_just_the_same(browser: Browser) -> None:
    statuses = [browser.sign_in("niemand", "wrong").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_signing_in_gives_a_new_session_and_ends_the_old_one(browser: Browser) -> None:
    browser.sign_in()
    name = cookies_for(ISSUER).session
    before = browser.client.get_cookie(name, domain="id.example")
    browser.sign_in()
    after = browser.client.get_cookie(name, domain="id.example")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    browser.client.set_cookie(name, before.value, domain="id.example", secure=True)
    assert browser.get("/").headers["Location"] == "/inloggen"


def test_a_form_from_elsewhere_signs_nobody_in(browser: Browser) -> None:
    form = {"inlognaam": LOGIN, "wachtwoord": PASSWORD}
    answer = browser.client.post("/inloggen", data=form, base_url=ISSUER)
    assert answer.status_code == 400
    assert "Deze pagina was te oud" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_cookies_cannot_be_read_by_scripts_nor_be_sent_by_other_sites(browser: Browser) -> None:
    for header in (
        browser.sign_in().headers.getlist("Set-Cookie"),
        browser.get("/").headers.getlist("Set-Cookie"),
    ):
        for cookie in header:
            assert cookie.startswith("__Host-wijkkluis")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {
                part.strip() for part in cookie.split(";")
            }


def test_on_plain_http_cookies_carry_the_port_for_ports_share_them() -> None:
    assert cookies_for("http://localhost:8002/").session != cookies_for("http://localhost:8004/").session
    assert not cookies_for("http://localhost:8002/").is_secure
    assert not cookies_for("http://localhost:8002/").session.startswith("__Host-")


def test_a_new_account_comes_with_a_storage_and_is_signed_in(browser: Browser) -> None:
    assert browser.post("/nieuw", NEW).headers["Location"] == "/klaar"
    page = browser.get("/klaar").text
    assert "Uw kluis is klaar" in page
    assert 'href="https://mijn.example/">Naar Mijn Kluis' in page
    with browser.house.parts.context.catalogue.view() as view:
        assert [storage.name for storage in view.storages()] == ["Samira El Idrissi", "Kevin Peters"]


def test_the_page_for_a_new_vault_is_only_for_who_has_one(browser: Browser) -> None:
    assert browser.get("/klaar").headers["Location"] == "/inloggen"


@pytest.mark.parametrize(
    ("changed", "sentence", "field"),
    [
        ({"naam": " "}, "Schrijf hoe u heet", "naam"),
        ({"inlognaam": "k"}, "Kies een inlognaam van minstens 3 tekens.", "inlognaam"),
        ({"inlognaam": LOGIN}, "Deze inlognaam kan niet.", "inlognaam"),
        ({"wachtwoord": "kort", "herhaal": "kort"}, "Dit wachtwoord is te kort.", "wachtwoord"),
        ({"herhaal": "iets anders"}, "De twee wachtwoorden zijn niet gelijk.", "wachtwoord"),
    ],
)
def test_what_is_wrong_stands_above_and_at_the_field(
    browser: Browser, changed: dict[str, str], sentence: str, field: str
) -> None:
    answer = browser.post("/nieuw", NEW | changed)
    assert answer.status_code == 422
    assert f'<a href="#{field}">{sentence}' in answer.text
    assert f'id="{field}-fout"' in answer.text
    assert f'aria-describedby="{field}-hulp {field}-fout"' in answer.text or field == "naam"
    assert "vier heel lange woorden" not in answer.text


def test_accounts_from_one_address_are_limited(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "NEW_ACCOUNT_BY_ADDRESS", Allowance("account address", 1, 3600))
    browser.post("/nieuw", NEW | {"naam": ""})
    answer = browser.post("/nieuw", NEW)
    assert answer.status_code == 429
    assert "Probeer het over een uur opnieuw." in answer.text


def test_leaving_in_a_hurry_needs_no_session_and_no_form_token(browser: Browser) -> None:
    answer = browser.client.post("/weg", base_url=ISSUER)
    assert answer.status_code == 200
    assert answer.headers["Refresh"] == "0; url=https://www.buienradar.nl/"
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Kluis" not in answer.text


def test_leaving_in_a_hurry_ends_the_session_and_what_came_from_it(browser: Browser) -> None:
    browser.sign_in()
    tokens = browser.tokens()
    cookies = browser.client.post("/weg", base_url=ISSUER).headers.getlist("Set-Cookie")
    assert [cookie.partition(";")[0] for cookie in cookies if cookie.startswith("__Host-wijkkluis=")] == [
        "__Host-wijkkluis="
    ]
    assert browser.get("/").headers["Location"] == "/inloggen"
    assert browser.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_pages_are_not_kept_not_framed_and_run_no_script_but_that_of_passkeys(browser: Browser) -> None:
    for path, scripts in (("/inloggen", "script-src 'nonce-"), ("/nieuw", "")):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert ("script-src" in policy) is bool(scripts)
        assert scripts in policy
        assert "unsafe" not in policy
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self';"):
        assert part in policy
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_style_sheets_and_fonts_are_our_own_and_may_be_kept(browser: Browser) -> None:
    for name in ("tokens.css", "components.css", "fonts/andika-latin-400-normal.woff2", "fonts/OFL.txt"):
        answer = browser.get(f"/vormgeving/{name}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=86400")
        answer.close()


def test_the_sign_in_page_may_end_only_at_the_app_that_waits(browser: Browser) -> None:
    def policy(query: str) -> str:
        return browser.get(f"/inloggen?verder={quote(query)}").headers["Content-Security-Policy"]

    assert "form-action 'self' https://app.example;" in policy(asking())
    assert "form-action 'self';" in policy(asking(redirect_uri="https://elders.example/"))
    assert "form-action 'self';" in policy("onzin")


def test_after_signing_in_she_goes_on_to_the_app_that_waits(browser: Browser) -> None:
    answer = browser.sign_in(verder=asking(client_id=TRUSTED, prompt="login"))
    assert answer.headers["Location"] == f"/toestaan?{asking(client_id=TRUSTED)}"
    assert (
        browser.get(answer.headers["Location"])
        .headers["Location"]
        .startswith("https://mijn.example/terug?code=")
    )


def test_signing_in_never_leads_to_another_site(browser: Browser) -> None:
    for target in ("//elders.example/", "https://elders.example/", "\r\nX: y", "?x=y&a=%0d%0aX"):
        location = browser.sign_in(verder=target).headers["Location"]
        assert location == "/" or location.startswith("/toestaan?")
        assert "\n" not in location


def test_the_name_of_the_app_that_waits_is_shown_as_text(browser: Browser) -> None:
    browser.house.put_app(APP, "https://app.example/terug", client_name="<script>x</script>")
    page = browser.get(f"/inloggen?verder={quote(asking())}").text
    assert "Daarna gaat u naar &lt;script&gt;" in page
    assert "<script>" not in page


def test_a_page_that_is_not_there_says_so_without_telling_more(browser: Browser) -> None:
    answer = browser.get("/niets")
    assert answer.status_code == 404
    assert "Dit is er niet" in answer.text


def test_a_form_that_is_too_large_is_refused(browser: Browser) -> None:
    answer = browser.client.post("/inloggen", data={"inlognaam": "x" * 70_000}, base_url=ISSUER)
    assert answer.status_code == 413


def test_what_fails_is_told_to_nobody(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("samira's secret")

    monkeypatch.setattr(pages, "authenticate", fail)
    answer = browser.sign_in()
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert f"Noem dan dit nummer: {answer.headers['Trace-Id']}." in answer.text


def test_what_cannot_be_done_now_may_be_tried_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable("the catalogue is busy", 7)

    monkeypatch.setattr(pages, "authenticate", refuse)
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_the_application_refuses_to_start_where_authlib_would_let_plain_http_through(
    browser: Browser,
) -> None:
    with pytest.raises(SettingsError):
        create_app(browser.house.parts, {"AUTHLIB_INSECURE_TRANSPORT": "0"})
    assert logging.getLogger("authlib").level == logging.WARNING
