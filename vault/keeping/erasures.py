"""The erasure list: which storages are gone for good. It rests with the keys, apart from documents and ordinary backups.

One id a line, nothing else. Whatever is restored, a storage on this list gets neither its key nor its rows back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from vault.errors import InvalidIdentifier, MalformedContent
from vault.model.identifiers import StorageId
from vault.stores.files import sync_folder


def read_erasures(path: Path) -> frozenset[StorageId]:
    """The storages on a list; none when there is no list yet.

    Raises:
        MalformedContent: a line is no id. Then nobody knows what must stay gone, so nothing may be restored by it.
    """
    if not path.exists():
        return frozenset()
    try:
        return frozenset(StorageId(line) for line in path.read_text(encoding="ascii").split())
    except (InvalidIdentifier, UnicodeDecodeError) as error:
        raise MalformedContent("the erasure list has a line that is no id of a storage") from error


def add_erasures(path: Path, storages: Iterable[StorageId]) -> None:
    """Put storages on the list, durable on return; those on it already stay once.

    Raises:
        MalformedContent: the list cannot be read.
    """
    new = sorted(set(storages) - read_erasures(path))
    if not new:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(descriptor, "ab") as file:
        file.write("".join(f"{storage}\n" for storage in new).encode("ascii"))
        file.flush()
        os.fsync(descriptor)
    sync_folder(path.parent)
