"""Taking away, from lines that are sealed, what they say: values that are redacted, or all of it when its time is over.

Hashes stay, and each removal is itself a line of the chain (`kluis.example/ns/toegang#redacts`), sealed in the
transaction that takes away: nobody ever sees the one without the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from vault.journal.lines import GAP, Line, hash_text, moment_text, without_values, write_line
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry, Removal, SealedLine
from vault.stores.ports import CatalogueReader, CatalogueTransaction

REDACT, RETENTION = "redact", "retention"
# They say what happened to other lines and name nobody, so they stay.
LASTING = frozenset({GAP, REDACT, RETENTION})


@dataclass(slots=True)
class Removals:
    """What removals leave of sealed lines of one storage; `left` is what is to be kept in their place."""

    view: CatalogueReader
    storage: StorageId
    left: dict[int, SealedLine] = field(default_factory=dict)

    def carry_out(self, entry: JournalEntry, removal: Removal) -> Line:
        """Take away what an entry says, and give its draft; it has failed when nothing is there to take away."""
        draft: Line = {
            "time": moment_text(entry.time_ms),
            "epoch": entry.epoch,
            "traceId": entry.trace_id,
            "activity": entry.activity,
        }
        found = self._redact(removal) if removal.fields else self._drop(removal)
        return draft | (found or {"failed": True})

    def keep(self, tx: CatalogueTransaction) -> None:
        """Keep what is left, in the transaction that seals the lines that say so."""
        for line in self.left.values():
            tx.rewrite_line(self.storage, line)

    def _redact(self, removal: Removal) -> Line | None:
        sealed = self._lines(removal)[0:1]
        line = json.loads(sealed[0].body) if sealed and sealed[0].body else {"salts": {}}
        fields = sorted(set(removal.fields) & set(line["salts"]))
        if not fields:
            return None
        body = write_line(without_values(line, fields))
        self.left[removal.first] = SealedLine(removal.first, sealed[0].hash, body)
        return {"redacts": removal.first, "redactedFields": fields, "reason": removal.reason}

    def _drop(self, removal: Removal) -> Line | None:
        lines = self._lines(removal)
        dropped = [line for line in lines if line.body and not _lasts(line.body)]
        if not dropped:
            return None
        self.left |= {line.sequence: SealedLine(line.sequence, line.hash, b"") for line in dropped}
        digest = hash_text(digest_of(line.hash for line in lines))
        return {"dropsFrom": lines[0].sequence, "dropsTo": lines[-1].sequence, "dropsDigest": digest}

    def _lines(self, removal: Removal) -> list[SealedLine]:
        sealed = self.view.sealed_lines(self.storage, first=removal.first, last=removal.last)
        return [self.left.get(line.sequence, line) for line in sealed]


def digest_of(hashes: Iterable[bytes]) -> bytes:
    """What a line of retention keeps of the hashes of the lines that it drops."""
    digest = hashlib.sha256()
    for hash_ in hashes:
        digest.update(hash_)
    return digest.digest()


def _lasts(body: bytes) -> bool:
    return json.loads(body).get("activity") in LASTING
