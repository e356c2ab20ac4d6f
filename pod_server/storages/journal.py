"""The journal service: the owner reads her journal page by page, and gets or asks for a checkpoint (`kluis.example/ns/toegang#JournalService`)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from pod_server.storages.calls import Result, ServiceAnswer, ServiceCall
from pod_server.storages.parties import parties
from vault.admission import Asking, admit_owner
from vault.context import Context
from vault.errors import MethodNotAllowed, NoSuchResource
from vault.journal.checkpoints import checkpoint_for
from vault.journal.demand import ask_checkpoint
from vault.journal.lines import Line
from vault.journal.read import Page, read_filters, read_page
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader, CatalogueTransaction
from vocab.contexts import JOURNAL_CONTEXT

SERVICE = "JournalService"
PATH = "logboek/"
CHECKPOINT = "ijkpunt"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*\Z")


def handle(context: Context, call: ServiceCall) -> ServiceAnswer:
    """Answer a call of the journal service.

    Raises:
        VaultError: she may not, or what was asked is not there.
    """
    if call.storage is None:
        raise NoSuchResource("a journal belongs to a storage")
    asking = Asking(call.storage, call.caller)
    endpoint = f"{context.base_url}{call.storage}/{PATH}"
    with context.catalogue.view() as view:
        _admit(context, view, asking)
        if call.rest not in {"", CHECKPOINT}:
            raise NoSuchResource("the journal has no such part")
        if call.method == "GET":
            return _read(context, view, asking, call) if call.rest == "" else _checkpoint(view, endpoint)
    if call.method != "POST" or call.rest != CHECKPOINT:
        allowed = ("GET", "HEAD", "OPTIONS", *(("POST",) if call.rest == CHECKPOINT else ()))
        raise MethodNotAllowed("the journal is only read", allowed)
    return _ask_checkpoint(context, asking, f"{endpoint}{CHECKPOINT}")


def _admit(context: Context, view: CatalogueReader, asking: Asking) -> None:
    admit_owner(view, asking.storage, resolve(view, asking.caller, context.clock()), SERVICE)


def _read(context: Context, view: CatalogueReader, asking: Asking, call: ServiceCall) -> ServiceAnswer:
    endpoint = f"{context.base_url}{asking.storage}/{PATH}"
    page = read_page(view, asking.storage, read_filters(call.query))
    document = _document(endpoint, call, page) | {"parties": parties(view, _named(page))}
    return ServiceAnswer(Result.OK, document, activity="consult-journal")


def _document(endpoint: str, call: ServiceCall, page: Page) -> dict[str, Any]:
    query = dict(call.query)
    document: dict[str, Any] = {
        "@context": JOURNAL_CONTEXT,
        "id": f"{endpoint}?{urlencode(query)}" if query else endpoint,
        "type": "Journal",
        "lines": [_line(endpoint, line) for line in page.lines],
    }
    if page.before is not None:
        document["next"] = f"{endpoint}?{urlencode(query | {'before': str(page.before)})}"
    return document


def _line(endpoint: str, line: Line) -> Line:
    """A line as linked data: with an IRI of its own, and what is no IRI under a name that does not say it is."""
    shown = {"id": f"{endpoint}#regel-{line['sequence']}", "type": "JournalLine", **line}
    if not _IRI.match(line.get("usedClient", "https:")):
        shown["usedClientId"] = shown.pop("usedClient")
    if "legalBasis" in line:
        shown["legalBasis"] = line["legalBasis"].split()
    return shown


def _named(page: Page) -> list[str]:
    names = {line.get(name) for line in page.lines for name in ("agent", "organisation")}
    return sorted(name for name in names if name is not None)


def _checkpoint(view: CatalogueReader, endpoint: str) -> ServiceAnswer:
    kept = view.latest_checkpoint()
    checkpoint = None if kept is None else checkpoint_for(kept, endpoint.removesuffix(PATH))
    if checkpoint is None:
        raise NoSuchResource("there is no checkpoint yet")
    about = {"@context": JOURNAL_CONTEXT, "id": f"{endpoint}{CHECKPOINT}"}
    return ServiceAnswer(Result.OK, about | checkpoint.as_json(), activity="checkpoint")


def _ask_checkpoint(context: Context, asking: Asking, url: str) -> ServiceAnswer:
    def change(tx: CatalogueTransaction) -> None:
        _admit(context, tx, asking)
        ask_checkpoint(tx, context, asking, url)

    context.catalogue.write(change)
    # Signed by the keeper, who has the key: within a second it is where it always is.
    return ServiceAnswer(Result.ACCEPTED, location=url, journalled=True, headers={"Retry-After": "1"})
