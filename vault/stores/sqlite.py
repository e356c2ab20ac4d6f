"""One SQLite file as a process sees it: held connections for reading, one writer thread, and migrations."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from vault.stores.driver import (
    Statement,
    driver_of,
    make_engine,
    naming_failures,
    reader_busy_ms,
    writer_busy_ms,
)
from vault.stores.group_writer import GroupWriter

T = TypeVar("T")
migration_busy_ms = 60_000
_MIGRATIONS = Path(__file__).with_name("migrations")


class Database:
    """Reads in views that see one state, and writes in the order of one thread."""

    def __init__(self, path: Path) -> None:
        self._engine = make_engine(path, reader_busy_ms, read_only=True)
        # With the driver's own connection beside it: to ask for it anew costs as much as a small query.
        self._idle: deque[tuple[Connection, sqlite3.Connection]] = deque()
        self._closed = False
        self._writer = GroupWriter(make_engine(path, writer_busy_ms).connect)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Hold a consistent view: what is read first fixes what is seen until the end.

        Raises:
            Unavailable: the file cannot be read now.
        """
        with self.reading() as (connection, _):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, sqlite3.Connection]]:
        """As `read`, with the driver's own connection too."""
        with self._borrowed() as (connection, driver):
            driver.execute("BEGIN")
            yield connection, driver

    def look(self, statement: Statement, **values: object) -> tuple[Any, ...] | None:
        """The first row of one query by itself, as things are this moment; None when there is none.

        Raises:
            Unavailable: the file cannot be read now.
        """
        with self._borrowed() as (_, driver):
            row: tuple[Any, ...] | None = statement.run(driver, values).fetchone()
        return row

    def write(self, change: Callable[[Connection], T]) -> T:
        """Run a change in the writer's thread and return when it is durable; what it raises undoes it alone.

        Raises:
            StorageFull: no room is left on the disk.
            Unavailable: other processes kept the file to themselves for too long, or it cannot be written.
        """
        return self._writer.run(change)

    def close(self) -> None:
        """Finish what was asked, stop the writer and close every connection."""
        self._writer.close()
        self._closed = True
        while self._idle:
            self._idle.pop()[0].close()

    @contextmanager
    def _borrowed(self) -> Iterator[tuple[Connection, sqlite3.Connection]]:
        with naming_failures():
            held = self._borrow()
            try:
                yield held
            finally:
                self._give_back(held)

    def _borrow(self) -> tuple[Connection, sqlite3.Connection]:
        # Not one a thread: a view may open inside another, and the connection used last has the warmest cache.
        try:
            return self._idle.pop()
        except IndexError:
            connection = self._engine.connect()
            return connection, driver_of(connection)

    def _give_back(self, held: tuple[Connection, sqlite3.Connection]) -> None:
        held[1].rollback()
        if self._closed:
            held[0].close()
        else:
            self._idle.append(held)


def open_database(path: Path) -> Database:
    """Open a database that `migrate` has made."""
    return Database(path)


def migrate(path: Path) -> None:
    """Make the database, or bring its schema up to date: all of it or nothing, one process at a time.

    Raises:
        Unavailable: another process was busy for too long.
    """
    with naming_failures(), _alone(path), make_engine(path, migration_busy_ms).connect() as connection:
        # Once for all: the file remembers it. Two that switch at the same time would fail, hence alone.
        driver_of(connection).execute("PRAGMA journal_mode=WAL")
        _upgrade(connection)


def snapshot(path: Path, to: Path) -> str:
    """Write the database as of one moment to a file of its own, durably; gives the revision of its schema.

    Readers and writers of all processes go on meanwhile. Rows that were deleted are not in it.

    Raises:
        StorageFull, Unavailable: it cannot be read or written now.
    """
    to.unlink(missing_ok=True)
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with naming_failures(), make_engine(path, reader_busy_ms).connect() as connection:
            driver_of(connection).execute("VACUUM INTO ?", (str(to),))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    with naming_failures(), make_engine(to, reader_busy_ms, read_only=True).connect() as connection:
        return _revision(driver_of(connection)) or ""


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time make or change the schema; the kernel frees the lock of one that is killed.

    The lock is on a file of its own: closing the database's file would drop SQLite's locks of this process.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    descriptor = os.open(path.with_name(f"{path.name}.migration"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def newest_revision() -> str:
    """The revision that the migrations lead to: their files are named by revision, in order."""
    return max(path.name[:4] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _upgrade(connection: Connection) -> None:
    driver = driver_of(connection)
    driver.execute("BEGIN IMMEDIATE")
    try:
        if _revision(driver) != newest_revision():
            # Told that a transaction is open, Alembic opens and commits none of its own.
            connection.begin()
            _run_alembic(connection)
        driver.execute("COMMIT")
    finally:
        driver.rollback()


def _revision(driver: sqlite3.Connection) -> str | None:
    if not driver.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return None
    row = driver.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _run_alembic(connection: Connection) -> None:
    # Imported here, for it costs half a second that a start without migrations need not pay.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")
