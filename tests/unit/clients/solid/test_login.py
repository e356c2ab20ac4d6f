"""Signing in at an issuer, and everything that must be refused on the way back."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qsl

import pytest
from joserfc.jwk import ECKey

from clients.solid.errors import LoginFailed, Unreachable
from clients.solid.issuers import discover
from clients.solid.login import PendingLogin
from tests.unit.clients.fake_vault import APP, ISSUER, NOW_S, WEBID, FakeVault, query_of, samira
from tests.unit.clients.solid.sessions import CLIENT, begin, finish


def test_the_browser_is_sent_with_state_nonce_and_an_s256_challenge() -> None:
    pending = begin(samira())
    asked = query_of(pending.url(CLIENT, "login"))
    digest = hashlib.sha256(pending.verifier.encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert asked["code_challenge_method"] == "S256"
    assert (asked["state"], asked["nonce"], asked["prompt"]) == (pending.state, pending.nonce, "login")


@pytest.mark.requirement("solid-oidc", "solid-oidc-14")
def test_the_webid_scope_is_always_asked() -> None:
    assert "webid" in query_of(begin(samira()).url(CLIENT))["scope"].split()


@pytest.mark.requirement("solid-oidc", "solid-oidc-03")
def test_the_client_document_names_its_own_address_and_exact_redirect() -> None:
    document = CLIENT.document()
    assert document["@context"] == ["https://www.w3.org/ns/solid/oidc-context.jsonld"]
    assert document["client_id"] == f"{APP}client-id"
    assert document["redirect_uris"] == [f"{APP}terug"]


def test_a_good_answer_tells_who_signed_in() -> None:
    vault = samira()
    _, identity = finish(vault, begin(vault))
    assert (identity.webid, identity.name) == (WEBID, "Samira El Idrissi")


def test_the_verifier_goes_to_the_token_endpoint_with_a_proof() -> None:
    vault = samira()
    pending = begin(vault)
    finish(vault, pending)
    request = next(r for r in vault.seen if str(r.url) == f"{ISSUER}token")
    assert dict(parse_qsl(request.content.decode()))["code_verifier"] == pending.verifier
    assert request.headers["DPoP"].count(".") == 2


@pytest.mark.parametrize(
    "changed", [{"state": "other"}, {"state": ""}, {"iss": "http://evil/"}, {"iss": ""}, {"code": ""}]
)
def test_an_answer_with_another_state_or_issuer_is_refused(changed: dict[str, str]) -> None:
    vault = samira()
    with pytest.raises(LoginFailed):
        finish(vault, begin(vault), **changed)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://evil/"},
        {"aud": ["http://other/client-id", "solid"]},
        {"azp": "http://other/client-id"},
        {"nonce": "another"},
        {"exp": NOW_S - 3600},
        {"exp": None},
        {"webid": None},
    ],
)
def test_an_id_token_that_is_not_for_us_now_is_refused(claims: dict[str, object]) -> None:
    vault = samira()
    vault.claims = claims
    with pytest.raises(LoginFailed):
        finish(vault, begin(vault))


def test_an_id_token_signed_with_another_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    vault = samira()
    pending = begin(vault)
    forger = samira()
    forger.nonce, forger.key = vault.nonce, ECKey.generate_key("P-256", {"kid": "k1"})
    monkeypatch.setattr(vault, "id_token", forger.id_token)
    with pytest.raises(LoginFailed, match="not signed"):
        finish(vault, pending)


def test_tokens_that_are_not_bound_to_our_key_are_refused() -> None:
    vault = samira()
    vault.say("POST", f"{ISSUER}token", {"token_type": "Bearer", "access_token": "x", "id_token": "y"})
    with pytest.raises(LoginFailed):
        finish(vault, begin(vault))


def test_an_issuer_that_refuses_the_code_is_a_failed_login() -> None:
    vault = samira()
    vault.say("POST", f"{ISSUER}token", {"error": "invalid_grant"}, 400)
    with pytest.raises(LoginFailed):
        finish(vault, begin(vault))


def test_an_issuer_that_cannot_answer_now_is_no_failed_login() -> None:
    vault = samira()
    vault.say("POST", f"{ISSUER}token", {}, 503)
    with pytest.raises(Unreachable):
        finish(vault, begin(vault))


def test_an_issuer_that_calls_itself_otherwise_is_refused() -> None:
    vault = FakeVault()
    vault.say("GET", f"{ISSUER}.well-known/openid-configuration", {"issuer": "http://evil/"})
    with pytest.raises(LoginFailed):
        discover(vault.http(), ISSUER)


def test_no_secret_of_a_sign_in_stands_in_its_text() -> None:
    vault = samira()
    pending = begin(vault)
    session, _ = finish(vault, pending)
    assert pending.verifier not in repr(pending)
    assert "access-0" not in repr(session)
    assert isinstance(pending, PendingLogin)
