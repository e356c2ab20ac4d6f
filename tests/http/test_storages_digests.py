"""Digests over HTTP: content that is not what was meant leaves nothing, and what is shown says what it is."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from tests.support.asgi import Home

BINARY = {"Content-Type": "application/octet-stream"}
TURTLE = {"Content-Type": "text/turtle"}
FILM = bytes(range(256)) * 1000
HEADERS = ("Content-Digest", "Repr-Digest")


def digest(body: bytes, algorithm: str = "sha-256") -> str:
    """The digest of a body as a header says it."""
    value = hashlib.new(algorithm.replace("-", ""), body).digest()
    return f"{algorithm}=:{base64.b64encode(value).decode()}:"


def kept(home: Home) -> int:
    """How many objects are kept."""
    return len(list(home.context.documents.objects.keys()))  # type: ignore[attr-defined]  # of the real store


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("algorithm", ["sha-256", "sha-512"])
def test_content_is_kept_that_is_what_its_digest_says(home: Home, header: str, algorithm: str) -> None:
    chunks = [FILM[start : start + 60_000] for start in range(0, len(FILM), 60_000)]
    headers = {**BINARY, header: digest(FILM, algorithm)}
    assert home.as_owner("PUT", "brieven/film", headers, chunks).status == 201
    assert home.as_owner("GET", "brieven/film").body == FILM


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize(
    ("method", "path", "media_type"),
    [
        ("PUT", "brieven/film", "video/mp4"),
        ("PUT", "brieven/a", "text/turtle"),
        ("PUT", "brieven/map/", "text/turtle"),
        ("PUT", "brieven/.acl", "text/turtle"),
        ("POST", "brieven/", "video/mp4"),
        ("POST", "brieven/", "text/turtle"),
    ],
)
def test_content_that_was_changed_on_its_way_leaves_nothing(
    home: Home, header: str, method: str, path: str, media_type: str
) -> None:
    home.put("brieven/anders")
    before, listed = kept(home), home.as_owner("GET", "brieven/").text
    headers = {"Content-Type": media_type, header: digest(b"<> a <#Bedoeld> .")}
    answer = home.as_owner(method, path, headers, [b"<> a <#Vera", b"nderd> ."])
    assert (answer.status, header in json.loads(answer.body)["detail"]) == (400, True)
    assert (kept(home), home.as_owner("GET", "brieven/").text) == (before, listed)
    assert [line.failed for line in home.lines if line.trace_id == answer.headers["trace-id"]] == [True]


def test_no_content_has_a_digest_too(home: Home) -> None:
    assert home.as_owner("PUT", "leeg/", {"Content-Digest": digest(b"")}).status == 201
    assert home.as_owner("PUT", "vol/", {"Content-Digest": digest(b"x")}).status == 400


@pytest.mark.parametrize(
    ("text", "status"), [("md5=:AAAA:", 201), ("sha-256=AAAA", 400), ("sha-256=:A:", 400), (",", 400)]
)
def test_an_unknown_digest_is_let_pass_and_a_malformed_one_is_not(home: Home, text: str, status: int) -> None:
    assert home.as_owner("PUT", "brieven/a", {**BINARY, "Content-Digest": text}, b"x").status == status


def test_a_document_as_it_is_kept_says_its_digest(home: Home) -> None:
    home.put("brieven/a", "<> a <#Brief> .")
    expected = digest(b"<> a <#Brief> .")
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=0-1"})):
        answer = home.as_owner(method, "brieven/a", headers)
        assert answer.headers["repr-digest"] == expected
        assert "content-digest" not in answer.headers
    answer = home.as_owner("GET", "brieven/a", {"Want-Repr-Digest": "sha-512=5"})
    assert "repr-digest" not in answer.headers


def test_what_is_sent_says_its_digest_on_demand(home: Home) -> None:
    home.put("brieven/a", "<> a <#Brief> .")
    want = {"Want-Content-Digest": "sha-512=3, sha-256=10"}
    answer = home.as_owner("GET", "brieven/a", want)
    assert answer.headers["content-digest"] == digest(answer.body)
    assert "content-digest" not in home.as_owner("GET", "brieven/a", {**want, "Range": "bytes=0-1"}).headers


def test_what_is_made_for_the_occasion_has_no_digest(home: Home) -> None:
    home.put("brieven/a", "<> a <#Brief> .")
    for path, accept in (("brieven/a", "application/ld+json"), ("brieven/", "text/turtle"), (".acl", "*/*")):
        assert "repr-digest" not in home.as_owner("GET", path, {"Accept": accept}).headers
    known = home.as_owner("GET", "brieven/a").headers["etag"]
    assert "repr-digest" not in home.as_owner("GET", "brieven/a", {"If-None-Match": known}).headers
