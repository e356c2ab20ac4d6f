"""Rows of the journal: pending lines, the sealed chain of each storage, positions in intake files, checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import bindparam, delete, func, select, update

from vault.errors import ConcurrentChange
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry, JournalHead, PendingLine, SealedLine
from vault.stores.codec import decode_entry, encode_entry
from vault.stores.driver import Statement, inserting
from vault.stores.schema import checkpoint, intake_file, pending_line, sealed_line
from vault.stores.tables import Tables

no_line = JournalHead(0, bytes(32))
_PENDING = Statement(
    select(pending_line.c.number, pending_line.c.storage, pending_line.c.sealed)
    .order_by(pending_line.c.number)
    .limit(bindparam("most"))
)
_INSERT_PENDING = inserting(pending_line)
_DELETE_PENDING = Statement(delete(pending_line).where(pending_line.c.number == bindparam("of")))
_LINES = select(sealed_line.c.sequence, sealed_line.c.hash, sealed_line.c.sealed).where(
    sealed_line.c.storage == bindparam("storage")
)
_BETWEEN = _LINES.where(sealed_line.c.sequence.between(bindparam("first"), bindparam("last")))
_WHOLE = func.length(sealed_line.c.sealed) > 0
# By (newest first, only whole lines).
_ORDERS = {
    (False, False): Statement(_BETWEEN.order_by(sealed_line.c.sequence)),
    (False, True): Statement(_BETWEEN.where(_WHOLE).order_by(sealed_line.c.sequence)),
    (True, False): Statement(_BETWEEN.order_by(sealed_line.c.sequence.desc())),
    (True, True): Statement(_BETWEEN.where(_WHOLE).order_by(sealed_line.c.sequence.desc())),
}
_HEAD = Statement(_LINES.order_by(sealed_line.c.sequence.desc()).limit(1))
_INSERT_LINE = inserting(sealed_line)
# Only what a line says can become less: its number and its hash are what it is found by.
_REWRITE_LINE = Statement(
    update(sealed_line)
    .where(
        sealed_line.c.storage == bindparam("of"),
        sealed_line.c.sequence == bindparam("number"),
        sealed_line.c.hash == bindparam("known"),
    )
    .values(sealed=bindparam("body"))
)
_POSITION = Statement(select(intake_file.c.position).where(intake_file.c.file == bindparam("file")))
_INSERT_POSITION = inserting(intake_file)
_DELETE_POSITION = Statement(delete(intake_file).where(intake_file.c.file == bindparam("of")))
_DELETE_POSITIONS = Statement(delete(intake_file))
_CHECKPOINT = Statement(
    select(checkpoint.c.time_ms, checkpoint.c.sealed).order_by(checkpoint.c.number.desc()).limit(1)
)
_INSERT_CHECKPOINT = inserting(checkpoint)
# Each holds a leaf of every storage, and only the newest is asked for.
_kept_checkpoints = 24
_DELETE_CHECKPOINTS = Statement(
    delete(checkpoint).where(
        checkpoint.c.number <= select(func.max(checkpoint.c.number)).scalar_subquery() - _kept_checkpoints
    )
)
_last_possible = 2**62


def head(tables: Tables, storage: StorageId) -> JournalHead:
    """The last sealed line; sequence 0 and 32 zero bytes when there is none."""
    row = tables.one(_HEAD, storage=storage.value)
    return no_line if row is None else JournalHead(row[0], row[1])


def sealed_lines(
    tables: Tables,
    storage: StorageId,
    between: tuple[int, int | None],
    *,
    newest_first: bool,
    whole_only: bool,
) -> Iterator[SealedLine]:
    """Sealed lines from one sequence to another, streamed."""
    first, last = between
    until = _last_possible if last is None else last
    statement = _ORDERS[newest_first, whole_only]
    for sequence, hash_, sealed in tables.stream(statement, storage=storage.value, first=first, last=until):
        label = f"line:{sequence}"
        yield SealedLine(sequence, hash_, tables.cipher.decrypt(storage, label, sealed) if sealed else b"")


def append(tables: Tables, entries: Sequence[JournalEntry]) -> None:
    """Keep lines with the change itself."""
    for entry in entries:
        sealed = tables.cipher.encrypt(entry.storage, "pending", encode_entry(entry))
        tables.run(_INSERT_PENDING, storage=entry.storage.value, sealed=sealed)


def pending(tables: Tables, limit: int) -> list[PendingLine]:
    """Lines not yet sealed, oldest first."""
    return [
        PendingLine(number, decode_entry(tables.cipher.decrypt(StorageId(storage), "pending", sealed)))
        for number, storage, sealed in tables.all(_PENDING, most=limit)
    ]


def seal(
    tables: Tables, storage: StorageId, lines: Sequence[SealedLine], taken: Sequence[PendingLine]
) -> None:
    """Add lines that follow the head, and drop those they came from. Raises ConcurrentChange when they do not follow."""
    following = head(tables, storage).sequence + 1
    if [line.sequence for line in lines] != list(range(following, following + len(lines))):
        raise ConcurrentChange("the lines do not follow the last sealed one")
    for line in lines:
        sealed = _seal_body(tables, storage, line)
        tables.run(_INSERT_LINE, storage=storage.value, sequence=line.sequence, hash=line.hash, sealed=sealed)
    for line_taken in taken:
        if tables.run(_DELETE_PENDING, of=line_taken.id) == 0:
            raise ConcurrentChange("a pending line was sealed already")


def rewrite(tables: Tables, storage: StorageId, line: SealedLine) -> None:
    """Keep less of a sealed line. Raises ConcurrentChange when there is none with this number and hash."""
    sealed = _seal_body(tables, storage, line)
    if tables.run(_REWRITE_LINE, of=storage.value, number=line.sequence, known=line.hash, body=sealed) == 0:
        raise ConcurrentChange("there is no such sealed line")


def _seal_body(tables: Tables, storage: StorageId, line: SealedLine) -> bytes:
    return tables.cipher.encrypt(storage, f"line:{line.sequence}", line.body) if line.body else b""


def intake_position(tables: Tables, file: str) -> int:
    """Up to which byte an intake file has been sealed; 0 for an unknown file."""
    row = tables.one(_POSITION, file=file)
    return 0 if row is None else int(row[0])


def put_intake_position(tables: Tables, file: str, position: int) -> None:
    """Remember up to which byte a file has been sealed."""
    forget_intake(tables, file)
    tables.run(_INSERT_POSITION, file=file, position=position)


def forget_intake(tables: Tables, file: str) -> None:
    """Drop the position of a file that is gone."""
    tables.run(_DELETE_POSITION, of=file)


def forget_all_intake(tables: Tables) -> None:
    """Drop the positions of all files, where none of those files is any more."""
    tables.run(_DELETE_POSITIONS)


def latest_checkpoint(tables: Tables) -> bytes | None:
    """The newest checkpoint with all its leaves; None when there is none yet."""
    row = tables.one(_CHECKPOINT)
    return None if row is None else tables.cipher.decrypt(None, f"checkpoint:{row[0]}", row[1])


def put_checkpoint(tables: Tables, time_ms: int, document: bytes) -> None:
    """Keep a checkpoint with its leaves, and drop those that are long past."""
    sealed = tables.cipher.encrypt(None, f"checkpoint:{time_ms}", document)
    tables.run(_INSERT_CHECKPOINT, time_ms=time_ms, sealed=sealed)
    tables.run(_DELETE_CHECKPOINTS)
