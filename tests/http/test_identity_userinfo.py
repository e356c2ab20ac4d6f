"""What an app learns about the person with an access token, and who learns nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from pod_server.identity import accounts, credentials, records
from tests.support.identity import ISSUER, LOGIN, PASSWORD, Browser, basic, opened_browser
from tests.support.tokens import Holder

PATH = "/.oidc/userinfo"
URL = f"{ISSUER}.oidc/userinfo"


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.sign_in()
        yield one


def ask(browser: Browser, token: str, proof: str | None = None, **more: Any) -> TestResponse:
    signed = proof or browser.holder.proof("GET", URL, token, iat=browser.house.now_s)
    headers: Mapping[str, str] = {"Authorization": f"DPoP {token}", "DPoP": signed, **more}
    return browser.client.get(PATH, headers=headers, base_url=ISSUER)


def account_of(browser: Browser) -> accounts.Account:
    account = accounts.authenticate(browser.house.parts, LOGIN, PASSWORD)
    assert account is not None
    return account


def test_an_app_learns_who_signed_in(browser: Browser) -> None:
    account = account_of(browser)
    answer = ask(browser, browser.tokens()["access_token"])
    assert answer.get_json() == {"sub": account.id, "webid": account.webid}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_it_may_be_asked_by_post_with_a_proof_for_that(browser: Browser) -> None:
    token = browser.tokens()["access_token"]
    for method, status in (("GET", 401), ("POST", 200)):
        proof = browser.holder.proof(method, URL, token, iat=browser.house.now_s)
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        assert browser.client.post(PATH, headers=headers, base_url=ISSUER).status_code == status


def test_without_a_token_the_answer_says_how_to_sign_in(browser: Browser) -> None:
    answer = browser.get(PATH)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("DPoP ")
    assert "error=" not in answer.headers["WWW-Authenticate"]


def test_a_stolen_token_is_worth_nothing_without_its_key(browser: Browser) -> None:
    token = browser.tokens()["access_token"]
    stolen = Holder().proof("GET", URL, token, iat=browser.house.now_s)
    assert ask(browser, token, stolen).get_json()["error"] == "invalid_token"
    assert ask(browser, token, Authorization=f"Bearer {token}").status_code == 401
    assert ask(browser, token, " ").get_json()["error"] == "invalid_dpop_proof"


def test_an_id_token_and_a_forged_one_are_no_access_tokens(browser: Browser) -> None:
    tokens = browser.tokens()
    for token in (tokens["id_token"], tokens["access_token"][:-6] + "AAAAAA", "a.b.c", "é"):
        proof = browser.holder.proof("GET", URL, iat=browser.house.now_s)
        assert ask(browser, token, proof).get_json()["error"] == "invalid_token"


def test_a_proof_counts_once_and_only_for_its_token(browser: Browser) -> None:
    token, other = browser.tokens()["access_token"], browser.tokens()["access_token"]
    proof = browser.holder.proof("GET", URL, token, iat=browser.house.now_s)
    assert ask(browser, other, proof).get_json()["error"] == "invalid_dpop_proof"
    assert ask(browser, token, proof).status_code == 200
    assert ask(browser, token, proof).get_json()["error"] == "invalid_dpop_proof"


def test_an_old_token_tells_nothing(browser: Browser) -> None:
    token = browser.tokens()["access_token"]
    browser.house.now_s += 600
    assert ask(browser, token).get_json()["error"] == "invalid_token"


def test_nothing_is_told_about_an_account_that_is_gone(browser: Browser) -> None:
    token, account = browser.tokens()["access_token"], account_of(browser)

    def remove(connection: Any) -> None:
        for table in (records.session, records.allowed_app):
            records.drop_rows(connection, table, account=account.id)
        records.drop_rows(connection, records.account, id=account.id)

    browser.house.parts.database.write(remove)
    assert ask(browser, token).get_json()["error"] == "invalid_token"


def test_a_program_and_an_app_that_did_not_ask_who_it_is_are_not_told(browser: Browser) -> None:
    program = credentials.create(browser.house.parts, account_of(browser), "zaad")
    form = {"grant_type": "client_credentials", "scope": "webid"}
    for tokens in (
        browser.token(form, headers=basic(program)).get_json(),
        browser.tokens(scope="webid"),
    ):
        answer = ask(browser, tokens["access_token"])
        assert (answer.status_code, answer.get_json()) == (403, {"error": "insufficient_scope"})
