"""The token endpoint: every grant, and every way it is refused."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pod_server.authentication.access_tokens import check_signature, read_access_token
from pod_server.authentication.keys import read_public_key
from pod_server.authentication.replay import ReplayStore
from pod_server.identity import authorization_codes, credentials, refresh_tokens
from pod_server.identity.accounts import Account, authenticate
from pod_server.identity.credentials import NewCredential
from tests.support.identity import (
    APP,
    ISSUER,
    LOGIN,
    PASSWORD,
    TRUSTED,
    VERIFIER,
    Browser,
    basic,
    claims_of,
    code_form,
    opened_browser,
)
from tests.support.tokens import Holder
from vault.errors import Unavailable

CREDENTIALS = {"grant_type": "client_credentials", "scope": "webid"}


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.sign_in()
        yield one


@pytest.fixture
def program(browser: Browser) -> NewCredential:
    return credentials.create(browser.house.parts, account_of(browser), "zaad")


def account_of(browser: Browser) -> Account:
    account = authenticate(browser.house.parts, LOGIN, PASSWORD)
    assert account is not None
    return account


def error_of(answer: Any) -> str:
    assert answer.status_code in {400, 401}, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    return str(answer.get_json()["error"])


@pytest.mark.requirement("solid-oidc", "solid-oidc-15")
@pytest.mark.requirement("solid-oidc", "solid-oidc-17")
@pytest.mark.requirement("solid-oidc", "solid-oidc-18")
@pytest.mark.requirement("solid-oidc", "solid-oidc-19")
@pytest.mark.requirement("solid-oidc", "solid-oidc-20")
@pytest.mark.requirement("solid-oidc", "solid-oidc-21")
def test_a_code_gives_an_id_token_with_all_that_solid_oidc_asks(browser: Browser) -> None:
    claims = claims_of(browser.tokens()["id_token"])
    account = account_of(browser)
    assert (claims["webid"], claims["iss"], claims["sub"]) == (account.webid, ISSUER, account.id)
    assert (claims["aud"], claims["azp"]) == ([TRUSTED, "solid"], TRUSTED)
    assert claims["cnf"] == {"jkt": browser.holder.thumbprint}
    assert (claims["nonce"], "Samira" in str(claims)) == ("nonce-1", False)
    assert claims["exp"] - claims["iat"] <= 600


def test_storages_accept_the_access_token(browser: Browser) -> None:
    tokens = browser.tokens()
    token = read_access_token(tokens["access_token"])
    keys = [read_public_key(jwk) for jwk in browser.get("/.oidc/jwks").get_json()["keys"]]
    check_signature(token, keys)
    assert (token.client, token.thumbprint) == (TRUSTED, browser.holder.thumbprint)
    assert token.webid == account_of(browser).webid
    assert (tokens["token_type"], tokens["expires_in"]) == ("DPoP", 600)


def test_tokens_are_not_kept_by_anybody_on_the_way(browser: Browser) -> None:
    answer = browser.token(code_form(browser.code()))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_app_may_have_its_id_token_signed_with_rsa(browser: Browser) -> None:
    browser.house.put_app(TRUSTED, "https://mijn.example/terug", id_token_signed_response_alg="RS256")
    header = base64.urlsafe_b64decode(browser.tokens()["id_token"].split(".")[0] + "==")
    assert b'"alg":"RS256"' in header.replace(b" ", b"")


@pytest.mark.parametrize(
    ("scope", "tokens"),
    [
        ("openid webid offline_access", {"id_token", "refresh_token"}),
        ("openid webid", {"id_token"}),
        ("webid", set()),
        ("openid webid beheer", {"id_token"}),
    ],
)
def test_which_tokens_are_given_follows_from_the_scope(
    browser: Browser, scope: str, tokens: set[str]
) -> None:
    answer = browser.tokens(scope=scope)
    assert answer.keys() - {"access_token", "token_type", "expires_in", "scope"} == tokens
    assert "beheer" not in answer["scope"]


def test_an_app_whose_document_does_not_speak_of_refreshing_gets_no_refresh_token(browser: Browser) -> None:
    browser.house.put_app(TRUSTED, "https://mijn.example/terug", grant_types=["authorization_code"])
    assert "refresh_token" not in browser.tokens()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": "onzin"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"code_verifier": "w" * 50}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": "https://mijn.example/"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"client_id": APP}, "invalid_grant"),
        ({"client_id": None}, "invalid_client"),
        ({"client_id": "https://nergens.example/"}, "invalid_client"),
        ({"client_id": 'x"\u00e9'}, "invalid_request"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_refused_with_one_thing_changed(
    browser: Browser, changed: dict[str, str | None], error: str
) -> None:
    form = code_form(browser.code()) | changed
    sent = {name: value for name, value in form.items() if value is not None}
    assert error_of(browser.token(sent)) == error
    assert browser.token(code_form(browser.code())).status_code == 200


def test_a_code_counts_for_a_minute(browser: Browser) -> None:
    code = browser.code()
    browser.house.now_s += authorization_codes.lifetime_s
    assert browser.token(code_form(code)).status_code == 200
    code = browser.code()
    browser.house.now_s += authorization_codes.lifetime_s + 1
    assert error_of(browser.token(code_form(code))) == "invalid_grant"


def test_a_code_that_is_used_twice_ends_what_came_from_it(browser: Browser) -> None:
    code = browser.code()
    refresh_token = browser.token(code_form(code)).get_json()["refresh_token"]
    assert error_of(browser.token(code_form(code))) == "invalid_grant"
    assert error_of(browser.refresh(refresh_token)) == "invalid_grant"


@pytest.mark.parametrize("module", [authorization_codes, refresh_tokens])
def test_of_two_that_use_one_at_the_same_moment_nobody_keeps_a_family(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    tokens, code = browser.tokens(), browser.code()
    monkeypatch.setattr(module, "take", lambda *_: False)
    is_code = module is authorization_codes
    answer = browser.token(code_form(code)) if is_code else browser.refresh(tokens["refresh_token"])
    assert error_of(answer) == "invalid_grant"
    monkeypatch.undo()
    assert (browser.refresh(tokens["refresh_token"]).status_code == 200) is is_code


def test_a_code_that_was_asked_for_with_a_key_is_for_that_key(browser: Browser) -> None:
    code = browser.code(dpop_jkt=Holder().thumbprint)
    assert error_of(browser.token(code_form(code))) == "invalid_grant"
    code = browser.code(dpop_jkt=browser.holder.thumbprint)
    assert browser.token(code_form(code)).status_code == 200


@pytest.mark.requirement("solid-oidc", "solid-oidc-31")
@pytest.mark.parametrize(
    "changed",
    [{"htm": "GET"}, {"htu": f"{ISSUER}toestaan"}, {"iat": 0}, {"jti": None}, {"header": {"typ": "jwt"}}],
)
def test_without_a_proof_for_this_request_there_are_no_tokens(
    browser: Browser, program: NewCredential, changed: dict[str, Any]
) -> None:
    answer = browser.token(CREDENTIALS, headers=basic(program), proof=browser.proof(**changed))
    assert error_of(answer) == "invalid_dpop_proof"
    assert error_of(browser.token(CREDENTIALS, headers=basic(program), proof=" ")) == "invalid_dpop_proof"


def test_a_proof_counts_once(browser: Browser, program: NewCredential) -> None:
    proof = browser.proof()
    assert browser.token(CREDENTIALS, headers=basic(program), proof=proof).status_code == 200
    assert error_of(browser.token(CREDENTIALS, headers=basic(program), proof=proof)) == "invalid_dpop_proof"


def test_when_no_proof_can_be_noted_the_program_may_try_again(
    browser: Browser, program: NewCredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable("too many proofs", 1)

    monkeypatch.setattr(ReplayStore, "remember", refuse)
    answer = browser.token(CREDENTIALS, headers=basic(program))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.get_json() == {"error": "temporarily_unavailable"}


def test_a_proof_that_comes_with_nothing_else_is_not_noted(browser: Browser, program: NewCredential) -> None:
    proof = browser.proof()
    assert browser.token(CREDENTIALS, headers=basic(program, "wrong"), proof=proof).status_code == 401
    assert browser.token(CREDENTIALS, headers=basic(program), proof=proof).status_code == 200


def test_a_refresh_token_gives_new_tokens_and_the_next_refresh_token(browser: Browser) -> None:
    first = browser.tokens()
    second = browser.refresh(first["refresh_token"]).get_json()
    assert second["refresh_token"] != first["refresh_token"]
    assert claims_of(second["access_token"])["webid"] == account_of(browser).webid
    assert "nonce" not in claims_of(second["id_token"])
    assert browser.refresh(second["refresh_token"]).status_code == 200


def test_a_refresh_token_that_is_used_twice_ends_its_family(browser: Browser) -> None:
    first = browser.tokens()["refresh_token"]
    second = browser.refresh(first).get_json()["refresh_token"]
    assert error_of(browser.refresh(first)) == "invalid_grant"
    assert error_of(browser.refresh(second)) == "invalid_grant"


def test_a_refresh_token_is_of_its_client_and_its_key(browser: Browser) -> None:
    token = browser.tokens()["refresh_token"]
    assert error_of(browser.refresh(token, APP)) == "invalid_grant"
    stolen = Holder().proof("POST", f"{ISSUER}.oidc/token")
    assert error_of(browser.refresh(token, proof=stolen)) == "invalid_grant"
    assert error_of(browser.refresh("onzin")) == "invalid_grant"
    assert browser.refresh(token).status_code == 200


def test_a_refresh_token_ends_when_it_rests_for_a_day_or_lives_for_a_month(browser: Browser) -> None:
    token = browser.tokens()["refresh_token"]
    for _ in range(30):
        browser.house.now_s += 24 * 3600
        token = browser.refresh(token).get_json()["refresh_token"]
    browser.house.now_s += 1
    assert error_of(browser.refresh(token)) == "invalid_grant"


def test_a_program_gets_an_access_token_and_nothing_else(browser: Browser, program: NewCredential) -> None:
    answer = browser.token(
        CREDENTIALS | {"token_endpoint_auth_method": "x"}, headers=basic(program)
    ).get_json()
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
    claims = claims_of(answer["access_token"])
    assert (claims["client_id"], claims["webid"]) == (program.client, account_of(browser).webid)
    assert claims["aud"] == ["solid"]


@pytest.mark.parametrize(
    "header",
    [
        "Basic !!!",
        "Basic /////w==",
        "Basic bm9jb2xvbg==",
        "Basic OnNlY3JldA==",
        "Bearer abc",
        "Basic",
        "",
    ],
)
def test_who_does_not_prove_to_be_the_program_gets_nothing(browser: Browser, header: str) -> None:
    answer = browser.token(CREDENTIALS, headers={"Authorization": header})
    assert (error_of(answer), answer.status_code) == ("invalid_client", 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_wrong_secret_and_an_unknown_program_get_nothing(browser: Browser, program: NewCredential) -> None:
    unknown = NewCredential("abcdefgh23456789", program.client_secret, "")
    for headers in (basic(program, "wrong"), basic(unknown)):
        assert browser.token(CREDENTIALS, headers=headers).status_code == 401


def test_a_program_may_not_use_codes_nor_an_app_credentials(browser: Browser, program: NewCredential) -> None:
    form = code_form(browser.code(), client_id=program.client_id)
    assert error_of(browser.token(form, headers=basic(program))) == "unauthorized_client"
    assert error_of(browser.token(CREDENTIALS | {"client_id": TRUSTED})) == "invalid_client"


def test_a_parameter_that_is_there_twice_is_refused(browser: Browser) -> None:
    form = code_form(browser.code()) | {"code_verifier": [VERIFIER, VERIFIER]}
    assert error_of(browser.token(form)) == "invalid_request"
