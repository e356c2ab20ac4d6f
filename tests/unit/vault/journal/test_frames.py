from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.journals import entry
from tests.support.vaults import make_keyring
from vault.errors import Unavailable
from vault.journal.frames import MARK, Frame, Place, make_frame, open_frame, read_frames
from vault.model.identifiers import StorageId, random_id
from vault.model.journal import JournalEntry
from vault.stores.keys import Keyring

FILE = "abc.intake"


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return make_keyring(tmp_path)


@pytest.fixture
def entries(keyring: Keyring) -> list[JournalEntry]:
    storage = StorageId(random_id())
    keyring.create(storage)
    return [entry(storage, trace_id=str(number), epoch=number) for number in range(3)]


def written(keyring: Keyring, entries: list[JournalEntry]) -> tuple[list[bytes], list[Place]]:
    pieces, places = [], [Place()]
    for one in entries:
        piece, place = make_frame(keyring, FILE, places[-1], one)
        pieces.append(piece)
        places.append(place)
    return pieces, places


def test_frames_come_back_in_order_with_their_places(keyring: Keyring, entries: list[JournalEntry]) -> None:
    pieces, places = written(keyring, entries)
    frames = list(read_frames(b"".join(pieces)))
    assert [frame.after for frame in frames] == places[1:]
    assert [frame.epoch for frame in frames] == [0, 1, 2]
    assert [open_frame(keyring, FILE, frame) for frame in frames] == entries
    assert all(frame.follows(before) for frame, before in zip(frames, places, strict=False))


def test_reading_begins_where_it_is_told(keyring: Keyring, entries: list[JournalEntry]) -> None:
    pieces, places = written(keyring, entries)
    frames = list(read_frames(pieces[1] + pieces[2], places[1].position))
    assert [frame.after for frame in frames] == places[2:]


def test_a_torn_tail_is_not_a_frame_at_whatever_byte_it_was_cut(
    keyring: Keyring, entries: list[JournalEntry]
) -> None:
    pieces, places = written(keyring, entries)
    for length in range(len(pieces[2])):
        frames = list(read_frames(pieces[0] + pieces[1] + pieces[2][:length]))
        assert [frame.after for frame in frames] == places[1:3]


def test_a_damaged_byte_costs_its_frame_and_no_other(keyring: Keyring, entries: list[JournalEntry]) -> None:
    pieces, places = written(keyring, entries)
    for at in range(len(pieces[1])):
        damaged = bytearray(pieces[1])
        damaged[at] ^= 1
        frames = list(read_frames(pieces[0] + bytes(damaged) + pieces[2]))
        assert [frame.after for frame in frames] == [places[1], places[3]]
        assert not frames[1].follows(places[1])


def test_a_mark_in_the_middle_of_nothing_leads_on(keyring: Keyring, entries: list[JournalEntry]) -> None:
    pieces, _ = written(keyring, entries[:1])
    assert len(list(read_frames(MARK + MARK + b"x" * 100 + pieces[0]))) == 1


def test_a_frame_moved_to_another_file_or_changed_is_not_authentic(
    keyring: Keyring, entries: list[JournalEntry]
) -> None:
    frame = next(read_frames(b"".join(written(keyring, entries)[0])))
    changed = Frame(frame.epoch, frame.payload[:-1] + bytes([frame.payload[-1] ^ 1]), frame.after)
    assert open_frame(keyring, "other.intake", frame) is None
    assert open_frame(keyring, FILE, changed) is None


@pytest.mark.parametrize("name", [b"\xff" * 16, b"NO STORAGE ID..."])
def test_a_payload_that_names_no_storage_is_not_authentic(keyring: Keyring, name: bytes) -> None:
    assert open_frame(keyring, FILE, Frame(1, name + b"x" * 40, Place())) is None


def test_a_key_that_cannot_be_read_never_costs_a_line(
    tmp_path: Path, keyring: Keyring, entries: list[JournalEntry]
) -> None:
    frame = next(read_frames(b"".join(written(keyring, entries)[0])))
    (tmp_path / "keys" / f"{entries[0].storage}.key").unlink()
    with pytest.raises(Unavailable, match="key"):
        open_frame(make_keyring(tmp_path), FILE, frame)


def test_nothing_of_an_entry_can_be_read_in_its_frame(keyring: Keyring, entries: list[JournalEntry]) -> None:
    piece = written(keyring, entries)[0][0]
    assert entries[0].storage.value.encode() in piece
    for secret in (b"organisaties", b"plannen", b"app.example", b"read"):
        assert secret not in piece
