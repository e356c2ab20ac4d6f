"""Client ID Documents: an app is believed only where it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import FetchedDocument
from pod_server.identity.clients import CONTEXT, Client, client_directory, load_client, origin_text
from tests.support.tokens import NOW_S, FakeWeb
from vault.errors import Unavailable

APP = "https://app.example/client-id"
DOCUMENT = {"@context": [CONTEXT], "client_id": APP, "redirect_uris": ["https://app.example/terug"]}


def load(answered_at: str = APP, **changed: Any) -> Client:
    kept = {name: value for name, value in (DOCUMENT | changed).items() if value is not None}
    document = FetchedDocument(answered_at, "application/ld+json", json.dumps(kept).encode())
    return load_client(lambda *_: document, APP)


@pytest.mark.requirement("solid-oidc", "solid-oidc-04")
def test_a_document_tells_what_the_app_may_ask_for() -> None:
    client = load(scope="openid webid", grant_types=["authorization_code", "refresh_token"])
    assert client.get_allowed_scope("openid webid offline_access profile") == "openid webid"
    assert client.check_grant_type("refresh_token")
    assert not client.check_grant_type("client_credentials")
    assert (client.name, client.host, client.algorithm) == ("app.example", "app.example", "ES256")


def test_an_app_that_says_little_gets_little() -> None:
    client = load()
    assert not client.check_grant_type("refresh_token")
    assert client.check_response_type("code")
    assert not client.check_response_type("token")
    assert not client.check_endpoint_auth_method("client_secret_basic", "token")


@pytest.mark.requirement("solid-oidc", "solid-oidc-05")
@pytest.mark.parametrize(
    "other",
    [
        "https://app.example/terug/",
        "https://app.example/terug?x=1",
        "HTTPS://app.example/terug",
        "https://app.example/",
    ],
)
def test_a_redirect_uri_counts_only_exactly_as_it_stands_in_the_document(other: str) -> None:
    assert load().check_redirect_uri("https://app.example/terug")
    assert not load().check_redirect_uri(other)


@pytest.mark.parametrize(
    "uri",
    ["http://app.example/terug", "javascript:alert(1)", "https://app.example/#x", "https://u@app.example/"],
)
def test_an_address_where_no_browser_should_go_is_no_redirect_uri(uri: str) -> None:
    assert load(redirect_uris=[uri, "http://localhost:8005/terug"]).redirect_uris == (
        "http://localhost:8005/terug",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "https://app.example/other"},
        {"client_id": None},
        {"@context": None},
        {"@context": ["https://example.org/context"]},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"answered_at": "https://app.example/elsewhere"},
    ],
)
def test_a_document_that_is_not_the_apps_own_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(CannotFetch):
        load(**changed)


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'"text"'])
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(CannotFetch):
        load_client(lambda *_: FetchedDocument(APP, "application/json", body), APP)


def test_members_of_the_wrong_kind_do_not_count() -> None:
    client = load(
        client_name=["x"], redirect_uris={"a": 1}, scope=7, client_uri=3, grant_types="refresh_token"
    )
    assert (client.name, client.redirect_uris, client.home) == ("app.example", (), None)
    assert client.check_grant_type("refresh_token")


def test_a_name_is_short_and_can_be_seen() -> None:
    assert load(client_name="\u202eKnab " + "x" * 200).name == "Knab " + "x" * 75


def test_documents_are_remembered_for_a_minute_and_absence_for_a_moment() -> None:
    web = FakeWeb()
    directory = client_directory(web.fetch)
    for _ in range(2):
        with pytest.raises(Unavailable):
            directory.get(APP, NOW_S)
    web.put(APP, "application/ld+json", json.dumps(DOCUMENT))
    assert directory.get(APP, NOW_S + 10)[0].id == APP
    directory.get(APP, NOW_S + 60)
    assert len(web.asked) == 2


def test_the_origin_of_an_address_is_what_a_policy_names() -> None:
    assert origin_text("http://localhost:8005/terug?x") == "http://localhost:8005"
    with pytest.raises(ValueError, match="characters"):
        origin_text("https://app.example/;default-src *")
