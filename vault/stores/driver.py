"""SQLite's connections and failures; with `sqlite` the only modules that know which database this is.

`sqlite.org/wal.html#concurrency`: readers never wait; the writers of all processes take turns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, create_engine, insert
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import ClauseElement

from vault.errors import StorageFull, Unavailable, VaultError

reader_busy_ms = 10_000
# Short, for the writer asks again: SQLite's own waiting grows to 100 ms a turn, and starves who came second.
writer_busy_ms = 5
writer_attempts = 2_000
_DIALECT = sqlite_dialect.dialect(paramstyle="named")
# Temporary tables stay off the disk. Checkpoints are the writer's (see `GroupWriter`).
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA wal_autocheckpoint=0",
)


class Statement:
    """A Core statement, compiled once and run on the driver itself: a third of the cost of running it through Core."""

    def __init__(self, statement: ClauseElement, columns: list[str] | None = None) -> None:
        compiled = statement.compile(dialect=_DIALECT, column_keys=columns)
        self._sql = str(compiled)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    def run(self, driver: sqlite3.Connection, values: Mapping[str, object]) -> sqlite3.Cursor:
        """Execute with these values for its bind parameters."""
        return driver.execute(self._sql, {**self._fixed, **values})


def inserting(table: Table) -> Statement:
    """Make the statement that adds a row, given every column but the row number."""
    return Statement(insert(table), [column.name for column in table.c if column.name != "number"])


def make_engine(path: Path, busy_ms: int, *, read_only: bool = False) -> Engine:
    """Make an engine whose every `connect` opens the file anew; statements wait at most so long for others."""

    def connect() -> sqlite3.Connection:
        # No transactions behind our back: BEGIN, SAVEPOINT and COMMIT are said where they are meant.
        driver = sqlite3.connect(path, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False)
        for pragma in _PRAGMAS:
            driver.execute(pragma)
        if read_only:
            driver.execute("PRAGMA query_only=ON")
        return driver

    return create_engine("sqlite://", creator=connect, poolclass=NullPool, isolation_level="AUTOCOMMIT")


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def begin_writing(driver: sqlite3.Connection) -> None:
    """Take the write lock, waiting a bounded time for other processes.

    Raises:
        Unavailable: it was not free in time.
    """
    for _ in range(writer_attempts):
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        else:
            return
    raise Unavailable("other processes keep writing")


def describe_failure(error: BaseException) -> VaultError | None:
    """Name the fact behind a failure of the database; None when it is a mistake of the caller's or not of the database."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.DatabaseError) or isinstance(cause, sqlite3.IntegrityError):
        return None
    match getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR):
        case sqlite3.SQLITE_ERROR | sqlite3.SQLITE_MISUSE:
            return None
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR_SHMSIZE:
            return StorageFull("no room is left on the disk")
        case _:
            return Unavailable("the catalogue cannot be reached now")


@contextmanager
def naming_failures() -> Iterator[None]:
    """Let a failure of the database pass on as the fact behind it, or as itself when it is a mistake of ours."""
    try:
        yield
    except (sqlite3.DatabaseError, DBAPIError) as error:
        described = describe_failure(error)
        if described is None:
            raise
        raise described from error
