"""In which types a resource can be shown, and what is read for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.vaults import add_resource, add_storage, make_context
from vault.context import Context
from vault.model.identifiers import ResourceIdentifier
from vault.model.records import ResourceRecord
from vault.operations.read import Seen, available, inline_bytes, listing, represent
from vocab.media_types import JSON_LD, N_TRIPLES, TURTLE
from vocab.namespaces import LDP


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A vault."""
    return make_context(tmp_path)


def document(context: Context, body: bytes | None, path: str = "a") -> ResourceRecord:
    """A Turtle document, or a container."""
    return add_resource(context, ResourceIdentifier(add_storage(context).storage, path), body)


@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
def test_linked_data_can_be_shown_in_every_type_and_best_as_it_is(context: Context) -> None:
    record = document(context, b"<> a <#T> .")
    assert available(record) == (TURTLE, JSON_LD, N_TRIPLES)
    as_sent = "application/n-triples;x=y"
    assert available(replace(record, media_type=as_sent)) == (as_sent, TURTLE, JSON_LD)
    assert available(replace(record, media_type="image/png")) == ("image/png",)
    assert available(document(context, None, "b/")) == (TURTLE, JSON_LD, N_TRIPLES)


@pytest.mark.requirement("protocol", "server-http")
def test_a_document_without_bytes_is_empty(context: Context) -> None:
    shown = represent(context, Seen(document(context, None), "v"), TURTLE)
    assert (shown.body, shown.rest, shown.size) == (b"", None, 0)


@pytest.mark.requirement("protocol", "server-basic-container")
def test_what_is_no_container_has_no_members_to_tell_of(context: Context) -> None:
    seen = Seen(document(context, b""), "v")
    assert LDP.contains not in {triple.predicate.value for triple in listing(context, seen)}
    assert list(seen.members(None)) == []


@pytest.mark.requirement("protocol", "server-representation-turtle-jsonld")
@pytest.mark.parametrize("more", [0, 1])
def test_only_what_is_large_is_left_for_later(context: Context, more: int) -> None:
    body = b"#" * (inline_bytes + more)
    seen = Seen(document(context, body), "v")
    stored, converted = represent(context, seen, TURTLE), represent(context, seen, N_TRIPLES)
    assert (stored.size, stored.rest is None) == (len(body), more == 0)
    assert (converted.rest is None, converted.size is None) == (more == 0, more == 1)
    assert stored.body + b"".join(stored.rest or ()) == body
