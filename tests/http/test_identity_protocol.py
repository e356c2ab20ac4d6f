"""What programs find at the issuer: discovery, keys, revocation and signing out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pod_server.authentication.keys import read_public_key
from tests.support.identity import APP, ISSUER, TRUSTED, Browser, opened_browser


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    yield from opened_browser(tmp_path, monkeypatch)


@pytest.mark.requirement("solid-oidc", "solid-oidc-34")
def test_discovery_tells_that_this_is_solid_oidc(browser: Browser) -> None:
    document = browser.get("/.well-known/openid-configuration").get_json()
    assert document["issuer"] == ISSUER
    assert "webid" in document["scopes_supported"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["id_token_signing_alg_values_supported"] == ["ES256", "RS256"]
    assert "webid" in document["claims_supported"]
    assert document["authorization_response_iss_parameter_supported"] is True


def test_every_endpoint_that_discovery_names_is_there(browser: Browser) -> None:
    document = browser.get("/.well-known/openid-configuration").get_json()
    paths = [
        url.removeprefix(ISSUER) for name, url in document.items() if name.endswith(("endpoint", "_uri"))
    ]
    assert len(paths) == 7
    assert [path for path in paths if browser.get(f"/{path}").status_code == 404] == []


def test_the_keys_are_public_ones_that_others_accept(browser: Browser) -> None:
    keys = browser.get("/.oidc/jwks").get_json()["keys"]
    assert [read_public_key(jwk).algorithms for jwk in keys] == [{"ES256"}, {"RS256"}]
    assert [read_public_key(jwk).thumbprint for jwk in keys] == [jwk["kid"] for jwk in keys]


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/openid-configuration",
        "/.oidc/jwks",
        "/.oidc/token",
        "/.oidc/userinfo",
        "/.oidc/register",
    ],
)
def test_scripts_of_any_origin_may_read_what_needs_no_cookie(browser: Browser, path: str) -> None:
    preflight = browser.client.options(path, headers={"Origin": "https://app.example"}, base_url=ISSUER)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "DPoP" in preflight.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in preflight.headers


@pytest.mark.parametrize("path", ["/inloggen", "/toestaan", "/.oidc/logout", "/.oidc/revoke"])
def test_scripts_of_other_origins_read_nothing_else(browser: Browser, path: str) -> None:
    answer = browser.client.open(path, method="OPTIONS", base_url=ISSUER)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_revoked_refresh_token_ends_with_its_family(browser: Browser) -> None:
    browser.sign_in()
    first = browser.tokens()["refresh_token"]
    second = browser.refresh(first).get_json()["refresh_token"]
    form = {"token": second, "client_id": TRUSTED}
    assert browser.client.post("/.oidc/revoke", data=form, base_url=ISSUER).status_code == 200
    assert browser.refresh(second).get_json()["error"] == "invalid_grant"


def test_another_client_cannot_revoke_it_and_learns_nothing(browser: Browser) -> None:
    browser.sign_in()
    token = browser.tokens()["refresh_token"]
    answers = [
        browser.client.post("/.oidc/revoke", data={"token": text, "client_id": APP}, base_url=ISSUER)
        for text in (token, "unknown")
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, ""), (200, "")]
    assert browser.refresh(token).status_code == 200


def test_an_access_token_cannot_be_revoked_and_that_is_said(browser: Browser) -> None:
    browser.sign_in()
    form = {"token": browser.tokens()["access_token"], "client_id": TRUSTED}
    answer = browser.client.post("/.oidc/revoke", data=form, base_url=ISSUER)
    assert (answer.status_code, answer.get_json()) == (400, {"error": "unsupported_token_type"})


def test_signing_out_with_the_id_token_of_another_app_asks_the_person_first(browser: Browser) -> None:
    browser.sign_in()
    query = f"id_token_hint={browser.tokens()['id_token']}&client_id="
    assert "Wilt u uitloggen?" in browser.get(f"/.oidc/logout?{query}{APP}").text
    assert browser.get("/").status_code == 200
    assert "U bent uitgelogd" in browser.get(f"/.oidc/logout?{query}{TRUSTED}").text


def test_signing_out_with_an_id_token_needs_no_cookie(browser: Browser) -> None:
    browser.sign_in()
    tokens = browser.tokens()
    other = browser.app.test_client()
    form = {"id_token_hint": tokens["id_token"]}
    assert "U bent uitgelogd" in other.post("/.oidc/logout", data=form, base_url=ISSUER).text
    assert browser.get("/").headers["Location"] == "/inloggen"
    assert browser.refresh(tokens["refresh_token"]).status_code == 400


def test_after_signing_out_the_browser_goes_where_the_apps_document_says(browser: Browser) -> None:
    browser.house.put_app(
        TRUSTED, "https://mijn.example/terug", post_logout_redirect_uris=["https://mijn.example/"]
    )
    browser.sign_in()
    id_token = browser.tokens()["id_token"]
    query = f"id_token_hint={id_token}&state=s&post_logout_redirect_uri=https://mijn.example/"
    assert "U bent uitgelogd" in browser.get(f"/.oidc/logout?{query}elders").text
    answer = browser.get(f"/.oidc/logout?{query}")
    assert answer.headers["Location"] == "https://mijn.example/?state=s"


def test_without_an_id_token_a_person_is_asked_first(browser: Browser) -> None:
    assert "U bent uitgelogd" in browser.get("/.oidc/logout").text
    browser.sign_in()
    assert "Wilt u uitloggen?" in browser.get("/.oidc/logout?id_token_hint=onzin").text
    assert browser.get("/").status_code == 200


def test_a_failure_at_an_endpoint_is_told_as_json(browser: Browser) -> None:
    assert browser.get("/.oidc/token").get_json() == {"error": "invalid_request"}
    assert browser.get("/.oidc/token").status_code == 405
    assert "POST" in browser.get("/.oidc/token").headers["Allow"]
