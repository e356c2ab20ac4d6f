"""RelocationService: announce a move, choose, preview, confirm once, and the receipt (`kluis.example/ns/toegang#RelocationService`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pod_server.storages.calls import Result, ServiceAnswer, ServiceCall
from pod_server.storages.parties import organisation_document, parties
from pod_server.storages.previews import preview_document, set_by_hand
from vault.admission import Asking
from vault.context import Context
from vault.errors import (
    MethodNotAllowed,
    NoSuchResource,
    PreconditionFailed,
    UnacceptableContent,
    Violation,
)
from vault.grants.forms import read_json
from vault.grants.known import find_grant, known_grants
from vault.grants.layout import storage_url
from vault.model.grant import Grant, instant, last_segment
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.organisation import Organisation
from vault.model.records import ResourceKind
from vault.relocation import moving
from vault.relocation.moving import Announcement, Choice, KnownPlan
from vault.relocation.plan import NewTeam, Plan, plan_document
from vault.stores.ports import CatalogueReader
from vocab.contexts import SERVICE_CONTEXT
from vocab.namespaces import WK

Json = dict[str, Any]
RECEIPT = "bewijs"
_HELPING = frozenset({WK["soort-wijkteam"], WK["soort-gemeente"]})
_FORM = "Dit onderdeel mist, of heeft een andere vorm dan de kluis leest."


def handle(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the owner.

    Raises:
        VaultError: it may not or cannot be done.
    """
    if call.storage is None:
        raise NoSuchResource("this service belongs to a storage")
    asking = Asking(call.storage, call.caller)
    short_id, _, part = call.rest.partition("/")
    if not short_id:
        return _answer_collection(context, asking, call)
    if not part:
        return _answer_plan(context, asking, call, short_id)
    match call.method, part:
        case "POST", "voorbeeld":
            return _preview(context, asking, short_id)
        case "POST", "bevestiging":
            return _confirm(context, asking, call, short_id)
        case "GET", "bewijs":
            return _receipt(context, asking, short_id)
        case _:
            allowed = "GET" if part == RECEIPT else "POST"
            raise MethodNotAllowed("this address does not support the method", (allowed, "OPTIONS"))


def _answer_collection(context: Context, asking: Asking, call: ServiceCall) -> ServiceAnswer:
    match call.method:
        case "POST":
            return _announce(context, asking, call)
        case "GET":
            return _list(context, asking)
        case _:
            raise MethodNotAllowed("plans are listed and announced here", ("GET", "POST", "OPTIONS"))


def _answer_plan(context: Context, asking: Asking, call: ServiceCall, short_id: str) -> ServiceAnswer:
    match call.method:
        case "PUT":
            return _choose(context, asking, call, short_id)
        case "GET":
            return _answer(context, asking, _find(context, asking, short_id))
        case _:
            raise MethodNotAllowed("a plan is read, or its choices are put", ("GET", "PUT", "OPTIONS"))


def _announce(context: Context, asking: Asking, call: ServiceCall) -> ServiceAnswer:
    sent = read_json(call.body)
    announcement = Announcement(
        _text(sent, "municipality"),
        _day(sent, "date"),
        _texts(sent, "circumstances"),
        _text(sent, "oldMunicipality") if sent.get("oldMunicipality") else None,
    )
    known = moving.announce(context, asking, announcement)
    answer = _answer(context, asking, known)
    return replace(answer, result=Result.CREATED, location=known.plan.id, journalled=True)


def _list(context: Context, asking: Asking) -> ServiceAnswer:
    with context.catalogue.view() as view:
        moving.admit(context, view, asking)
        items = [
            _document(context, view, asking.storage, known)
            for known in moving.find_plans(view, asking.storage)
        ]
    endpoint = f"{storage_url(context, asking.storage)}{moving.PATH}"
    return ServiceAnswer(
        Result.OK, {"@context": SERVICE_CONTEXT, "id": endpoint, "type": "Container", "items": items}
    )


def _choose(context: Context, asking: Asking, call: ServiceCall, short_id: str) -> ServiceAnswer:
    seen = _find(context, asking, short_id)
    if call.if_match not in {seen.etag, "*"}:
        raise PreconditionFailed("If-Match must name the plan as it was read")
    sent = read_json(call.body)
    choices = [_choice(entry) for entry in _objects(sent, "lines")]
    team = sent.get("newTeam")
    known = moving.choose(context, asking, seen, choices, None if team is None else _team(team))
    return replace(_answer(context, asking, known), journalled=True)


def _preview(context: Context, asking: Asking, short_id: str) -> ServiceAnswer:
    preview = moving.preview(context, asking, short_id)
    return ServiceAnswer(Result.OK, preview_document(context, preview), activity="preview")


def _confirm(context: Context, asking: Asking, call: ServiceCall, short_id: str) -> ServiceAnswer:
    previewed = _texts(read_json(call.body), "previewed")
    known = moving.confirm(context, asking, short_id, previewed)
    return ServiceAnswer(
        Result.OK,
        _receipt_document(context, asking.storage, known.plan),
        activity="relocate",
        journalled=True,
    )


def _receipt(context: Context, asking: Asking, short_id: str) -> ServiceAnswer:
    plan = _find(context, asking, short_id).plan
    if plan.confirmed_at is None:
        raise NoSuchResource("there is no receipt before the move was confirmed")
    return ServiceAnswer(Result.OK, _receipt_document(context, asking.storage, plan))


def _find(context: Context, asking: Asking, short_id: str) -> KnownPlan:
    with context.catalogue.view() as view:
        moving.admit(context, view, asking)
        return moving.find_plan(view, asking.storage, short_id)


def _answer(context: Context, asking: Asking, known: KnownPlan) -> ServiceAnswer:
    with context.catalogue.view() as view:
        document = _document(context, view, asking.storage, known)
    return ServiceAnswer(Result.OK, document, etag=known.etag)


def _document(context: Context, view: CatalogueReader, storage: StorageId, known: KnownPlan) -> Json:
    document = plan_document(known.plan)
    grants = {one.grant.id: one.grant for one in known_grants(view, storage)}
    lines = [line | {"grant": _summary(grants[line["grant"]])} for line in document["lines"]]
    candidates = [organisation_document(found) for found in _candidates(view, known.plan.new_municipality)]
    involved = {iri for grant in grants.values() for iri in (grant.terms.assignee, grant.organisation) if iri}
    involved |= {candidate["id"] for candidate in candidates}
    record = view.find_storage(storage)
    # A move changes none of them, so they stand beside the lines, as they are at this moment.
    by_hand = [] if record is None else set_by_hand(context, view, record)
    involved |= {rule[name] for rule in by_hand for name in ("agent", "app") if rule[name] is not None}
    return {
        "@context": SERVICE_CONTEXT,
        **document,
        "lines": lines,
        "setByHand": by_hand,
        "candidates": candidates,
        "parties": parties(view, sorted(involved)),
    }


def _summary(grant: Grant) -> Json:
    return {
        "id": grant.id,
        "assignee": grant.terms.assignee,
        "assigneeKind": grant.terms.assignee_kind.value,
        "organisation": grant.organisation,
        "purpose": grant.terms.purpose,
        "end": grant.terms.period.end.text,
    }


def _candidates(view: CatalogueReader, municipality: str) -> list[Organisation]:
    """The teams of a municipality in the register that could help her there."""
    wanted = municipality.strip().casefold()
    return [
        found
        for found in view.register().organisations
        if found.municipality.casefold() == wanted and found.kind in _HELPING and found.suspended_at is None
    ]


def _receipt_document(context: Context, storage: StorageId, plan: Plan) -> Json:
    with context.catalogue.view() as view:
        grants = {one.grant.id: one.grant for one in known_grants(view, storage)}
        new = [
            found.grant for iri in plan.new_grants if (found := find_grant(view, storage, last_segment(iri)))
        ]
        lines = [_receipt_line(grants[line.grant], line.choice) for line in plan.lines]
        added = [_receipt_line(grant, None) for grant in new]
        involved = {
            line[name] for line in (*lines, *added) for name in ("assignee", "organisation") if line[name]
        }
        return {
            "@context": SERVICE_CONTEXT,
            "id": f"{plan.id}/{RECEIPT}",
            "type": "RelocationReceipt",
            "plan": plan.id,
            "confirmedAt": plan.confirmed_at.text if plan.confirmed_at else None,
            # Confirming writes rules, grants and the plan; nothing in that transaction can write a document.
            "documentsCopied": 0,
            "documents": _count_documents(view, storage),
            "lines": lines,
            "newGrants": added,
            "parties": parties(view, sorted(involved)),
        }


def _receipt_line(grant: Grant, choice: str | None) -> Json:
    return {
        "grant": grant.id,
        "assignee": grant.terms.assignee,
        "assigneeKind": grant.terms.assignee_kind.value,
        "organisation": grant.organisation,
        "choice": choice,
        "start": grant.terms.period.start.text if grant.terms.period.start else None,
        "end": (grant.stopped_at or grant.terms.period.end).text,
    }


def _count_documents(view: CatalogueReader, storage: StorageId) -> int:
    root = view.nearest_container(ResourceIdentifier(storage, ""))
    return sum(1 for record in view.descendants(root) if record.kind is ResourceKind.DOCUMENT)


def _choice(entry: Mapping[str, Any]) -> Choice:
    end = entry.get("end")
    day = None if end is None else _as_day(str(end)[:10], "lines/end")
    return Choice(_text(entry, "grant"), _text(entry, "choice"), day)


def _team(sent: Any) -> NewTeam:
    if not isinstance(sent, dict):
        raise _unacceptable("newTeam")
    try:
        end = instant(_text(sent, "end"))
    except ValueError as error:
        raise _unacceptable("newTeam/end") from error
    return NewTeam(
        _text(sent, "organisation"),
        _texts(sent, "resources"),
        _text(sent, "purpose"),
        _texts(sent, "legalBasis"),
        _text(sent, "reason"),
        end,
    )


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise _unacceptable(name)
    return value


def _texts(sent: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = sent.get(name, [])
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise _unacceptable(name)
    return tuple(value)


def _objects(sent: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = sent.get(name)
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise _unacceptable(name)
    return value


def _day(sent: Mapping[str, Any], name: str) -> date:
    return _as_day(_text(sent, name), name)


def _as_day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _unacceptable(name) from error


def _unacceptable(name: str) -> UnacceptableContent:
    return UnacceptableContent(f"not the form of such a document: {name}", (Violation(name, _FORM),))
