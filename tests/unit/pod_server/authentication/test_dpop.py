"""DPoP proofs: each rule refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from pod_server.authentication.dpop import ExpectedProof, check_proof
from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.replay import ReplayStore
from tests.support.tokens import NOW_S, Holder, unsigned

URL = "https://kluis.example/abc/notitie"
TOKEN = "header.claims.signature"
EXPECTED = ExpectedProof("GET", URL, TOKEN)
HOLDER = Holder()
RSA = RSAKey.generate_key(2048)


def refused(proof: str, expected: ExpectedProof = EXPECTED) -> str:
    with pytest.raises(InvalidToken) as caught:
        check_proof(proof, expected, NOW_S)
    assert caught.value.code == "invalid_dpop_proof"
    return caught.value.description


@pytest.mark.requirement("solid-oidc", "solid-oidc-31")
def test_a_proof_for_this_request_gives_the_thumbprint_of_its_key() -> None:
    checked = check_proof(HOLDER.proof("GET", URL, TOKEN), EXPECTED, NOW_S)
    assert (checked.thumbprint, checked.issued_at) == (HOLDER.thumbprint, NOW_S)


@pytest.mark.parametrize(
    ("key", "algorithm"), [(ECKey.generate_key("P-384"), "ES384"), (RSA, "RS256"), (RSA, "PS256")]
)
def test_a_proof_may_be_signed_with_every_algorithm_of_the_challenge(
    key: ECKey | RSAKey, algorithm: str
) -> None:
    holder = Holder(key, algorithm)
    assert check_proof(holder.proof("GET", URL, TOKEN), EXPECTED, NOW_S).thumbprint == holder.thumbprint


@pytest.mark.parametrize(
    "changed",
    [
        {"htm": "PUT"},
        {"htm": "get"},
        {"htm": None},
        {"htu": f"{URL}/"},
        {"htu": "http://kluis.example/abc/notitie"},
        {"htu": "https://kluis.example:8443/abc/notitie"},
        {"htu": "https://evil@kluis.example/abc/notitie"},
        {"htu": "/abc/notitie"},
        {"htu": 7},
        {"htu": None},
        {"ath": "YQ"},
        {"ath": 7},
        {"iat": NOW_S - 61},
        {"iat": NOW_S + 31},
        {"iat": True},
        {"iat": "1800000000"},
        {"iat": 10**400},
        {"iat": None},
        {"jti": ""},
        {"jti": "j" * 257},
        {"jti": 5},
        {"jti": None},
    ],
    ids=str,
)
def test_a_proof_with_a_wrong_or_missing_claim_is_refused(changed: dict[str, Any]) -> None:
    refused(HOLDER.proof("GET", URL, TOKEN, **changed))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"jwk": {}},
        {"jwk": HOLDER.key.as_dict(private=True)},
        {"jwk": {**HOLDER.key.as_dict(private=False), "k": "AA"}},
        {"jwk": ECKey.generate_key("P-256").as_dict(private=False)},
    ],
)
def test_a_proof_with_a_wrong_header_is_refused(header: dict[str, Any]) -> None:
    refused(HOLDER.proof("GET", URL, TOKEN, header=header))


@pytest.mark.parametrize(
    "jwk", [None, "key", [], {"kty": "oct", "k": "AA"}, {"kty": "EC", "crv": "P-256", "x": 5}]
)
def test_a_proof_without_a_usable_key_is_refused(jwk: Any) -> None:
    refused(unsigned({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}, {}))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES384", "RS256", "EdDSA", 5, None])
def test_an_algorithm_that_is_not_for_the_key_is_refused(algorithm: Any) -> None:
    header = {"typ": "dpop+jwt", "alg": algorithm, "jwk": HOLDER.key.as_dict(private=False)}
    refused(unsigned(header, {"htm": "GET", "htu": URL, "iat": NOW_S, "jti": "1"}))


def test_a_header_with_critical_extensions_is_refused() -> None:
    header = {
        "typ": "dpop+jwt",
        "alg": "ES256",
        "crit": ["exp"],
        "jwk": HOLDER.key.as_dict(private=False),
    }
    refused(unsigned(header, {}))


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_weak_rsa_key_is_refused() -> None:
    weak = RSAKey.generate_key(1024)
    header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": weak.as_dict(private=False)}
    refused(unsigned(header, {}))


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c.d", "a.b.c=", "é.b.c", "a.b.c", "[].e30.AA", "W10.e30.AA", "x" * 9000]
)
def test_what_is_no_signed_token_is_refused(text: str) -> None:
    refused(text)


def test_a_deeply_nested_header_is_refused() -> None:
    deep = "W1tb" * 1800
    refused(f"{deep}.e30.AA")


@pytest.mark.parametrize("cut", [1, 2, 44])
def test_a_changed_or_shortened_signature_is_refused(cut: int) -> None:
    refused(HOLDER.proof("GET", URL, TOKEN)[:-cut])


@pytest.mark.parametrize(
    "htu",
    [
        f"{URL}?a=b",
        f"{URL}#part",
        "HTTPS://Kluis.EXAMPLE:443/abc/notitie",
        "https://kluis.example/abc/n%6ftitie",
        "https://kluis.example/x/../abc/./notitie",
    ],
)
def test_htu_counts_as_the_same_after_the_normalisation_of_rfc_9449(htu: str) -> None:
    check_proof(HOLDER.proof("GET", htu, TOKEN), EXPECTED, NOW_S)


@pytest.mark.parametrize(
    "htu", ["https://kluis.example/a/b", "https://kluis.example/a%2fb/", "https://kluis.example/A%2Fb"]
)
def test_an_encoded_slash_stays_another_url(htu: str) -> None:
    refused(HOLDER.proof("GET", htu, TOKEN), ExpectedProof("GET", "https://kluis.example/a%2Fb", TOKEN))


def test_without_an_access_token_no_ath_is_needed() -> None:
    expected = ExpectedProof("POST", "https://aanmelden.example/token")
    assert check_proof(HOLDER.proof("POST", expected.url), expected, NOW_S).thumbprint == HOLDER.thumbprint


def test_a_proof_that_does_not_name_the_token_is_accepted_as_the_token_names_the_key() -> None:
    check_proof(HOLDER.proof("GET", URL, TOKEN, ath=None), ExpectedProof("GET", URL, TOKEN), NOW_S)


def test_a_proof_is_accepted_once(tmp_path: Path) -> None:
    store = ReplayStore(tmp_path / "replay", NOW_S - 100, buckets=8)
    proof = HOLDER.proof("GET", URL, TOKEN)
    store.remember(check_proof(proof, EXPECTED, NOW_S), NOW_S)
    again = check_proof(proof, EXPECTED, NOW_S + 1)
    with pytest.raises(InvalidToken, match="used before"):
        store.remember(again, NOW_S + 1)
    store.close()
