"""Issuers' keys and WebID documents: what is served, and what senseless or hostile servers serve."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey

from pod_server.authentication.issuers import load_issuers, load_keys
from tests.support.tokens import FakeWeb, Issuer

ISSUER = Issuer("https://zwolle.example/")
WEBID = "https://pod.example/w#me"


def web_with(configuration: Any, keys: Any) -> FakeWeb:
    web = FakeWeb()
    web.put(f"{ISSUER.url}.well-known/openid-configuration", "application/json", json.dumps(configuration))
    web.put("https://zwolle.example/jwks", "application/json", json.dumps(keys))
    return web


GOOD = {"issuer": ISSUER.url, "jwks_uri": "https://zwolle.example/jwks"}


def test_keys_that_cannot_sign_are_passed_over() -> None:
    served = [
        ISSUER.jwk,
        {**ISSUER.jwk, "kid": "encrypts", "use": "enc"},
        {"kty": "oct", "k": "AA", "kid": "shared"},
        ECKey.generate_key("P-521").as_dict(private=False),
        ISSUER.key.as_dict(private=True),
        "no key",
    ]
    keys = load_keys(web_with(GOOD, {"keys": served}).fetch, ISSUER.url)
    assert [key.kid for key in keys if key.algorithms] == ["key-1"]


@pytest.mark.parametrize(
    "configuration",
    [
        {**GOOD, "issuer": "https://other.example/"},
        {**GOOD, "issuer": "https://zwolle.example"},
        {"issuer": ISSUER.url},
        [],
    ],
)
def test_a_configuration_of_another_issuer_gives_no_keys(configuration: Any) -> None:
    assert load_keys(web_with(configuration, {"keys": [ISSUER.jwk]}).fetch, ISSUER.url) == ()


@pytest.mark.parametrize("keys", [[], {"keys": {}}, {}, 5])
def test_a_senseless_key_set_gives_no_keys(keys: Any) -> None:
    assert load_keys(web_with(GOOD, keys).fetch, ISSUER.url) == ()


def test_a_deeply_nested_configuration_gives_no_keys() -> None:
    web = FakeWeb()
    deep = "[" * 20_000 + "]" * 20_000
    web.put(f"{ISSUER.url}.well-known/openid-configuration", "application/json", deep)
    assert load_keys(web.fetch, ISSUER.url) == ()


def test_a_webid_document_in_json_ld_names_its_issuer() -> None:
    web = FakeWeb()
    document = {"@id": WEBID, "http://www.w3.org/ns/solid/terms#oidcIssuer": {"@id": ISSUER.url}}
    web.put("https://pod.example/w", "application/ld+json", json.dumps(document))
    assert load_issuers(web.fetch, WEBID) == {ISSUER.url}


def test_only_statements_about_the_webid_itself_count() -> None:
    web = FakeWeb()
    web.put(
        "https://pod.example/w",
        "text/turtle",
        "<#you> <http://www.w3.org/ns/solid/terms#oidcIssuer> <https://evil.example/> ."
        "[] <http://www.w3.org/ns/solid/terms#oidcIssuer> <https://evil.example/> ."
        "<#me> <http://www.w3.org/ns/solid/terms#issuer> <https://evil.example/> .",
    )
    assert load_issuers(web.fetch, WEBID) == frozenset()


def test_an_issuer_written_as_text_does_not_count() -> None:
    web = FakeWeb()
    web.put(
        "https://pod.example/w",
        "text/turtle",
        f'<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> "{ISSUER.url}" .',
    )
    assert load_issuers(web.fetch, WEBID) == frozenset()


def test_a_webid_document_that_cannot_be_read_names_nobody() -> None:
    web = FakeWeb()
    web.put("https://pod.example/w", "text/turtle", "<<<")
    assert load_issuers(web.fetch, WEBID) == frozenset()
