"""Values taken away from sealed lines, and lines whose time is over: less is said, and the chain holds."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.journals import NOON_MS, START, checkpoint_of, entry, make_signer, sealed
from tests.support.vaults import TestClock, add_storage, keyring_of
from vault.context import Context
from vault.errors import BadInput, ConcurrentChange, NoSuchResource
from vault.journal import retention as retention_module
from vault.journal.chain import Chain
from vault.journal.export import export
from vault.journal.lines import Line, draft_of, draft_of_gap, moment_text
from vault.journal.redact import ask_redaction
from vault.journal.redaction import RETENTION
from vault.journal.retention import Retention, find_redaction
from vault.journal.seal import Sealer
from vault.journal.verify import Report, verify
from vault.model.journal import JournalEntry, Redaction, SealedLine
from vault.model.modes import AccessMode
from vault.model.records import StorageRecord
from vault.stores.ports import CatalogueTransaction

DAY_MS = 24 * 3600 * 1000
YEARS_MS = 5 * 365 * DAY_MS


@pytest.fixture
def sealer(context: Context, tmp_path: Path) -> Sealer:
    return Sealer(context.catalogue, keyring_of(context), context.clock, tmp_path / "intake")


def seal(context: Context, home: StorageRecord, *drafts: Line) -> list[SealedLine]:
    """Put lines into the journal."""
    lines = sealed(drafts)
    context.catalogue.write(lambda tx: tx.seal_lines(home.storage, lines))
    return lines


def reads(home: StorageRecord, count: int, **changes: Any) -> list[Line]:
    """Drafts of lines of one worker who reads."""
    return [draft_of(entry(home.storage, trace_id=str(number), **changes)) for number in range(count)]


def rows(context: Context, home: StorageRecord) -> list[SealedLine]:
    with context.catalogue.view() as view:
        return list(view.sealed_lines(home.storage))


def said(context: Context, home: StorageRecord) -> dict[int, Line]:
    """The lines of which more than the hash is left."""
    return {row.sequence: json.loads(row.body) for row in rows(context, home) if row.body}


def exported(context: Context, home: StorageRecord) -> bytes:
    with context.catalogue.view() as view:
        return b"".join(export(view, context.base_url, home.storage, moment_text(NOON_MS)))


def check(context: Context, home: StorageRecord, **given: Any) -> Report:
    return verify(exported(context, home), **given)


def test_a_redacted_line_keeps_its_hashes_and_the_chain_holds(
    context: Context, home: StorageRecord, sealer: Sealer
) -> None:
    before = seal(context, home, *reads(home, 3))
    earlier = exported(context, home)
    ask_redaction(context, home.storage, 2, ["resource", "agent"], "third-party")
    assert b"organisaties.example/a6ru6ku4wxa33b68" in rows(context, home)[1].body
    sealer.seal_all()
    after = said(context, home)
    assert after[2]["agent"].startswith("sha256:")
    assert set(after[2]["salts"]) == {"usedClient"}
    assert [row.hash for row in rows(context, home)][:3] == [line.hash for line in before]
    assert (after[4]["redacts"], after[4]["redactedFields"]) == (2, ["agent", "resource"])
    assert (after[4]["activity"], after[4]["reason"]) == ("redact", "third-party")
    assert {"agent", "resource", "outcome", "mode"}.isdisjoint(after[4])
    for document in (earlier, exported(context, home)):
        assert verify(document).ok
    assert after[1] == json.loads(before[0].body)


def test_nothing_of_what_was_taken_away_is_left_in_the_row(
    context: Context, home: StorageRecord, sealer: Sealer
) -> None:
    (line,) = seal(context, home, *reads(home, 1))
    salt = json.loads(line.body)["salts"]["agent"].encode()
    ask_redaction(context, home.storage, 1, ["agent"], "on-request")
    sealer.seal_all()
    assert salt not in rows(context, home)[0].body
    assert b"a6ru6ku4wxa33b68" not in rows(context, home)[0].body


def test_without_its_line_a_redaction_is_noticed_and_so_is_more_than_it_says(
    context: Context, home: StorageRecord, sealer: Sealer
) -> None:
    seal(context, home, *reads(home, 2))
    ask_redaction(context, home.storage, 1, ["agent"], "on-request")
    sealer.seal_all()
    lines = said(context, home)
    with pytest.raises(Exception, match="no later line says so"):
        follow(lines[1], lines[2])
    more = dict(lines[1]) | {"salts": {"usedClient": lines[1]["salts"]["usedClient"]}}
    more["resource"] = "sha256:" + "0" * 64
    with pytest.raises(Exception, match="line 1 was changed"):
        follow(more, lines[2], lines[3])


def follow(*lines: Line) -> None:
    chain = Chain(START)
    for line in lines:
        chain.follow(line)
    chain.finish()


def test_two_redactions_of_one_line_in_one_window_both_hold(
    context: Context, home: StorageRecord, sealer: Sealer
) -> None:
    seal(context, home, *reads(home, 1))
    for name in ("agent", "resource"):
        ask_redaction(context, home.storage, 1, [name], "on-request")
    sealer.seal_all()
    assert set(said(context, home)[1]["salts"]) == {"usedClient"}
    assert check(context, home).ok


def test_a_redaction_that_came_too_late_takes_nothing_away_and_says_that_it_failed(
    context: Context, home: StorageRecord, sealer: Sealer
) -> None:
    seal(context, home, *reads(home, 1))
    for _ in range(2):
        ask_redaction(context, home.storage, 1, ["agent"], "on-request")
    sealer.seal_all()
    lines = said(context, home)
    assert (lines[2].get("redacts"), lines[3].get("redacts")) == (1, None)
    assert lines[3]["failed"] is True
    assert check(context, home).ok


def test_a_redaction_of_a_line_that_is_not_there_stops_no_sealing(
    context: Context, home: StorageRecord, sealer: Sealer
) -> None:
    told = redaction_of(home, Redaction(9, 9, ("agent",), "on-request"))
    context.catalogue.write(lambda tx: tx.append_lines([told, entry(home.storage, time_ms=NOON_MS)]))
    sealer.seal_all()
    assert [line.get("failed", False) for line in said(context, home).values()] == [True, False]


def redaction_of(home: StorageRecord, redaction: Redaction) -> JournalEntry:
    return JournalEntry(home.storage, NOON_MS, 1, "t", RETENTION, "", AccessMode.CONTROL, redaction=redaction)


@pytest.mark.parametrize(
    ("sequence", "fields", "error"),
    [
        (7, ["agent"], NoSuchResource),
        (1, ["grant"], BadInput),
        (1, [], BadInput),
        (1, ["agent", "nonsense"], BadInput),
    ],
)
def test_what_is_not_there_cannot_be_redacted(
    context: Context, home: StorageRecord, sequence: int, fields: list[str], error: type[Exception]
) -> None:
    seal(context, home, *reads(home, 1))
    with pytest.raises(error):
        ask_redaction(context, home.storage, sequence, fields, "on-request")


def test_a_storage_that_does_not_exist_has_nothing_to_redact(context: Context) -> None:
    storage = replace(add_storage(context), storage=type(add_storage(context).storage)("zzzzzzzzzzzzzzzz"))
    with pytest.raises(NoSuchResource, match="no such storage"):
        ask_redaction(context, storage.storage, 1, ["agent"], "on-request")


def test_a_line_can_only_become_less_never_another(context: Context, home: StorageRecord) -> None:
    (line,) = seal(context, home, *reads(home, 1))
    for other in (replace(line, sequence=2), replace(line, hash=bytes(32))):
        with pytest.raises(ConcurrentChange):
            context.catalogue.write(partial(rewrite, home, other))


def rewrite(home: StorageRecord, line: SealedLine, tx: CatalogueTransaction) -> None:
    tx.rewrite_line(home.storage, line)


def retained(context: Context, sealer: Sealer, steps: int = 6) -> None:
    retention = Retention(context)
    for _ in range(steps):
        retention.step()
        sealer.seal_all()


def test_of_lines_whose_time_is_over_only_the_hash_is_kept_and_a_line_says_so(
    context: Context, home: StorageRecord, clock: TestClock, sealer: Sealer
) -> None:
    old = [*reads(home, 3), draft_of(entry(home.storage, time_ms=NOON_MS + DAY_MS))]
    before = seal(context, home, *old)
    earlier, checkpoint = exported(context, home), checkpoint_of(before[:2], make_signer())
    clock.wall_ms = NOON_MS + YEARS_MS + 1000
    retained(context, sealer)
    lines = said(context, home)
    assert sorted(lines) == [4, 5]
    assert (lines[5]["activity"], lines[5]["dropsFrom"], lines[5]["dropsTo"]) == ("retention", 1, 3)
    assert [row.hash for row in rows(context, home)][:4] == [line.hash for line in before]
    report = check(context, home)
    assert report.ok
    assert "of 3 lines only the hash is left" in " ".join(report.checked)
    assert "what these 3 lines said" in " ".join(report.not_checked)
    assert verify(earlier).ok
    moved = replace(checkpoint, leaf=replace(checkpoint.leaf, storage=f"{context.base_url}{home.storage}/"))
    assert "not in its tree" in " ".join(check(context, home, checkpoints=[moved]).faults)


def test_lines_that_say_what_happened_to_others_stay(
    context: Context, home: StorageRecord, clock: TestClock, sealer: Sealer
) -> None:
    seal(context, home, *reads(home, 2), draft_of_gap(NOON_MS, 1, 4))
    ask_redaction(context, home.storage, 1, ["agent"], "on-request")
    sealer.seal_all()
    clock.wall_ms = NOON_MS + YEARS_MS + 1000
    retained(context, sealer)
    assert [line["activity"] for line in said(context, home).values()] == ["gap", "redact", "retention"]
    assert check(context, home).ok


def test_it_goes_in_steps_of_so_many_lines_and_comes_round_once_a_day(
    context: Context,
    home: StorageRecord,
    clock: TestClock,
    sealer: Sealer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention_module, "lines_at_once", 2)
    seal(context, home, *reads(home, 5))
    clock.wall_ms = NOON_MS + YEARS_MS + 1000
    retention = Retention(context)
    dropped = []
    for _ in range(4):
        retention.step()
        sealer.seal_all()
        dropped.append(sum(not row.body for row in rows(context, home)))
    assert dropped == [2, 4, 5, 5]
    assert check(context, home).ok
    with context.catalogue.view() as view:
        assert view.journal_head(home.storage).sequence == 8


def test_what_becomes_old_later_is_found_in_the_next_round(
    context: Context, home: StorageRecord, clock: TestClock, sealer: Sealer
) -> None:
    retention = Retention(context)
    seal(context, home, *reads(home, 1, time_ms=NOON_MS - YEARS_MS + 1000))
    for seconds, left in ((0, 1), (3600, 1), (24 * 3600, 0)):
        clock.wall_ms = NOON_MS + seconds * 1000
        retention.step()
        retention.step()
        sealer.seal_all()
        assert sum(line["activity"] == "read" for line in said(context, home).values()) == left


def test_every_storage_has_its_turn(
    context: Context, clock: TestClock, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_module, "storages_at_once", 2)
    homes = [add_storage(context) for _ in range(5)]
    for home in homes[::2]:
        seal(context, home, *reads(home, 1))
    clock.wall_ms = NOON_MS + YEARS_MS + 1000
    retained(context, sealer, steps=8)
    assert [[*said(context, home)] for home in homes] == [[2], [], [2], [], [2]]


def test_a_storage_that_cannot_be_read_keeps_no_other_from_its_turn(
    context: Context, home: StorageRecord, clock: TestClock, sealer: Sealer, caplog: pytest.LogCaptureFixture
) -> None:
    other = add_storage(context)
    for storage in (home, other):
        seal(context, storage, *reads(storage, 1))
    clock.wall_ms = NOON_MS + YEARS_MS + 1000
    keyring_of(context).destroy(other.storage)
    retained(context, sealer)
    assert sorted(said(context, home)) == [2]
    assert len(caplog.records) == 1


def test_a_storage_that_is_gone_has_nothing_to_drop(context: Context, home: StorageRecord) -> None:
    with context.catalogue.view() as view:
        assert find_redaction(view, type(home.storage)("zzzzzzzzzzzzzzzz"), 10**15) is None


def test_lines_that_were_dropped_already_are_not_dropped_again(
    context: Context, home: StorageRecord, sealer: Sealer
) -> None:
    seal(context, home, *reads(home, 2))
    told = redaction_of(home, Redaction(1, 2))
    context.catalogue.write(lambda tx: tx.append_lines([told, told]))
    sealer.seal_all()
    assert [line.get("failed", False) for line in said(context, home).values()] == [False, True]
    assert check(context, home).ok
