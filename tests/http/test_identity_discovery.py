"""Every line of the discovery document is true: what it lists works, and what it does not list is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from werkzeug.test import TestResponse

from pod_server.identity import credentials
from pod_server.identity.accounts import authenticate
from pod_server.identity.client_assertions import ASSERTION_TYPE
from tests.support.identity import (
    ISSUER,
    LOGIN,
    PASSWORD,
    TRUSTED,
    Browser,
    answered,
    asking,
    basic,
    claims_of,
    code_form,
    opened_browser,
)
from tests.support.tokens import sign

BACK = "https://mijn.example/terug"
KEYS: dict[str, ECKey | RSAKey | OKPKey | OctKey] = {
    "ES256": ECKey.generate_key("P-256"),
    "ES384": ECKey.generate_key("P-384"),
    "ES512": ECKey.generate_key("P-521"),
    "Ed25519": OKPKey.generate_key("Ed25519"),
    "HS256": OctKey.generate_key(256),
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSAKey.generate_key(2048)),
}
# Every metadata name that is in it, each held by a test below.
HELD = {
    "issuer": "test_what_must_be_there_is_there_and_nothing_is_untested",
    "authorization_endpoint": "test_every_endpoint_answers_what_it_is_for",
    "token_endpoint": "test_every_endpoint_answers_what_it_is_for",
    "jwks_uri": "test_every_endpoint_answers_what_it_is_for",
    "registration_endpoint": "test_every_endpoint_answers_what_it_is_for",
    "userinfo_endpoint": "test_every_endpoint_answers_what_it_is_for",
    "revocation_endpoint": "test_every_endpoint_answers_what_it_is_for",
    "end_session_endpoint": "test_every_endpoint_answers_what_it_is_for",
    "scopes_supported": "test_every_scope_is_given_and_no_other",
    "response_types_supported": "test_response_types_and_modes",
    "response_modes_supported": "test_response_types_and_modes",
    "grant_types_supported": "test_every_grant_type_works_and_no_other",
    "subject_types_supported": "test_the_subject_is_the_same_for_every_client",
    "id_token_signing_alg_values_supported": "test_every_algorithm_for_id_tokens_works_and_no_other",
    "token_endpoint_auth_methods_supported": "test_every_way_to_prove_a_client_works_and_no_other",
    "token_endpoint_auth_signing_alg_values_supported": "test_every_algorithm_for_assertions_works_and_no_other",
    "revocation_endpoint_auth_methods_supported": "test_every_way_to_prove_a_client_works_and_no_other",
    "revocation_endpoint_auth_signing_alg_values_supported": "test_every_algorithm_for_assertions_works_and_no_other",
    "code_challenge_methods_supported": "test_the_one_challenge_method_works_and_no_other",
    "dpop_signing_alg_values_supported": "test_every_algorithm_for_proofs_works_and_no_other",
    "claims_supported": "test_every_claim_is_told_and_no_other_of_a_person",
    "prompt_values_supported": "test_every_prompt_does_what_it_says",
    "ui_locales_supported": "test_every_language_is_spoken",
    "authorization_response_iss_parameter_supported": "test_response_types_and_modes",
    "request_parameter_supported": "test_request_objects_are_not_known",
    "request_uri_parameter_supported": "test_request_objects_are_not_known",
}
# Claims of tokens that are about the token, not about a person or her signing in.
_OF_TOKENS = {"jti", "cnf", "client_id", "scope"}


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.sign_in()
        yield one


def discovered(browser: Browser) -> dict[str, Any]:
    document: dict[str, Any] = browser.get("/.well-known/openid-configuration").get_json()
    return document


def register(browser: Browser, **described: Any) -> TestResponse:
    return browser.client.post(
        "/.oidc/register", json={"redirect_uris": [BACK], **described}, base_url=ISSUER
    )


def code_for(browser: Browser, client_id: str, **changed: Any) -> str:
    path = f"/toestaan?{asking(client_id=client_id, redirect_uri=BACK, prompt='consent', **changed)}"
    decided = {"besluit": "ja", "wat": "lezen", "plaats": ["afspraken/"]}
    return answered(browser.post(path, decided))["code"]


def test_what_must_be_there_is_there_and_nothing_is_untested(browser: Browser) -> None:
    document = discovered(browser)
    assert document["issuer"] == ISSUER
    assert document.keys() == HELD.keys()
    assert set(HELD.values()) <= globals().keys()
    required = {
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    }
    assert required | {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= document.keys()


def test_every_endpoint_answers_what_it_is_for(browser: Browser) -> None:
    document = discovered(browser)
    paths = {name: url.removeprefix(ISSUER) for name, url in document.items() if str(url).startswith(ISSUER)}
    answers = {name: browser.get(f"/{path}") for name, path in paths.items()}
    posted = {name: browser.client.post(f"/{path}", base_url=ISSUER) for name, path in paths.items()}
    assert answers["authorization_endpoint"].status_code == 400
    assert answers["jwks_uri"].get_json()["keys"]
    assert answers["userinfo_endpoint"].status_code == 401
    assert "Wilt u uitloggen?" in answers["end_session_endpoint"].text
    assert posted["token_endpoint"].get_json()["error"] == "invalid_dpop_proof"
    assert posted["registration_endpoint"].get_json()["error"] == "invalid_client_metadata"
    assert posted["revocation_endpoint"].get_json()["error"] == "invalid_client"
    assert len(paths) == 8, "the issuer, and seven endpoints"


def test_every_scope_is_given_and_no_other(browser: Browser) -> None:
    listed = discovered(browser)["scopes_supported"]
    given = browser.tokens(scope=" ".join([*listed, "email", "address", "phone"]))["scope"]
    assert sorted(given.split()) == sorted(listed)


def test_response_types_and_modes(browser: Browser) -> None:
    document = discovered(browser)
    assert (document["response_types_supported"], document["response_modes_supported"]) == (
        ["code"],
        ["query"],
    )
    assert document["authorization_response_iss_parameter_supported"] is True
    answer = answered(browser.get(f"/toestaan?{asking(client_id=TRUSTED, response_mode='query')}"))
    assert (set(answer), answer["iss"]) == ({"code", "state", "iss"}, ISSUER)
    for kind in ("token", "id_token", "code id_token", "none"):
        answer = answered(browser.get(f"/toestaan?{asking(client_id=TRUSTED, response_type=kind)}"))
        assert "code" not in answer
        assert answer["error"] == "unsupported_response_type"
    for mode in ("fragment", "form_post", "jwt"):
        answered_or_not = browser.get(f"/toestaan?{asking(client_id=TRUSTED, response_mode=mode)}")
        assert "code=" not in answered_or_not.headers.get("Location", "")


def test_every_grant_type_works_and_no_other(browser: Browser) -> None:
    assert discovered(browser)["grant_types_supported"] == [
        "authorization_code",
        "refresh_token",
        "client_credentials",
    ]
    assert browser.refresh(browser.tokens()["refresh_token"]).status_code == 200
    made = program(browser)
    assert browser.token({"grant_type": "client_credentials"}, headers=basic(made)).status_code == 200
    for other in ("password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "onzin"):
        answer = browser.token({**code_form(browser.code()), "grant_type": other})
        assert (answer.status_code, answer.get_json()["error"]) == (400, "unsupported_grant_type")


def program(browser: Browser) -> credentials.NewCredential:
    """Client credentials of the person."""
    account = authenticate(browser.house.parts, LOGIN, PASSWORD)
    assert account is not None
    return credentials.create(browser.house.parts, account, "proef")


def test_the_subject_is_the_same_for_every_client(browser: Browser) -> None:
    assert discovered(browser)["subject_types_supported"] == ["public"]
    registered = register(browser, token_endpoint_auth_method="none").get_json()["client_id"]
    code = code_for(browser, registered)
    other = browser.token(code_form(code, registered, redirect_uri=BACK)).get_json()
    subjects = {claims_of(one["id_token"])["sub"] for one in (browser.tokens(), other)}
    assert len(subjects) == 1
    assert register(browser, subject_type="pairwise").status_code == 400


def test_every_algorithm_for_id_tokens_works_and_no_other(browser: Browser) -> None:
    listed = discovered(browser)["id_token_signing_alg_values_supported"]
    assert "RS256" in listed
    for algorithm in listed:
        described = {"token_endpoint_auth_method": "none", "id_token_signed_response_alg": algorithm}
        client_id = register(browser, **described).get_json()["client_id"]
        form = code_form(code_for(browser, client_id), client_id, redirect_uri=BACK)
        id_token = browser.token(form).get_json()["id_token"]
        assert header_of(id_token)["alg"] == algorithm
    for algorithm in {*KEYS, "none"} - {*listed}:
        assert register(browser, id_token_signed_response_alg=algorithm).status_code == 400


def header_of(token: str) -> dict[str, Any]:
    """The header of a token."""
    return claims_of(f".{token.split('.')[0]}.")


def test_every_way_to_prove_a_client_works_and_no_other(browser: Browser) -> None:
    document = discovered(browser)
    listed = document["token_endpoint_auth_methods_supported"]
    assert document["revocation_endpoint_auth_methods_supported"] == listed
    for method in listed:
        described = {"token_endpoint_auth_method": method, "jwks": {"keys": [public("ES256")]}}
        told = register(browser, **described).get_json()
        assert told["token_endpoint_auth_method"] == method
        for path in ("/.oidc/token", "/.oidc/revoke"):
            assert prove(browser, told, path, is_proved=True).status_code == 200
            if method != "none":
                assert prove(browser, told, path, is_proved=False).status_code == 401
    for method in ("client_secret_post", "client_secret_jwt", "tls_client_auth", "onzin"):
        assert register(browser, token_endpoint_auth_method=method).status_code == 400


def prove(browser: Browser, told: dict[str, Any], path: str, *, is_proved: bool) -> TestResponse:
    """Use an endpoint as a registered client, with or without what it proves itself by."""
    client_id, headers, form = told["client_id"], dict[str, str](), dict[str, str]()
    if is_proved and "client_secret" in told:
        headers = basic(credentials.NewCredential(client_id, told["client_secret"], ""))
    if is_proved and told["token_endpoint_auth_method"] == "private_key_jwt":
        form = asserted(browser, client_id, "ES256")
    if path == "/.oidc/token":
        return browser.token(
            code_form(code_for(browser, client_id), client_id, redirect_uri=BACK, **form), headers=headers
        )
    form = {"client_id": client_id, "token": "onbekend", **form}
    return browser.client.post(path, data=form, headers=headers, base_url=ISSUER)


def public(algorithm: str) -> dict[str, Any]:
    """The public key for an algorithm; a secret one as it is."""
    key = KEYS[algorithm]
    return dict(key.as_dict() if isinstance(key, OctKey) else key.as_dict(private=False))


def asserted(browser: Browser, client_id: str, algorithm: str) -> dict[str, str]:
    """The part of a form that proves a client by its key."""
    browser.holder.made += 1
    now_s = browser.house.now_s
    said = {"iss": client_id, "sub": client_id, "aud": ISSUER, "iat": now_s, "exp": now_s + 60}
    signed = sign({"alg": algorithm}, {**said, "jti": f"bewering-{browser.holder.made}"}, KEYS[algorithm])
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}


def test_every_algorithm_for_assertions_works_and_no_other(browser: Browser) -> None:
    document = discovered(browser)
    listed = document["token_endpoint_auth_signing_alg_values_supported"]
    assert document["revocation_endpoint_auth_signing_alg_values_supported"] == listed
    for algorithm in KEYS:
        accepted = {"keys": [public(algorithm if algorithm[:2] not in {"HS", "Ed"} else "ES256")]}
        described = {"token_endpoint_auth_method": "private_key_jwt", "jwks": accepted}
        answer = register(browser, **described)
        if algorithm == "ES512":
            assert answer.status_code == 400, "a curve that no listed algorithm is for"
            continue
        client_id = answer.get_json()["client_id"]
        form = {"client_id": client_id, "token": "onbekend", **asserted(browser, client_id, algorithm)}
        status = browser.client.post("/.oidc/revoke", data=form, base_url=ISSUER).status_code
        assert (algorithm, status) == (algorithm, 200 if algorithm in listed else 401)


def test_the_one_challenge_method_works_and_no_other(browser: Browser) -> None:
    assert discovered(browser)["code_challenge_methods_supported"] == ["S256"]
    assert browser.tokens()["access_token"]
    for method in ("plain", "S512", None):
        answer = answered(browser.get(f"/toestaan?{asking(client_id=TRUSTED, code_challenge_method=method)}"))
        assert answer["error"] == "invalid_request"


def test_every_algorithm_for_proofs_works_and_no_other(browser: Browser) -> None:
    listed = discovered(browser)["dpop_signing_alg_values_supported"]
    for algorithm, key in KEYS.items():
        header = {"typ": "dpop+jwt", "alg": algorithm, "jwk": public(algorithm)}
        said = {"htm": "POST", "htu": f"{ISSUER}.oidc/token", "iat": browser.house.now_s, "jti": algorithm}
        answer = browser.token(code_form(browser.code()), proof=sign(header, said, key))
        assert (algorithm, answer.status_code) == (algorithm, 200 if algorithm in listed else 400)


def test_the_list_of_algorithms_that_are_tried_is_every_one_that_the_library_knows() -> None:
    tried = {*KEYS, "none", "HS384", "HS512", "EdDSA", "ES256K", "Ed448"}
    assert set(JWSRegistry.algorithms) <= tried


def test_every_claim_is_told_and_no_other_of_a_person(browser: Browser) -> None:
    listed = set(discovered(browser)["claims_supported"])
    tokens = browser.tokens(scope="openid webid profile", nonce="n")
    told = claims_of(tokens["id_token"]).keys() | claims_of(tokens["access_token"]).keys()
    url = f"{ISSUER}.oidc/userinfo"
    proof = browser.holder.proof("GET", url, tokens["access_token"], iat=browser.house.now_s)
    headers = {"Authorization": f"DPoP {tokens['access_token']}", "DPoP": proof}
    told |= browser.client.get("/.oidc/userinfo", headers=headers, base_url=ISSUER).get_json().keys()
    assert listed == told - _OF_TOKENS


def test_every_prompt_does_what_it_says(browser: Browser) -> None:
    assert discovered(browser)["prompt_values_supported"] == ["none", "login", "consent", "select_account"]
    path = f"/toestaan?{asking(client_id=TRUSTED)}&prompt="
    assert "code" in answered(browser.get(f"{path}none"))
    for prompt in ("login", "select_account"):
        assert browser.get(f"{path}{prompt}").headers["Location"].startswith("/inloggen?")
    assert browser.get(f"{path}consent").status_code == 200
    browser.post("/uitloggen", {}, page="/")
    assert answered(browser.get(f"{path}none"))["error"] == "login_required"


def test_every_language_is_spoken(browser: Browser) -> None:
    for language in discovered(browser)["ui_locales_supported"]:
        asked = asking(prompt="consent", ui_locales=language)
        assert f'<html lang="{language}">' in browser.get(f"/toestaan?{asked}").text


def test_request_objects_are_not_known(browser: Browser) -> None:
    document = discovered(browser)
    for name in ("request", "request_uri"):
        assert document[f"{name}_parameter_supported"] is False
        answer = browser.get(f"/toestaan?{asking(client_id=TRUSTED, **{name: 'https://x.example/'})}")
        assert "code=" not in answer.headers.get("Location", "")
