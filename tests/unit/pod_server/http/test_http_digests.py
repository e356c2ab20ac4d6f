"""Digests in headers: what is read of them, and what content they let pass."""

from __future__ import annotations

import base64
import hashlib

import pytest

from pod_server.http.digests import (
    CONTENT,
    DigestCheck,
    read_dictionary,
    read_digests,
    sha256_field,
    wants_sha256,
)
from vault.errors import BadInput

BODY = b'{"hello": "world"}\n'
# The examples of rfc9530#appendix-A.
SHA256 = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
SHA512 = f"sha-512=:{base64.b64encode(hashlib.sha512(BODY).digest()).decode()}:"


def passes(text: str, body: bytes = BODY) -> None:
    """Check a body, some bytes at a time."""
    check = DigestCheck(read_digests(CONTENT, text))
    for start in range(0, len(body), 7):
        check.add(body[start : start + 7])
    check.finish()


@pytest.mark.parametrize(
    "text",
    [
        SHA256,
        SHA512,
        f"{SHA256}, {SHA512}",
        f"md5=:AAAA:,{SHA256};a=1;b",
        f'x=?0, y, z="a\\"b", {SHA512}',
        "",
    ],
)
def test_content_passes_that_is_what_every_known_digest_says(text: str) -> None:
    passes(text)


@pytest.mark.parametrize("text", [SHA256, SHA512, f"{SHA512}, {SHA256}", f"md5=:AAAA:, {SHA256}"])
def test_content_that_was_changed_does_not_pass(text: str) -> None:
    with pytest.raises(BadInput, match="Content-Digest"):
        passes(text, BODY + b" ")


@pytest.mark.parametrize("known", [SHA256, SHA512])
def test_of_two_digests_both_must_be_right(known: str) -> None:
    other = "sha-512" if known is SHA256 else "sha-256"
    with pytest.raises(BadInput):
        passes(f"{known}, {other}=:AAAA:")


def test_an_unknown_digest_says_nothing() -> None:
    assert read_digests(CONTENT, "md5=:AAAA:, unixsum=30") == ()
    assert read_digests(CONTENT, None) == ()


@pytest.mark.parametrize(
    "text",
    [
        "sha-256",
        "sha-256=",
        "sha-256=RK/0",
        "sha-256=::",
        "sha-256=:A:",
        "sha-256=:A=A:",
        'sha-256="AAAA"',
        "SHA-256=:AAAA:",
        "sha-256=:AAAA:,",
        "sha-256=:AAAA: sha-512=:AAAA:",
        "sha-256=(1 2)",
        "\u00e9=1",
    ],
)
def test_what_is_malformed_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="malformed"):
        read_digests(CONTENT, text)


def test_of_equal_keys_the_last_counts() -> None:
    assert read_dictionary(CONTENT, "a=1, b=2;c, a=3") == {"a": "3", "b": "2"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("sha-256=10", True),
        ("sha-512=3, sha-256=1", True),
        ("sha-256=0", False),
        ("sha-512=10", False),
        ("sha-256=11", False),
        ("sha-256", False),
        ("sha-256=,", False),
    ],
)
def test_a_digest_is_told_to_who_wants_it(wanted: str, expected: bool) -> None:
    assert wants_sha256(wanted, unasked=True) is expected
    assert wants_sha256(None, unasked=True)
    assert not wants_sha256(None, unasked=False)


def test_a_digest_is_written_as_it_is_read() -> None:
    assert sha256_field(hashlib.sha256(BODY).digest()).decode() == SHA256
