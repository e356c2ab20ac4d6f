"""Making a backup of a running server: the catalogue as of one moment, then every object that it names and is not there yet.

Objects are never rewritten, so that what a moment's catalogue names can be copied after it. A backup that was cut goes on
where it was when it is asked for again.
"""

from __future__ import annotations

import hashlib
import heapq
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vault.context import Context
from vault.errors import BadInput, Unavailable
from vault.keeping.backup_folder import (
    PART,
    KeptObject,
    Manifest,
    file_sha256,
    mark,
    object_path,
    read_manifest,
    read_objects,
    write_manifest,
    write_object_line,
    write_stream,
)
from vault.model.records import NamedObject
from vault.stores.encryption import sealed_size
from vault.stores.files import locked, sync_folder
from vault.stores.ports import ObjectStore

Progress = Callable[[int, int], None]
_flush_every = 64


@dataclass(frozen=True, slots=True)
class BackupSource:
    """The server that is copied.

    `snapshot` writes the catalogue as of one moment to a new file and gives the revision of its schema; `named` gives
    the objects that such a file names, in the order of their keys.
    """

    context: Context
    objects: ObjectStore
    snapshot: Callable[[Path], str]
    named: Callable[[Path], Iterator[NamedObject]]
    settings: Mapping[str, Any]


@dataclass(slots=True)
class _Counts:
    """How far it is."""

    count: int = 0
    bytes: int = 0
    missing: int = 0


def back_up(source: BackupSource, folder: Path, tell: Progress) -> Manifest:
    """Bring the backup in a folder up to now; it is the earlier one until this returns.

    Raises:
        BadInput: the folder holds something else, or the backup of another server.
        Unavailable: another run writes to it.
    """
    mark(folder)
    with locked(folder) as is_alone:
        if not is_alone:
            raise Unavailable("another backup to this folder runs")
        return _back_up(source, folder, tell)


def _back_up(source: BackupSource, folder: Path, tell: Progress) -> Manifest:
    context, name = source.context, source.context.new_id()
    _check_same_server(source, folder)
    time_ms = context.clock().wall_ms
    catalogue, objects = folder / f"catalogue-{name}.sqlite", folder / f"objects-{name}.list"
    unfinished = folder / f"{catalogue.name}{PART}"
    schema = source.snapshot(unfinished)
    unfinished.replace(catalogue)
    sync_folder(folder)
    counts = _copy_objects(source, catalogue, objects, tell)
    manifest = Manifest(
        time_ms=time_ms,
        base_url=context.base_url,
        issuer_url=context.issuer_url,
        schema=schema,
        catalogue=catalogue.name,
        catalogue_sha256=file_sha256(catalogue),
        objects=objects.name,
        objects_sha256=file_sha256(objects),
        count=counts.count,
        bytes=counts.bytes,
        missing=counts.missing,
        settings=source.settings,
    )
    write_manifest(folder, manifest)
    return manifest


def _check_same_server(source: BackupSource, folder: Path) -> None:
    try:
        manifest = read_manifest(folder)
    except BadInput:
        # None yet, or a damaged one, which this one is to replace.
        return
    if manifest.base_url != source.context.base_url:
        raise BadInput(f"{folder} holds a backup of {manifest.base_url}: give another folder")


def _copy_objects(source: BackupSource, catalogue: Path, objects: Path, tell: Progress) -> _Counts:
    """Copy what is not there yet, and write the list; it and those of earlier runs are in the order of their keys."""
    folder, counts = objects.parent, _Counts()
    known = _Known(heapq.merge(*(read_objects(path) for path in sorted(folder.glob("objects-*.list*")))))
    total = sum(1 for _ in source.named(catalogue))
    part = folder / f"{objects.name}{PART}"
    part.touch(mode=0o600)
    with part.open("w", encoding="ascii") as out:
        for number, named in enumerate(source.named(catalogue), 1):
            kept = _keep(source.objects, folder, named, known.find(named.key))
            if kept is None:
                counts.missing += 1
            else:
                out.write(write_object_line(kept))
                counts.count += 1
                counts.bytes += kept.size
            if number % _flush_every == 0:
                out.flush()
            tell(number, total)
        out.flush()
        os.fsync(out.fileno())
    part.replace(objects)
    sync_folder(folder)
    return counts


class _Known:
    """What earlier runs wrote of objects, asked in the order of their keys."""

    def __init__(self, kept: Iterator[KeptObject]) -> None:
        self._kept = kept
        self._next = next(kept, None)

    def find(self, key: str) -> KeptObject | None:
        """What is known of an object; keys must be asked in order."""
        while self._next is not None and self._next.key < key:
            self._next = next(self._kept, None)
        return self._next if self._next is not None and self._next.key == key else None


def _keep(
    objects: ObjectStore, folder: Path, named: NamedObject, known: KeptObject | None
) -> KeptObject | None:
    """See that an object is in the backup; None when the server itself has it no more."""
    path, size = object_path(folder, named.key), sealed_size(named.plain_size)
    if path.exists() and path.stat().st_size == size:
        is_known = known is not None and known.size == size
        return known if is_known else KeptObject(named.key, size, file_sha256(path))
    digest = hashlib.sha256()

    def passing() -> Iterator[bytes]:
        for chunk in objects.get(named.key):
            digest.update(chunk)
            yield chunk

    for above in (path.parent.parent, path.parent):
        above.mkdir(exist_ok=True, mode=0o700)
    try:
        write_stream(path, passing())
    except KeyError:
        return None
    if path.stat().st_size != size:
        path.unlink()
        return None
    return KeptObject(named.key, size, digest.hexdigest())
