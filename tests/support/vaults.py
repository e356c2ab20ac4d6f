"""A vault of real parts in a temporary folder: encrypted SQLite catalogue, objects in memory, an intake that records."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from vault.context import Context
from vault.model.identifiers import ResourceIdentifier, StorageId, random_id
from vault.model.journal import JournalEntry
from vault.model.moments import Clock, Moment
from vault.model.records import NewRevision, Removal, ResourceKind, ResourceRecord, StorageRecord
from vault.model.rules import CompiledAcl
from vault.stores.catalogue import SqlCatalogue
from vault.stores.documents import EncryptedDocuments
from vault.stores.keys import Keyring
from vault.stores.objects_memory import MemoryStore
from vault.stores.ports import CatalogueTransaction
from vault.stores.sqlite import migrate, open_database

BASE_URL = "https://vault.example/"
ISSUER_URL = "https://id.vault.example/"
NOON_MS = 1_790_000_000_000
GONE = Removal(None, NOON_MS)


@dataclass(slots=True)
class RecordingIntake:
    """Remembers what the journal was told, in order."""

    entries: list[JournalEntry] = field(default_factory=list)

    def append(self, entry: JournalEntry) -> None:
        """Keep a line."""
        self.entries.append(entry)


@dataclass(slots=True)
class TestClock:
    """A clock that stands still until told otherwise; `policy_s` follows the wall unless set."""

    __test__ = False
    wall_ms: int = NOON_MS
    policy_s: int | None = None

    def __call__(self) -> Moment:
        """Now."""
        return Moment(self.wall_ms, self.wall_ms // 1000 if self.policy_s is None else self.policy_s)

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.wall_ms += int(seconds * 1000)


@cache
def _migrated() -> bytes:
    """An empty catalogue as the migrations leave it, made once: they take longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.sqlite"
        migrate(path)
        assert not path.with_name("catalogue.sqlite-wal").exists(), "everything is in the one file"
        return path.read_bytes()


def make_catalogue(folder: Path, keyring: Keyring) -> SqlCatalogue:
    """Open a migrated catalogue; it is closed when nobody holds it any more, or by `close()`."""
    path = folder / "catalogue.sqlite"
    if not path.exists():
        path.write_bytes(_migrated())
    database = open_database(path)
    catalogue = SqlCatalogue(database, keyring)
    weakref.finalize(catalogue, database.close)
    return catalogue


def make_keyring(folder: Path) -> Keyring:
    """Open the keys under a folder, making them at first."""
    return Keyring(folder / "keys", folder / "root.key")


def make_context(folder: Path, clock: Clock | None = None) -> Context:
    """Open everything a part of the vault works with."""
    keyring = make_keyring(folder)
    return Context(
        base_url=BASE_URL,
        issuer_url=ISSUER_URL,
        catalogue=make_catalogue(folder, keyring),
        documents=EncryptedDocuments(keyring, MemoryStore(), random_id),
        intake=RecordingIntake(),
        clock=clock or TestClock(),
        new_id=random_id,
    )


def keyring_of(context: Context) -> Keyring:
    """The keyring under a context of `make_context`."""
    assert isinstance(context.documents, EncryptedDocuments)
    assert isinstance(context.documents.keyring, Keyring)
    return context.documents.keyring


def objects_of(context: Context) -> MemoryStore:
    """The objects under a context of `make_context`."""
    assert isinstance(context.documents, EncryptedDocuments)
    assert isinstance(context.documents.objects, MemoryStore)
    return context.documents.objects


def close_context(context: Context) -> None:
    """Close the files of a context of `make_context`, so that everything rests in them."""
    assert isinstance(context.catalogue, SqlCatalogue)
    context.catalogue.close()


def recorded(context: Context) -> list[JournalEntry]:
    """What the intake of a context of `make_context` was told."""
    assert isinstance(context.intake, RecordingIntake)
    return context.intake.entries


def add_storage(context: Context, name: str = "Samira", rules: CompiledAcl | None = None) -> StorageRecord:
    """Add a storage with a root container and the root's rules (none if not given)."""
    storage = StorageId(context.new_id())
    keyring_of(context).create(storage)
    owner = f"{context.base_url}{storage}/profiel/card#me"
    record = StorageRecord(storage, owner, context.issuer_url, name, 1)

    def change(tx: CatalogueTransaction) -> None:
        tx.create_storage(record)
        root = _create(context, tx, ResourceIdentifier(storage, ""), None)
        if rules is not None:
            _create(context, tx, root.identifier.acl, b"")
            tx.put_rules(root, rules)

    context.catalogue.write(change)
    with context.catalogue.view() as view:
        found = view.find_storage(storage)
    assert found is not None
    return found


def add_resource(
    context: Context,
    identifier: ResourceIdentifier,
    body: bytes | None = None,
    rules: CompiledAcl | None = None,
) -> ResourceRecord:
    """Add a resource, the containers above it that are missing, and its own ACL when rules are given."""

    def change(tx: CatalogueTransaction) -> ResourceRecord:
        for above in reversed(identifier.ancestors()):
            if tx.find_resource(above) is None:
                _create(context, tx, above, None)
        record = _create(context, tx, identifier, body)
        if rules is not None:
            _create(context, tx, identifier.acl, b"")
            tx.put_rules(record, rules)
        return tx.find_resource(identifier) or record

    return context.catalogue.write(change)


def _create(
    context: Context, tx: CatalogueTransaction, identifier: ResourceIdentifier, body: bytes | None
) -> ResourceRecord:
    key, revision, kind = context.new_id(), context.new_id(), ResourceKind.DOCUMENT
    if identifier.is_container:
        kind = ResourceKind.CONTAINER
    elif identifier.is_acl:
        kind = ResourceKind.ACL
    # In the transaction for brevity: the store is in memory here, so nothing is waited for.
    stored = (
        None if body is None else context.documents.write(identifier.storage, key, revision, iter((body,)))
    )
    new = NewRevision(revision, "text/turtle", stored, None, context.clock().wall_ms)
    return tx.create_resource(identifier, kind, new, key)
