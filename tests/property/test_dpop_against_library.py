"""Proofs are judged as joserfc judges them, whatever was changed in them; joserfc is the oracle."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from pod_server.authentication.dpop import ExpectedProof, check_proof
from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.keys import SIGNING_ALGORITHMS
from pod_server.authentication.uris import is_same_uri
from tests.support.examples import examples
from tests.support.tokens import NOW_S, Holder, sign

URL = "https://kluis.example/abc/notitie"
HOLDERS = (
    Holder(ECKey.generate_key("P-256"), "ES256"),
    Holder(ECKey.generate_key("P-384"), "ES384"),
    Holder(RSAKey.generate_key(2048), "RS256"),
    Holder(RSAKey.generate_key(2048), "PS256"),
)
PROOFS = [holder.proof("GET", URL) for holder in HOLDERS]
REGISTRY = jws.JWSRegistry(algorithms=SIGNING_ALGORITHMS, strict_check_header=False)
REGISTRY.max_header_length = 8192
WORDS = st.text(max_size=20)


def oracle(proof: str) -> dict[str, Any] | None:
    """The claims when the library finds the signature right, None otherwise."""
    try:
        jwk = json.loads(_decoded(proof.split(".")[0]))["jwk"]
        checked = jws.deserialize_compact(proof, import_key(jwk), registry=REGISTRY)
        claims: dict[str, Any] = json.loads(checked.payload)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return claims


def _decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def accepts(proof: str) -> bool:
    try:
        check_proof(proof, ExpectedProof("GET", URL), NOW_S)
    except InvalidToken:
        return False
    return True


@given(st.sampled_from(HOLDERS), st.text(min_size=1, max_size=256), st.integers(-60, 30))
@settings(max_examples=examples(60), deadline=None)
def test_what_the_library_signs_is_accepted_with_the_librarys_thumbprint(
    holder: Holder, jti: str, age_s: int
) -> None:
    proof = holder.proof("GET", URL, jti=jti, iat=NOW_S + age_s)
    checked = check_proof(proof, ExpectedProof("GET", URL), NOW_S)
    assert oracle(proof) == {"htm": "GET", "htu": URL, "iat": NOW_S + age_s, "jti": jti}
    assert (checked.thumbprint, checked.jti) == (holder.key.thumbprint(), jti)


@given(st.sampled_from(PROOFS), st.data())
@settings(max_examples=examples(300), deadline=None)
def test_a_proof_changed_anywhere_is_accepted_only_when_the_library_accepts_it(
    proof: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(proof) - 1))
    character = data.draw(st.sampled_from("AQgwZz09-_.=+/ "))
    changed = proof[:place] + character + proof[place + 1 :]
    assert not accepts(changed) or oracle(changed) is not None


@given(st.sampled_from(HOLDERS), st.sampled_from(HOLDERS), st.sampled_from(SIGNING_ALGORITHMS))
@settings(max_examples=examples(60), deadline=None)
def test_a_key_is_accepted_only_with_its_own_signature_and_algorithm(
    signer: Holder, shown: Holder, algorithm: str
) -> None:
    claims = {"htm": "GET", "htu": URL, "iat": NOW_S, "jti": "1"}
    header = {"typ": "dpop+jwt", "alg": signer.algorithm, "jwk": shown.key.as_dict(private=False)}
    proof = sign(header, claims, signer.key)
    renamed = base64.urlsafe_b64encode(json.dumps({**header, "alg": algorithm}).encode()).decode().rstrip("=")
    proof = f"{renamed}.{proof.split('.', 1)[1]}" if algorithm != signer.algorithm else proof
    assert accepts(proof) == (signer is shown and algorithm == signer.algorithm)
    assert accepts(proof) == (oracle(proof) is not None)


@given(WORDS)
@settings(max_examples=examples(200), deadline=None)
def test_no_text_makes_the_check_fail_with_anything_but_a_refusal(text: str) -> None:
    assert not accepts(text)
    assert not accepts(f"{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}.e30.AA")


@given(WORDS, WORDS)
def test_comparing_urls_is_symmetric_and_never_fails(one: str, other: str) -> None:
    prefix = "https://kluis.example/"
    assert is_same_uri(prefix + one, prefix + other) == is_same_uri(prefix + other, prefix + one)
    assert is_same_uri(one, one)
    assert is_same_uri(one, other) == is_same_uri(other, one)
