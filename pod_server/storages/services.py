"""Calls of services: the body is read, the service called in a thread, its answer written; each call is one journal line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pod_server.http.bodies import IncomingBody
from pod_server.http.requests import Request, check_content
from pod_server.http.responses import Response, allow
from pod_server.storages.calls import Result, Service, ServiceAnswer, ServiceCall, max_service_body_bytes
from pod_server.storages.endpoints import ENDPOINTS
from pod_server.storages.parts import StoragesParts
from vault.context import Context
from vault.entries import Deed
from vault.errors import BadInput, InvalidIdentifier, VaultError
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import AccessMode
from vault.model.requester import Caller
from vault.service import note_call
from vocab.media_types import JSON_LD, essence

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
    answer = await parts.in_thread(lambda: _call(parts.context, request, address, call))
    return _render(answer, request, methods_at(address))


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


async def _read_call(request: Request, address: Address, caller: Caller, body: IncomingBody) -> ServiceCall:
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


def _render(answer: ServiceAnswer, request: Request, methods: tuple[str, ...]) -> Response:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    headers.append(allow(methods))
    if answer.location is not None:
        headers.append((b"location", answer.location.encode()))
    if answer.etag is not None:
        headers.append((b"etag", answer.etag.encode()))
    status = _STATUSES[answer.result]
    if answer.document is None:
        return Response(status, headers if status == 204 else [*headers, (b"content-length", b"0")])
    body = json.dumps(answer.document, ensure_ascii=False).encode()
    headers += ((b"content-type", JSON_LD.encode()), (b"content-length", str(len(body)).encode()))
    return Response(status, headers, b"" if request.method == "HEAD" else body)
