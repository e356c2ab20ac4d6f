"""Both object stores keep the contract; the one in a folder also says what a disk refuses."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.support.store_contract import StoreContract
from vault.errors import StorageFull, Unavailable
from vault.stores.objects_folder import FolderStore
from vault.stores.objects_memory import MemoryStore


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore(lambda: 1_800_000_000)


class TestFolderStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> FolderStore:
        return FolderStore(tmp_path / "objects")


def _failing(code: int) -> object:
    def fsync(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    return fsync


@pytest.mark.parametrize(
    ("code", "expected"),
    [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EIO, Unavailable)],
)
def test_a_disk_that_refuses_leaves_nothing_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: type[Exception]
) -> None:
    store = FolderStore(tmp_path)
    store.put("abcd", (b"x",))
    monkeypatch.setattr(os, "fsync", _failing(code))
    with pytest.raises(expected):
        store.put("abce", (b"y",))
    assert list(dict(store.keys())) == ["abcd"]


def test_what_a_killed_put_left_is_listed_as_an_orphan_that_can_be_removed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "abcd").write_bytes(b"half")
    assert list(dict(store.keys())) == ["abcd"]
    store.delete("abcd")
    assert list(store.keys()) == []


def test_an_object_is_never_written_over_nor_removed_by_another_put(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("abcd", (b"first",))
    with pytest.raises(Unavailable):
        store.put("abcd", (b"second",))
    assert b"".join(store.get("abcd")) == b"first"


def test_an_object_that_goes_while_keys_are_listed_is_skipped(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("abcd", (b"x",))
    store.put("abce", (b"x",))
    listing = store.keys()
    first, _ = next(listing)
    store.delete("abce" if first == "abcd" else "abcd")
    assert list(listing) == []


def test_an_object_that_cannot_be_read_is_unavailable(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    (tmp_path / "ab" / "abcd").mkdir(parents=True)
    with pytest.raises(Unavailable):
        b"".join(store.get("abcd"))


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "objects")
    store.put("abcd", (b"x",))
    assert (tmp_path / "objects" / "ab" / "abcd").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "objects").stat().st_mode & 0o777 == 0o700
