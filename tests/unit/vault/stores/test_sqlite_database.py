"""Views see one state; changes commit in groups, fail alone, and wait their turn among processes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, table, text
from sqlalchemy.exc import IntegrityError

from vault.errors import StorageFull, Unavailable
from vault.stores import driver, group_writer
from vault.stores.sqlite import Database, migrate, open_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.sqlite"
    migrate(path)
    return path


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = open_database(path)
    yield database
    database.close()


def put(file: str) -> Callable[[Connection], str]:
    """A change that adds a row."""

    def change(connection: Connection) -> str:
        connection.execute(text("INSERT INTO intake_file VALUES (:file, 1)"), {"file": file})
        return file

    return change


def files(connection: Connection) -> set[str]:
    """The rows that are there."""
    return set(connection.execute(text("SELECT file FROM intake_file")).scalars())


def kept(database: Database) -> set[str]:
    """The rows a new view sees."""
    with database.read() as connection:
        return files(connection)


def fail(connection: Connection) -> None:
    """A change that writes and then fails."""
    put("lost")(connection)
    raise LookupError("my own")


def test_what_was_written_is_seen_by_the_next_view(database: Database) -> None:
    assert database.write(put("a")) == "a"
    assert kept(database) == {"a"}


def test_a_view_does_not_see_what_is_written_after_its_first_look(database: Database) -> None:
    with database.read() as connection:
        assert files(connection) == set()
        database.write(put("a"))
        assert files(connection) == set()
        assert kept(database) == {"a"}
    assert kept(database) == {"a"}


def test_a_view_cannot_write(database: Database) -> None:
    with pytest.raises(Unavailable), database.read() as connection:
        put("a")(connection)
    assert kept(database) == set()


def test_a_change_that_raises_is_undone_and_raises_its_own(database: Database) -> None:
    with pytest.raises(LookupError, match="my own"):
        database.write(fail)
    assert kept(database) == set()


def test_a_broken_constraint_is_told_as_it_is(database: Database) -> None:
    database.write(put("a"))
    with pytest.raises(IntegrityError):
        database.write(put("a"))


def test_a_mistake_in_a_statement_is_told_as_it_is(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError), database.read() as connection:
        driver.driver_of(connection).execute("SELECT nonsense")


def in_one_group(database: Database, *calls: Callable[[], object]) -> list[object]:
    """Make calls that queue up, in this order, behind a slow change; give what each gave or raised."""
    running, go_on = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        running.set()
        go_on.wait()

    with ThreadPoolExecutor(len(calls) + 1) as threads:
        first = threads.submit(database.write, slow)
        running.wait()
        others = []
        for number, call in enumerate(calls):
            others.append(threads.submit(call))
            wait_until_queued(database, number + 1)
        go_on.set()
        first.result()
        return [other.exception() or other.result() for other in others]


def wait_until_queued(database: Database, count: int) -> None:
    """Wait until so many changes wait behind the one that runs."""
    while database._writer._queue.qsize() < count:
        pass


def writing(database: Database, change: Callable[[Connection], object]) -> Callable[[], object]:
    """The call that writes a change."""
    return lambda: database.write(change)


def test_in_a_group_a_failing_change_takes_no_other_along(database: Database) -> None:
    results = in_one_group(database, *(writing(database, c) for c in (put("a"), fail, put("b"))))
    assert results[0] == "a"
    assert isinstance(results[1], LookupError)
    assert results[2] == "b"
    assert kept(database) == {"a", "b"}


def test_who_fails_because_of_a_change_in_the_group_hears_so_when_that_is_durable(database: Database) -> None:
    def seen_when_told() -> set[str]:
        with pytest.raises(LookupError):
            database.write(fail)
        return kept(database)

    assert in_one_group(database, writing(database, put("a")), seen_when_told)[1] == {"a"}


def test_a_group_is_bounded_and_the_rest_follows(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_writer, "max_group_changes", 2)
    assert in_one_group(database, *(writing(database, put(name)) for name in "abc")) == ["a", "b", "c"]


def test_when_the_transaction_itself_is_lost_nobody_is_told_it_was_kept(database: Database) -> None:
    def lose_all(connection: Connection) -> None:
        driver.driver_of(connection).execute("ROLLBACK")
        raise LookupError("the disk is gone")

    results = in_one_group(database, *(writing(database, c) for c in (put("a"), fail, lose_all, put("b"))))
    # Also who failed by himself: it may have been because of what is lost now.
    assert [str(result) for result in results].count("the disk is gone") == 4
    assert [type(result) for result in results] == [LookupError] * 4
    assert kept(database) == set()
    assert database.write(put("c")) == "c"


def test_a_full_disk_is_named_and_leaves_the_rest(database: Database) -> None:
    database.write(put("a"))
    database.write(lambda connection: limit_pages(connection, 1))
    with pytest.raises(StorageFull):
        database.write(lambda connection: [put("x" * 5000 + str(n))(connection) for n in range(100)])
    database.write(lambda connection: limit_pages(connection, 100_000))
    assert kept(database) == {"a"}
    assert database.write(put("b")) == "b"


def limit_pages(connection: Connection, pages: int) -> None:
    """Let the file grow no further than this; SQLite keeps at least what is there."""
    driver.driver_of(connection).execute(f"PRAGMA max_page_count={pages}").fetchone()


def test_a_writer_waits_for_another_process_and_then_goes_on(database: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(database.write, put("a"))
        assert kept(database) == set()
        other.execute("COMMIT")
        assert waiting.result() == "a"
    other.close()


def test_a_writer_that_waited_too_long_is_unavailable(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "writer_attempts", 2)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        database.write(put("a"))
    other.execute("COMMIT")
    other.close()
    assert database.write(put("a")) == "a"


def test_a_transaction_that_cannot_begin_is_told_as_it_is(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    driver.begin_writing(connection)
    with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
        driver.begin_writing(connection)
    connection.close()


def test_many_writers_on_one_file_lose_nothing(path: Path) -> None:
    databases = [open_database(path) for _ in range(3)]
    names = [f"{number}" for number in range(120)]
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(lambda name: databases[int(name) % 3].write(put(name)), names))
    assert kept(databases[0]) == set(names)
    for database in databases:
        database.close()


def test_the_log_is_copied_into_the_file_now_and_then(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_writer, "checkpoint_after_changes", 2)
    before = path.read_bytes()
    for name in "abc":
        database.write(put(name))
    assert path.read_bytes() != before
    assert kept(database) == {"a", "b", "c"}


def test_a_copy_that_fails_loses_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.write(put("a"))
    monkeypatch.setattr(group_writer, "checkpoint_after_changes", 1)
    nowhere = driver.make_engine(tmp_path / "absent" / "catalogue.sqlite", 1)
    monkeypatch.setattr(database._writer, "_connect", nowhere.connect)
    assert database.write(put("b")) == "b"
    assert database.write(put("c")) == "c"
    assert kept(database) == {"a", "b", "c"}


def test_a_change_cannot_wait_for_another(database: Database) -> None:
    with pytest.raises(RuntimeError):
        database.write(lambda _: database.write(put("a")))


def test_what_was_asked_before_closing_is_still_written(path: Path) -> None:
    database = open_database(path)
    assert in_one_group(database, writing(database, put("a")), database.close) == ["a", None]
    again = open_database(path)
    assert kept(again) == {"a"}
    again.close()


def test_after_closing_nothing_is_written(path: Path) -> None:
    database = open_database(path)
    with database.read() as connection:
        files(connection)
        database.close()
        database.close()
        assert files(connection) == set()
    with pytest.raises(Unavailable):
        database.write(put("a"))


def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    database = open_database(tmp_path / "absent" / "catalogue.sqlite")
    with pytest.raises(Unavailable), database.read():
        pass
    with pytest.raises(Unavailable):
        database.write(put("a"))
    database.close()


def test_a_single_look_that_fails_is_named_or_told_as_it_is(database: Database, path: Path) -> None:
    count = driver.Statement(select(func.count()).select_from(table("intake_file")))
    assert database.look(count) == (0,)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.look(driver.Statement(select(func.count()).select_from(table("nowhere"))))
    assert database.look(count) == (0,), "the connection is good as ever"
    path.write_bytes(b"no database at all, but something that was put in its place".ljust(8192))
    with pytest.raises(Unavailable):
        database.look(count)
