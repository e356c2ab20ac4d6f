"""The ASGI application of the storages: no cookies, no sessions, no pages (`solidproject.org/TR/protocol#http-server`)."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from pod_server.authentication.challenges import challenge
from pod_server.authentication.errors import InvalidToken
from pod_server.http.bodies import IncomingBody, Message, Receive
from pod_server.http.cors import is_preflight, preflight_headers
from pod_server.http.digests import DigestCheck
from pod_server.http.gate import address_of
from pod_server.http.limits import find_head_fault, find_target_fault
from pod_server.http.problems import Problem, render_error, render_problem
from pod_server.http.requests import Request, read_headers, sent_digests
from pod_server.http.responses import Response, finish
from pod_server.storages.description import (
    KEY_PATH,
    SERVER_PATH,
    check_reading,
    describe_server,
    readable,
)
from pod_server.storages.parts import StoragesParts
from pod_server.storages.services import find_service
from pod_server.storages.storage import answer_in_storage, answer_own_service, storage_of
from vault.errors import BadInput, NoSuchResource, TooManyRequests, VaultError
from vault.model.identifiers import ResourceIdentifier, StorageId

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)
_HEALTH = ".health/"
_piece_bytes = 256 * 1024
drained_bytes = 1024 * 1024


def create_app(parts: StoragesParts) -> ASGIApplication:
    """Make the application."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await _serve(parts, scope, receive, send)
            case "lifespan":
                await _live(parts, receive, send)
            case _:
                raise ValueError("only HTTP is spoken here")

    return application


async def _live(parts: StoragesParts, receive: Receive, send: Send) -> None:
    context, stopping = parts.context, threading.Event()
    work = (context.intake, context.clock, stopping)
    telling = threading.Thread(
        target=context.public_reads.keep_telling, args=work, name="public-reads", daemon=True
    )
    await receive()
    telling.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    stopping.set()
    await parts.in_thread(telling.join)
    await send({"type": "lifespan.shutdown.complete"})


async def _serve(parts: StoragesParts, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request; the one place where a fault of our own becomes a 500, without a word about it."""
    request = _read_request(parts, scope)
    storage = storage_of(request.path)
    try:
        response = await _answer(parts, request, storage, receive)
    except Exception:
        logger.exception("a request could not be answered", extra={"trace_id": request.trace_id})
        response = render_problem(Problem(500, "Something went wrong here.", {}), request.trace_id)
    try:
        response = _told(parts, request, response)
        if not is_preflight(request) or response.status >= 400:
            url = None if storage is None else ResourceIdentifier(storage, "").url(parts.context.base_url)
            response = finish(response, request, url)
        await _send(parts, send, response)
    finally:
        parts.gate.leave(request.trace_id)


def _told(parts: StoragesParts, request: Request, response: Response) -> Response:
    """Answer as is, unless whoever asks was refused too often before."""
    try:
        parts.gate.tell(request.trace_id, response.status)
    except TooManyRequests as error:
        return render_error(error, request.trace_id)
    return response


def _read_request(parts: StoragesParts, scope: Scope) -> Request:
    base_url = parts.context.base_url
    raw: bytes = scope["raw_path"]
    headers = read_headers(scope["headers"])
    peer: str = (scope.get("client") or ("",))[0]
    # What is outside the base URL is given a path that nothing has.
    path = raw.decode("latin-1").removeprefix(urlsplit(base_url).path) if raw else ""
    return Request(
        method=scope["method"],
        path=path,
        url=base_url + path,
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        trace_id=parts.new_trace_id(),
        address=address_of(peer, headers.get("x-forwarded-for", ()), parts.trusted_proxies),
    )


async def _answer(
    parts: StoragesParts, request: Request, storage: StorageId | None, receive: Receive
) -> Response:
    if request.path.startswith(_HEALTH) and not is_preflight(request):
        return _health(parts, request)
    fault = find_target_fault(request.path, request.query, parts.limits)
    fault = fault or find_head_fault(request.headers, parts.limits)
    if fault is not None:
        return render_problem(Problem(fault.status, fault.sentence, {}), request.trace_id)
    if is_preflight(request):
        return Response(204, [*preflight_headers(request), (b"trace-id", request.trace_id.encode())])
    body = IncomingBody(receive, parts.limits, time.monotonic, _check_of(request))
    response = await _answer_with(parts, request, storage, body)
    if response.status >= 400 and 0 < request.content_length <= drained_bytes:
        # Who is refused while she still sends would meet a closed connection instead of the answer.
        await body.drain(drained_bytes)
    return response


async def _answer_with(
    parts: StoragesParts, request: Request, storage: StorageId | None, body: IncomingBody
) -> Response:
    issuer = parts.context.issuer_url
    try:
        parts.gate.enter(request.trace_id, request.address)
        if storage is not None:
            return await answer_in_storage(parts, request, storage, body)
        return await _answer_outside(parts, request, body)
    except InvalidToken as error:
        problem = Problem(401, "Sign in to do this.", {"error": error.code})
        return _challenging(render_problem(problem, request.trace_id), challenge(error, issuer))
    except VaultError as error:
        response = render_error(error, request.trace_id)
        return _challenging(response, challenge(None, issuer)) if response.status == 401 else response


def _check_of(request: Request) -> DigestCheck:
    try:
        return DigestCheck(sent_digests(request))
    except BadInput:
        # Refused where the request is read, so that the journal knows who sent it.
        return DigestCheck(())


async def _answer_outside(parts: StoragesParts, request: Request, body: IncomingBody) -> Response:
    """Answer a request on one of the server's own addresses."""
    if request.path == SERVER_PATH:
        check_reading(request)
        return describe_server(request, parts.context.base_url, parts.context.issuer_url)
    return await _answer_extension(parts, request, body)


async def _answer_extension(parts: StoragesParts, request: Request, body: IncomingBody) -> Response:
    """Answer a request on what no specification knows: the key of this server, or a service that is no storage's."""
    if request.path == KEY_PATH:
        check_reading(request)
        return readable(request, "text/plain; charset=us-ascii", parts.public_key)
    address = find_service(parts.server_services, None, request.path)
    if address is None:
        raise NoSuchResource("no such address")
    return await answer_own_service(parts, request, address, body)


def _health(parts: StoragesParts, request: Request) -> Response:
    match request.path.removeprefix(_HEALTH):
        case "live":
            return readable(request, "text/plain", b"live\n")
        case "ready" if parts.healthy():
            return readable(request, "text/plain", b"ready\n")
        case "ready":
            return render_problem(Problem(503, "Not ready.", {}), request.trace_id)
        case _:
            return render_error(NoSuchResource("no such address"), request.trace_id)


def _challenging(response: Response, value: str) -> Response:
    response.headers.append((b"www-authenticate", value.encode("latin-1")))
    return response


async def _send(parts: StoragesParts, send: Send, response: Response) -> None:
    start = {"type": "http.response.start", "status": response.status, "headers": response.headers}
    await send(start)
    rest = response.rest
    if rest is None:
        await send({"type": "http.response.body", "body": response.body})
        return
    try:
        async with asyncio.timeout(parts.limits.max_request_s):
            await send({"type": "http.response.body", "body": response.body, "more_body": True})
            while piece := await parts.in_thread(lambda: _gather(rest)):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except (VaultError, TimeoutError) as error:
        # Too late for another status: without its last message the server ends the connection, so that what was sent
        # cannot be taken for the whole.
        logger.info("a read was ended half-way", extra={"error": type(error).__name__})
        return
    await send({"type": "http.response.body", "body": b""})


def _gather(pieces: Iterator[bytes]) -> bytes:
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= _piece_bytes:
            break
    return bytes(gathered)
