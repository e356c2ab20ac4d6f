"""The replay store: shared, bounded, and never forgetful without refusing."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.replay import ReplayStore, UsedProof, read_boot_id
from vault.errors import Unavailable

NOW_S = 1_800_000_000
START_S = NOW_S - 1000


def used(jti: str, issued_at: int = NOW_S, thumbprint: str = "key") -> UsedProof:
    return UsedProof(thumbprint, jti, issued_at)


def is_new(store: ReplayStore, proof: UsedProof, now_s: int = NOW_S) -> bool:
    try:
        store.remember(proof, now_s)
    except InvalidToken:
        return False
    return True


def open_store(path: Path, now_s: int = START_S, buckets: int = 8, boot_id: str = "boot-1") -> ReplayStore:
    return ReplayStore(path / "replay", now_s, buckets=buckets, boot_id=boot_id)


def test_the_same_jti_of_another_key_is_another_proof(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert is_new(store, used("1"))
    assert is_new(store, used("1", thumbprint="other"))
    assert not is_new(store, used("1"))


def test_a_used_proof_is_still_refused_after_a_restart(tmp_path: Path) -> None:
    first = open_store(tmp_path)
    assert is_new(first, used("1"))
    first.close()
    assert not is_new(open_store(tmp_path, NOW_S), used("1"))


def test_two_open_stores_of_one_file_know_the_same_proofs(tmp_path: Path) -> None:
    one, other = open_store(tmp_path), open_store(tmp_path)
    assert is_new(one, used("1"))
    assert not is_new(other, used("1"))


def test_a_new_file_refuses_proofs_from_before_it_existed(tmp_path: Path) -> None:
    store = open_store(tmp_path, NOW_S)
    assert not is_new(store, used("1", NOW_S - 1))
    assert is_new(store, used("2", NOW_S))


def test_after_a_restart_of_the_machine_proofs_from_before_are_refused(tmp_path: Path) -> None:
    assert is_new(open_store(tmp_path), used("1"))
    again = open_store(tmp_path, NOW_S + 5, boot_id="boot-2")
    assert not is_new(again, used("2", NOW_S + 4))
    assert is_new(again, used("3", NOW_S + 5))


def test_a_machine_whose_starts_cannot_be_told_apart_starts_anew_each_time(tmp_path: Path) -> None:
    open_store(tmp_path, boot_id="").close()
    assert not is_new(open_store(tmp_path, NOW_S + 1, boot_id=""), used("1"))


def test_a_damaged_file_is_started_anew(tmp_path: Path) -> None:
    (tmp_path / "replay").write_bytes(b"nonsense" * 500)
    store = open_store(tmp_path, NOW_S)
    assert not is_new(store, used("1", NOW_S - 1))
    assert is_new(store, used("1"))


def test_a_full_store_refuses_instead_of_forgetting(tmp_path: Path) -> None:
    store = open_store(tmp_path, buckets=1)
    for number in range(16):
        store.remember(used(str(number)), NOW_S)
    with pytest.raises(Unavailable):
        store.remember(used("16"), NOW_S)
    assert not is_new(store, used("0"))
    assert is_new(store, used("17", NOW_S + 61), NOW_S + 61)


def test_a_proof_whose_slot_was_given_away_stays_refused_when_the_clock_goes_back(tmp_path: Path) -> None:
    store = open_store(tmp_path, buckets=1)
    for number in range(16):
        store.remember(used(str(number)), NOW_S)
    store.remember(used("later", NOW_S + 61), NOW_S + 61)
    assert not is_new(store, used("0"), NOW_S)


def test_the_file_keeps_its_size(tmp_path: Path) -> None:
    store = open_store(tmp_path, buckets=4)
    size = (tmp_path / "replay").stat().st_size
    for number in range(50):
        is_new(store, used(str(number), NOW_S + number * 61), NOW_S + number * 61)
    assert (tmp_path / "replay").stat().st_size == size


def test_of_many_threads_exactly_one_gets_a_proof_through(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(is_new(store, used("1")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 7 + [True]


def test_of_several_processes_exactly_one_gets_each_proof_through(tmp_path: Path) -> None:
    """Four processes offer the same 500 proofs; together they get each through once."""
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.pod_server.authentication.test_replay import is_new, open_store, used\n"
        "store = open_store(Path(sys.argv[1]), buckets=64)\n"
        "sys.stdin.read(1)\n"
        "print(sum(is_new(store, used(str(number))) for number in range(500)))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[4],
        )
        for _ in range(4)
    ]
    counts = [int(process.communicate(b"!")[0]) for process in processes]
    assert sum(counts) == 500


def test_the_file_is_closed_when_it_cannot_be_mapped(tmp_path: Path) -> None:
    with pytest.raises(OverflowError):
        ReplayStore(tmp_path / "replay", NOW_S, buckets=2**80)


def test_the_start_of_the_machine_is_told_by_a_file_that_may_be_absent(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("boot-1\n")
    assert (read_boot_id(tmp_path / "id"), read_boot_id(tmp_path / "absent")) == ("boot-1", "")
