"""The version service: who controls a resource lists its versions, reads and restores them, and brings back what was removed.

`kluis.example/ns/toegang#VersionService`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pod_server.storages.bodies import asking_of, check_method, collection, read_body
from pod_server.storages.calls import Content, Result, ServiceAnswer, ServiceCall
from pod_server.storages.endpoints import ENDPOINTS
from pod_server.storages.parties import parties
from vault.context import Context
from vault.errors import InvalidIdentifier, NoSuchResource, NotSignedIn
from vault.grants.forms import refuse
from vault.history.removed import bring_back
from vault.history.restore import Wish, restore
from vault.history.versions import list_removed, list_versions, open_version
from vault.model.grant import instant_at
from vault.model.identifiers import ResourceIdentifier, identifier_from_url
from vault.model.outcome import Written
from vault.model.records import RemovedRecord, RevisionRecord
from vocab.contexts import SERVICE_CONTEXT

Json = dict[str, Any]
PATH = ".well-known/wijkkluis/versies/"
_ASK = "Vraag naar de versies van één adres (resource), of naar wat uit een map is weggehaald (container)."
_SAY = "Noem een versie met haar adres (resource en version), of wat terug moet komen (removed)."
_AUDIENCE = "Het enige woord dat hier kan is owner: dan ziet alleen de eigenaar het."
_NUMBER = "Vraag verder met het adres dat bij next staat."


def handle(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the version service of a storage."""
    check_method(call, ("GET", "POST"), ("GET",))
    if call.caller.credentials.agent is None:
        raise NotSignedIn("this service needs somebody who is signed in")
    if call.method == "POST":
        return _bring(context, call)
    asked = set(call.query) - {"before"}
    if call.rest and asked == {"resource"}:
        return _open(context, call)
    if call.rest == "" and asked == {"resource"}:
        return _versions(context, call)
    if call.rest == "" and asked <= {"container"}:
        return _removed(context, call)
    raise refuse("resource", _ASK)


def _versions(context: Context, call: ServiceCall) -> ServiceAnswer:
    target = _identifier(context, call, call.query["resource"])
    page = list_versions(context, asking_of(call), target, _before(call))
    items = [_version(context, call, target, one) for one in page.items]
    document = _listed(context, call, items, page.next) | {"resource": target.url(context.base_url)}
    return ServiceAnswer(Result.OK, document, journalled=True)


def _open(context: Context, call: ServiceCall) -> ServiceAnswer:
    target = _identifier(context, call, call.query["resource"])
    opened = open_version(context, asking_of(call), target, call.rest)
    size = opened.revision.stored.size if opened.revision.stored else 0
    content = Content(opened.revision.media_type, size, opened.chunks)
    return ServiceAnswer(Result.OK, content=content, etag=f'"{opened.revision.id}"', journalled=True)


def _removed(context: Context, call: ServiceCall) -> ServiceAnswer:
    named = call.query.get("container")
    container = None if named is None else _identifier(context, call, named)
    page = list_removed(context, asking_of(call), container, _before(call))
    document = _listed(context, call, [_gone(context, one) for one in page.items], page.next)
    if page.usage is not None:
        document["usage"] = {"bytes": page.usage.in_all, "quota": context.limits.quota_bytes}
    return ServiceAnswer(Result.OK, document, journalled=True)


def _bring(context: Context, call: ServiceCall) -> ServiceAnswer:
    sent = read_body(call)
    sent.pop("@context", None)
    if not all(isinstance(value, str) for value in sent.values()):
        raise refuse("resource", _SAY)
    if {"removed"} <= set(sent) <= {"removed", "resource"}:
        place = _place(context, call, sent["resource"]) if "resource" in sent else None
        return _answer(context, bring_back(context, asking_of(call), sent["removed"], place))
    if {"resource", "version"} <= set(sent) <= {"resource", "version", "audience"}:
        target = _identifier(context, call, sent["resource"])
        if sent.get("audience", "owner") != "owner":
            raise refuse("audience", _AUDIENCE)
        wish = Wish(target, sent["version"], for_owner_only="audience" in sent)
        return _answer(context, restore(context, asking_of(call), wish))
    raise refuse("version", _SAY)


def _answer(context: Context, written: Written) -> ServiceAnswer:
    url = written.identifier.url(context.base_url)
    document = {"@context": SERVICE_CONTEXT, "resource": url, "version": written.version}
    result = Result.CREATED if written.is_new else Result.OK
    return ServiceAnswer(result, document, url, journalled=True)


def _identifier(context: Context, call: ServiceCall, url: str) -> ResourceIdentifier:
    try:
        identifier = identifier_from_url(url, context.base_url)
    except InvalidIdentifier as error:
        raise NoSuchResource("no such resource in this storage") from error
    if identifier.storage != call.storage:
        raise NoSuchResource("no such resource in this storage")
    return identifier


def _place(context: Context, call: ServiceCall, url: str) -> ResourceIdentifier:
    """Where something is to be; what lies in the part of a service would never be found again."""
    place = _identifier(context, call, url)
    if place.path.startswith(tuple(ENDPOINTS)):
        raise InvalidIdentifier("this place is taken by a service")
    return place


def _before(call: ServiceCall) -> int | None:
    text = call.query.get("before")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise refuse("before", _NUMBER)
    return int(text)


def _listed(context: Context, call: ServiceCall, items: list[Json], before: int | None) -> Json:
    endpoint = f"{context.base_url}{call.storage}/{PATH}"
    with context.catalogue.view() as view:
        known = parties(view, (item.get(name) for item in items for name in ("agent", "removedBy")))
    document = collection(_asked(endpoint, call.query), items, known)
    if before is not None:
        document["next"] = _asked(endpoint, {**call.query, "before": str(before)})
    return document


def _asked(endpoint: str, query: Mapping[str, str]) -> str:
    return f"{endpoint}?{urlencode(query)}" if query else endpoint


def _version(context: Context, call: ServiceCall, target: ResourceIdentifier, one: RevisionRecord) -> Json:
    url = target.url(context.base_url)
    endpoint = f"{context.base_url}{call.storage}/{PATH}{one.id}"
    return {
        "id": _asked(endpoint, {"resource": url}),
        "version": one.id,
        "isCurrent": one.replaced_ms is None,
    } | _state(one)


def _gone(context: Context, gone: RemovedRecord) -> Json:
    state = _state(gone.last)
    kept_until_s = gone.removal.time_ms // 1000 + context.limits.removed_kept_s
    return state | {
        "removed": gone.key,
        "resource": gone.identifier.url(context.base_url),
        "removedAt": instant_at(gone.removal.time_ms // 1000).text,
        "removedBy": gone.removal.agent,
        "keptUntil": instant_at(kept_until_s).text,
    }


def _state(one: RevisionRecord) -> Json:
    return {
        "modified": instant_at(one.modified_ms // 1000).text,
        "agent": one.agent,
        "mediaType": one.media_type,
        "size": one.stored.size if one.stored else 0,
    }
