"""Requests below the URL of a storage: who asks is established first, then a service or a resource answers."""

from __future__ import annotations

from dataclasses import dataclass

from pod_server.authentication.authenticate import PresentedCredentials
from pod_server.authentication.errors import InvalidToken
from pod_server.http.bodies import IncomingBody
from pod_server.http.requests import Request, read_declared
from pod_server.http.responses import Response, allow, options
from pod_server.storages.description import DESCRIPTION_PATH, check_reading, describe_storage
from pod_server.storages.parts import StoragesParts
from pod_server.storages.resources import answer_resource, attempt
from pod_server.storages.services import Address, answer_call, find_service, methods_at, note_fault
from vault.errors import InvalidIdentifier, NoSuchResource, NotSignedIn, VaultError
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.requester import ANONYMOUS, Caller, Credentials, Declared
from vault.model.rules import RefusalReason
from vault.service import note_failure
from vocab.concepts import satisfied_purposes


@dataclass(frozen=True, slots=True)
class _Place:
    """What a path in a storage leads to: a service, or a resource (None when the path cannot name any)."""

    storage: StorageId
    address: Address | None
    target: ResourceIdentifier | None


def storage_of(path: str) -> StorageId | None:
    """The storage in whose URL space a path lies, by its form alone."""
    name, slash, _ = path.partition("/")
    try:
        return StorageId(name) if slash else None
    except InvalidIdentifier:
        return None


async def answer_in_storage(
    parts: StoragesParts, request: Request, storage: StorageId, body: IncomingBody
) -> Response:
    """Answer a request below the URL of a storage.

    Raises:
        VaultError: it was not done.
        InvalidToken: what was presented does not prove who asks.
    """
    path = request.path[len(storage.value) + 1 :]
    if path == DESCRIPTION_PATH:
        return _describe(parts, request, storage)
    place = _find_place(parts, storage, path)
    if request.method == "OPTIONS":
        return _options(place)
    caller = await _meet(parts, request, place)
    if place.address is not None:
        return await answer_call(parts, request, place.address, caller, body)
    if place.target is None:
        error = InvalidIdentifier("the path names no possible resource")
        _note(parts, request, place, caller, error)
        raise error
    return await answer_resource(parts, request, place.target, caller, body)


async def answer_own_service(
    parts: StoragesParts, request: Request, address: Address, body: IncomingBody
) -> Response:
    """Answer a call of a service of the server itself; raises as `answer_in_storage`."""
    if request.method == "OPTIONS":
        return Response(204, [allow(methods_at(address))])
    credentials = await _recognise(parts, request)
    parts.gate.recognise(request.trace_id, credentials.agent, credentials.client)
    caller = Caller(credentials, read_declared(request, satisfied_purposes), request.trace_id)
    return await answer_call(parts, request, address, caller, body)


def _describe(parts: StoragesParts, request: Request, storage: StorageId) -> Response:
    check_reading(request)
    with parts.context.catalogue.view() as view:
        if view.find_storage(storage) is None:
            raise NoSuchResource("no such storage")
    return describe_storage(request, ResourceIdentifier(storage, "").url(parts.context.base_url))


def _find_place(parts: StoragesParts, storage: StorageId, path: str) -> _Place:
    address = find_service(parts.services, storage, path)
    if address is not None:
        return _Place(storage, address, None)
    try:
        return _Place(storage, None, ResourceIdentifier(storage, path))
    except InvalidIdentifier:
        return _Place(storage, None, None)


def _options(place: _Place) -> Response:
    if place.address is not None:
        return Response(204, [allow(methods_at(place.address))])
    if place.target is None:
        raise InvalidIdentifier("the path names no possible resource")
    return options(place.target)


async def _meet(parts: StoragesParts, request: Request, place: _Place) -> Caller:
    """Establish who asks and what the request says of itself; what fails here is a journal line too."""
    unmet = Caller(ANONYMOUS, Declared(), request.trace_id)
    try:
        credentials = await _recognise(parts, request)
    except InvalidToken:
        _note(parts, request, place, unmet, NotSignedIn("nobody was recognised"))
        raise
    except VaultError as error:
        _note(parts, request, place, unmet, error)
        raise
    try:
        parts.gate.recognise(request.trace_id, credentials.agent, credentials.client)
        declared = read_declared(request, satisfied_purposes)
    except VaultError as error:
        _note(parts, request, place, Caller(credentials, Declared(), request.trace_id), error)
        raise
    return Caller(credentials, declared, request.trace_id)


async def _recognise(parts: StoragesParts, request: Request) -> Credentials:
    authorization, proofs = request.values("authorization"), request.values("dpop")
    if not authorization and not proofs:
        return ANONYMOUS
    presented = PresentedCredentials(request.method, request.url, authorization, proofs)
    now = parts.context.clock()
    if parts.is_quick(presented, now):
        return parts.authenticate(presented, now)
    return await parts.in_thread(lambda: parts.authenticate(presented, now))


def _note(parts: StoragesParts, request: Request, place: _Place, caller: Caller, error: VaultError) -> None:
    if place.address is not None:
        note_fault(parts.context, request, place.address, caller, error)
        return
    target = place.target or ResourceIdentifier(place.storage, "")
    deed = attempt(request.method, target, is_nowhere=place.target is None)
    refusal = RefusalReason.NOT_SIGNED_IN if isinstance(error, NotSignedIn) else None
    note_failure(parts.context, caller, deed, refusal)
