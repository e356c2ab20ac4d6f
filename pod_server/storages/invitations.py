"""The invitation service of the owner, and the server's own addresses where somebody enters a code and sees her meetings."""

from __future__ import annotations

from typing import Any

from pod_server.storages.bodies import asking_of, check_method, collection, read_body
from pod_server.storages.calls import Result, ServiceAnswer, ServiceCall
from pod_server.storages.parties import parties
from vault.admission import check_app
from vault.context import Context
from vault.errors import NoSuchResource
from vault.grants import meetings
from vault.grants.forms import refuse
from vault.grants.known import KnownInvitation, KnownMeeting, find_invitation, known_invitations
from vault.grants.layout import storage_url
from vault.model.grant import instant_at
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader

Json = dict[str, Any]
MEETINGS = "ontmoetingen/"
_OF_SERVER = ".well-known/wijkkluis/"
_ONLY_YES = "Zeg ja met confirmed: true, of trek de uitnodiging in."
_NO_CODE = "Vul de code in."


def handle(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the invitation service of a storage."""
    check_method(call, ("GET", "POST"), ("GET", "POST", "DELETE"))
    match (call.method, call.rest):
        case ("POST", ""):
            return _invite(context, call)
        case ("POST", _):
            return _confirm(context, call)
        case ("DELETE", id_):
            meetings.cancel(context, asking_of(call), id_)
            return ServiceAnswer(Result.NO_CONTENT, activity="cancel", journalled=True)
        case _:
            return _show(context, call)


def handle_server(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the server's own addresses: POST enters a code, GET shows somebody's own meetings."""
    check_method(call, ("GET", "POST"), ("GET",))
    return _redeem(context, call) if call.method == "POST" else _own_meetings(context, call)


def _invite(context: Context, call: ServiceCall) -> ServiceAnswer:
    if read_body(call):
        raise refuse("document", "Een uitnodiging heeft niets nodig.")
    invited = meetings.invite(context, asking_of(call))
    document = _invitation(context, invited.known) | {"code": invited.code, "parties": []}
    return ServiceAnswer(Result.CREATED, document, str(document["id"]), activity="invite", journalled=True)


def _confirm(context: Context, call: ServiceCall) -> ServiceAnswer:
    if read_body(call) != {"confirmed": True}:
        raise refuse("confirmed", _ONLY_YES)
    known = meetings.confirm(context, asking_of(call), call.rest)
    with context.catalogue.view() as view:
        document = _invitation(context, known) | {"parties": _parties(view, [known])}
    return ServiceAnswer(Result.OK, document, activity="meet", journalled=True)


def _show(context: Context, call: ServiceCall) -> ServiceAnswer:
    asking = asking_of(call)
    with context.catalogue.view() as view:
        meetings.admit(context, view, asking)
        if not call.rest:
            known = known_invitations(view, asking.storage)
            endpoint = f"{storage_url(context, asking.storage)}{meetings.INVITATIONS}"
            items = [_invitation(context, one) for one in known]
            return ServiceAnswer(
                Result.OK, collection(endpoint, items, _parties(view, known)), activity="list"
            )
        one = find_invitation(view, asking.storage, call.rest)
        if one is None:
            raise NoSuchResource("no such invitation")
        return ServiceAnswer(Result.OK, _invitation(context, one) | {"parties": _parties(view, [one])})


def _redeem(context: Context, call: ServiceCall) -> ServiceAnswer:
    sent = read_body(call)
    code = sent.get("code")
    if set(sent) != {"code"} or not isinstance(code, str):
        raise refuse("code", _NO_CODE)
    meetings.redeem(context, call.caller, code)
    return ServiceAnswer(Result.ACCEPTED, activity="redeem", journalled=True)


def _own_meetings(context: Context, call: ServiceCall) -> ServiceAnswer:
    with context.catalogue.view() as view:
        requester = resolve(view, call.caller, context.clock())
        known = list(meetings.own_meetings(view, requester, context.clock().policy_s))
        check_app(requester, meetings.SERVICE)
        items = [_meeting(context, view, one) for one in known]
        if not call.rest:
            endpoint = f"{context.base_url}{_OF_SERVER}{MEETINGS}"
            named = (one.meeting.met.organisation for one in known)
            return ServiceAnswer(
                Result.OK, collection(endpoint, items, parties(view, named)), activity="list"
            )
    one = next((item for item in items if item["id"].endswith(f"/{call.rest}")), None)
    if one is None:
        raise NoSuchResource("no such meeting of this agent")
    return ServiceAnswer(Result.OK, one)


def _invitation(context: Context, known: KnownInvitation) -> Json:
    invitation, redeemer = known.invitation, known.invitation.redeemer
    shown = {
        "id": meetings.invitation_url(context, known),
        "type": "Invitation",
        "status": invitation.status_at(context.clock().wall_s).value,
        "expires": instant_at(invitation.expires_at).text,
        "redeemedBy": redeemer.webid if redeemer else None,
        "organisation": redeemer.organisation if redeemer else None,
        "until": None if invitation.until is None else instant_at(invitation.until).text,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _meeting(context: Context, view: CatalogueReader, known: KnownMeeting) -> Json:
    storage = view.find_storage(known.storage)
    return {
        "id": f"{context.base_url}{_OF_SERVER}{MEETINGS}{known.meeting.id}",
        "type": "Meeting",
        "storage": storage_url(context, known.storage),
        "giverName": storage.name if storage else None,
        "organisation": known.meeting.met.organisation,
        "until": instant_at(known.meeting.until).text,
    }


def _parties(view: CatalogueReader, known: list[KnownInvitation]) -> list[Json]:
    redeemers = (one.invitation.redeemer for one in known)
    named = ((r.webid, r.organisation) for r in redeemers if r is not None)
    return parties(view, (iri for iris in named for iri in iris))
