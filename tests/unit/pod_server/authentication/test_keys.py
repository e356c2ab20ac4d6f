"""Public keys: which are read, and what they may be used for."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from pod_server.authentication.keys import read_public_key

EC = ECKey.generate_key("P-256").as_dict(private=False)
RSA = RSAKey.generate_key(2048).as_dict(private=False)


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {**EC, "crv": "P-384"},
        {**EC, "crv": "secp256k1"},
        {**EC, "x": EC["y"]},
        {**EC, "x": 5},
        {**EC, "d": "AA"},
        {**RSA, "e": "AQAAAAAB"},
        {**RSA, "n": None},
        {**RSA, "p": "AA"},
    ],
)
def test_a_key_that_is_no_accepted_public_key_is_refused(jwk: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"key|curve|digit|padding"):
        read_public_key(jwk)


def test_a_key_is_used_for_its_own_kind_of_signature_only() -> None:
    assert read_public_key(EC).algorithms == {"ES256"}
    assert read_public_key(RSA).algorithms == {"RS256", "PS256"}
    assert not read_public_key(EC).has_signed("RS256", b"x" * 64, b"signed")


def test_a_key_that_names_its_algorithm_or_use_is_used_for_that_only() -> None:
    assert read_public_key({**RSA, "alg": "PS256"}).algorithms == {"PS256"}
    assert read_public_key({**RSA, "alg": "RSA-OAEP"}).algorithms == frozenset()
    assert read_public_key({**EC, "use": "enc"}).algorithms == frozenset()
