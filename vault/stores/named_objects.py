"""Which objects a catalogue names, read from a file of it that nobody changes; no key is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from vault.model.records import NamedObject
from vault.stores.driver import Statement, driver_of, make_engine, naming_failures, reader_busy_ms
from vault.stores.schema import revision

_NAMED = Statement(
    select(revision.c.object, func.max(revision.c.size))
    .where(revision.c.object.is_not(None))
    .group_by(revision.c.object)
    .order_by(revision.c.object)
)


def named_objects(catalogue: Path) -> Iterator[NamedObject]:
    """Every object that some revision rests in, in the order of their keys, streamed.

    Raises:
        Unavailable: the file cannot be read.
    """
    with naming_failures(), make_engine(catalogue, reader_busy_ms, read_only=True).connect() as connection:
        for key, size in _NAMED.run(driver_of(connection), {}):
            yield NamedObject(key, size)
