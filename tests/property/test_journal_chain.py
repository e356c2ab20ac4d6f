"""An export of a journal: untouched it verifies, and no change of it goes unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.journals import NOON_MS, checkpoint_of, entry, export_of, make_signer
from vault.journal.checkpoints import Checkpoint
from vault.journal.export import end_row
from vault.journal.lines import (
    Line,
    canonical,
    draft_of,
    draft_of_gap,
    hash_text,
    no_hash,
    read_hash,
    seal_drafts,
    without_values,
    write_line,
)
from vault.journal.redaction import digest_of
from vault.journal.verify import Report, verify
from vault.model.journal import JournalEntry, JournalHead, SealedLine
from vault.model.rules import RefusalReason

# How long an example takes depends on what else the machine does.
patient = settings(deadline=None)
SIGNER = make_signer()
KEY = SIGNER.public_pem
_texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
_maybe = st.none() | _texts
_perhaps = st.booleans()


def sealed(drafts: Sequence[Line]) -> list[SealedLine]:
    """The chain of some drafts."""
    return list(seal_drafts(drafts, JournalHead(0, no_hash)))


entries = st.builds(
    entry,
    time_ms=st.integers(0, 4_000_000_000_000),
    epoch=st.just(1),
    trace_id=_texts,
    resource=_texts,
    agent=_maybe,
    client=_maybe,
    organisation=_maybe,
    refusal=st.none() | st.sampled_from(RefusalReason),
    grant=_maybe,
    purpose=_maybe,
    failed=st.booleans(),
    absent=st.booleans(),
    count=st.integers(1, 2**53 - 1),
)
drafts = entries.map(draft_of) | st.integers(1, 9).map(lambda missing: draft_of_gap(NOON_MS, 1, missing))
journals = st.lists(drafts, min_size=1, max_size=8).map(sealed)


@st.composite
def exports(draw: st.DrawFn, with_checkpoint: st.SearchStrategy[bool] = _perhaps) -> bytes:
    """Exports, with and without a checkpoint of some of their lines."""
    lines = draw(journals)
    if not draw(with_checkpoint):
        return export_of(lines)
    return export_of(lines, checkpoint_of(lines[: draw(st.integers(0, len(lines)))], SIGNER))


def ending(rows: Sequence[bytes]) -> bytes:
    """Rows with a last row made to fit, as somebody who changes a file would do."""
    lines = [json.loads(row) for row in rows]
    hashes = [line["hash"] for line in lines if "hash" in line]
    head = read_hash(hashes[-1]) if hashes else no_hash
    return b"".join(rows) + end_row(len(hashes), head, hashlib.sha256(b"".join(rows)).digest())


def rows_of(export: bytes) -> list[bytes]:
    """All rows but the last."""
    return export.splitlines(keepends=True)[:-1]


@patient
@given(exports())
def test_every_untouched_export_verifies(export: bytes) -> None:
    assert verify(export, KEY).faults == ()


@patient
@given(exports(), st.data())
def test_a_single_changed_byte_is_noticed_wherever_it_is(export: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(export) - 1))
    changed = bytearray(export)
    changed[at] ^= data.draw(st.integers(1, 255))
    assert not verify(bytes(changed), KEY).ok


@patient
@given(exports(), st.data())
def test_a_file_cut_anywhere_is_noticed(export: bytes, data: st.DataObject) -> None:
    assert not verify(export[: data.draw(st.integers(0, len(export) - 1))], KEY).ok


@patient
@given(journals, st.data())
def test_a_dropped_inserted_or_swapped_line_is_noticed_though_the_last_row_fits(
    lines: list[SealedLine], data: st.DataObject
) -> None:
    head, *rows = rows_of(export_of(lines))
    at, other = (data.draw(st.integers(0, len(rows) - 1)) for _ in range(2))
    dropped, inserted, swapped = rows[:at] + rows[at + 1 :], [*rows[:at], rows[other], *rows[at:]], list(rows)
    swapped[at], swapped[other] = swapped[other], swapped[at]
    # Without its last line it is a cut tail, which only a checkpoint shows: see below.
    changes = [inserted, *([dropped] if at < len(rows) - 1 else []), *([swapped] if at != other else [])]
    assert all(not verify(ending([head, *changed])).ok for changed in changes)


@patient
@given(journals, st.data())
def test_a_changed_value_is_noticed_though_the_last_row_fits(
    lines: list[SealedLine], data: st.DataObject
) -> None:
    head, *rows = rows_of(export_of(lines))
    at = data.draw(st.integers(0, len(rows) - 1))
    line = json.loads(rows[at])
    name = data.draw(st.sampled_from(sorted(line)))
    changed = line | {name: data.draw(st.none() | st.integers(0, 99) | _texts)}
    assume(json.dumps(changed) != json.dumps(line))
    rows[at] = json.dumps(changed).encode() + b"\n"
    assert not verify(_ending_or_not([head, *rows])).ok


def _ending_or_not(rows: Sequence[bytes]) -> bytes:
    try:
        return ending(rows)
    except ValueError:
        # The last line's hash is none any more, so no last row can be made to fit.
        return b"".join(rows)


def against(lines: Sequence[SealedLine], earlier: Checkpoint) -> Report:
    """What comes of these lines and a checkpoint that was kept from earlier."""
    return verify(export_of(lines, checkpoint_of(lines, SIGNER)), KEY, [earlier])


@patient
@given(st.lists(entries, min_size=1, max_size=6), st.data())
def test_a_chain_made_anew_fails_against_an_earlier_checkpoint(
    kept: list[JournalEntry], data: st.DataObject
) -> None:
    real = sealed([draft_of(one) for one in kept])
    covered = data.draw(st.integers(1, len(real)))
    earlier = checkpoint_of(real[:covered], SIGNER)
    assert against(real, earlier).ok
    # Even the same entries, made anew by who has the signing key: their salts differ.
    assert not against(sealed([draft_of(one) for one in kept]), earlier).ok


@patient
@given(journals, st.data())
def test_a_cut_tail_fails_against_an_earlier_checkpoint(lines: list[SealedLine], data: st.DataObject) -> None:
    covered = data.draw(st.integers(1, len(lines)))
    left = data.draw(st.integers(0, covered - 1))
    earlier = checkpoint_of(lines[:covered], SIGNER)
    assert verify(export_of(lines[:left])).ok
    assert not against(lines[:left], earlier).ok


@patient
@given(exports(st.just(True)))
def test_without_key_or_checkpoint_the_report_says_what_was_not_checked(export: bytes) -> None:
    neither = " ".join(verify(export).not_checked)
    assert "who signed" in neither
    assert "kept from earlier" in neither
    assert "who signed" not in " ".join(verify(export, KEY).not_checked)


@st.composite
def lessened(draw: st.DrawFn) -> tuple[list[SealedLine], int]:
    """A journal from which values and whole lines were taken away, and how many of its last lines say so."""
    lines = draw(journals)
    said: list[Line] = []
    for number in draw(st.sets(st.integers(1, len(lines)), max_size=3)):
        line = json.loads(lines[number - 1].body)
        if line["salts"]:
            fields = sorted(draw(st.sets(st.sampled_from(sorted(line["salts"])), min_size=1)))
            body = write_line(without_values(line, fields))
            lines[number - 1] = replace(lines[number - 1], body=body)
            said.append({"activity": "redact", "redacts": number, "redactedFields": fields})
    for first, last in draw(st.sets(st.sampled_from(_ranges(len(lines))), max_size=2)):
        if any(line.body for line in lines[first - 1 : last]):
            lines[first - 1 : last] = [replace(line, body=b"") for line in lines[first - 1 : last]]
            digest = hash_text(digest_of(line.hash for line in lines[first - 1 : last]))
            said.append({"activity": "retention", "dropsFrom": first, "dropsTo": last, "dropsDigest": digest})
    head = JournalHead(len(lines), lines[-1].hash)
    drafts = [{"time": "x", "epoch": 1, **one} for one in said]
    return [*lines, *seal_drafts(drafts, head)], len(said)


def _ranges(count: int) -> list[tuple[int, int]]:
    return [(first, last) for first in range(1, count + 1) for last in range(first, count + 1)]


@patient
@given(lessened(), st.data())
def test_a_journal_that_says_less_verifies_also_against_a_checkpoint_of_before(
    journal: tuple[list[SealedLine], int], data: st.DataObject
) -> None:
    lines, _ = journal
    before = checkpoint_of(lines[: data.draw(st.integers(0, len(lines)))], SIGNER)
    assert verify(export_of(lines), KEY, [before]).faults == ()


@patient
@given(lessened())
def test_what_was_taken_away_is_noticed_without_the_line_that_says_so(
    journal: tuple[list[SealedLine], int],
) -> None:
    lines, count = journal
    assume(count > 0)
    last = json.loads(lines[-1].body)
    # What a line redacted is of no account when that line was dropped later.
    assume(last["activity"] == "retention" or all(line.body for line in lines))
    needed = last.get("dropsFrom") is None or not _is_said_elsewhere(lines, last)
    assume(needed)
    assert not verify(export_of(lines[:-1])).ok


def _is_said_elsewhere(lines: Sequence[SealedLine], last: Line) -> bool:
    """Whether what a line drops is dropped by others too."""
    others = [json.loads(line.body) for line in lines[:-1] if line.body]
    told = [(line["dropsFrom"], line["dropsTo"]) for line in others if "dropsTo" in line]
    covered = {number for first, end in told for number in range(first, end + 1)}
    return set(range(last["dropsFrom"], last["dropsTo"] + 1)) <= covered


@patient
@given(lessened(), st.data())
def test_another_hash_or_line_in_a_journal_that_says_less_is_noticed(
    journal: tuple[list[SealedLine], int], data: st.DataObject
) -> None:
    lines, _ = journal
    at = data.draw(st.integers(0, len(lines) - 2)) if len(lines) > 1 else 0
    assume(not lines[at].body and len(lines) > 1)
    forged = [*lines]
    forged[at] = replace(lines[at], hash=bytes(32))
    assert not verify(export_of(forged)).ok


_plain = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=6) | st.text(st.characters(codec="ascii"), max_size=6),
    st.text(max_size=20) | st.integers(-(2**60), 2**60) | st.booleans() | st.none() | st.floats(),
    max_size=6,
)


@patient
@given(_plain)
def test_the_canonical_form_is_that_of_the_library_for_every_object(value: Line) -> None:
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        with pytest.raises(ValueError, match="canonical"):
            canonical(value)
    else:
        assert canonical(value) == expected
