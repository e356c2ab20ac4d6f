"""The access request service: a worker asks and withdraws, the owner lists and refuses.

`w3c.github.io/lws-protocol/lws10-core/#access-request-endpoint`
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pod_server.storages.bodies import MERGE_PATCH, asking_of, check_method, collection, read_body
from pod_server.storages.calls import Result, ServiceAnswer, ServiceCall
from pod_server.storages.parties import parties
from vault.admission import admit_worker, check_app, find_storage, is_owner
from vault.context import Context
from vault.errors import NoSuchResource
from vault.grants import requests
from vault.grants.forms import refuse
from vault.grants.giving import REQUESTS
from vault.grants.known import KnownRequest, known_requests
from vault.grants.layout import storage_url
from vault.grants.written import write_request
from vault.model.grant import RequestStatus
from vault.model.requester import Requester
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader

Json = dict[str, Any]
_ONLY_REFUSED = "Alleen de stand kan veranderen, in Refused."


def handle(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the request service of a storage."""
    check_method(call, ("GET", "POST"), ("GET", "PATCH", "DELETE"))
    match call.method:
        case "POST":
            return _ask(context, call)
        case "PATCH":
            return _refuse(context, call)
        case "DELETE":
            requests.withdraw(context, asking_of(call), call.rest)
            return ServiceAnswer(Result.NO_CONTENT, activity="withdraw", journalled=True)
        case _:
            return _show(context, call)


def _ask(context: Context, call: ServiceCall) -> ServiceAnswer:
    known = requests.ask(context, asking_of(call), read_body(call))
    return ServiceAnswer(
        Result.CREATED, write_request(known.request), known.request.id, activity="ask", journalled=True
    )


def _refuse(context: Context, call: ServiceCall) -> ServiceAnswer:
    if read_body(call, (MERGE_PATCH,)) != {"status": RequestStatus.REFUSED.value}:
        raise refuse("status", _ONLY_REFUSED)
    known = requests.refuse_request(context, asking_of(call), call.rest)
    return ServiceAnswer(Result.OK, write_request(known.request), activity="refuse", journalled=True)


def _show(context: Context, call: ServiceCall) -> ServiceAnswer:
    with context.catalogue.view() as view:
        requester = resolve(view, call.caller, context.clock())
        known = _all_or_own(context, view, call, requester)
        # Only now: a refusal of the app would tell a stranger that the storage exists.
        check_app(requester, requests.SERVICE)
        if not call.rest:
            return ServiceAnswer(Result.OK, _listed(context, view, call, known), activity="list")
        one = next((one for one in known if one.request.short_id == call.rest), None)
        if one is None:
            raise NoSuchResource("no such request for this agent")
        document = write_request(one.request) | {"parties": _parties(view, [one])}
        return ServiceAnswer(Result.OK, document)


def _all_or_own(
    context: Context, view: CatalogueReader, call: ServiceCall, requester: Requester
) -> list[KnownRequest]:
    """Everything for the owner, else what a worker asked; whoever asked nothing and has no meeting learns of no storage."""
    storage = asking_of(call).storage
    if is_owner(find_storage(view, storage, requester), requester):
        return known_requests(view, storage)
    known = requests.own_requests(view, storage, requester)
    if not known:
        admit_worker(view, storage, requester, context.clock().policy_s)
    return known


def _listed(context: Context, view: CatalogueReader, call: ServiceCall, known: list[KnownRequest]) -> Json:
    endpoint = f"{storage_url(context, asking_of(call).storage)}{REQUESTS}"
    return collection(endpoint, [write_request(one.request) for one in known], _parties(view, known))


def _parties(view: CatalogueReader, known: Iterable[KnownRequest]) -> list[Json]:
    asked = (one.request for one in known)
    named = ((r.requested_by, r.terms.assignee, r.organisation) for r in asked)
    return parties(view, (iri for iris in named for iri in iris))
