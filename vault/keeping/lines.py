"""Journal lines of what the operator does to a whole storage; nobody's WebID stands in them."""

from __future__ import annotations

import hashlib

from vault.context import Context
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.stores.ports import CatalogueReader

_trace_characters = 32


def line_of_operator(
    context: Context, view: CatalogueReader, storage: StorageId, activity: str
) -> JournalEntry:
    """Write down that the operator did something to a storage.

    Raises:
        NoSuchResource: there is no such storage.
    """
    return JournalEntry(
        storage=storage,
        time_ms=context.clock().wall_ms,
        epoch=view.epochs(storage).storage,
        trace_id=new_trace(context),
        activity=activity,
        resource=ResourceIdentifier(storage, "").url(context.base_url),
        mode=AccessMode.CONTROL,
    )


def new_trace(context: Context) -> str:
    """A trace id for what comes over no request."""
    return hashlib.sha256(context.new_id().encode()).hexdigest()[:_trace_characters]


def keep_line(context: Context, storage: StorageId, activity: str) -> None:
    """Keep such a line by itself, before what it tells of begins.

    Raises:
        NoSuchResource: there is no such storage.
    """
    context.catalogue.write(lambda tx: tx.append_lines([line_of_operator(context, tx, storage, activity)]))
