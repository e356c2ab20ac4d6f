"""Retention: of lines whose time is over only the hash is kept (`docs/explanation/journal.md`)."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field

from vault.context import Context
from vault.errors import Unavailable
from vault.journal.lines import moment_ms
from vault.journal.redaction import LASTING, RETENTION
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry, Redaction
from vault.model.modes import AccessMode
from vault.stores.ports import CatalogueReader

logger = logging.getLogger(__name__)
round_every_ms = 24 * 3600 * 1000
lines_at_once = 500
storages_at_once = 50


@dataclass(slots=True)
class Retention:
    """Goes round all storages once a day, in steps that each ask for one redaction at most."""

    context: Context
    _began_ms: int = field(default=-round_every_ms, init=False)
    _left: list[StorageId] = field(default_factory=list, init=False)

    def step(self) -> None:
        """Ask for the next redaction, if any is due; what was asked before must be sealed by now."""
        now_ms = self.context.clock().wall_ms
        # By its size either way: a clock that was set back must not keep lines for ever.
        if not self._left and abs(now_ms - self._began_ms) < round_every_ms:
            return
        with self.context.catalogue.view() as view:
            if not self._left:
                self._left = [storage for storage, _ in view.storage_epochs()]
                self._began_ms = now_ms
            entry = self._next(view, now_ms)
        if entry is not None:
            found = entry
            self.context.catalogue.write(lambda tx: tx.append_lines([found]))

    def _next(self, view: CatalogueReader, now_ms: int) -> JournalEntry | None:
        oldest_kept_ms = now_ms - self.context.limits.journal_kept_s * 1000
        for storage in self._left[-storages_at_once:][::-1]:
            try:
                redaction = find_redaction(view, storage, oldest_kept_ms)
            except Unavailable as error:
                # Those of everybody else are no less due; these are tried again in the next round.
                logger.error("lines whose time is over could not be read", exc_info=error)
                redaction = None
            if redaction is not None:
                return _entry(self.context, view, storage, redaction)
            self._left.pop()
        return None


def find_redaction(view: CatalogueReader, storage: StorageId, oldest_kept_ms: int) -> Redaction | None:
    """The oldest lines of a storage whose time is over, so many at once; None when there are none."""
    if view.find_storage(storage) is None:
        return None
    due: list[int] = []
    for sealed in view.sealed_lines(storage, whole_only=True):
        line = json.loads(sealed.body)
        if moment_ms(line["time"]) >= oldest_kept_ms or len(due) == lines_at_once:
            break
        if line.get("activity") not in LASTING:
            due.append(sealed.sequence)
    return Redaction(due[0], due[-1]) if due else None


def _entry(context: Context, view: CatalogueReader, storage: StorageId, redaction: Redaction) -> JournalEntry:
    return JournalEntry(
        storage,
        context.clock().wall_ms,
        view.epochs(storage).storage,
        context.new_id(),
        RETENTION,
        "",
        AccessMode.CONTROL,
        redaction=redaction,
    )
