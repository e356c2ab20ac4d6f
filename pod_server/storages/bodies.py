"""Reading what a service is sent, and shaping what it answers (`www.w3.org/TR/json-ld11/`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pod_server.storages.calls import ServiceCall
from vault.admission import Asking
from vault.errors import MethodNotAllowed, NoSuchResource, TooLarge, UnsupportedMediaType
from vault.grants.forms import read_json
from vocab.contexts import SERVICE_CONTEXT
from vocab.media_types import JSON, JSON_LD, essence

Json = dict[str, Any]
MERGE_PATCH = "application/merge-patch+json"
_ACCEPTED = (JSON_LD, JSON, "application/lws+json")
max_document_bytes = 64 * 1024


def read_body(call: ServiceCall, accepted: tuple[str, ...] = _ACCEPTED) -> Json:
    """Read the JSON object that was sent; nothing at all is an empty one.

    Raises:
        UnsupportedMediaType: not JSON by its media type.
        MalformedContent: not a JSON object.
        TooLarge: more than such a document needs.
    """
    if not call.body:
        return {}
    if essence(call.media_type) not in accepted:
        raise UnsupportedMediaType("a service reads JSON", accepted)
    if len(call.body) > max_document_bytes:
        raise TooLarge(f"a document for a service has at most {max_document_bytes} bytes")
    return read_json(call.body)


def asking_of(call: ServiceCall) -> Asking:
    """Which storage is called, and by whom."""
    if call.storage is None:
        raise NoSuchResource("no such service")
    return Asking(call.storage, call.caller)


def check_method(call: ServiceCall, on_collection: tuple[str, ...], on_item: tuple[str, ...]) -> None:
    """Refuse a method that the collection, or an item of it, does not have: the same for everybody.

    Raises:
        MethodNotAllowed: with those it has.
        NoSuchResource: deeper than an item.
    """
    if "/" in call.rest:
        raise NoSuchResource("no such service")
    allowed = on_item if call.rest else on_collection
    if call.method not in allowed:
        raise MethodNotAllowed("the service does not support the method", allowed)


def collection(endpoint: str, items: Iterable[Mapping[str, Any]], parties: list[Json]) -> Json:
    """A collection with its items, and who is in them."""
    return {
        "@context": SERVICE_CONTEXT,
        "id": endpoint,
        "type": "Container",
        "items": [without_context(item) for item in items],
        "parties": parties,
    }


def without_context(document: Mapping[str, Any]) -> Json:
    """A document as a part of another one."""
    return {name: value for name, value in document.items() if name != "@context"}
