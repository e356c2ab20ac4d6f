"""Asking for access and answering it: a request names fixed containers or kinds, and only its status ever changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vault.admission import AdmittedWorker, Asking, admit_owner, admit_worker, check_app, find_storage
from vault.context import Context
from vault.errors import Conflict, NoSuchResource, TooManyRequests
from vault.grants.documents import complete, read_sent_request, without
from vault.grants.forms import check_request_form, refuse
from vault.grants.giving import REQUESTS, place_of
from vault.grants.known import KnownRequest, find_request, known_requests, request_document
from vault.grants.layout import storage_url
from vault.grants.lines import Happening, line
from vault.model.grant import AccessRequest, AssigneeKind, RequestStatus, Terms, instant_at
from vault.model.identifiers import StorageId
from vault.model.modes import AccessMode
from vault.model.organisation import Register
from vault.model.records import StorageRecord
from vault.model.requester import Requester
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader, CatalogueTransaction

Json = dict[str, Any]
SERVICE = "AccessRequestService"
max_waiting = 20
_retry_after_s = 24 * 60 * 60
_NOT_HERS = "Vraag voor uzelf, voor een collega of voor uw team."


def ask(context: Context, asking: Asking, sent: Json) -> KnownRequest:
    """Keep what a worker asks, for an organisation that the owner met.

    Raises:
        NoSuchResource: no meeting.
        UnacceptableContent: against a rule.
        TooManyRequests: too many of her organisation's requests wait already.
    """
    with context.catalogue.view() as view:
        requester = resolve(view, asking.caller, context.clock())
        admitted = admit_worker(view, asking.storage, requester, context.clock().policy_s)
        check_app(requester, SERVICE)
        known = KnownRequest(_read(context, view, admitted, requester, sent), 1)
    request = known.request

    def change(tx: CatalogueTransaction) -> None:
        admit_worker(tx, asking.storage, requester, context.clock().policy_s)
        _check_number(tx, asking.storage, request.organisation)
        tx.put_document(request_document(asking.storage, known, context.clock().wall_ms))
        happening = Happening("ask", request.id, mode=AccessMode.APPEND, organisation=request.organisation)
        tx.append_lines([line(context, tx, asking, happening)])

    context.catalogue.write(change)
    return known


def refuse_request(context: Context, asking: Asking, id_: str) -> KnownRequest:
    """Say no; it is recorded and has no other consequence.

    Raises:
        Conflict: it does not wait for an answer any more.
    """
    with context.catalogue.view() as view:
        admit(context, view, asking)
        known = _waiting(find_request(view, asking.storage, id_))
    return _end(context, asking, known, RequestStatus.REFUSED)


def withdraw(context: Context, asking: Asking, id_: str) -> KnownRequest:
    """Take back one's own request.

    Raises:
        NoSuchResource: not hers.
        Conflict: it does not wait for an answer any more.
    """
    with context.catalogue.view() as view:
        requester = resolve(view, asking.caller, context.clock())
        known = find_request(view, asking.storage, id_)
        if known is None or not is_asker(known.request, requester):
            raise NoSuchResource("no such request of this agent")
        check_app(requester, SERVICE)
        known = _waiting(known)
    return _end(context, asking, known, RequestStatus.CANCELLED)


def admit(context: Context, view: CatalogueReader, asking: Asking) -> StorageRecord:
    """Let the owner in to the requests; see `admit_owner`."""
    requester = resolve(view, asking.caller, context.clock())
    return admit_owner(view, asking.storage, requester, SERVICE)


def own_requests(view: CatalogueReader, storage: StorageId, requester: Requester) -> list[KnownRequest]:
    """What somebody asked for an organisation for which she still acts.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    find_storage(view, storage, requester)
    asked = known_requests(view, storage, requester.agent)
    return [known for known in asked if is_asker(known.request, requester)]


def is_asker(request: AccessRequest, requester: Requester) -> bool:
    """Whether this is who asked, still acting for the organisation she asked for."""
    return request.requested_by == requester.agent and request.organisation in requester.organisations


def _read(
    context: Context,
    view: CatalogueReader,
    admitted: AdmittedWorker,
    requester: Requester,
    sent: Json,
) -> AccessRequest:
    check_request_form(sent)
    storage = admitted.storage.storage
    organisation = _organisation(sent, admitted)
    said = {
        "id": f"{storage_url(context, storage)}{REQUESTS}{context.new_id()}",
        "storage": storage_url(context, storage),
        "requestedBy": requester.agent,
        "requestedAt": instant_at(context.clock().wall_s).text,
        "organisation": organisation,
        "status": RequestStatus.WAITING.value,
    }
    completed = complete(without(sent, {"parties"}), said, ())
    request = read_sent_request(completed, place_of(context, storage))
    if not _may_ask_for(request.terms, view.register(), organisation):
        raise refuse("access/assignee", _NOT_HERS)
    return request


def _organisation(sent: Mapping[str, Any], admitted: AdmittedWorker) -> str:
    """The organisation she asks for: as she says, if she may act for it here, otherwise the one she was met for."""
    named = sent.get("organisation")
    return named if named in admitted.organisations else min(admitted.organisations)


def _may_ask_for(terms: Terms, register: Register, iri: str) -> bool:
    organisation = register.find(iri)
    if organisation is None or terms.assignee_kind is AssigneeKind.PERSON:
        return False
    if terms.assignee_kind.is_group:
        return terms.assignee == organisation.group
    return register.membership(iri).worker(terms.assignee) is not None


def _check_number(view: CatalogueReader, storage: StorageId, organisation: str) -> None:
    waiting = [
        known
        for known in known_requests(view, storage)
        if known.request.organisation == organisation and known.request.status is RequestStatus.WAITING
    ]
    if len(waiting) >= max_waiting:
        raise TooManyRequests("too many requests of this organisation wait", _retry_after_s)


def _waiting(known: KnownRequest | None) -> KnownRequest:
    if known is None:
        raise NoSuchResource("no such request")
    if known.request.status is not RequestStatus.WAITING:
        raise Conflict("the request does not wait for an answer any more")
    return known


def _end(context: Context, asking: Asking, known: KnownRequest, status: RequestStatus) -> KnownRequest:
    ended = KnownRequest(replace(known.request, status=status), known.version + 1)
    activity = "refuse" if status is RequestStatus.REFUSED else "withdraw"
    happening = Happening(activity, known.request.id, organisation=known.request.organisation)

    def change(tx: CatalogueTransaction) -> None:
        tx.put_document(request_document(asking.storage, ended, context.clock().wall_ms))
        tx.append_lines([line(context, tx, asking, happening)])

    context.catalogue.write(change)
    return ended
