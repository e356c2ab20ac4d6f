"""The preview service of the owner: what a draft would show, what somebody sees, who sees a resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pod_server.storages.bodies import asking_of, check_method, read_body
from pod_server.storages.calls import Result, ServiceAnswer, ServiceCall
from pod_server.storages.parties import parties
from pod_server.storages.teams import team_of
from vault.admission import admit_owner
from vault.context import Context
from vault.errors import InvalidIdentifier, NoSuchResource
from vault.grants.forms import refuse
from vault.grants.giving import read_draft
from vault.grants.preview import Preview, SetByHand, preview_grant, what_sees, what_was_set_by_hand, who_sees
from vault.grants.visible import Visible
from vault.model.grant import instant_at
from vault.model.identifiers import identifier_from_url
from vault.model.records import ResourceKind, StorageRecord
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader
from vocab.contexts import SERVICE_CONTEXT

Json = dict[str, Any]
SERVICE = "PreviewService"
_ASK_ONE = (
    "Vraag wat iemand ziet (agent), wie iets ziet (resource), of niets: dan komt wat zelf is ingesteld."
)


def handle(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the preview service of a storage."""
    check_method(call, ("GET", "POST"), ())
    with context.catalogue.view() as view:
        requester = resolve(view, call.caller, context.clock())
        storage = admit_owner(view, asking_of(call).storage, requester, SERVICE)
        if call.method == "POST":
            document = _of_draft(context, view, storage, call)
        elif set(call.query) == {"agent"}:
            document = _of_agent(context, view, storage, call.query["agent"])
        elif set(call.query) == {"resource"}:
            document = _of_resource(context, view, storage, call.query["resource"])
        elif not call.query:
            document = _by_hand(context, view, storage)
        else:
            raise refuse("agent", _ASK_ONE)
    return ServiceAnswer(Result.OK, document, activity="preview")


def preview_document(context: Context, preview: Preview, named: Iterable[str | None] = ()) -> Json:
    """What somebody sees, as it is shown, with who is `named` in it."""
    with context.catalogue.view() as view:
        known = parties(view, named)
    return {
        "@context": SERVICE_CONTEXT,
        "type": "Preview",
        "visible": [_visible(found) for found in preview.visible],
        "invisible": list(preview.invisible),
        "changes": {
            "new": [found.url for found in preview.visible if found.is_new],
            "exceptions": list(preview.exceptions),
        },
        "parties": known,
    }


def set_by_hand(context: Context, view: CatalogueReader, storage: StorageRecord) -> list[Json]:
    """What people wrote into access rules themselves, each with the app that wrote it where that is known."""
    return [_by_hand_rule(view, storage, rule) for rule in what_was_set_by_hand(context, view, storage)]


def _by_hand_rule(view: CatalogueReader, storage: StorageRecord, rule: SetByHand) -> Json:
    modes = sorted(mode.value for mode in rule.modes)
    shown = {"agent": rule.party, "resource": rule.url, "modes": modes, "app": rule.client}
    team = team_of(view, storage.storage, rule.party)
    return shown if team is None else shown | {"team": team}


def _by_hand(context: Context, view: CatalogueReader, storage: StorageRecord) -> Json:
    rules = set_by_hand(context, view, storage)
    known = parties(view, [rule[name] for rule in rules for name in ("agent", "app")])
    return {"@context": SERVICE_CONTEXT, "type": "Preview", "setByHand": rules, "parties": known}


def _of_draft(context: Context, view: CatalogueReader, storage: StorageRecord, call: ServiceCall) -> Json:
    sent = read_body(call)
    sent.pop("previewed", None)
    grant = read_draft(context, view, storage, sent).grant
    preview = preview_grant(context, view, storage, grant)
    return preview_document(context, preview, (grant.terms.assignee, grant.organisation))


def _of_agent(context: Context, view: CatalogueReader, storage: StorageRecord, agent: str) -> Json:
    return preview_document(context, what_sees(context, view, storage, agent), [agent])


def _of_resource(context: Context, view: CatalogueReader, storage: StorageRecord, url: str) -> Json:
    try:
        identifier = identifier_from_url(url, context.base_url)
    except InvalidIdentifier as error:
        raise NoSuchResource("no such resource in this storage") from error
    if identifier.storage != storage.storage or view.find_resource(identifier) is None:
        raise NoSuchResource("no such resource in this storage")
    viewers = who_sees(context, view, storage, identifier)
    agents = [
        {
            "id": viewer.party,
            "grants": list(viewer.grants),
            "setByHand": viewer.is_set_by_hand,
            "apps": list(viewer.apps),
        }
        for viewer in viewers
    ]
    known = parties(view, [iri for viewer in viewers for iri in (viewer.party, *viewer.apps)])
    return {"@context": SERVICE_CONTEXT, "id": url, "agents": agents, "parties": known}


def _visible(found: Visible) -> Json:
    record = found.record
    is_container = record.kind is ResourceKind.CONTAINER
    return {
        "id": found.url,
        "mediaType": None if is_container else record.media_type,
        "modified": instant_at(record.modified_ms // 1000).text,
        "size": None if is_container or record.stored is None else record.stored.size,
        "digest": found.digest,
        "isNew": found.is_new,
    }
