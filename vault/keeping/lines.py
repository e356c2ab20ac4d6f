"""Journal lines of what the operator does to a whole storage; nobody's WebID stands in them."""

from __future__ import annotations

from vault.context import Context
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.stores.ports import CatalogueReader


def line_of_operator(
    context: Context, view: CatalogueReader, storage: StorageId, activity: str, trace_id: str
) -> JournalEntry:
    """Write down that the operator did something to a storage."""
    return JournalEntry(
        storage=storage,
        time_ms=context.clock().wall_ms,
        epoch=view.epochs(storage).storage,
        trace_id=trace_id,
        activity=activity,
        resource=ResourceIdentifier(storage, "").url(context.base_url),
        mode=AccessMode.CONTROL,
    )
