"""Sessions: proofs, renewal, retries, and where tokens never go."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from urllib.parse import parse_qsl

import httpx2
import pytest

from clients.solid.errors import ForeignAddress, LoginFailed, SignedOut, Unreachable
from clients.solid.issuers import discover
from clients.solid.login import Credentials
from clients.solid.proofs import ProofKey
from clients.solid.session import sign_in_with_credentials
from tests.unit.clients.fake_vault import ISSUER, NOW_S, STORAGE, FakeVault, samira
from tests.unit.clients.solid.sessions import connect, session_of

CARD = f"{STORAGE}profiel/card"


def part(token: str, number: int) -> dict[str, object]:
    text = token.split(".")[number]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def test_a_proof_is_about_method_and_url_without_query() -> None:
    claims = part(ProofKey().prove("GET", f"{CARD}?a=b#c", NOW_S), 1)
    assert (claims["htm"], claims["htu"], claims["iat"]) == ("GET", CARD, NOW_S)
    assert "ath" not in claims


def test_a_proof_never_carries_the_private_key() -> None:
    header = part(ProofKey().prove("GET", CARD, NOW_S), 0)
    assert isinstance(header["jwk"], dict)
    assert set(header["jwk"]) >= {"kty", "crv", "x", "y"}
    assert "d" not in header["jwk"]


def test_two_proofs_never_share_their_id() -> None:
    key = ProofKey()
    first, second = (part(key.prove("GET", CARD, NOW_S), 1)["jti"] for _ in range(2))
    assert first != second


@pytest.mark.requirement("solid-oidc", "solid-oidc-31")
def test_a_request_carries_token_and_a_proof_over_it() -> None:
    vault = samira()
    session_of(vault).request("GET", CARD)
    headers = vault.seen[-1].headers
    assert headers["Authorization"] == "DPoP access-0"
    assert part(headers["DPoP"], 1)["ath"] == "VA1IUBk4GsdZ9PPdwh8zdGo1HXHnYR1bjN46nt-WagA"


def test_a_purpose_goes_along_as_a_header() -> None:
    vault = samira()
    session_of(vault).request("GET", CARD, purpose="https://kluis.example/ns/wijk#doel-zorg-thuis")
    assert vault.seen[-1].headers["Purpose-Of-Use"].endswith("#doel-zorg-thuis")


def test_a_token_is_renewed_before_it_ends_and_the_refresh_token_rotates() -> None:
    vault = samira()
    session = session_of(vault)
    vault.now_s += 280
    session.request("GET", CARD)
    vault.now_s += 280
    session.request("GET", CARD)
    assert vault.seen[-1].headers["Authorization"] == "DPoP access-2"


def test_a_token_that_the_server_refuses_is_renewed_once() -> None:
    vault = samira()
    session = session_of(vault)
    answers = [httpx2.Response(401), httpx2.Response(200)]
    vault.services["GET", CARD] = lambda _: answers.pop(0)
    assert session.request("GET", CARD).status_code == 200
    assert vault.refreshes == 1


def test_a_session_that_the_issuer_ended_is_signed_out() -> None:
    vault = samira()
    session = session_of(vault)
    vault.now_s, vault.refreshes = vault.now_s + 300, 7
    with pytest.raises(SignedOut):
        session.request("GET", CARD)


def test_a_server_that_keeps_refusing_the_token_means_signed_out() -> None:
    vault = samira()
    session = session_of(vault)
    vault.services["GET", CARD] = lambda _: httpx2.Response(401)
    with pytest.raises(SignedOut):
        session.request("GET", CARD)


def test_a_session_without_refresh_token_ends_with_its_access_token() -> None:
    vault = samira()
    session = session_of(vault)
    session.tokens = replace(session.tokens, refresh=None, expires_at_s=0)
    with pytest.raises(SignedOut):
        session.request("GET", CARD)


@pytest.mark.parametrize(
    "url", ["http://evil.example/", "http://localhost:3.evil.example/", "http://localhost:30/"]
)
def test_a_token_never_goes_to_another_server(url: str) -> None:
    vault = samira()
    session = session_of(vault)
    before = len(vault.seen)
    with pytest.raises(ForeignAddress):
        session.request("GET", url)
    assert len(vault.seen) == before


def falling(vault: FakeVault, method: str, times: int) -> list[str]:
    """Let the connection fall some times before the vault answers; gives what was tried."""
    tried: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        tried.append(request.method)
        if len(tried) <= times:
            raise httpx2.ConnectError("gone")
        return httpx2.Response(200)

    vault.services[method, CARD] = answer
    return tried


def test_a_read_is_tried_twice_when_the_connection_falls() -> None:
    vault = samira()
    session = session_of(vault)
    tried = falling(vault, "GET", 1)
    assert session.request("GET", CARD).status_code == 200
    assert len(tried) == 2


def test_a_write_is_never_tried_twice() -> None:
    vault = samira()
    session = session_of(vault)
    tried = falling(vault, "POST", 1)
    with pytest.raises(Unreachable):
        session.request("POST", CARD, content=b"x")
    assert tried == ["POST"]


def test_ending_a_session_revokes_the_refresh_token_and_ends_it_at_the_issuer() -> None:
    vault = samira()
    session = session_of(vault)
    session.end("client", None)
    assert vault.revoked == [{"token": "refresh-0", "client_id": "client"}]


def test_ending_a_session_never_fails() -> None:
    vault = samira()
    session = session_of(vault)
    session.connection.http.close()
    broken = httpx2.Client(
        transport=httpx2.MockTransport(lambda _: (_ for _ in ()).throw(httpx2.ConnectError("x")))
    )
    session.connection = replace(session.connection, http=broken)
    session.end("client", None)
    assert vault.revoked == []


def test_client_credentials_are_percent_encoded_before_basic() -> None:
    vault = samira()
    sign_in_with_credentials(connect(vault), discover(vault.http(), ISSUER), Credentials("a:b", "c/d"))
    basic = vault.seen[-1].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(basic) == b"a%3Ab:c%2Fd"
    assert dict(parse_qsl(vault.seen[-1].content.decode()))["grant_type"] == "client_credentials"


def test_a_program_gets_new_tokens_with_its_credentials() -> None:
    vault = samira()
    session = sign_in_with_credentials(connect(vault), discover(vault.http(), ISSUER), Credentials("a", "b"))
    vault.now_s += 300
    session.request("GET", CARD)
    asked = [
        dict(parse_qsl(r.content.decode()))["grant_type"]
        for r in vault.seen
        if str(r.url) == f"{ISSUER}token"
    ]
    assert asked == ["client_credentials", "client_credentials"]


def test_wrong_credentials_are_a_failed_login() -> None:
    vault = samira()
    vault.say("POST", f"{ISSUER}token", {"error": "invalid_client"}, 401)
    with pytest.raises(LoginFailed):
        sign_in_with_credentials(connect(vault), discover(vault.http(), ISSUER), Credentials("a", "b"))
