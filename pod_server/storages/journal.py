"""The journal service: the owner reads her journal page by page and gets the newest checkpoint (`kluis.example/ns/toegang#JournalService`)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pod_server.storages.calls import Result, ServiceAnswer, ServiceCall
from pod_server.storages.parties import parties
from vault.admission import admit_owner
from vault.context import Context
from vault.errors import MethodNotAllowed, NoSuchResource
from vault.journal.checkpoints import checkpoint_for
from vault.journal.read import Page, read_filters, read_page
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader
from vocab.contexts import SERVICE_CONTEXT

SERVICE = "JournalService"
PATH = "logboek/"
CHECKPOINT = "ijkpunt"


def handle(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the journal service.

    Raises:
        VaultError: she may not, or what was asked is not there.
    """
    if call.storage is None:
        raise NoSuchResource("a journal belongs to a storage")
    with context.catalogue.view() as view:
        requester = resolve(view, call.caller, context.clock())
        admit_owner(view, call.storage, requester, SERVICE)
        if call.rest not in {"", CHECKPOINT}:
            raise NoSuchResource("the journal has no such part")
        if call.method != "GET":
            raise MethodNotAllowed("the journal is only read", ("GET", "HEAD", "OPTIONS"))
        endpoint = f"{context.base_url}{call.storage}/{PATH}"
        if call.rest == CHECKPOINT:
            return _checkpoint(view, f"{context.base_url}{call.storage}/", endpoint)
        page = read_page(view, call.storage, read_filters(call.query))
        document = _document(endpoint, call, page) | {"parties": parties(view, _named(page))}
    return ServiceAnswer(Result.OK, document, activity="consult-journal")


def _document(endpoint: str, call: ServiceCall, page: Page) -> dict[str, Any]:
    query = dict(call.query)
    document: dict[str, Any] = {
        "@context": SERVICE_CONTEXT,
        "id": f"{endpoint}?{urlencode(query)}" if query else endpoint,
        "type": "Journal",
        "lines": list(page.lines),
    }
    if page.before is not None:
        document["next"] = f"{endpoint}?{urlencode(query | {'before': str(page.before)})}"
    return document


def _named(page: Page) -> list[str]:
    names = {line.get(name) for line in page.lines for name in ("agent", "organisation")}
    return sorted(name for name in names if name is not None)


def _checkpoint(view: CatalogueReader, storage: str, endpoint: str) -> ServiceAnswer:
    kept = view.latest_checkpoint()
    checkpoint = None if kept is None else checkpoint_for(kept, storage)
    if checkpoint is None:
        raise NoSuchResource("there is no checkpoint yet")
    about = {"@context": SERVICE_CONTEXT, "id": f"{endpoint}{CHECKPOINT}"}
    return ServiceAnswer(Result.OK, about | checkpoint.as_json(), activity="checkpoint")
