"""What may be sent, and how much of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pyoxigraph import NamedNode

from vault.errors import MalformedContent, TooLarge, UnsupportedMediaType
from vault.model.limits import VaultLimits
from vault.model.operation import Body
from vault.operations.content import check_media_type, is_rdf, read_rdf

BASE = "https://vault.example/s/a"
LIMITS = VaultLimits()


@pytest.mark.requirement("protocol", "server-content-type-includes")
@pytest.mark.parametrize(
    "media_type",
    [
        "text/turtle",
        "Text/Turtle;charset=UTF-8",
        'application/ld+json; profile="http://a.example/b"',
        "image/svg+xml",
    ],
)
def test_a_media_type_is_kept_as_it_was_sent(media_type: str) -> None:
    assert check_media_type(media_type) == media_type


@pytest.mark.requirement("protocol", "server-content-type-includes")
def test_bytes_without_a_type_are_unknown_bytes() -> None:
    assert check_media_type("") == "application/octet-stream"


@pytest.mark.requirement("protocol", "server-http")
@pytest.mark.parametrize(
    "media_type",
    ["text", "text/", "a b/c", "text/html; x", "text/html\r\nx: y", "text/plain; a=<b>", "text/" + "x" * 300],
)
def test_a_malformed_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        check_media_type(media_type)


@pytest.mark.requirement("protocol", "server-http")
def test_linked_data_is_read_in_utf_8_only_and_other_text_in_any_encoding() -> None:
    with pytest.raises(UnsupportedMediaType):
        check_media_type("text/turtle; charset=iso-8859-1")
    assert check_media_type("text/plain; charset=iso-8859-1")


@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
@pytest.mark.parametrize(
    ("media_type", "expected"),
    [("Text/Turtle; x=y", True), ("text/html", False), ("application/rdf+xml", False)],
)
def test_only_what_is_read_here_counts_as_linked_data(media_type: str, expected: bool) -> None:
    assert is_rdf(media_type) is expected


@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
def test_linked_data_gives_its_bytes_as_sent_and_its_triples() -> None:
    data, triples = read_rdf(Body("text/turtle", iter((b"<> a ", b"<#T> ."))), BASE, LIMITS)
    assert (data, len(triples)) == (b"<> a <#T> .", 1)
    assert triples[0].object == NamedNode(f"{BASE}#T")


@pytest.mark.requirement("protocol", "server-http")
def test_what_is_no_linked_data_where_it_must_be_is_refused() -> None:
    unread = iter((b"x",))
    with pytest.raises(UnsupportedMediaType) as caught:
        read_rdf(Body("text/plain", unread), BASE, LIMITS)
    assert "text/turtle" in caught.value.accepted
    assert list(unread) == [b"x"]
    with pytest.raises(MalformedContent):
        read_rdf(Body("text/turtle", iter((b"x",))), BASE, LIMITS)


@pytest.mark.requirement("protocol", "server-http")
def test_linked_data_over_the_limit_is_given_up_before_the_end() -> None:
    read = []

    def chunks() -> Iterator[bytes]:
        for number in range(100):
            read.append(number)
            yield b"#" * (LIMITS.max_rdf_bytes // 4)

    with pytest.raises(TooLarge):
        read_rdf(Body("text/turtle", chunks()), BASE, LIMITS)
    assert len(read) == 5


@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json"])
def test_a_document_of_too_many_triples_is_refused(media_type: str) -> None:
    def lines(count: int) -> bytes:
        if media_type == "text/turtle":
            return b"".join(f"<> <#is> {number} .\n".encode() for number in range(count))
        return json.dumps(
            [{"@id": f"#{number}", "@type": "http://a.example/T"} for number in range(count)]
        ).encode()

    few = VaultLimits(max_triples=10)
    assert len(read_rdf(Body(media_type, iter((lines(10),))), BASE, few)[1]) == 10
    with pytest.raises(TooLarge, match="10 triples"):
        read_rdf(Body(media_type, iter((lines(11),))), BASE, few)
