"""A whole server from a backup, in an empty folder. It opens nothing that may have been closed since.

Nobody here knows what was stopped after the backup was made. So every storage comes back for its owner only, its rules and
grants unchanged but paused, until the operator says that they still hold (`docs/decisions/0011-restore-pauses-access.md`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vault.context import Context
from vault.errors import BadInput, MalformedContent, NoSuchResource, Unavailable
from vault.keeping.backup import Progress
from vault.keeping.backup_folder import UNFINISHED, KeptObject, file_chunks, object_path
from vault.keeping.lines import line_of_operator
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.records import NamedObject
from vault.operations.card import CARD_PATH
from vault.stores.encryption import sealed_size
from vault.stores.ports import CatalogueTransaction, ObjectStore

_batch_storages = 32


@dataclass(frozen=True, slots=True)
class RestoredCatalogue:
    """A catalogue that was put back and migrated: how it is changed, and what must stay gone.

    `forget_account` takes away the sign-in of an erased storage, `forget_sign_ins` every session and token.
    """

    context: Context
    erased: frozenset[StorageId]
    forget_account: Callable[[CatalogueTransaction, StorageId], None]
    forget_sign_ins: Callable[[CatalogueTransaction], None]


def begin(folder: Path) -> None:
    """Take a folder for a restore, or take one up that was cut.

    Raises:
        BadInput: there is something in it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker = folder / UNFINISHED
    if not marker.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty: a restore needs a folder of its own")
    marker.touch(mode=0o600)


def finish(folder: Path) -> None:
    """Let the folder be served."""
    (folder / UNFINISHED).unlink()


def settle(catalogue: RestoredCatalogue, *, is_paused: bool) -> int:
    """Let go of what may not come back, and pause the rest; how many storages there are then.

    Raises:
        BadInput: the keys are not those of this backup.
    """
    context = catalogue.context
    context.catalogue.write(lambda tx: _forget(catalogue, tx))
    try:
        with context.catalogue.view() as view:
            found = [record.storage for record in view.storages()]
    except Unavailable as error:
        raise BadInput("keys are missing: give those that were kept with this backup, or later") from error
    for at in range(0, len(found), _batch_storages):
        _settle_some(context, found[at : at + _batch_storages], is_paused=is_paused)
    return len(found)


def resume(context: Context, storage: StorageId) -> None:
    """Let the rules of a paused storage count again.

    Raises:
        NoSuchResource: there is no such storage, or it is not paused.
    """

    def change(tx: CatalogueTransaction) -> None:
        record = tx.find_storage(storage)
        if record is None or not record.is_paused:
            raise NoSuchResource("there is no such storage that is paused")
        tx.resume_storage(storage)
        tx.append_lines([line_of_operator(context, tx, storage, "resume")])

    context.catalogue.write(change)


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of a backup and where they go; what is named and what is listed run in the order of their keys."""

    backup: Path
    named: Callable[[], Iterator[NamedObject]]
    listed: Iterator[KeptObject]
    store: ObjectStore


def put_objects(objects: Objects, tell: Progress) -> int:
    """Put back every object that the catalogue names, each compared with its hash; how many the backup lacks.

    What is there already, from a restore that was cut, is compared too.

    Raises:
        MalformedContent: an object of the backup is damaged.
    """
    total, missing = sum(1 for _ in objects.named()), 0
    following = next(objects.listed, None)
    for number, one in enumerate(objects.named(), 1):
        while following is not None and following.key < one.key:
            following = next(objects.listed, None)
        if following is None or following.key != one.key:
            missing += 1
        elif not _is_there(objects.store, following):
            _put(objects, one, following)
        tell(number, total)
    return missing


def _forget(catalogue: RestoredCatalogue, tx: CatalogueTransaction) -> None:
    for storage in sorted(catalogue.erased):
        catalogue.forget_account(tx, storage)
        tx.destroy_storage(storage)
    catalogue.forget_sign_ins(tx)
    tx.forget_all_intake()
    tx.raise_server_epoch()


def _settle_some(context: Context, storages: list[StorageId], *, is_paused: bool) -> None:
    def change(tx: CatalogueTransaction) -> None:
        for storage in storages:
            tx.raise_storage_epoch(storage)
            if is_paused:
                card = tx.find_resource(ResourceIdentifier(storage, CARD_PATH))
                tx.pause_storage(storage, "" if card is None else card.key)
            if tx.find_storage(storage) is not None:
                tx.append_lines([line_of_operator(context, tx, storage, "restore")])

    context.catalogue.write(change)


def _is_there(objects: ObjectStore, kept: KeptObject) -> bool:
    digest = hashlib.sha256()
    try:
        for chunk in objects.get(kept.key):
            digest.update(chunk)
    except KeyError:
        return False
    return digest.hexdigest() == kept.sha256


def _put(objects: Objects, named: NamedObject, kept: KeptObject) -> None:
    path = object_path(objects.backup, kept.key)
    if kept.size != sealed_size(named.plain_size) or not path.is_file():
        raise MalformedContent(f"object {kept.key} of the backup is damaged or missing")
    objects.store.delete(kept.key)
    objects.store.put(kept.key, _checked(path, kept))


def _checked(path: Path, kept: KeptObject) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for chunk in file_chunks(path):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != kept.sha256:
        # Raised before the end: the store then keeps nothing of it.
        raise MalformedContent(f"object {kept.key} of the backup is damaged")
