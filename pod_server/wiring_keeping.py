"""What the operator's commands for backups, restores and taking along work with; beside `wiring`, for they are no server."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pod_server.settings import FIXED, REMEMBERED, Settings, fix_settings, load_settings
from pod_server.wiring import DataFolder, NoIntake, Stores, erasing_parts, make_context, open_stores
from vault.errors import BadInput, Unavailable
from vault.journal.heartbeat import last_pass_ms
from vault.journal.seal import Sealer
from vault.keeping import restore
from vault.keeping.backup import BackupSource, Progress, back_up
from vault.keeping.backup_folder import Manifest, file_chunks, read_manifest, read_objects, write_stream
from vault.keeping.erasures import add_erasures, read_erasures
from vault.model.identifiers import StorageId
from vault.stores.files import locked, make_folder, sharing_lock
from vault.stores.named_objects import named_objects
from vault.stores.ports import CatalogueTransaction
from vault.stores.sqlite import snapshot

sealed_within_s = 20.0
_look_every_s = 0.1


def seal_first(stores: Stores) -> None:
    """See that every line written up to now is sealed: by the keeper that runs, or here when none does.

    Raises:
        Unavailable: the keeper that runs does not seal.
    """
    folder, pause = stores.folder, threading.Event()
    folder.intake.mkdir(exist_ok=True, mode=0o700)
    asked_ms, deadline = stores.clock().wall_ms, time.monotonic() + sealed_within_s
    while (last_pass_ms(folder.heartbeat) or 0) <= asked_ms:
        with locked(folder.intake) as is_alone:
            if is_alone:
                erased = partial(read_erasures, folder.erasures)
                Sealer(stores.catalogue, stores.keyring, stores.clock, folder.intake, erased).seal_all()
                return
        if time.monotonic() > deadline:
            raise Unavailable("the journal is not being sealed: mend the server before its backup")
        pause.wait(_look_every_s)


def make_backup(settings: Settings, folder: Path, keys: Path | None, tell: Progress) -> Manifest:
    """Bring the backup in a folder up to now, and the keys in another one.

    Raises:
        BadInput: a folder cannot be used for it.
        VaultError: it cannot be made now; run again, it goes on where it was.
    """
    _check_apart(settings.folder, folder, keys)
    stores = open_stores(settings)
    try:
        source = BackupSource(
            make_context(settings, stores, NoIntake()),
            stores.objects,
            lambda to: snapshot(stores.folder.catalogue, to),
            named_objects,
            {name: getattr(settings, name) for name in (*FIXED, *REMEMBERED)},
        )
        with sharing_lock(stores.folder.backup_lock):
            seal_first(stores)
            manifest = back_up(source, folder, tell)
            if keys is not None:
                # After the catalogue: every storage that it names has its key by now.
                copy_keys(stores.folder, keys)
    finally:
        stores.catalogue.close()
    return manifest


def copy_keys(data: DataFolder, keys: Path) -> None:
    """Let a folder hold the keys of a server as they are now, and no others; the erasure list too.

    A root key that rests outside the data folder is not copied: whoever put it there keeps it.
    """
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    (keys / "wrapped").mkdir(exist_ok=True, mode=0o700)
    names = {path.name for path in data.wrapped_keys.glob("*.key")}
    for name in sorted(names):
        _copy(data.wrapped_keys / name, keys / "wrapped" / name)
    for path in (keys / "wrapped").glob("*.key"):
        if path.name not in names:
            path.unlink()
    _copy(data.signing_key, keys / data.signing_key.name)
    if data.root_key.exists():
        _copy(data.root_key, keys / data.root_key.name)
    add_erasures(keys / data.erasures.name, read_erasures(data.erasures))
    # A list without an id is a list too: it says that nothing was erased.
    (keys / data.erasures.name).touch(mode=0o600)


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What is restored whereto: the folders of backup, new data and keys, a newer erasure list, and the settings that
    are of the new machine and not of the backup.

    `is_paused`: everything comes back for the owner only; see `vault.keeping.restore`.
    """

    backup: Path
    data: Path
    keys: Path
    erasures: Path | None
    changes: Mapping[str, Any]
    is_paused: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: how many storages there are, how many objects the backup lacked, how many stay erased."""

    storages: int
    missing: int
    erased: int


def restore_server(plan: RestorePlan, tell: Progress) -> Restored:
    """Restore a whole server into an empty folder; repeat it when it was cut.

    Raises:
        SettingsError: the settings of the backup do not do here.
        BadInput: the folder is not empty, or keys or erasure list are missing.
        MalformedContent: the backup is damaged.
    """
    manifest = read_manifest(plan.backup)
    folder = DataFolder(plan.data)
    erased = _read_lists(plan.keys / folder.erasures.name, plan.erasures)
    settings = _settings_of(manifest, plan)
    restore.begin(folder.path)
    _put_keys(plan.keys, folder, erased)
    _put_catalogue(plan.backup / manifest.catalogue, folder)
    stores = open_stores(settings)
    try:
        count = _settle(settings, stores, erased, is_paused=plan.is_paused)
        listed = read_objects(plan.backup / manifest.objects)
        wanted = partial(named_objects, folder.catalogue)
        missing = restore.put_objects(restore.Objects(plan.backup, wanted, listed, stores.objects), tell)
    finally:
        stores.catalogue.close()
    fix_settings(settings)
    restore.finish(folder.path)
    return Restored(count, missing, len(erased))


def _settings_of(manifest: Manifest, plan: RestorePlan) -> Settings:
    given = {**manifest.settings, **plan.changes, "data": str(plan.data)}
    return load_settings({name: tuple(v) if isinstance(v, list) else v for name, v in given.items()})


def _put_keys(keys: Path, folder: DataFolder, erased: frozenset[StorageId]) -> None:
    gone = {f"{storage}.key" for storage in erased}
    make_folder(folder.wrapped_keys)
    for path in sorted((keys / "wrapped").glob("*.key")):
        if path.name not in gone:
            _copy(path, folder.wrapped_keys / path.name)
    for path in (folder.signing_key, folder.root_key):
        if (keys / path.name).exists():
            _copy(keys / path.name, path)
    if not (folder.wrapped_keys / "server.key").exists():
        raise BadInput(f"{keys} holds no keys of a server")
    add_erasures(folder.erasures, erased)


def _put_catalogue(catalogue: Path, folder: DataFolder) -> None:
    # Anew each time: what an earlier run that was cut did to it is done again.
    for path in folder.path.glob(f"{folder.catalogue.name}*"):
        path.unlink()
    _copy(catalogue, folder.catalogue)


def _settle(settings: Settings, stores: Stores, erased: frozenset[StorageId], *, is_paused: bool) -> int:
    from pod_server.identity.forgetting import forget_programs, forget_sign_ins

    erasing = erasing_parts(settings, stores)

    def forget(tx: CatalogueTransaction) -> None:
        forget_sign_ins(tx)
        if is_paused:
            forget_programs(tx)

    restored = restore.RestoredCatalogue(erasing.context, erased, erasing.forget_account, forget)
    return restore.settle(restored, is_paused=is_paused)


def _read_lists(*paths: Path | None) -> frozenset[StorageId]:
    found = [path for path in paths if path is not None and path.exists()]
    if not found:
        raise BadInput(
            "no erasure list: give the newest one with --erasure-list, so that what was erased stays erased"
        )
    return frozenset().union(*(read_erasures(path) for path in found))


def _check_apart(data: Path, folder: Path, keys: Path | None) -> None:
    places = [data.resolve(), folder.resolve()] + ([] if keys is None else [keys.resolve()])
    for one in places:
        if any(other is not one and other.is_relative_to(one) for other in places):
            raise BadInput("data folder, backup and keys must lie apart, none inside another")


def _copy(path: Path, to: Path) -> None:
    write_stream(to, file_chunks(path))
