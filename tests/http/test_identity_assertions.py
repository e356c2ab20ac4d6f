"""Clients that prove themselves with a key of their own, and assertions that prove nothing."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from pod_server.identity.client_assertions import ASSERTION_TYPE
from tests.support.identity import APP, ISSUER, TRUSTED, Browser, code_form, opened_browser
from tests.support.tokens import sign, unsigned

KEY = ECKey.generate_key("P-256")
BACK = "https://mijn.example/terug"


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.house.put_app(TRUSTED, BACK, token_endpoint_auth_method="private_key_jwt", jwks=jwks(KEY))
        one.sign_in()
        yield one


def jwks(*keys: ECKey | RSAKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def claims(browser: Browser, **changed: Any) -> dict[str, Any]:
    now_s = browser.house.now_s
    return {
        "iss": TRUSTED,
        "sub": TRUSTED,
        "aud": ISSUER,
        "iat": now_s,
        "exp": now_s + 300,
        "jti": "een",
        **changed,
    }


def assertion(browser: Browser, **changed: Any) -> str:
    return sign({"alg": "ES256"}, claims(browser, **changed), KEY)


def change(browser: Browser, proof: str, **changed: Any) -> TestResponse:
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": proof} | changed
    return browser.token(code_form(browser.code(), **form))


def signed_with_the_public_key(said: dict[str, Any]) -> str:
    signed = unsigned({"alg": "HS256"}, said, "").rstrip(".")
    digest = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def refused(answer: TestResponse) -> bool:
    return (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}.oidc/token", [f"{ISSUER}.oidc/token", "https://x/"]])
def test_a_client_with_a_document_proves_itself_with_its_key(browser: Browser, audience: Any) -> None:
    assert change(browser, assertion(browser, aud=audience)).status_code == 200


def test_its_client_id_need_not_be_said_twice(browser: Browser) -> None:
    form = code_form(browser.code()) | {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(browser),
    }
    del form["client_id"]
    assert browser.token(form).status_code == 200


def test_without_an_assertion_it_gets_nothing(browser: Browser) -> None:
    code = browser.code()
    assert refused(browser.token(code_form(code)))
    tokens = browser.token(
        code_form(code, client_assertion_type=ASSERTION_TYPE, client_assertion=assertion(browser))
    ).get_json()
    assert refused(browser.refresh(tokens["refresh_token"]))


def test_an_assertion_counts_once(browser: Browser) -> None:
    proof = assertion(browser)
    assert change(browser, proof).status_code == 200
    assert refused(change(browser, proof))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": APP},
        {"sub": APP},
        {"aud": "https://elders.example/"},
        {"aud": None},
        {"aud": [7]},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"jti": "x" * 300},
        {"iat": "nu"},
    ],
)
def test_an_assertion_with_one_claim_changed_proves_nothing(
    browser: Browser, changed: dict[str, Any]
) -> None:
    assert refused(change(browser, assertion(browser, **changed)))


@pytest.mark.parametrize(("made_s", "ends_s"), [(0, 0), (0, 301), (-61, 100), (31, 300)])
def test_an_assertion_counts_now_and_for_five_minutes_at_most(
    browser: Browser, made_s: int, ends_s: int
) -> None:
    now_s = browser.house.now_s
    assert refused(change(browser, assertion(browser, iat=now_s + made_s, exp=now_s + ends_s)))


def test_another_key_another_algorithm_and_none_prove_nothing(browser: Browser) -> None:
    said = claims(browser)
    for proof in (
        sign({"alg": "ES256"}, said, ECKey.generate_key("P-256")),
        signed_with_the_public_key(said),
        sign({"alg": "ES256", "kid": "x", "crit": ["b64"], "b64": True}, said, KEY),
        unsigned({"alg": "none"}, said),
        unsigned({"alg": ["ES256"]}, said),
        "onzin",
        "",
    ):
        assert refused(change(browser, proof))
    assert refused(change(browser, assertion(browser), client_assertion_type="urn:x"))


def test_an_assertion_of_a_client_without_keys_proves_nothing(browser: Browser) -> None:
    browser.house.put_app(TRUSTED, BACK)
    browser.house.now_s += 61
    browser.sign_in()
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion(browser)}
    form = code_form(browser.code(), **form)
    del form["client_id"]
    assert refused(browser.token(form))
    unknown = assertion(browser, iss="https://nergens.example/id", sub="https://nergens.example/id")
    assert refused(browser.token(form | {"client_assertion": unknown}))


def test_an_assertion_for_one_client_does_not_speak_for_another(browser: Browser) -> None:
    answer = change(browser, assertion(browser), client_id=APP)
    assert answer.get_json()["error"] in {"invalid_client", "invalid_grant"}


def test_a_registered_client_proves_itself_with_the_keys_it_registered(browser: Browser) -> None:
    other = RSAKey.generate_key(2048)
    described = {
        "redirect_uris": [BACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": jwks(other, KEY),
    }
    told = browser.client.post("/.oidc/register", json=described, base_url=ISSUER).get_json()
    client_id = told["client_id"]
    form = {"token": "x", "client_assertion_type": ASSERTION_TYPE}
    for key, algorithm in ((KEY, "ES256"), (other, "RS256"), (other, "PS256")):
        said = claims(browser, iss=client_id, sub=client_id, jti=algorithm)
        data = form | {"client_assertion": sign({"alg": algorithm}, said, key)}
        assert browser.client.post("/.oidc/revoke", data=data, base_url=ISSUER).status_code == 200
    assert browser.client.post("/.oidc/revoke", data=form, base_url=ISSUER).status_code == 401


@pytest.mark.parametrize(
    "keys",
    [
        None,
        {"keys": []},
        {"keys": [KEY.as_dict(private=True)]},
        {"keys": [{"kty": "oct", "k": "AAAA"}]},
        {"keys": ["x"]},
        {"keys": [KEY.as_dict(private=False)] * 11},
    ],
)
def test_keys_that_cannot_be_public_keys_are_not_registered(browser: Browser, keys: Any) -> None:
    described = {"redirect_uris": [BACK], "token_endpoint_auth_method": "private_key_jwt", "jwks": keys}
    answer = browser.client.post("/.oidc/register", json=described, base_url=ISSUER)
    assert answer.get_json()["error"] == "invalid_client_metadata"
    browser.house.put_app(
        APP, "https://app.example/terug", token_endpoint_auth_method="private_key_jwt", jwks=keys
    )
    assert browser.get(f"/toestaan?client_id={APP}").status_code == 400
