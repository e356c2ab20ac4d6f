"""What somebody with the disk does to a journal, case by case: what shows, and what does not (`docs/explanation/journal.md`).

The tables of that page have one row for each test here.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.journals import entry, make_intake, make_signer
from tests.support.vaults import NOON_MS, add_storage, keyring_of, make_context
from vault.context import Context
from vault.errors import Unavailable
from vault.journal.checkpoints import Checkpoint, Signer, checkpoint_for
from vault.journal.demand import sign_checkpoint
from vault.journal.export import export
from vault.journal.heartbeat import Heartbeat, write_heartbeat
from vault.journal.intake import IntakeFile
from vault.journal.lines import Line, moment_text, no_hash, seal_drafts, without_values, write_line
from vault.journal.redact import ask_redaction
from vault.journal.seal import Sealer
from vault.journal.verify import Report, verify
from vault.model.journal import JournalHead, Redaction, SealedLine
from vault.model.records import StorageRecord
from vault.stores.catalogue import SqlCatalogue


@dataclass
class Disk:
    """A data folder with a journal of six lines, and what its owner kept from before: a checkpoint and the key."""

    folder: Path
    context: Context
    home: StorageRecord
    signer: Signer = field(default_factory=make_signer)

    @property
    def worker(self) -> IntakeFile:
        """A worker's intake."""
        keyring = keyring_of(self.context)
        return make_intake(self.folder / "intake", keyring, self.context.clock, self.folder / "alive")

    def seal(self) -> None:
        """Seal what lies ready, as a keeper that starts now."""
        keyring = keyring_of(self.context)
        Sealer(self.context.catalogue, keyring, self.context.clock, self.folder / "intake").seal_all()

    def write(self, *traces: str) -> None:
        """Keep lines of writes, that wait to be sealed."""
        entries = [entry(self.home.storage, trace_id=trace, time_ms=NOON_MS) for trace in traces]
        self.context.catalogue.write(lambda tx: tx.append_lines(entries))

    def sign(self) -> Checkpoint:
        """Sign a checkpoint, and fetch it as the owner does."""
        document = sign_checkpoint(self.context, self.signer)
        assert document is not None
        found = checkpoint_for(document, f"{self.context.base_url}{self.home.storage}/")
        assert found is not None
        return found

    def run(self, statement: str, *values: object) -> None:
        """Change the database file behind the server's back."""
        with sqlite3.connect(self.folder / "catalogue.sqlite") as connection:
            touched = connection.execute(statement, values).rowcount
        connection.close()
        assert touched > 0

    def row(self, number: int) -> bytes:
        """The encrypted body of a line."""
        with sqlite3.connect(self.folder / "catalogue.sqlite") as connection:
            query = "SELECT sealed FROM sealed_line WHERE storage = ? AND sequence = ?"
            found = connection.execute(query, (self.home.storage.value, number)).fetchone()
        connection.close()
        return bytes(found[0])

    def line(self, number: int) -> Line:
        """A line, read by somebody who has the keys."""
        label = f"line:{number}"
        found: Line = json.loads(keyring_of(self.context).decrypt(self.home.storage, label, self.row(number)))
        return found

    def forge(self, number: int, body: bytes) -> bytes:
        """Encrypt a body, as somebody who has the keys."""
        return keyring_of(self.context).encrypt(self.home.storage, f"line:{number}", body)

    def put(self, number: int, body: bytes) -> None:
        """Put a body in the place of a line's."""
        self.run("UPDATE sealed_line SET sealed = ? WHERE sequence = ?", body, number)

    def export(self) -> bytes:
        """What the operator gives the owner."""
        with self.context.catalogue.view() as view:
            rows = export(view, self.context.base_url, self.home.storage, moment_text(NOON_MS))
            return b"".join(rows)

    def check(self, *checkpoints: Checkpoint, key: bytes | None = None) -> Report:
        """What checking finds."""
        return verify(self.export(), key, checkpoints)

    def faults(self, *checkpoints: Checkpoint, key: bytes | None = None) -> str:
        """What checking finds wrong; something is."""
        report = self.check(*checkpoints, key=key)
        assert not report.ok
        return " ".join(report.faults)

    def traces(self) -> list[str]:
        """The trace ids in the journal, in order."""
        with self.context.catalogue.view() as view:
            lines = [json.loads(line.body) for line in view.sealed_lines(self.home.storage)]
        return [line.get("traceId", "gap") for line in lines]

    def files(self) -> list[Path]:
        """The intake files."""
        return sorted((self.folder / "intake").iterdir())


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    context = make_context(tmp_path)
    disk = Disk(tmp_path, context, add_storage(context))
    write_heartbeat(tmp_path / "alive", Heartbeat(NOON_MS, 0))
    disk.write(*"abcdef")
    disk.seal()
    yield disk
    assert isinstance(context.catalogue, SqlCatalogue)
    context.catalogue.close()


@pytest.fixture
def kept(disk: Disk) -> Checkpoint:
    """A checkpoint over all six lines, that left the server."""
    return disk.sign()


def test_untouched_it_is_whole(disk: Disk, kept: Checkpoint) -> None:
    report = disk.check(kept, key=disk.signer.public_pem)
    assert (report.ok, report.count, report.not_checked) == (True, 6, ())


# Rows of sealed lines, by somebody without the keys.


def test_a_changed_row_cannot_be_read_any_more(disk: Disk) -> None:
    body = disk.row(3)
    disk.put(3, body[:-1] + bytes([body[-1] ^ 1]))
    with pytest.raises(Unavailable):
        disk.export()


def test_swapped_rows_cannot_be_read_any_more(disk: Disk) -> None:
    third, fourth = disk.row(3), disk.row(4)
    disk.put(3, fourth)
    disk.put(4, third)
    with pytest.raises(Unavailable):
        disk.export()


def test_a_row_put_in_again_under_another_number_cannot_be_read(disk: Disk) -> None:
    disk.run("INSERT INTO sealed_line SELECT storage, 7, hash, sealed FROM sealed_line WHERE sequence = ?", 6)
    with pytest.raises(Unavailable):
        disk.export()


def test_a_row_of_another_storage_cannot_be_read(disk: Disk) -> None:
    other = add_storage(disk.context)
    disk.run("UPDATE sealed_line SET storage = ? WHERE sequence = 6", other.storage.value)
    with disk.context.catalogue.view() as view, pytest.raises(Unavailable):
        list(view.sealed_lines(other.storage))


def test_a_deleted_row_is_missing(disk: Disk) -> None:
    disk.run("DELETE FROM sealed_line WHERE sequence = ?", 3)
    assert "line 3 is missing" in disk.faults()


def test_an_emptied_row_says_that_nobody_said_so(disk: Disk) -> None:
    disk.put(3, b"")
    assert "of lines 3 to 3 only the hash is left, and no later line says so" in disk.faults()


def test_another_hash_beside_the_last_row_does_not_fit_the_last_row_of_an_export(disk: Disk) -> None:
    disk.run("UPDATE sealed_line SET hash = ? WHERE sequence = 6", bytes(32))
    assert "last row does not fit" in disk.faults()


def test_lines_that_are_sealed_after_another_hash_do_not_follow(disk: Disk) -> None:
    disk.run("UPDATE sealed_line SET hash = ? WHERE sequence = 6", bytes(32))
    disk.write("g")
    disk.seal()
    assert "line 7 does not follow" in disk.faults()


def test_another_hash_beside_an_older_row_changes_nothing_for_the_line_has_its_own(
    disk: Disk, kept: Checkpoint
) -> None:
    disk.run("UPDATE sealed_line SET hash = ? WHERE sequence = 3", bytes(32))
    assert disk.check(kept, key=disk.signer.public_pem).ok


def test_another_hash_in_the_place_of_a_dropped_line_is_noticed(disk: Disk) -> None:
    redaction = entry(disk.home.storage, activity="retention", redaction=Redaction(1, 4), time_ms=NOON_MS)
    disk.context.catalogue.write(lambda tx: tx.append_lines([redaction]))
    disk.seal()
    assert disk.check().ok
    disk.run("UPDATE sealed_line SET hash = ? WHERE sequence = 2", bytes(32))
    assert "lines 1 to 4 are not those that line 7 dropped" in disk.faults()


def test_a_cut_tail_shows_only_against_an_earlier_checkpoint(disk: Disk, kept: Checkpoint) -> None:
    disk.run("DELETE FROM sealed_line WHERE sequence > ?", 4)
    disk.run("DELETE FROM checkpoint")
    report = disk.check()
    assert report.ok
    assert "cut at its end" in " ".join(report.not_checked)
    assert "the end was cut off: it knows 6 lines" in disk.faults(kept)


def test_a_cut_tail_shows_against_the_checkpoint_that_the_server_still_has(
    disk: Disk, kept: Checkpoint
) -> None:
    assert kept.leaf.sequence == 6
    disk.run("DELETE FROM sealed_line WHERE sequence > ?", 4)
    assert "the end was cut off" in disk.faults()


# Rows of sealed lines, by somebody who has the keys of the data.


def test_a_line_written_anew_does_not_fit_its_hash(disk: Disk) -> None:
    changed = disk.line(3) | {"agent": "https://nobody.example/#me"}
    disk.put(3, disk.forge(3, write_line(changed)))
    assert "line 3 was changed" in disk.faults()


def test_a_value_taken_away_in_silence_is_noticed(disk: Disk) -> None:
    disk.put(3, disk.forge(3, write_line(without_values(disk.line(3), ["agent"]))))
    assert "values of line 3 were taken away, and no later line says so" in disk.faults()


def test_a_redaction_whose_line_is_removed_is_noticed(disk: Disk) -> None:
    ask_redaction(disk.context, disk.home.storage, 3, ["agent"], "on-request")
    disk.seal()
    assert disk.check().ok
    disk.run("DELETE FROM sealed_line WHERE sequence = ?", 7)
    assert "values of line 3 were taken away, and no later line says so" in disk.faults()


def test_a_line_forged_at_the_end_shows_only_when_it_must_fit_what_was_there(
    disk: Disk, kept: Checkpoint
) -> None:
    (forged,) = seal_drafts([{"time": "x", "epoch": 1, "count": 1}], JournalHead(6, head_of(disk)))
    insert(disk, forged)
    report = disk.check(kept, key=disk.signer.public_pem)
    assert report.ok
    assert "lines 7 to 7: they are newer than every checkpoint" in " ".join(report.not_checked)


def head_of(disk: Disk) -> bytes:
    with disk.context.catalogue.view() as view:
        return view.journal_head(disk.home.storage).hash


def insert(disk: Disk, line: SealedLine) -> None:
    sealed = disk.forge(line.sequence, line.body)
    values = (disk.home.storage.value, line.sequence, line.hash, sealed)
    disk.run("INSERT INTO sealed_line (storage, sequence, hash, sealed) VALUES (?, ?, ?, ?)", *values)


def recompute(disk: Disk) -> None:
    """Make the whole chain anew, with another first line."""
    drafts = [
        {name: value for name, value in disk.line(number).items() if name not in _SEALED}
        for number in range(1, 7)
    ]
    drafts[0]["agent"] = "https://nobody.example/#me"
    disk.run("DELETE FROM sealed_line")
    for line in seal_drafts(drafts, JournalHead(0, no_hash)):
        insert(disk, line)


_SEALED = {"sequence", "salts", "previousHash", "hash"}


def test_a_chain_made_anew_shows_only_against_an_earlier_checkpoint(disk: Disk, kept: Checkpoint) -> None:
    recompute(disk)
    disk.run("DELETE FROM checkpoint")
    report = disk.check()
    assert report.ok
    assert "made anew as a whole" in " ".join(report.not_checked)
    assert "the chain was made anew" in disk.faults(kept)


def test_a_chain_made_anew_with_a_new_checkpoint_by_the_same_key_shows_against_an_earlier_one(
    disk: Disk, kept: Checkpoint
) -> None:
    recompute(disk)
    disk.sign()
    assert disk.check(key=disk.signer.public_pem).ok
    assert "the chain was made anew" in disk.faults(kept, key=disk.signer.public_pem)


# Checkpoints and the key that signs them.


def test_a_removed_checkpoint_is_not_missed_but_checking_says_what_it_could_not_check(
    disk: Disk, kept: Checkpoint
) -> None:
    disk.run("DELETE FROM checkpoint")
    report = disk.check(key=disk.signer.public_pem)
    assert report.ok
    assert report.not_checked
    assert disk.check(kept, key=disk.signer.public_pem).ok


def test_a_changed_checkpoint_cannot_be_read_any_more(disk: Disk, kept: Checkpoint) -> None:
    assert kept.tree_size == 1
    disk.run("UPDATE checkpoint SET sealed = zeroblob(length(sealed))")
    with pytest.raises(Unavailable):
        disk.export()


def test_an_older_checkpoint_put_back_shows_as_lines_that_are_newer_than_it(
    disk: Disk, kept: Checkpoint
) -> None:
    disk.write("g")
    disk.seal()
    disk.sign()
    disk.run("DELETE FROM checkpoint WHERE number = (SELECT max(number) FROM checkpoint)")
    report = disk.check(kept, key=disk.signer.public_pem)
    assert report.ok
    assert "lines 7 to 7: they are newer" in " ".join(report.not_checked)


def test_another_signing_key_shows_against_the_key_that_was_kept(disk: Disk) -> None:
    before = disk.signer.public_pem
    disk.signer = make_signer()
    disk.sign()
    assert "it is not signed with this key" in disk.faults(key=before)
    report = disk.check()
    assert report.ok
    assert "who signed the checkpoints" in " ".join(report.not_checked)


# What waits to be sealed.


def test_a_waiting_row_that_is_deleted_does_not_show(disk: Disk, kept: Checkpoint) -> None:
    disk.write("g", "h")
    disk.run("DELETE FROM pending_line WHERE number = (SELECT min(number) FROM pending_line)")
    disk.seal()
    assert disk.traces() == [*"abcdef", "h"]
    assert disk.check(kept, key=disk.signer.public_pem).ok


def test_a_waiting_row_that_is_changed_stops_sealing_until_somebody_looks(disk: Disk) -> None:
    disk.write("g")
    disk.run("UPDATE pending_line SET sealed = zeroblob(length(sealed))")
    with pytest.raises(Unavailable):
        disk.seal()


def filled(disk: Disk) -> Path:
    """An intake file with four lines of a worker that is gone."""
    worker = disk.worker
    for trace in "ghij":
        worker.append(entry(disk.home.storage, trace_id=trace, time_ms=NOON_MS))
    worker.close()
    (path,) = disk.files()
    return path


def test_an_intake_file_that_is_removed_does_not_show(disk: Disk) -> None:
    filled(disk).unlink()
    disk.seal()
    assert disk.traces() == [*"abcdef"]


def test_the_end_of_an_intake_file_that_is_cut_off_does_not_show(disk: Disk) -> None:
    path = filled(disk)
    path.write_bytes(path.read_bytes()[:-10])
    disk.seal()
    assert disk.traces() == [*"abcdefghi"]


def test_a_hole_in_an_intake_file_becomes_a_line_that_says_so(disk: Disk) -> None:
    path = filled(disk)
    data = path.read_bytes()
    quarter = len(data) // 4
    path.write_bytes(data[:quarter] + data[2 * quarter :])
    disk.seal()
    assert disk.traces() == [*"abcdef", "g", "i", "j", "gap"]
    assert "lines of the server were lost" in " ".join(disk.check().not_checked)


def test_an_intake_file_that_is_edited_becomes_a_line_that_says_so(disk: Disk) -> None:
    path = filled(disk)
    data = bytearray(path.read_bytes())
    data[len(data) // 4 + 100] ^= 1
    path.write_bytes(bytes(data))
    disk.seal()
    assert disk.traces() == [*"abcdef", "g", "i", "j", "gap"]


def test_an_intake_file_that_is_copied_is_sealed_once_and_the_copy_becomes_a_line_that_says_so(
    disk: Disk,
) -> None:
    path = filled(disk)
    shutil.copy(path, path.with_name("copy.intake"))
    disk.seal()
    assert disk.traces() == [*"abcdef", *"ghij", "gap"]


def test_an_intake_file_of_before_that_is_put_back_is_sealed_again_under_the_same_trace_ids(
    disk: Disk,
) -> None:
    path = filled(disk)
    data = path.read_bytes()
    disk.seal()
    path.write_bytes(data)
    disk.seal()
    assert disk.traces() == [*"abcdef", *"ghij", *"ghij"]


def test_a_place_in_an_intake_file_that_is_moved_on_skips_lines_and_does_not_show(disk: Disk) -> None:
    path = filled(disk)
    disk.run("INSERT INTO intake_file (file, position) VALUES (?, ?)", path.name, path.stat().st_size // 2)
    disk.seal()
    assert disk.traces() == [*"abcdef", "i", "j"]
