"""Bundled JSON-LD contexts, and none other."""

from __future__ import annotations

import pytest

from vocab.contexts import (
    ACTIVITY_STREAMS_CONTEXT,
    JOURNAL_CONTEXT,
    TOEGANG_CONTEXT,
    UnknownContext,
    document_loader,
    load_context,
    with_contexts,
)


@pytest.mark.parametrize("url", [*JOURNAL_CONTEXT, ACTIVITY_STREAMS_CONTEXT])
def test_a_bundled_context_is_read_from_the_package(url: str) -> None:
    assert "@context" in load_context(url)


@pytest.mark.parametrize(
    "url", ["https://else.example/context", f"{TOEGANG_CONTEXT}?v=2", "file:///etc/passwd", ""]
)
def test_any_other_context_is_refused(url: str) -> None:
    with pytest.raises(UnknownContext):
        load_context(url)
    with pytest.raises(UnknownContext):
        document_loader(url)


def test_the_loader_gives_what_the_processor_needs() -> None:
    loaded = document_loader(TOEGANG_CONTEXT, {})
    assert loaded["documentUrl"] == TOEGANG_CONTEXT
    assert loaded["document"] == load_context(TOEGANG_CONTEXT)
    assert loaded["contextUrl"] is None


def test_contexts_are_written_out_in_place_of_their_names() -> None:
    document = with_contexts({"@context": [TOEGANG_CONTEXT], "id": "x"})
    assert document == {"@context": [load_context(TOEGANG_CONTEXT)["@context"]], "id": "x"}
