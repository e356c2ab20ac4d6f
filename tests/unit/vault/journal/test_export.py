from __future__ import annotations

import json
from typing import Any

from tests.support.journals import STORAGE_URL, checkpoint_of, entry, export_of, make_signer, sealed
from tests.support.vaults import BASE_URL, NOON_MS
from vault.context import Context
from vault.journal.checkpoints import make_checkpoint
from vault.journal.export import export
from vault.journal.lines import draft_of, moment_text
from vault.journal.verify import verify
from vault.model.records import StorageRecord


def rows_of(exported: bytes) -> list[Any]:
    return [json.loads(row) for row in exported.splitlines()]


def test_an_export_has_header_lines_checkpoint_and_end() -> None:
    lines = sealed([draft_of(entry()), draft_of(entry())])
    rows = rows_of(export_of(lines, checkpoint_of(lines, make_signer())))
    assert [row.get("type") for row in rows] == ["JournalExport", None, None, "Checkpoint", "End"]
    assert rows[0]["storage"] == STORAGE_URL
    assert (rows[-1]["count"], rows[-1]["head"]) == (2, rows[2]["hash"])


def written(context: Context, home: StorageRecord) -> bytes:
    with context.catalogue.view() as view:
        return b"".join(export(view, BASE_URL, home.storage, moment_text(NOON_MS)))


def test_the_journal_of_an_unused_storage_can_be_exported(context: Context, home: StorageRecord) -> None:
    report = verify(written(context, home))
    assert report.ok
    assert (report.storage, report.count) == (f"{BASE_URL}{home.storage}/", 0)


def test_a_real_journal_verifies_with_its_checkpoint_and_key(context: Context, home: StorageRecord) -> None:
    lines = sealed([draft_of(entry(home.storage)) for _ in range(5)])
    context.catalogue.write(lambda tx: tx.seal_lines(home.storage, lines))
    signer = make_signer()
    with context.catalogue.view() as view:
        document = make_checkpoint(view, BASE_URL, NOON_MS, signer)
    assert document is not None
    context.catalogue.write(lambda tx: tx.put_checkpoint(NOON_MS, document))
    report = verify(written(context, home), signer.public_pem)
    assert report.faults == ()
    assert any("lines 1 to 5 are what they were then" in sentence for sentence in report.checked)
