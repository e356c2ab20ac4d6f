from __future__ import annotations

from pathlib import Path

from vault.journal.heartbeat import Heartbeat, last_pass_ms, read_heartbeat, write_heartbeat


def test_a_sign_of_life_is_read_back(tmp_path: Path) -> None:
    beat = Heartbeat(1_790_000_000_123, 1_789_999_999_999)
    write_heartbeat(tmp_path / "alive", beat)
    assert read_heartbeat(tmp_path / "alive") == beat
    assert last_pass_ms(tmp_path / "alive") == beat.passed_ms


def test_a_later_one_replaces_it_and_leaves_nothing_beside(tmp_path: Path) -> None:
    for passed_ms in (1000, 2000):
        write_heartbeat(tmp_path / "alive", Heartbeat(passed_ms, 5))
    assert last_pass_ms(tmp_path / "alive") == 2000
    assert [path.name for path in tmp_path.iterdir()] == ["alive"]


def test_where_there_never_was_one_there_is_none(tmp_path: Path) -> None:
    assert read_heartbeat(tmp_path / "alive") is None


def test_an_emptied_file_is_no_sign_of_life(tmp_path: Path) -> None:
    (tmp_path / "alive").touch()
    assert read_heartbeat(tmp_path / "alive") is None
