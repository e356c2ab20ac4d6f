"""Requests on resources: small reads in the event loop, everything that may take a while in threads."""

from __future__ import annotations

from pod_server.http.bodies import IncomingBody, piece_bytes
from pod_server.http.conditions import read_preconditions, wanted_by
from pod_server.http.negotiation import selector
from pod_server.http.requests import Request, asks_for_container, check_content
from pod_server.http.responses import Response, render
from pod_server.storages.parts import StoragesParts
from vault.entries import Deed
from vault.errors import MethodNotAllowed, VaultError
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.operation import (
    Body,
    Create,
    Delete,
    Operation,
    Patch,
    Read,
    Replace,
    methods_of,
)
from vault.model.requester import Caller
from vault.service import note_failure, perform

_ATTEMPTS = {
    "GET": ("read", AccessMode.READ),
    "HEAD": ("read", AccessMode.READ),
    "POST": ("create", AccessMode.APPEND),
    "PATCH": ("change", AccessMode.WRITE),
    "DELETE": ("delete", AccessMode.WRITE),
}


async def answer_resource(
    parts: StoragesParts, request: Request, target: ResourceIdentifier, caller: Caller, body: IncomingBody
) -> Response:
    """Answer a request on a resource; the journal knows it before the answer leaves.

    Raises:
        VaultError: it was not done.
    """
    context = parts.context
    try:
        operation = _read_operation(request, target, body, context.limits.max_patch_bytes)
    except VaultError:
        note_failure(context, caller, attempt(request.method, target), None)
        raise
    if isinstance(operation, Read) and not target.is_container and parts.reads_are_short:
        outcome = perform(context, operation, caller)
    else:
        if 0 < request.content_length <= piece_bytes and "expect" not in request.headers:
            await body.hold()
        outcome = await parts.in_thread(lambda: perform(context, operation, caller))
    return render(outcome, request, target, context.base_url)


def attempt(method: str, target: ResourceIdentifier, *, is_nowhere: bool = False) -> Deed:
    """What a request that got no further tried to do, for the journal."""
    activity, mode = _ATTEMPTS.get(method, ("replace", AccessMode.WRITE))
    return Deed(activity, AccessMode.CONTROL if target.is_acl else mode, target, is_nowhere)


def _read_operation(
    request: Request, target: ResourceIdentifier, body: IncomingBody, max_patch_bytes: int
) -> Operation:
    preconditions = read_preconditions(request)
    match request.method:
        case "GET" | "HEAD":
            select = selector(request.joined("accept"))
            return Read(target, select, preconditions, wanted_by(request))
        case "DELETE":
            return Delete(target, preconditions)
        case "PUT":
            return Replace(target, _read_body(request, body), preconditions)
        case "PATCH":
            return Patch(target, _read_body(request, body, max_patch_bytes), preconditions)
        case "POST":
            return Create(
                target,
                _read_body(request, body),
                request.one("slug"),
                asks_for_container(request.joined("link")),
                preconditions,
            )
        case _:
            raise MethodNotAllowed("this method is not supported", methods_of(target))


def _read_body(request: Request, body: IncomingBody, max_bytes: int | None = None) -> Body:
    media_type = check_content(request, max_bytes or body.limits.max_body_bytes)
    if not request.has_content:
        return Body(media_type)
    return Body(media_type, body.pieces(), request.content_length or None)
