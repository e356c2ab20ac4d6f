from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from vault.stores.files import close_folder, locked, sharing_lock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "lock"
    path.touch()
    return path


def test_a_lock_held_alone_is_refused_to_a_second(path: Path) -> None:
    with locked(path) as first, locked(path) as second:
        assert (first, second) == (True, False)
    with locked(path) as again:
        assert again


def test_a_shared_lock_is_given_to_many_and_keeps_out_who_wants_it_alone(path: Path) -> None:
    with sharing_lock(path), sharing_lock(path), locked(path) as alone:
        assert not alone


def test_who_shares_waits_for_who_has_it_alone(path: Path) -> None:
    got = threading.Event()

    def share() -> None:
        with sharing_lock(path):
            got.set()

    thread = threading.Thread(target=share)
    with locked(path):
        thread.start()
        assert not got.wait(0.05)
    thread.join(10)
    assert got.is_set()


def test_a_folder_has_a_lock_too(tmp_path: Path) -> None:
    with locked(tmp_path) as alone:
        assert alone


def test_a_folder_that_others_could_enter_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for _ in range(2):
        close_folder(tmp_path)
        assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_somebody_else_is_not_ours_to_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    close_folder(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755
