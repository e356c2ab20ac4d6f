"""The access grant service: the owner gives, narrows, stops and lists; a receiver sees what she was given.

`w3c.github.io/lws-protocol/lws10-core/#access-grant-endpoint`
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pod_server.storages.bodies import asking_of, check_method, collection, read_body
from pod_server.storages.calls import Result, ServiceAnswer, ServiceCall
from pod_server.storages.parties import parties
from pod_server.storages.teams import CONFIRMATION, confirm, team_of
from vault.admission import check_app, find_storage, is_owner
from vault.context import Context
from vault.errors import NoSuchResource, NotSignedIn
from vault.grants import grants
from vault.grants.forms import refuse
from vault.grants.known import KnownGrant, known_grants
from vault.grants.layout import storage_url
from vault.grants.place import GRANTS
from vault.grants.written import write_grant
from vault.model.identifiers import identifier_from_url
from vault.model.requester import Requester
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader

Json = dict[str, Any]
OF_SERVER = ".well-known/wijkkluis/toegang/"
_NOT_PREVIEWED = "Bekijk eerst wat er te zien is, en stuur die kenmerken mee."


def handle(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the grant service of a storage."""
    check_method(call, ("GET", "POST", "DELETE"), ("GET", "PUT", "DELETE"))
    match (call.method, call.rest):
        case ("POST", _):
            return _give(context, call)
        case ("PUT", _):
            return _narrow(context, call)
        case ("DELETE", ""):
            grants.stop_all(context, asking_of(call))
            return ServiceAnswer(Result.NO_CONTENT, activity="stop-all", journalled=True)
        case ("DELETE", id_):
            grants.stop(context, asking_of(call), id_)
            return ServiceAnswer(Result.NO_CONTENT, activity="stop", journalled=True)
        case _:
            return _show(context, call)


def handle_server(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the server's own address: what somebody was given in all its storages."""
    check_method(call, ("GET",), ())
    with context.catalogue.view() as view:
        requester = resolve(view, call.caller, context.clock())
        if requester.agent is None:
            raise NotSignedIn("only somebody who is signed in was given something")
        check_app(requester, grants.SERVICE)
        known = grants.received_anywhere(view, requester, context.clock().policy_s)
        document = _listed(context, view, f"{context.base_url}{OF_SERVER}", known, for_owner=False)
    return ServiceAnswer(Result.OK, document, activity="list")


def grant_document(context: Context, view: CatalogueReader, known: KnownGrant, *, for_owner: bool) -> Json:
    """A grant as it is shown; where it stays out is for the owner alone, since it tells that something is there.

    Of a team she sees how it grew, its workers only whether it waits for her yes.
    """
    grant = known.grant
    storage = identifier_from_url(grant.storage, context.base_url).storage
    group = grant.terms.assignee if grant.terms.assignee_kind.is_group else None
    team = None if group is None else team_of(view, storage, group)
    shown = write_grant(grant) | {
        "status": grant.status_at(context.clock().policy_s).value,
        "giverName": grant.giver_name,
    }
    if for_owner:
        return shown | {"exceptions": list(grant.exceptions)} | ({} if team is None else {"team": team})
    return shown if team is None else shown | {"paused": team["paused"] is not None}


def _give(context: Context, call: ServiceCall) -> ServiceAnswer:
    sent = read_body(call)
    if sent.get("type") == CONFIRMATION:
        return confirm(context, call, sent)
    previewed = sent.pop("previewed", None)
    if not isinstance(previewed, list) or not all(isinstance(one, str) for one in previewed):
        raise refuse("previewed", _NOT_PREVIEWED)
    known = grants.give(context, asking_of(call), sent, previewed)
    return _answer(context, known, Result.CREATED, "give")


def _narrow(context: Context, call: ServiceCall) -> ServiceAnswer:
    sent = read_body(call)
    known = grants.narrow(context, asking_of(call), call.rest, sent, call.if_match)
    return _answer(context, known, Result.OK, "narrow")


def _answer(context: Context, known: KnownGrant, result: Result, activity: str) -> ServiceAnswer:
    with context.catalogue.view() as view:
        document = _alone(context, view, known, for_owner=True)
    location = known.grant.id if result is Result.CREATED else None
    return ServiceAnswer(result, document, location, known.etag, activity, journalled=True)


def _show(context: Context, call: ServiceCall) -> ServiceAnswer:
    asking = asking_of(call)
    with context.catalogue.view() as view:
        requester = resolve(view, call.caller, context.clock())
        for_owner = is_owner(find_storage(view, asking.storage, requester), requester)
        known = _all_or_received(context, view, call, requester)
        # Only now: a refusal of the app would tell a stranger that the storage exists.
        check_app(requester, grants.SERVICE)
        if not call.rest:
            endpoint = f"{storage_url(context, asking.storage)}{GRANTS}"
            document = _listed(context, view, endpoint, known, for_owner=for_owner)
            return ServiceAnswer(Result.OK, document, activity="list")
        one = next((one for one in known if one.grant.short_id == call.rest), None)
        if one is None:
            raise NoSuchResource("no such grant for this agent")
        return ServiceAnswer(Result.OK, _alone(context, view, one, for_owner=for_owner), etag=one.etag)


def _all_or_received(
    context: Context, view: CatalogueReader, call: ServiceCall, requester: Requester
) -> list[KnownGrant]:
    """Everything for the owner, else what somebody was given here; whoever was given nothing learns of no storage."""
    storage = asking_of(call).storage
    if is_owner(find_storage(view, storage, requester), requester):
        return known_grants(view, storage)
    known = grants.received_in(view, storage, requester, context.clock().policy_s)
    if not known:
        raise NoSuchResource("nothing was given to this agent")
    return known


def _listed(
    context: Context, view: CatalogueReader, endpoint: str, known: Iterable[KnownGrant], *, for_owner: bool
) -> Json:
    listed = tuple(known)
    items = [grant_document(context, view, one, for_owner=for_owner) for one in listed]
    named = (iri for one in listed for iri in (one.grant.terms.assignee, one.grant.organisation))
    return collection(endpoint, items, parties(view, named))


def _alone(context: Context, view: CatalogueReader, known: KnownGrant, *, for_owner: bool) -> Json:
    named = (known.grant.terms.assignee, known.grant.organisation)
    return grant_document(context, view, known, for_owner=for_owner) | {"parties": parties(view, named)}
