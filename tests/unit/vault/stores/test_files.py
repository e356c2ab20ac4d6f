from __future__ import annotations

import threading
from pathlib import Path

import pytest

from vault.stores.files import locked, sharing_lock


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
