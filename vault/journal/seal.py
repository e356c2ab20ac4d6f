"""Sealing: lines from every worker's intake file and from writes get their number and their place in the chain.

Exactly once, whatever is killed and when: the lines and the places up to which the files were read are one transaction,
and a file is removed only when its worker is gone and everything in it is sealed.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from vault.errors import ConcurrentChange
from vault.journal.demand import asks_checkpoint
from vault.journal.fold import fold
from vault.journal.frames import Place, open_frame, read_frames
from vault.journal.intake import SUFFIX
from vault.journal.lines import Line, draft_of, draft_of_gap, seal_drafts
from vault.journal.redaction import Redactions
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry, PendingLine
from vault.model.moments import Clock
from vault.stores.files import locked, sync_folder
from vault.stores.ports import Catalogue, CatalogueReader, CatalogueTransaction, Cipher

logger = logging.getLogger(__name__)
# A sealing window. Short, for while its transaction runs nobody else writes.
batch_lines = 250


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a pass did: how many entries, the latest time of one (0 when there were none, in wall milliseconds), and
    whether one asks for a checkpoint."""

    count: int
    until_ms: int
    asks_checkpoint: bool = False


@dataclass(frozen=True, slots=True)
class _Portion:
    """What was read of one file: between two places, the entries, and how many are missing."""

    before: Place
    after: Place
    entries: tuple[JournalEntry, ...]
    missing: int
    erased: int
    is_full: bool


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one transaction seals."""

    pending: list[PendingLine]
    portions: dict[str, _Portion]

    @property
    def entries(self) -> list[JournalEntry]:
        read = [entry for portion in self.portions.values() for entry in portion.entries]
        return [line.entry for line in self.pending] + read

    @property
    def missing(self) -> int:
        return sum(portion.missing for portion in self.portions.values())

    @property
    def erased(self) -> int:
        return sum(portion.erased for portion in self.portions.values())

    @property
    def is_empty(self) -> bool:
        return not self.pending and all(part.before == part.after for part in self.portions.values())

    @property
    def by_storage(self) -> dict[StorageId, list[JournalEntry]]:
        found: defaultdict[StorageId, list[JournalEntry]] = defaultdict(list)
        for entry in sorted(self.entries, key=lambda entry: (entry.epoch, entry.time_ms)):
            found[entry.storage].append(entry)
        return found

    @property
    def is_full(self) -> bool:
        return len(self.pending) == batch_lines or any(part.is_full for part in self.portions.values())


@dataclass(slots=True)
class _Window:
    """What the entries of a batch become: the lines of each storage, and what is left of earlier ones."""

    drafts: defaultdict[StorageId, list[Line]]
    redactions: list[Redactions]


class Sealer:
    """Seals what lies ready; one at a time may do so. Remembers how far it read each file.

    What is left of storages that are gone and that `erased` names is passed over: nobody can read it any more.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        cipher: Cipher,
        clock: Clock,
        folder: Path,
        erased: Callable[[], Collection[StorageId]] = frozenset,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._catalogue = catalogue
        self._cipher = cipher
        self._clock = clock
        self._folder = folder
        self._erased = erased
        self._places: dict[str, Place] = {}

    def seal_all(self) -> Sealed:
        """Seal until nothing lies ready, and remove what workers that are gone left behind.

        Raises:
            VaultError: it could not be kept; nothing is lost, the next pass takes it up.
        """
        count, until_ms, asked, is_full = 0, 0, False, True
        while is_full:
            batch = self._take()
            if not batch.is_empty:
                self._keep(batch)
            count += len(batch.entries)
            until_ms = max([until_ms, *(entry.time_ms for entry in batch.entries)])
            asked = asked or any(asks_checkpoint(entry) for entry in batch.entries)
            is_full = batch.is_full
        self._remove_finished()
        return Sealed(count, until_ms, asked)

    def _take(self) -> _Batch:
        with self._catalogue.view() as view:
            pending = view.pending_lines(batch_lines)
            positions = {name: view.intake_position(name) for name in self._files()}
        return _Batch(pending, {name: self._read(name, at) for name, at in positions.items()})

    def _read(self, name: str, position: int) -> _Portion:
        place = before = self._place(name, position)
        entries, missing, passed = [], 0, 0
        data = self._bytes_from(name, position)
        frames = list(islice(read_frames(data, position), batch_lines))
        unknown = self._unknown({frame.storage for frame in frames if frame.storage is not None})
        erased = self._erased() if unknown else ()
        for frame in frames:
            if frame.after.counter <= place.counter:
                # A copy of a frame that was taken before, which no worker writes.
                place = Place(frame.after.position, place.counter, place.running)
                continue
            is_erased = frame.storage in erased and frame.storage in unknown
            # Of a storage that never was nobody can have written a line.
            entry = None if frame.storage in unknown else open_frame(self._cipher, name, frame)
            passed += is_erased
            lost = frame.after.counter - place.counter - 1 + (entry is None and not is_erased)
            missing += lost or (not frame.follows(place))
            entries += [] if entry is None else [entry]
            place = frame.after
        return _Portion(before, place, tuple(entries), missing, passed, len(frames) == batch_lines)

    def _unknown(self, storages: Collection[StorageId]) -> frozenset[StorageId]:
        """Those that are not there any more, or never were, in a view from after their lines were read."""
        if not storages:
            return frozenset()
        with self._catalogue.view() as view:
            return frozenset(storage for storage in storages if not view.knows_storage(storage))

    def _keep(self, batch: _Batch) -> None:
        with self._catalogue.view() as view:
            window = self._fill(view, batch)
            sealed = {
                storage: list(seal_drafts(drafts, view.journal_head(storage)))
                for storage, drafts in window.drafts.items()
            }
        taken: defaultdict[StorageId, list[PendingLine]] = defaultdict(list)
        for line in batch.pending:
            taken[line.entry.storage].append(line)

        def change(tx: CatalogueTransaction) -> None:
            _move_on(tx, batch.portions)
            for storage, lines in sealed.items():
                if not tx.knows_storage(storage):
                    raise ConcurrentChange("a storage was erased at the same moment")
                tx.seal_lines(storage, lines, taken=taken[storage])
            for redactions in window.redactions:
                redactions.keep(tx)

        self._catalogue.write(change)
        if batch.erased:
            logger.info("lines of erased storages were passed over", extra={"count": batch.erased})
        self._places |= {name: portion.after for name, portion in batch.portions.items()}

    def _fill(self, view: CatalogueReader, batch: _Batch) -> _Window:
        window = _Window(defaultdict(list), [])
        for storage, entries in batch.by_storage.items():
            record, redactions = view.find_storage(storage), Redactions(view, storage)
            for entry in fold(entries, None if record is None else record.owner):
                redaction = entry.redaction
                window.drafts[storage].append(
                    draft_of(entry) if redaction is None else redactions.carry_out(entry, redaction)
                )
            window.redactions.append(redactions)
        if batch.missing:
            # Whose lines they were is lost with them, so everybody is told.
            logger.error("lines of the journal were lost before sealing", extra={"count": batch.missing})
            now_ms = self._clock().wall_ms
            for storage, epoch in view.storage_epochs():
                window.drafts[storage].append(draft_of_gap(now_ms, epoch, batch.missing))
        return window

    def _place(self, name: str, position: int) -> Place:
        known = self._places.get(name, Place())
        if known.position == position:
            return known
        # Another keeper came to here; read again what it read, for counter and running hash.
        for frame in read_frames(self._bytes_from(name, 0)[:position]):
            known = max(known, frame.after, key=lambda place: place.counter)
        return Place(position, known.counter, known.running)

    def _remove_finished(self) -> None:
        gone = [name for name in self._files() if self._remove(name)]
        if not gone:
            return
        # Durably gone before its position is forgotten: a file that came back would be sealed twice.
        sync_folder(self._folder)

        def change(tx: CatalogueTransaction) -> None:
            for name in gone:
                tx.forget_intake(name)

        self._catalogue.write(change)
        for name in gone:
            self._places.pop(name, None)

    def _remove(self, name: str) -> bool:
        with locked(self._folder / name) as is_finished:
            place = self._places.get(name, Place())
            if not is_finished or any(read_frames(self._bytes_from(name, place.position))):
                return False
            (self._folder / name).unlink()
            return True

    def _files(self) -> list[str]:
        return sorted(path.name for path in self._folder.glob(f"*{SUFFIX}"))

    def _bytes_from(self, name: str, position: int) -> bytes:
        with (self._folder / name).open("rb") as file:
            file.seek(position)
            return file.read()


def _move_on(tx: CatalogueTransaction, portions: Mapping[str, _Portion]) -> None:
    for name, portion in portions.items():
        if tx.intake_position(name) != portion.before.position:
            raise ConcurrentChange("somebody else seals too")
        if portion.after != portion.before:
            tx.put_intake_position(name, portion.after.position)
