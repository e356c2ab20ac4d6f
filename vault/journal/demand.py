"""Checkpoints: signed when they are due, and on demand by an owner or the operator (`docs/explanation/journal.md`)."""

from __future__ import annotations

from vault.admission import Asking
from vault.context import Context
from vault.errors import TooManyRequests
from vault.grants.lines import Happening, line
from vault.journal.checkpoints import Signer, make_checkpoint
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.stores.ports import CatalogueTransaction

SIGN = "sign-checkpoint"
checkpoints_in_period = 6
period_s = 60


def ask_checkpoint(tx: CatalogueTransaction, context: Context, asking: Asking, resource: str) -> None:
    """Keep the line that asks for a checkpoint: the keeper, who has the key, signs one when it has sealed that line.

    Raises:
        TooManyRequests: of this storage it was asked too often in this minute.
    """
    now_s = context.clock().wall_s
    scope, period = f"checkpoint of {asking.storage}", now_s // period_s
    if tx.attempts(scope, period) >= checkpoints_in_period:
        raise TooManyRequests("a new checkpoint was asked for too often", period_s - now_s % period_s)
    tx.count_attempt(scope, period)
    tx.append_lines([line(context, tx, asking, Happening(SIGN, resource, AccessMode.APPEND))])


def asks_checkpoint(entry: JournalEntry) -> bool:
    """Whether a line asks for a checkpoint."""
    return entry.activity == SIGN and entry.refusal is None and not entry.failed


def sign_checkpoint(context: Context, signer: Signer) -> bytes | None:
    """Sign the state of all journals now and keep it; None when there are no storages."""
    time_ms = context.clock().wall_ms
    with context.catalogue.view() as view:
        document = make_checkpoint(view, context.base_url, time_ms, signer)
    if document is not None:
        made = document
        context.catalogue.write(lambda tx: tx.put_checkpoint(time_ms, made))
    return document
