"""Clients that register themselves: how, what people see of them, and for how long they may do anything."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from pod_server.identity import registrations, sessions
from pod_server.identity.throttle import REGISTRATION_BY_ADDRESS
from tests.support.identity import (
    ISSUER,
    Browser,
    answered,
    asking,
    claims_of,
    code_form,
    opened_browser,
)
from vault.model.modes import AccessMode
from vault.model.requester import AppLimit

BACK = "https://nieuw.example/terug"
IRI = f"{ISSUER}.oidc/origins/https%3A%2F%2Fnieuw.example"
PUBLIC = {
    "client_name": "Nieuwe app",
    "redirect_uris": [BACK],
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "none",
    "id_token_signed_response_alg": "ES256",
}


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    for one in opened_browser(tmp_path, monkeypatch):
        one.sign_in()
        yield one


def register(browser: Browser, **changed: Any) -> TestResponse:
    described = {name: value for name, value in (PUBLIC | changed).items() if value is not None}
    return browser.client.post("/.oidc/register", json=described, base_url=ISSUER)


def registered(browser: Browser, **changed: Any) -> dict[str, Any]:
    answer = register(browser, **changed)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def path_of(client_id: str, **changed: Any) -> str:
    return f"/toestaan?{asking(**({'client_id': client_id, 'redirect_uri': BACK} | changed))}"


def allow(browser: Browser, client_id: str, **form: Any) -> str:
    decided = {"besluit": "ja", "wat": "lezen", "plaats": ["afspraken/"], **form}
    return answered(browser.post(path_of(client_id), decided))["code"]


def tokens_of(browser: Browser, client_id: str, code: str, **more: Any) -> TestResponse:
    return browser.token(code_form(code, client_id, redirect_uri=BACK), **more)


def limit(browser: Browser, client: str = IRI) -> AppLimit | None:
    with browser.house.parts.context.catalogue.view() as view:
        [storage] = view.storages()
        return view.app_limit(storage.owner, client)


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = f"{client_id}:{quote(secret, safe='')}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def test_a_public_client_is_registered_without_a_secret(browser: Browser) -> None:
    answer = register(browser)
    told = answer.get_json()
    assert told.keys() & {"client_secret", "client_secret_expires_at"} == set()
    assert told["client_id_issued_at"] == browser.house.now_s
    assert (told["client_name"], told["redirect_uris"]) == ("Nieuwe app", [BACK])
    assert (answer.headers["Cache-Control"], answer.headers["Access-Control-Allow-Origin"]) == (
        "no-store",
        "*",
    )


def test_a_public_client_goes_the_whole_way_to_tokens(browser: Browser) -> None:
    client_id = registered(browser)["client_id"]
    tokens = tokens_of(browser, client_id, allow(browser, client_id)).get_json()
    access, identity = claims_of(tokens["access_token"]), claims_of(tokens["id_token"])
    assert (access["client_id"], access["client_iri"]) == (client_id, IRI)
    assert "client_iri" not in identity
    assert (identity["azp"], identity["aud"]) == (client_id, [client_id, "solid"])
    assert browser.refresh(tokens["refresh_token"], client_id).status_code == 200
    assert limit(browser) == AppLimit(frozenset({AccessMode.READ}), ("afspraken/",), frozenset())
    assert limit(browser, client_id) is None
    assert [line.client for line in browser.house.lines()] == [None, IRI]


def test_a_client_with_a_secret_gets_nothing_without_it(browser: Browser) -> None:
    told = registered(browser, token_endpoint_auth_method=None)
    client_id, secret = told["client_id"], told["client_secret"]
    assert (told["token_endpoint_auth_method"], told["client_secret_expires_at"]) == (
        "client_secret_basic",
        0,
    )
    code = allow(browser, client_id)
    for headers in ({}, basic(client_id, "onzin"), basic(client_id, "")):
        answer = tokens_of(browser, client_id, code, headers=headers)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    tokens = tokens_of(browser, client_id, code, headers=basic(client_id, secret)).get_json()
    assert browser.refresh(tokens["refresh_token"], client_id).get_json()["error"] == "invalid_client"
    assert (
        browser.refresh(tokens["refresh_token"], client_id, headers=basic(client_id, secret)).status_code
        == 200
    )


def test_a_client_without_a_secret_cannot_be_made_to_have_one(browser: Browser) -> None:
    client_id = registered(browser)["client_id"]
    form = code_form(allow(browser, client_id), client_id, redirect_uri=BACK)
    del form["client_id"]
    answer = browser.token(form, headers=basic(client_id, "zelf-verzonnen"))
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_only_who_has_the_secret_revokes_what_it_has(browser: Browser) -> None:
    told = registered(browser, token_endpoint_auth_method="client_secret_basic")
    client_id, proved = told["client_id"], basic(told["client_id"], told["client_secret"])
    tokens = tokens_of(browser, client_id, allow(browser, client_id), headers=proved).get_json()
    form = {"token": tokens["refresh_token"], "client_id": client_id}
    for headers, status in (({}, 401), (proved, 200)):
        answer = browser.client.post("/.oidc/revoke", data=form, headers=headers, base_url=ISSUER)
        assert answer.status_code == status
    again = browser.refresh(tokens["refresh_token"], client_id, headers=proved)
    assert again.get_json()["error"] == "invalid_grant"


def test_the_secret_does_not_stand_on_the_disk(browser: Browser) -> None:
    told = registered(browser, token_endpoint_auth_method="client_secret_basic")
    written = b"".join(path.read_bytes() for path in browser.house.folder.iterdir() if path.is_file())
    for clear in (told["client_secret"], "Nieuwe app", "nieuw.example"):
        assert clear.encode() not in written


def test_a_person_sees_an_unknown_app_and_where_it_sends_her(browser: Browser) -> None:
    page = browser.get(path_of(registered(browser)["client_id"])).text
    for words in (
        "Een onbekende app wil in uw kluis kijken",
        "“Nieuwe app”",
        "Adres van de app: nieuw.example",
        "Dan gaat u naar nieuw.example.",
        "Pas op",
    ):
        assert words in page


def test_what_she_allows_is_of_the_origin_whatever_id_comes_next(browser: Browser) -> None:
    allow(browser, registered(browser)["client_id"])
    other = registered(browser, client_name="Onder een andere naam")["client_id"]
    assert "code" in answered(browser.get(path_of(other)))
    elsewhere = "https://elders.example/terug"
    third = registered(browser, redirect_uris=[elsewhere])["client_id"]
    assert browser.get(path_of(third, redirect_uri=elsewhere)).status_code == 200


def test_what_she_allows_ends_with_her_session(browser: Browser) -> None:
    client_id = registered(browser)["client_id"]
    tokens = tokens_of(browser, client_id, allow(browser, client_id)).get_json()
    browser.post("/uitloggen", {}, page="/")
    assert limit(browser) is None
    assert browser.refresh(tokens["refresh_token"], client_id).get_json()["error"] == "invalid_grant"
    browser.sign_in()
    assert "Een onbekende app" in browser.get(path_of(client_id)).text


def test_in_another_session_she_is_asked_again(browser: Browser) -> None:
    client_id = registered(browser)["client_id"]
    allow(browser, client_id)
    browser.house.now_s += sessions.idle_s + 1
    browser.sign_in()
    assert "Een onbekende app" in browser.get(path_of(client_id)).text
    assert answered(browser.get(path_of(client_id, prompt="none")))["error"] == "consent_required"


def test_its_refresh_tokens_live_no_longer_than_a_session_may(browser: Browser) -> None:
    client_id = registered(browser)["client_id"]
    token = tokens_of(browser, client_id, allow(browser, client_id)).get_json()["refresh_token"]
    browser.house.now_s += sessions.lifetime_s
    token = browser.refresh(token, client_id).get_json()["refresh_token"]
    browser.house.now_s += 1
    assert browser.refresh(token, client_id).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": [7]}, "invalid_redirect_uri"),
        ({"redirect_uris": [BACK] * 51}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://nieuw.example/terug"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://nieuw.example/terug#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://*.nieuw.example/terug"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://u@nieuw.example/terug"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["nieuw://terug"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [BACK, "https://elders.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [BACK + "x" * 2048]}, "invalid_redirect_uri"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": ["none"]}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "HS256"}, "invalid_client_metadata"),
        ({"subject_type": "pairwise"}, "invalid_client_metadata"),
        ({"post_logout_redirect_uris": ["https://elders.example/"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
    ],
)
def test_a_client_that_asks_for_what_cannot_be_is_not_registered(
    browser: Browser, changed: dict[str, Any], error: str
) -> None:
    answer = register(browser, **changed)
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)


@pytest.mark.parametrize("body", ["", "onzin", "[]", "null", "[" * 60_000])
def test_a_body_that_is_no_description_is_refused(browser: Browser, body: str) -> None:
    for media_type in ("application/json", "text/plain"):
        answer = browser.client.post("/.oidc/register", data=body, content_type=media_type, base_url=ISSUER)
        assert answer.get_json()["error"] == "invalid_client_metadata"


def test_what_is_not_known_here_is_left_out_of_the_answer(browser: Browser) -> None:
    told = registered(
        browser,
        grant_types=["authorization_code", "implicit"],
        scope="openid beheer webid",
        logo_uri="https://elders.example/logo",
        client_uri="https://elders.example/",
        client_id="https://app.example/client-id",
    )
    assert (told["grant_types"], told["scope"]) == (["authorization_code"], "openid webid")
    assert "logo_uri" not in told
    assert "://" not in told["client_id"]
    assert "elders.example" not in json.dumps(told)


def test_a_registered_client_has_only_its_own_redirect_uris(browser: Browser) -> None:
    client_id = registered(browser)["client_id"]
    for uri in (BACK + "/", BACK + "?x=1", "https://nieuw.example/", "https://elders.example/"):
        answer = browser.get(path_of(client_id, redirect_uri=uri))
        assert (answer.status_code, "Location" in answer.headers) == (400, False)


def test_after_signing_out_a_registered_client_gets_the_browser_back(browser: Browser) -> None:
    after = "https://nieuw.example/uit"
    client_id = registered(browser, post_logout_redirect_uris=[after])["client_id"]
    tokens = tokens_of(browser, client_id, allow(browser, client_id)).get_json()
    query = f"id_token_hint={tokens['id_token']}&post_logout_redirect_uri={after}"
    assert browser.get(f"/.oidc/logout?{query}").headers["Location"] == after


def test_who_registers_too_often_waits(browser: Browser) -> None:
    statuses = [register(browser).status_code for _ in range(REGISTRATION_BY_ADDRESS.attempts + 1)]
    assert statuses.count(201) == REGISTRATION_BY_ADDRESS.attempts
    assert statuses[-1] == 429
    assert int(register(browser).headers["Retry-After"]) > 0


def test_clients_that_nobody_lets_in_are_forgotten_and_others_stay(browser: Browser) -> None:
    unused, used = registered(browser)["client_id"], registered(browser)["client_id"]
    allow(browser, used)
    browser.house.now_s += registrations.unused_lifetime_s + 1
    registered(browser)
    parts = browser.house.parts
    assert registrations.find(parts, unused) is None
    assert registrations.find(parts, used) is not None
    browser.house.now_s += registrations.used_lifetime_s + 1
    registered(browser)
    assert registrations.find(parts, used) is None
