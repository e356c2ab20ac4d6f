"""Taking away, from lines that are sealed, what they say: values that are redacted, or all of it when its time is over.

Hashes stay, and each redaction is itself a line of the chain (`kluis.example/ns/toegang#redacts`), sealed in the
transaction that takes away: nobody ever sees the one without the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from vault.journal.lines import GAP, Line, hash_text, moment_text, without_values, write_line
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry, Redaction, SealedLine
from vault.stores.ports import CatalogueReader, CatalogueTransaction

REDACT, RETENTION = "redact", "retention"
# They say what happened to other lines and name nobody, so they stay.
LASTING = frozenset({GAP, REDACT, RETENTION})


@dataclass(slots=True)
class Redactions:
    """What redactions leave of sealed lines of one storage; `left` is what is to be kept in their place."""

    view: CatalogueReader
    storage: StorageId
    left: dict[int, SealedLine] = field(default_factory=dict)

    def carry_out(self, entry: JournalEntry, redaction: Redaction) -> Line:
        """Take away what an entry says, and give its draft; it has failed when nothing is there to take away."""
        draft: Line = {
            "time": moment_text(entry.time_ms),
            "epoch": entry.epoch,
            "traceId": entry.trace_id,
            "activity": entry.activity,
        }
        found = self._redact(redaction) if redaction.fields else self._drop(redaction)
        return draft | (found or {"failed": True})

    def keep(self, tx: CatalogueTransaction) -> None:
        """Keep what is left, in the transaction that seals the lines that say so."""
        for line in self.left.values():
            tx.rewrite_line(self.storage, line)

    def _redact(self, redaction: Redaction) -> Line | None:
        sealed = self._lines(redaction)[0:1]
        line = json.loads(sealed[0].body) if sealed and sealed[0].body else {"salts": {}}
        fields = sorted(set(redaction.fields) & set(line["salts"]))
        if not fields:
            return None
        body = write_line(without_values(line, fields))
        self.left[redaction.first] = SealedLine(redaction.first, sealed[0].hash, body)
        return {"redacts": redaction.first, "redactedFields": fields, "reason": redaction.reason}

    def _drop(self, redaction: Redaction) -> Line | None:
        lines = self._lines(redaction)
        dropped = [line for line in lines if line.body and not _lasts(line.body)]
        if not dropped:
            return None
        self.left |= {line.sequence: SealedLine(line.sequence, line.hash, b"") for line in dropped}
        digest = hash_text(digest_of(line.hash for line in lines))
        return {"dropsFrom": lines[0].sequence, "dropsTo": lines[-1].sequence, "dropsDigest": digest}

    def _lines(self, redaction: Redaction) -> list[SealedLine]:
        sealed = self.view.sealed_lines(self.storage, first=redaction.first, last=redaction.last)
        return [self.left.get(line.sequence, line) for line in sealed]


def digest_of(hashes: Iterable[bytes]) -> bytes:
    """What a line of retention keeps of the hashes of the lines that it drops."""
    digest = hashlib.sha256()
    for hash_ in hashes:
        digest.update(hash_)
    return digest.digest()


def _lasts(body: bytes) -> bool:
    return json.loads(body).get("activity") in LASTING
