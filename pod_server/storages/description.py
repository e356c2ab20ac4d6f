"""What the server tells everybody: the description of a storage with its services, and its own addresses."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from pod_server.http.negotiation import selector
from pod_server.http.requests import Request
from pod_server.http.responses import Response, allow
from pod_server.storages.endpoints import ENDPOINTS
from vault.errors import MethodNotAllowed, NotAcceptable
from vault.rdf.documents import parse, serialize
from vocab.contexts import SERVICE_CONTEXT
from vocab.media_types import JSON, JSON_LD, N_TRIPLES, TURTLE
from vocab.namespaces import PIM_SPACE, WKT

READING = ("GET", "HEAD", "OPTIONS")
DESCRIPTION_PATH = ".well-known/solid"
SERVER_PATH = ".well-known/wijkkluis/"
KEY_PATH = ".well-known/wijkkluis/ijksleutel"
_PROFILED = frozenset({"AccessRequestService", "AccessGrantService"})


def check_reading(request: Request) -> None:
    """Refuse any method but those that read.

    Raises:
        MethodNotAllowed: another method.
    """
    if request.method not in READING:
        raise MethodNotAllowed("this can only be read", READING)


def describe_storage(request: Request, storage_url: str) -> Response:
    """Answer with the storage description (`solidproject.org/TR/protocol#server-storage-description-resource`).

    Raises:
        NotAcceptable: not in a media type that was asked for.
    """
    media_type = selector(request.joined("accept"))((TURTLE, JSON_LD, N_TRIPLES))
    if media_type is None:
        raise NotAcceptable("the storage description is Turtle, JSON-LD or N-Triples")
    return readable(request, media_type, _description(storage_url, media_type))


def describe_server(request: Request, base_url: str, issuer_url: str) -> Response:
    """Answer with the server's own addresses, for apps of organisations."""
    own = f"{base_url}{SERVER_PATH}"
    document = {
        "invitation": f"{own}uitnodiging",
        "meetings": f"{own}ontmoetingen/",
        "grants": f"{own}toegang/",
        "groups": f"{own}groepen",
        "issuer": issuer_url,
        "checkpointKey": f"{base_url}{KEY_PATH}",
    }
    return readable(request, JSON, json.dumps(document).encode())


def readable(request: Request, media_type: str, body: bytes) -> Response:
    """Answer with something that everybody may read."""
    headers = [
        allow(READING),
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    return Response(200, headers, b"" if request.method == "HEAD" else body)


@lru_cache(maxsize=1024)
def _description(storage_url: str, media_type: str) -> bytes:
    body = json.dumps(_document(storage_url)).encode()
    if media_type == JSON_LD:
        return body
    return serialize(parse(body, JSON_LD, storage_url), media_type)


def _document(storage_url: str) -> dict[str, Any]:
    services = [{"type": "StorageDescription", "serviceEndpoint": f"{storage_url}{DESCRIPTION_PATH}"}]
    services += (_service(endpoint.type, f"{storage_url}{prefix}") for prefix, endpoint in ENDPOINTS.items())
    return {
        "@context": SERVICE_CONTEXT,
        "id": storage_url,
        "type": ["Storage", PIM_SPACE.Storage],
        "service": services,
    }


def _service(kind: str, url: str) -> dict[str, Any]:
    profile = {"conformsTo": [WKT.AccessProfile]} if kind in _PROFILED else {}
    return {"type": kind, "serviceEndpoint": url, **profile}
