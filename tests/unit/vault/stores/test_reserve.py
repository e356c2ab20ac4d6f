from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from vault.errors import StorageFull
from vault.stores.reserve import Reserve

SIZE = 1024 * 1024


@dataclass
class Disk:
    """How much is free, whatever the real disk says."""

    free: int
    f_frsize: int = 1

    @property
    def f_bavail(self) -> int:
        """Free blocks."""
        return self.free


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk(10 * SIZE)
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    return disk


@pytest.fixture
def reserve(tmp_path: Path) -> Reserve:
    return Reserve(tmp_path / "reserve", SIZE)


def test_without_its_file_nothing_comes_in(reserve: Reserve, disk: Disk) -> None:
    assert not reserve.has_room()


def test_on_a_disk_with_room_the_file_is_taken_and_content_comes_in(reserve: Reserve, disk: Disk) -> None:
    assert reserve.tend()
    assert reserve.path.stat().st_blocks * 512 >= SIZE
    assert reserve.path.stat().st_mode & 0o077 == 0
    assert reserve.has_room()
    assert reserve.tend()


def test_content_stops_while_as_much_again_is_free(reserve: Reserve, disk: Disk) -> None:
    reserve.tend()
    disk.free = SIZE
    assert reserve.has_room()
    disk.free = SIZE - 1
    assert not reserve.has_room()
    assert reserve.tend(), "it is held on: the journal still has what is free"


def test_on_a_full_disk_the_file_is_given_up_and_what_that_frees_is_not_for_content(
    reserve: Reserve, disk: Disk
) -> None:
    reserve.tend()
    disk.free = SIZE // 2 - 1
    assert not reserve.tend()
    assert not reserve.path.exists()
    disk.free += SIZE
    assert not reserve.tend()
    assert not reserve.has_room()


def test_the_room_is_taken_again_when_there_is_enough_for_both(reserve: Reserve, disk: Disk) -> None:
    disk.free = 3 * SIZE - 1
    assert not reserve.tend()
    disk.free = 3 * SIZE
    assert reserve.tend()


def test_a_file_that_was_taken_half_is_no_reserve(
    reserve: Reserve, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(os, "posix_fallocate", full)
        with pytest.raises(StorageFull):
            reserve.tend()
    assert not reserve.has_room()
    assert reserve.tend()
