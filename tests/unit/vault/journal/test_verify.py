from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.journals import (
    NOON_MS,
    STORAGE_URL,
    checkpoint_of,
    entry,
    export_of,
    make_signer,
    sealed,
)
from vault.journal import verify as module
from vault.journal.export import end_row, write_row
from vault.journal.lines import (
    digest_text,
    draft_of,
    draft_of_gap,
    hash_text,
    no_hash,
    read_hash,
    seal_drafts,
)
from vault.journal.redaction import digest_of
from vault.journal.verify import read_checkpoints, verify
from vault.model.journal import JournalHead, SealedLine

LINES = sealed([draft_of(entry(trace_id=str(number))) for number in range(5)])
SIGNER = make_signer()
NOW = checkpoint_of(LINES, SIGNER)
EXPORT = export_of(LINES, NOW)
KEY = SIGNER.public_pem


def remade(rows: list[bytes]) -> bytes:
    """Rows with a last row that fits them again, as somebody who changes a file would write it."""
    kept = [row for row in rows if json.loads(row).get("type") != "End"]
    lines = [json.loads(row) for row in kept if "hash" in json.loads(row)]
    head = read_hash(lines[-1]["hash"]) if lines else no_hash
    return b"".join(kept) + end_row(len(lines), head, hashlib.sha256(b"".join(kept)).digest())


def rows_of(exported: bytes = EXPORT) -> list[bytes]:
    return exported.splitlines(keepends=True)


def faults(exported: bytes, **given: Any) -> str:
    report = verify(exported, **given)
    assert not report.ok
    return " ".join(report.faults)


def test_an_untouched_export_is_whole_and_everything_was_checked() -> None:
    report = verify(EXPORT, KEY, [NOW])
    assert report.ok
    assert report.not_checked == ()
    assert (report.storage, report.count) == (STORAGE_URL, 5)


def test_it_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(EXPORT)
    assert verify(tmp_path / "journal", KEY).ok


def test_without_key_or_checkpoint_it_is_said_what_was_not_checked() -> None:
    report = verify(export_of(LINES))
    assert report.ok
    (sentence,) = report.not_checked
    assert "made anew as a whole, or cut at its end" in sentence


def test_without_a_key_it_is_said_that_nobody_knows_who_signed() -> None:
    assert "who signed" in " ".join(verify(EXPORT, None, [NOW]).not_checked)
    assert "who signed" not in " ".join(verify(EXPORT, KEY, [NOW]).not_checked)


def test_a_checkpoint_inside_the_export_alone_does_not_stand_for_an_earlier_one() -> None:
    assert "kept from earlier" in " ".join(verify(EXPORT, KEY).not_checked)


def test_lines_newer_than_every_checkpoint_are_named() -> None:
    older = checkpoint_of(LINES[:3], SIGNER)
    assert "lines 4 to 5" in " ".join(verify(export_of(LINES, older), KEY, [older]).not_checked)


def test_lost_lines_are_told() -> None:
    lines = sealed([draft_of_gap(NOON_MS, 1, 3)])
    report = verify(export_of(lines))
    assert report.ok
    assert "line 1 says that about 3 lines" in report.not_checked[0]


def test_a_line_dropped_inserted_or_swapped_is_noticed_also_when_the_last_row_is_made_to_fit() -> None:
    head, one, two, three, four, five, checkpoint, _ = rows_of()
    for changed in (
        [head, one, three, four, five, checkpoint],
        [head, one, two, two, three, four, five, checkpoint],
        [head, two, one, three, four, five, checkpoint],
        [head, one, two, three, five, checkpoint],
    ):
        assert "not in its place" in faults(remade(changed))


def test_a_changed_value_is_noticed_also_when_the_last_row_is_made_to_fit() -> None:
    rows = rows_of()
    rows[2] = rows[2].replace(b"#Read", b"#Write")
    assert "line 2 was changed" in faults(remade(rows))


def test_a_hash_made_to_fit_breaks_the_line_after_it() -> None:
    rows = rows_of()
    line = json.loads(rows[2]) | {"traceId": "other"}
    other = sealed([draft_of(entry())])[0]
    rows[2] = write_row(line | {"hash": hash_text(other.hash)})
    assert "line 2" in faults(remade(rows))


def test_a_chain_made_anew_fails_against_a_checkpoint_kept_from_earlier() -> None:
    anew = sealed([draft_of(entry(trace_id="other")) for _ in range(5)])
    assert verify(export_of(anew)).ok
    assert "made anew" in faults(export_of(anew), checkpoints=[NOW])
    assert "made anew" in faults(export_of(anew, checkpoint_of(anew, SIGNER)), key=KEY, checkpoints=[NOW])


def test_a_cut_tail_fails_against_a_checkpoint_kept_from_earlier() -> None:
    assert verify(export_of(LINES[:4])).ok
    assert "knows 5 lines, the export has 4" in faults(export_of(LINES[:4]), checkpoints=[NOW])


def test_a_checkpoint_older_than_the_first_line_is_kept_to() -> None:
    empty = checkpoint_of([], SIGNER)
    assert verify(EXPORT, KEY, [empty]).ok
    odd = replace(empty, leaf=replace(empty.leaf, head=NOW.leaf.head))
    assert "not in its tree" in faults(EXPORT, checkpoints=[odd])


def test_a_checkpoint_that_knows_another_beginning_is_noticed() -> None:
    zero = checkpoint_of([replace(LINES[0], sequence=0)], SIGNER)
    assert "another beginning" in faults(EXPORT, checkpoints=[zero])


def test_a_checkpoint_of_another_epoch_or_storage_is_noticed() -> None:
    assert "made anew" in faults(EXPORT, checkpoints=[checkpoint_of(LINES, SIGNER, epoch=9)])
    moved = EXPORT.replace(STORAGE_URL.encode(), b"https://vault.example/abcdefghjkmnpqrs/", 1)
    assert "another storage" in faults(remade(rows_of(moved)))


def test_a_checkpoint_signed_with_another_key_is_noticed() -> None:
    assert "not signed" in faults(EXPORT, key=make_signer().public_pem)


def test_a_file_without_its_last_row_was_cut() -> None:
    for count in range(1, 8):
        assert "cut" in faults(b"".join(rows_of()[:count]))


def test_a_byte_that_means_nothing_is_noticed_by_the_last_row() -> None:
    assert "last row does not fit" in faults(EXPORT.replace(b'"epoch":1', b'"epoch": 1', 1))


def test_a_file_that_goes_on_is_noticed() -> None:
    assert "goes on" in faults(EXPORT + b"{}\n")
    assert "between the checkpoint and the last row" in faults(
        remade([*rows_of()[:-1], write_row({"sequence": 6})])
    )


@pytest.mark.parametrize(
    "start",
    [b"", b"{}\n", b'{"type":"JournalExport"}\n', b'{"type":"JournalExport","format":2,"storage":"x"}\n'],
)
def test_what_is_no_export_is_said_so(start: bytes) -> None:
    report = verify(start)
    assert not report.ok
    assert report.count == 0


@pytest.mark.parametrize(
    "row", [b"no json\n", b"[]\n", b'{"a":1,"a":2}\n', b'{"count":NaN}\n', b"[" * 100_000 + b"\n", b"\xff\n"]
)
def test_a_row_that_is_no_json_object_is_a_fault_and_no_crash(row: bytes) -> None:
    assert "a row of the file" in faults(rows_of()[0] + row)


def test_a_checkpoint_that_cannot_be_read_is_a_fault() -> None:
    rows = [*rows_of()[:-2], write_row({"type": "Checkpoint"})]
    assert "cannot be read" in faults(remade(rows))


def test_values_taken_away_are_fine_with_a_line_that_says_so() -> None:
    drafts = [draft_of(entry()), {"time": "x", "epoch": 1, "redacts": 1}]
    rows = rows_of(export_of(sealed(drafts)))
    line = json.loads(rows[1])
    for name, salt in line["salts"].items():
        line[name] = digest_text((salt + line[name]).encode())
    rows[1] = write_row(line | {"salts": {}})
    assert "a later line says so" in " ".join(verify(remade(rows)).checked)
    assert "no later line says so" in faults(remade([rows[0], rows[1], rows[3]]))


def test_it_is_said_how_many_lines_are_only_hashes_and_without_a_line_that_says_so_it_fails() -> None:
    digest = hash_text(digest_of(line.hash for line in LINES[:2]))
    said = {"dropsFrom": 1, "dropsTo": 2, "dropsDigest": digest}
    (last,) = seal_drafts([{"time": "x", "epoch": 1, "activity": "retention", **said}], head_of(LINES))
    old = [replace(line, body=b"") for line in LINES[:2]]
    report = verify(export_of([*old, *LINES[2:], last]), KEY, [NOW, checkpoint_of(LINES[:2], SIGNER)])
    assert report.ok
    assert "of 2 lines only the hash is left" in " ".join(report.checked)
    assert "what these 2 lines said" in " ".join(report.not_checked)
    assert "only the hash is left, and no later line" in faults(export_of([*old, *LINES[2:]]))


def head_of(lines: list[SealedLine]) -> JournalHead:
    return JournalHead(lines[-1].sequence, lines[-1].hash)


def test_a_row_longer_than_any_of_ours_is_a_fault_and_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "max_row_bytes", 500)
    assert "a row of the file is no JSON" in faults(rows_of()[0] + b'{"a":"' + b"x" * 10_000 + b'"}')


def test_a_key_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="PEM"):
        verify(EXPORT, b"no key")


def test_a_checkpoint_is_found_alone_and_in_an_earlier_export(tmp_path: Path) -> None:
    assert read_checkpoints(json.dumps(NOW.as_json(), indent=1).encode()) == [NOW]
    assert read_checkpoints(EXPORT) == [NOW]
    (tmp_path / "earlier").write_bytes(EXPORT)
    assert read_checkpoints(tmp_path / "earlier") == [NOW]


@pytest.mark.parametrize(
    "data", [b"", b"no json", b"{}", export_of(LINES), EXPORT[:300], EXPORT.replace(b'"treeSize"', b'"size"')]
)
def test_a_file_without_a_checkpoint_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        read_checkpoints(data)
