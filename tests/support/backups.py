"""A vault with a few documents, and what a backup or a restore of it works with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.vaults import add_resource, add_storage
from vault.context import Context
from vault.keeping.backup import BackupSource
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import ALL_MODES, AccessMode
from vault.model.records import StorageRecord
from vault.model.rules import CompiledAcl, Rule
from vault.stores.documents import EncryptedDocuments
from vault.stores.named_objects import named_objects
from vault.stores.ports import ObjectStore
from vault.stores.sqlite import snapshot

PUBLIC = CompiledAcl(
    (Rule("#all", frozenset({AccessMode.READ}), everyone=True),),
    (Rule("#all", ALL_MODES, everyone=True),),
)


def quiet(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def objects_of(context: Context) -> ObjectStore:
    """The object store under a context of `make_context`."""
    assert isinstance(context.documents, EncryptedDocuments)
    return context.documents.objects


def object_keys(store: ObjectStore) -> list[str]:
    """The keys in an object store, sorted."""
    return sorted(dict(store.keys()))


def forget_nothing(*_: object) -> None:
    """Let go of the sign-ins of a server that has none."""


def furnish(context: Context, count: int = 3) -> StorageRecord:
    """A storage, open to everybody, with a card and some documents of different sizes."""
    home = add_storage(context, rules=PUBLIC)
    add_resource(context, ResourceIdentifier(home.storage, "profiel/card"), b"<> a <#Card> .", PUBLIC)
    for number in range(count):
        body = bytes([number]) * (number * 65_536)
        add_resource(context, ResourceIdentifier(home.storage, f"brieven/{number}"), body)
    return home


def source_of(
    context: Context, folder: Path, before_naming: Callable[[], object] = lambda: None
) -> BackupSource:
    """The server that is copied: its catalogue in a folder; something may happen once the snapshot was taken."""

    def take(to: Path) -> str:
        revision = snapshot(folder / "catalogue.sqlite", to)
        before_naming()
        return revision

    return BackupSource(context, objects_of(context), take, named_objects, {"port": 8000})
