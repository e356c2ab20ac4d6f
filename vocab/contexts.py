"""The JSON-LD contexts that are bundled; no other one is ever loaded (`www.w3.org/TR/json-ld11-api/#loaddocumentcallback`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LWS_CONTEXT = "https://www.w3.org/ns/lws/v1"
TOEGANG_CONTEXT = "https://kluis.example/ns/toegang.context.jsonld"
LOGBOEK_CONTEXT = "https://kluis.example/ns/logboek.context.jsonld"
ACTIVITY_STREAMS_CONTEXT = "https://www.w3.org/ns/activitystreams"
SERVICE_CONTEXT = [LWS_CONTEXT, TOEGANG_CONTEXT]
JOURNAL_CONTEXT = [*SERVICE_CONTEXT, LOGBOEK_CONTEXT]
_FILES = {
    LWS_CONTEXT: "lws-v1.context.jsonld",
    TOEGANG_CONTEXT: "toegang.context.jsonld",
    LOGBOEK_CONTEXT: "logboek.context.jsonld",
    # What notifications are commonly written in (`www.w3.org/TR/ldn/#notification`).
    ACTIVITY_STREAMS_CONTEXT: "activitystreams.context.jsonld",
}
_DOMAIN = Path(__file__).parent / "domain"


class UnknownContext(ValueError):
    """A JSON-LD document names a context that is not bundled."""


@cache
def load_context(url: str) -> Mapping[str, Any]:
    """The bundled context document with this URL.

    Raises:
        UnknownContext: it is not bundled, and nothing is ever fetched.
    """
    if url not in _FILES:
        raise UnknownContext("only the bundled JSON-LD contexts can be used")
    document: Mapping[str, Any] = json.loads((_DOMAIN / _FILES[url]).read_text(encoding="utf-8"))
    return document


def with_contexts(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document of ours with what its contexts say in place of their names, so that no parser needs to load them."""
    return {**document, "@context": [load_context(url)["@context"] for url in document["@context"]]}


def document_loader(url: str, _options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Load a bundled context for pyld, which by itself would fetch.

    Raises:
        UnknownContext: it is not bundled.
    """
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": load_context(url),
    }
