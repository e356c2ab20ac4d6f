"""One thread that writes for a whole process: queued changes share a transaction, each behind a savepoint of its own."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from vault.errors import Unavailable
from vault.stores.driver import begin_writing, describe_failure, driver_of

T = TypeVar("T")
max_group_changes = 64
checkpoint_after_changes = 256


@dataclass(slots=True)
class _Change:
    """What somebody wants written, and the promise he waits on."""

    run: Callable[[Connection], Any]
    promise: Future[Any] = field(default_factory=Future)
    value: Any = None
    error: BaseException | None = None


class GroupWriter:
    """Takes changes from any thread and commits them in groups.

    A change that raises is undone alone; it hears so when the others are durable, since it may have raised because of
    what they did. When the transaction itself fails, every change of its group does: none of
    them was acknowledged.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._queue: SimpleQueue[_Change | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._since_checkpoint = 0
        self._thread = threading.Thread(target=self._work, name="catalogue-writer", daemon=True)
        self._thread.start()

    def run(self, change: Callable[[Connection], T]) -> T:
        """Wait until a change is durable and give what it gave; raise what it raised."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a change cannot wait for another change")
        queued = _Change(change)
        with self._lock:
            if self._closed:
                raise Unavailable("the catalogue is closed")
            self._queue.put(queued)
        value: T = queued.promise.result()
        return value

    def close(self) -> None:
        """Finish what is queued and end the thread."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        connection: Connection | None = None
        while group := self._next_group():
            try:
                connection = connection or self._connect()
                if self._since_checkpoint >= checkpoint_after_changes:
                    self._checkpoint(driver_of(connection))
                _commit(connection, group)
            except BaseException as error:  # whatever it is, somebody waits for an answer
                _fail(group, error)
                _close(connection)
                connection = None
                # On a full disk the log can start anew once it has been copied, and then there is room again.
                self._since_checkpoint = checkpoint_after_changes
            else:
                for change in group:
                    _settle(change)
                self._since_checkpoint += len(group)
        _close(connection)

    def _next_group(self) -> list[_Change]:
        group: list[_Change] = []
        change = self._queue.get()
        while change is not None:
            group.append(change)
            if len(group) == max_group_changes:
                return group
            try:
                change = self._queue.get_nowait()
            except Empty:
                return group
        if group:
            # The end was asked behind these: write them, then meet it again.
            self._queue.put(None)
        return group

    def _checkpoint(self, driver: sqlite3.Connection) -> None:
        """Copy the log into the database, while nobody can commit.

        `sqlite.org/wal.html#the_wal_reset_bug`: before 3.51.3 a checkpoint racing a commit that starts the log anew can
        corrupt the file. This holds the write lock, and nobody else checkpoints.
        """
        self._since_checkpoint = 0
        try:
            begin_writing(driver)
            with self._connect() as second:
                driver_of(second).execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except (sqlite3.Error, DBAPIError, Unavailable):
            # Nothing is lost: the log keeps everything, and the next round tries again.
            pass
        finally:
            driver.rollback()


def _commit(connection: Connection, group: list[_Change]) -> None:
    driver = driver_of(connection)
    begin_writing(driver)
    for change in group:
        _attempt(connection, driver, change)
    driver.execute("COMMIT")


def _attempt(connection: Connection, driver: sqlite3.Connection, change: _Change) -> None:
    driver.execute("SAVEPOINT change")
    try:
        change.value = change.run(connection)
    except BaseException as error:
        # A full disk may have undone the whole transaction already: then the group is lost, not this one alone.
        if not driver.in_transaction:
            raise
        driver.execute("ROLLBACK TO change")
        change.error = error
    driver.execute("RELEASE change")


def _settle(change: _Change) -> None:
    if change.error is None:
        change.promise.set_result(change.value)
    else:
        _fail([change], change.error)


def _fail(group: list[_Change], error: BaseException) -> None:
    for change in group:
        described = describe_failure(error)
        if described is not None:
            described.__cause__ = error
        change.promise.set_exception(described or error)


def _close(connection: Connection | None) -> None:
    if connection is not None:
        connection.close()
