"""A journal on paper, as it were: JSON Lines that can be checked without the server.

The first row says whose journal it is, the rows after it are the lines (or the hash alone of one whose time is over), then comes the newest checkpoint if there is one,
and the last row counts the lines and holds the SHA-256 of all bytes before it, so that a cut file shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from vault.journal.chain import DROPPED
from vault.journal.checkpoints import Checkpoint, checkpoint_for
from vault.journal.lines import Line, hash_text, no_hash
from vault.model.identifiers import StorageId
from vault.model.journal import SealedLine
from vault.stores.ports import CatalogueReader

HEADER = "JournalExport"
END = "End"
FORMAT = 1


def export(view: CatalogueReader, base_url: str, storage: StorageId, time: str) -> Iterator[bytes]:
    """The whole journal of a storage, row by row, as of one view; `time` is a written moment."""
    url = f"{base_url}{storage}/"
    kept = view.latest_checkpoint()
    checkpoint = None if kept is None else checkpoint_for(kept, url)
    header: Line = {"type": HEADER, "format": FORMAT, "storage": url, "time": time}
    return write_export(header, view.sealed_lines(storage), checkpoint)


def write_export(header: Line, lines: Iterable[SealedLine], checkpoint: Checkpoint | None) -> Iterator[bytes]:
    """The rows of an export."""
    digest, count, head = hashlib.sha256(), 0, no_hash
    row = write_row(header)
    digest.update(row)
    yield row
    for line in lines:
        row, count, head = _row_of(line), count + 1, line.hash
        digest.update(row)
        yield row
    if checkpoint is not None:
        row = write_row(checkpoint.as_json())
        digest.update(row)
        yield row
    yield end_row(count, head, digest.digest())


def _row_of(line: SealedLine) -> bytes:
    if line.body:
        return line.body + b"\n"
    return write_row({"sequence": line.sequence, DROPPED: True, "hash": hash_text(line.hash)})


def end_row(count: int, head: bytes, digest: bytes) -> bytes:
    """The last row of an export."""
    return write_row({"type": END, "count": count, "head": hash_text(head), "sha256": hash_text(digest)})


def write_row(row: Line) -> bytes:
    """A row other than a line."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
