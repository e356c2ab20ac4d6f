"""Calls of services: the body is read, the service called in a thread, its answer written; each call is one journal line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pod_server.http.bodies import IncomingBody
from pod_server.http.limits import Header
from pod_server.http.negotiation import selector
from pod_server.http.requests import Request, check_content
from pod_server.http.responses import Response, allow
from pod_server.storages.calls import (
    Content,
    Result,
    Service,
    ServiceAnswer,
    ServiceCall,
    max_service_body_bytes,
)
from pod_server.storages.endpoints import ENDPOINTS
from pod_server.storages.parts import StoragesParts
from vault.context import Context
from vault.entries import Deed
from vault.errors import BadInput, InvalidIdentifier, NotAcceptable, VaultError
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import AccessMode
from vault.model.requester import Caller
from vault.rdf.documents import parse, serialize
from vault.service import note_call
from vocab.contexts import with_contexts
from vocab.media_types import JSON_LD, TURTLE, essence

_STATUSES = {Result.OK: 200, Result.CREATED: 201, Result.ACCEPTED: 202, Result.NO_CONTENT: 204}
_MODES = {"GET": AccessMode.READ, "HEAD": AccessMode.READ, "POST": AccessMode.APPEND}
max_query_fields = 50


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service was called: `rest` is the path after its prefix; `storage` is None for the server's own."""

    service: Service
    storage: StorageId | None
    prefix: str
    rest: str


def find_service(services: Mapping[str, Service], storage: StorageId | None, path: str) -> Address | None:
    """The service below whose prefix a path lies; of several the one with the longest."""
    prefix = max((prefix for prefix in services if path.startswith(prefix)), key=len, default=None)
    return None if prefix is None else Address(services[prefix], storage, prefix, path[len(prefix) :])


async def answer_call(
    parts: StoragesParts, request: Request, address: Address, caller: Caller, body: IncomingBody
) -> Response:
    """Answer a call of a service.

    Raises:
        VaultError: it was not done.
    """
    try:
        call = await _read_call(request, address, caller, body)
    except VaultError as error:
        note_fault(parts.context, request, address, caller, error)
        raise
    return await parts.in_thread(lambda: _answer(parts.context, request, address, call))


def methods_at(address: Address) -> tuple[str, ...]:
    """The methods that a service supports at an address."""
    endpoint = ENDPOINTS.get(address.prefix)
    if address.storage is None or endpoint is None:
        return ("GET", "HEAD", "OPTIONS", "POST")
    return endpoint.methods(address.rest)


def note_fault(
    context: Context, request: Request, address: Address, caller: Caller, error: VaultError
) -> None:
    """Tell the journal of a call that came to nothing; its line names the service, whatever was asked of it."""
    if address.storage is not None:
        deed = _deed(request, address.prefix, ResourceIdentifier(address.storage, address.prefix))
        note_call(context, caller, deed, error)


def _answer(context: Context, request: Request, address: Address, call: ServiceCall) -> Response:
    return _render(_call(context, request, address, call), request, address)


async def _read_call(request: Request, address: Address, caller: Caller, body: IncomingBody) -> ServiceCall:
    if _media_type(request, address) is None:
        raise NotAcceptable("this service answers in none of the media types that were asked for")
    media_type = check_content(request, max_service_body_bytes)
    data = await body.collect(max_service_body_bytes) if request.has_content else b""
    return ServiceCall(
        method="GET" if request.method == "HEAD" else request.method,
        storage=address.storage,
        rest=address.rest,
        query=_read_query(request.query),
        media_type=essence(media_type),
        body=data,
        if_match=request.joined("if-match"),
        caller=caller,
    )


def _read_query(query: str) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=max_query_fields))
    except ValueError as error:
        raise BadInput("the query has too many fields") from error


def _call(context: Context, request: Request, address: Address, call: ServiceCall) -> ServiceAnswer:
    try:
        answer = address.service(context, call)
    except VaultError as error:
        note_fault(context, request, address, call.caller, error)
        raise
    if address.storage is not None and not answer.journalled:
        target = _target(address.storage, address)
        note_call(context, call.caller, Deed(answer.activity, _mode(request), target), None)
    return answer


def _target(storage: StorageId, address: Address) -> ResourceIdentifier:
    try:
        return ResourceIdentifier(storage, address.prefix + address.rest)
    except InvalidIdentifier:
        return ResourceIdentifier(storage, address.prefix)


def _deed(request: Request, prefix: str, target: ResourceIdentifier) -> Deed:
    endpoint = ENDPOINTS.get(prefix)
    activity = "read" if endpoint is None else endpoint.activity(request.method)
    return Deed(activity, _mode(request), target)


def _mode(request: Request) -> AccessMode:
    return _MODES.get(request.method, AccessMode.WRITE)


def _media_type(request: Request, address: Address) -> str | None:
    """In which media type to answer; a service that knows only one answers in that, whatever was asked for."""
    endpoint = ENDPOINTS.get(address.prefix)
    if address.storage is None or endpoint is None or len(endpoint.media_types) == 1:
        return JSON_LD
    return selector(request.joined("accept"))(endpoint.media_types)


def _render(answer: ServiceAnswer, request: Request, address: Address) -> Response:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    headers.append(allow(methods_at(address)))
    if answer.location is not None:
        headers.append((b"location", answer.location.encode()))
    if answer.etag is not None:
        headers.append((b"etag", answer.etag.encode()))
    status = _STATUSES[answer.result]
    if answer.content is not None:
        return _with_content(answer.content, request, status, headers)
    if answer.document is None:
        return Response(status, headers if status == 204 else [*headers, (b"content-length", b"0")])
    media_type = _media_type(request, address) or JSON_LD
    body = _written(answer.document, media_type, request.url)
    headers += ((b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode()))
    return Response(status, headers, b"" if request.method == "HEAD" else body)


def _written(document: Mapping[str, Any], media_type: str, url: str) -> bytes:
    if media_type != TURTLE:
        return json.dumps(document, ensure_ascii=False).encode()
    return serialize(parse(json.dumps(with_contexts(document)).encode(), JSON_LD, url), TURTLE)


def _with_content(content: Content, request: Request, status: int, headers: list[Header]) -> Response:
    headers += (
        (b"content-type", content.media_type.encode("latin-1")),
        (b"content-length", str(content.size).encode()),
    )
    return Response(status, headers, rest=None if request.method == "HEAD" else content.chunks)
