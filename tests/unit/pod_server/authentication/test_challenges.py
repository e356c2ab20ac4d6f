"""The challenge of a 401."""

from __future__ import annotations

import pytest

from pod_server.authentication.challenges import challenge
from pod_server.authentication.errors import InvalidToken


@pytest.mark.requirement("solid-oidc", "solid-oidc-25")
def test_the_challenge_names_algorithms_and_the_issuer() -> None:
    expected = 'DPoP algs="ES256 ES384 RS256 PS256", as_uri="https://aanmelden.example/"'
    assert challenge(None, "https://aanmelden.example/") == expected


def test_the_challenge_says_what_was_wrong_with_what_was_presented() -> None:
    error = InvalidToken("invalid_dpop_proof", "the proof was used before")
    value = challenge(error, "https://aanmelden.example/")
    assert value.endswith('error="invalid_dpop_proof", error_description="the proof was used before"')
