"""Asking for a redaction: the operator's, never through any interface of a storage (`docs/explanation/journal.md`)."""

from __future__ import annotations

import json
from collections.abc import Collection

from vault.context import Context
from vault.errors import BadInput, NoSuchResource
from vault.journal.lines import REDACTABLE
from vault.journal.redaction import REDACT
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry, Redaction
from vault.model.modes import AccessMode
from vault.stores.ports import CatalogueReader, CatalogueTransaction

# Words and no sentences: what somebody types here stays for ever.
REASONS = ("third-party", "on-request")


def ask_redaction(
    context: Context, storage: StorageId, sequence: int, fields: Collection[str], reason: str
) -> None:
    """Keep the line that takes values away from a sealed one; they go when the keeper seals it.

    Raises:
        NoSuchResource: no such storage or line.
        BadInput: the line has no such value (any more).
    """
    redaction = Redaction(sequence, sequence, tuple(sorted(set(fields))), reason)

    def change(tx: CatalogueTransaction) -> None:
        _check(tx, storage, redaction)
        entry = JournalEntry(
            storage,
            context.clock().wall_ms,
            tx.epochs(storage).storage,
            context.new_id(),
            REDACT,
            "",
            AccessMode.CONTROL,
            redaction=redaction,
        )
        tx.append_lines([entry])

    context.catalogue.write(change)


def _check(view: CatalogueReader, storage: StorageId, redaction: Redaction) -> None:
    if view.find_storage(storage) is None:
        raise NoSuchResource("there is no such storage")
    found = [
        line for line in view.sealed_lines(storage, first=redaction.first, last=redaction.last) if line.body
    ]
    if not found:
        raise NoSuchResource(f"there is no line {redaction.first}, or only its hash is left")
    salts = json.loads(found[0].body)["salts"]
    for name in redaction.fields:
        if name not in salts:
            raise BadInput(f"line {redaction.first} has no value of {name!r} to take away")
    if not redaction.fields:
        raise BadInput(f"name what is to be taken away: {', '.join(REDACTABLE)}")
