"""Whatever a browser answers for a passkey is one or none, and never a failure of ours."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pod_server.identity import passkey_answers
from pod_server.identity.passkey_answers import (
    InvalidPasskey,
    check_answer,
    check_creation,
    read_claim,
    site_of,
)
from tests.support.authenticators import Authenticator, decoded, encoded

CHALLENGE = b"c" * 32
HERE = site_of("https://id.example/", "Wijkkluis")
OPTIONS = passkey_answers.request_options(HERE, CHALLENGE)
CREATION = passkey_answers.creation_options(HERE, passkey_answers.Holder("h", "l", "n"), CHALLENGE, [])
KNOWN = Authenticator(holder=b"h")
CREATED, GOT = KNOWN.create(CREATION), KNOWN.get(OPTIONS)


_ODD: st.SearchStrategy[object] = (
    st.none() | st.integers() | st.text(max_size=20) | st.binary(max_size=40).map(encoded) | st.just([{}])
)


@st.composite
def spoiled(draw: st.DrawFn, answer: str) -> str:
    """An answer in which one value is something else, or a few bytes of it are."""
    value = json.loads(answer)
    where = draw(st.sampled_from([value, value["response"]]))
    name = draw(st.sampled_from(sorted(where)))
    if not isinstance(where[name], str) or draw(st.booleans()):
        where[name] = draw(_ODD)
        return json.dumps(value)
    kept = bytearray(decoded(where[name]))
    for _ in range(draw(st.integers(1, 3))):
        kept[draw(st.integers(0, len(kept) - 1))] = draw(st.integers(0, 255))
    where[name] = encoded(bytes(kept[: draw(st.integers(1, len(kept)))]))
    return json.dumps(value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50) | spoiled(CREATED))
def test_whatever_a_device_says_it_made_is_a_passkey_or_none(answer: str) -> None:
    with suppress(InvalidPasskey):
        assert check_creation(HERE, CHALLENGE, answer).public_key == KNOWN.public_key()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50) | spoiled(GOT))
def test_whatever_a_device_says_it_signed_signs_in_nobody(answer: str) -> None:
    with pytest.raises(InvalidPasskey):
        check_answer(HERE, CHALLENGE, read_claim(answer), None)
