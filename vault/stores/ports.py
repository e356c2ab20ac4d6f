"""What the vault needs of its stores: a catalogue that is the only commit point, and an object store for encrypted bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from vault.model.groups import Group, Growth
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.journal import JournalEntry, JournalHead, PendingLine, SealedLine
from vault.model.limits import Usage
from vault.model.organisation import Organisation, Register, Worker
from vault.model.records import (
    DocumentKind,
    Epochs,
    HiddenStorage,
    MemberMark,
    MemberPage,
    NewRevision,
    Removal,
    RemovedRecord,
    ResourceKind,
    ResourceRecord,
    RevisionRecord,
    ServiceDocument,
    StorageRecord,
    StoredObject,
)
from vault.model.representation import Span
from vault.model.requester import AppLimit
from vault.model.rules import CompiledAcl

T = TypeVar("T")


class CatalogueReader(Protocol):
    """One consistent view of the catalogue."""

    def server_epoch(self) -> int:
        """The epoch of register, limits and sign-outs."""

    def epochs(self, storage: StorageId) -> Epochs:
        """Both epochs as of this view. Raises NoSuchResource for an unknown storage."""

    def find_storage(self, storage: StorageId) -> StorageRecord | None:
        """The storage, None when there is none or it is out of sight."""

    def storages(self) -> Iterator[StorageRecord]:
        """All storages, also those out of sight, in order of creation."""

    def storage_epochs(self) -> Iterator[tuple[StorageId, int]]:
        """Every storage, also those out of sight, with its access epoch, in order of creation; no key is needed."""

    def knows_storage(self, storage: StorageId) -> bool:
        """Whether there is a storage, also one out of sight; no key is needed."""

    def hidden_storages(self) -> Iterator[HiddenStorage]:
        """The storages that are out of sight, oldest first."""

    def find_resource(self, identifier: ResourceIdentifier) -> ResourceRecord | None:
        """The resource with exactly this path; None when absent, also when only the other slash form exists."""

    def slash_twin_exists(self, identifier: ResourceIdentifier) -> bool:
        """Whether the same path with the other slash form exists (`protocol#uri-slash-semantics`)."""

    def nearest_container(self, identifier: ResourceIdentifier) -> ResourceRecord:
        """The nearest existing container above a path. Raises NoSuchResource for an unknown storage."""

    def member_marks(self, container: ResourceRecord) -> Iterator[MemberMark]:
        """The marks of the documents and containers directly in it, oldest first, streamed."""

    def member_page(
        self, container: ResourceRecord, after: int, size: int, is_listed: Callable[[MemberMark], bool]
    ) -> MemberPage:
        """Those of at most `size` members after a place (0 for the first) that are listed, oldest first."""

    def descendants(
        self, container: ResourceRecord, is_wanted: Callable[[MemberMark], bool] = ...
    ) -> Iterator[ResourceRecord]:
        """Documents and containers anywhere below it, by path; with `is_wanted` only those, at little cost for others."""

    def everything(self, storage: StorageId) -> Iterator[ResourceRecord]:
        """Every resource of a storage, auxiliary ones and the root too, oldest first, streamed."""

    def revisions(
        self, record: ResourceRecord | RemovedRecord, before: int | None = None
    ) -> Iterator[RevisionRecord]:
        """The states of a resource that are kept, newest first, streamed; also of one that was removed. Only those
        with a lower ordinal than `before` when given."""

    def find_revision(self, record: ResourceRecord | RemovedRecord, id_: str) -> RevisionRecord | None:
        """One state of a resource."""

    def removed(self, storage: StorageId, before: int | None = None) -> Iterator[RemovedRecord]:
        """Everything that was removed and is not pruned, auxiliary resources and what came back too, newest first. Only
        those with a lower number than `before` when given."""

    def find_removed(self, storage: StorageId, key: str) -> RemovedRecord | None:
        """What was removed and has not come back, by the key it had."""

    def resource_at(self, identifier: ResourceIdentifier, time_ms: int) -> ResourceRecord | None:
        """What was at exactly this path at a moment, in the state of that moment; None when nothing was, or it is
        pruned. Of its `acl_key` only the last value is known."""

    def knows_object(self, key: str) -> bool:
        """Whether some revision, current or kept, rests in this object; otherwise it is an orphan."""

    def usage(self, storage: StorageId, agent: str | None = None) -> Usage:
        """How much is kept, old revisions and what was removed included, and how much of it an agent filled."""

    def rules(self, storage: StorageId, acl_key: str) -> CompiledAcl:
        """The compiled ACL of the resource with this key. An absent, unreadable or paused one is empty: refuse."""

    def written_rules(self, storage: StorageId, acl_key: str) -> CompiledAcl:
        """The same as it stands written, whether the storage is paused or not. Never to decide by."""

    def find_document(self, storage: StorageId, kind: DocumentKind, id_: str) -> ServiceDocument | None:
        """One document of a service."""

    def documents(
        self, storage: StorageId, kind: DocumentKind, party: str | None = None
    ) -> list[ServiceDocument]:
        """Documents of one kind, oldest first; only of one party when given."""

    def documents_of_party(self, kind: DocumentKind, party: str) -> list[ServiceDocument]:
        """Documents of one kind of one party (a worker's own meetings) over all storages that are in sight and not
        paused, oldest first."""

    def find_code(self, code: str) -> ServiceDocument | None:
        """The invitation with this code (found by a keyed hash), whatever its status; only of a storage that is in
        sight and not paused."""

    def app_limit(self, agent: str, client: str) -> AppLimit | None:
        """What the agent said this client may do at most; None when nothing is recorded."""

    def sign_outs(self, agent: str) -> int:
        """How often an agent of this server ended what was issued for her: only tokens that say so many count."""

    def register(self) -> Register:
        """The register of organisations with their workers."""

    def is_boundary(self, identifier: ResourceIdentifier) -> bool:
        """Whether some grant keeps out of this path (see `put_boundaries`), also when nothing is there now."""

    def is_member(self, group: str, who: str) -> bool:
        """Whether a group that some ACL names has this member; of other servers as last fetched."""

    def group_fetched_at(self, group: str) -> int | None:
        """When a group of another server was last fetched, wall seconds; None when never."""

    def is_group_paused(self, storage: StorageId, group: str) -> bool:
        """Whether a group waits for the owner's yes in a storage, because it more than doubled."""

    def group_growth(self, storage: StorageId, group: str) -> Growth | None:
        """How a group of the register or of another server grew since ACLs of a storage name it, or its owner last said
        yes to it; None when they do not, or its members are not known yet."""

    def names_group_document(self, url: str) -> bool:
        """Whether some ACL names a group of the document with this URL."""

    def named_groups(self, storage: StorageId | None = None) -> frozenset[str]:
        """The groups that ACLs of one storage, or of all, name."""

    def own_acls(self, storage: StorageId) -> list[ResourceRecord]:
        """Every ACL resource of the storage, by path of its subject."""

    def attempts(self, scope: str, period: int) -> int:
        """How often a scope was counted in a period (see `count_attempt`)."""

    def pending_lines(self, limit: int) -> list[PendingLine]:
        """Lines kept with changes and not yet sealed, oldest first."""

    def intake_position(self, file: str) -> int:
        """Up to which byte an intake file has been sealed; 0 for an unknown file."""

    def journal_head(self, storage: StorageId) -> JournalHead:
        """The last sealed line; sequence 0 and 32 zero bytes when there is none."""

    def sealed_lines(
        self,
        storage: StorageId,
        *,
        first: int = 1,
        last: int | None = None,
        newest_first: bool = False,
        whole_only: bool = False,
    ) -> Iterator[SealedLine]:
        """Sealed lines with sequences from `first` to `last` (both included), streamed; `whole_only` leaves out those
        of which only the hash was kept."""

    def latest_checkpoint(self) -> bytes | None:
        """The newest checkpoint with all its leaves, as JSON; None when there is none yet."""


class CatalogueTransaction(CatalogueReader, Protocol):
    """A view that can also change; everything happens together or not at all."""

    def create_storage(self, record: StorageRecord) -> None:
        """Add a storage with no resources; its key must exist already."""

    def hide_storage(self, storage: StorageId, erase_at_s: int) -> None:
        """Put a storage out of sight until it is destroyed, or shown again; raises the access epoch."""

    def show_storage(self, storage: StorageId) -> None:
        """Put a storage back in sight as it was; raises the access epoch."""

    def pause_storage(self, storage: StorageId, but: str) -> None:
        """Let none of its rules count but those of the resource with this key (""); raises the access epoch."""

    def resume_storage(self, storage: StorageId) -> None:
        """Let all its rules count again; raises the access epoch."""

    def destroy_storage(self, storage: StorageId) -> None:
        """Delete every row of a storage whose account is gone; raises the server epoch."""

    def create_resource(
        self, identifier: ResourceIdentifier, kind: ResourceKind, new: NewRevision, key: str
    ) -> ResourceRecord:
        """Add a resource in its existing parent, governed by the parent's effective ACL.

        For an auxiliary resource its subject must exist; for kind ACL use `put_rules` in the same transaction.
        Raises ConcurrentChange when it exists (in either slash form) or the parent does not.
        """

    def replace_resource(self, record: ResourceRecord, new: NewRevision) -> ResourceRecord:
        """Put a new current revision, keeping the old one. Raises ConcurrentChange unless `record.revision` is current."""

    def delete_resource(self, record: ResourceRecord, removal: Removal) -> None:
        """Remove it with its auxiliary resources; revisions stay kept, and `removed` tells of them. Raises ConcurrentChange
        unless `record.revision` is current, Conflict for a container with members."""

    def bring_back(
        self, removed: RemovedRecord, identifier: ResourceIdentifier, new: NewRevision
    ) -> ResourceRecord:
        """Let what was removed be there again with its key and its revisions, at its own or another path, without an
        ACL of its own. Raises as `create_resource`, ConcurrentChange also when it has come back already."""

    def prune(self, removed_before_ms: int, replaced_before_ms: int, limit: int) -> int:
        """Forget what was removed, and revisions that were replaced, before a moment: at most `limit` of each. Gives
        how many; zero when nothing is left to forget. The current revision of a resource never goes."""

    def charge_older(self, limit: int) -> int:
        """Count at most `limit` revisions of before there was a quota for their agents; how many there were."""

    def put_rules(self, subject: ResourceRecord, compiled: CompiledAcl) -> None:
        """Make the subject's own ACL govern it and everything below that has no nearer one; raises the
        access epoch. A compiled ACL without a writer gets whoever wrote the ACL resource."""

    def drop_rules(self, subject: ResourceRecord) -> None:
        """Let the subject inherit again, and what inherited from it; raises the access epoch."""

    def put_document(self, document: ServiceDocument, code: str | None = None) -> None:
        """Insert (`version` 1) or replace (`version` = stored + 1; else ConcurrentChange). `code`: see find_code."""

    def count_attempt(self, scope: str, period: int) -> None:
        """Count one more attempt of a scope in a period; periods are numbered in time, and only the newest is kept."""

    def raise_storage_epoch(self, storage: StorageId) -> None:
        """Make every decision on this storage stale."""

    def raise_server_epoch(self) -> None:
        """Make every decision on this server stale."""

    def append_lines(self, entries: Sequence[JournalEntry]) -> None:
        """Keep journal lines with the change itself; the keeper seals them."""

    def seal_lines(
        self, storage: StorageId, lines: Sequence[SealedLine], *, taken: Sequence[PendingLine] = ()
    ) -> None:
        """Add sealed lines that follow the head, and drop the pending ones they came from. Raises ConcurrentChange
        when the first does not follow the head."""

    def rewrite_line(self, storage: StorageId, line: SealedLine) -> None:
        """Keep less of what a sealed line says; its number and hash stay. Raises ConcurrentChange when there is none
        with both."""

    def put_intake_position(self, file: str, position: int) -> None:
        """Remember up to which byte a file has been sealed, in the transaction that seals it."""

    def forget_intake(self, file: str) -> None:
        """Drop the position of a file that is gone."""

    def forget_all_intake(self) -> None:
        """Drop the positions of all files, where none of those files is any more."""

    def put_checkpoint(self, time_ms: int, document: bytes) -> None:
        """Keep a checkpoint with its leaves."""

    def put_boundaries(self, storage: StorageId, paths: Sequence[str]) -> None:
        """Replace the set of paths that grants keep out of."""

    def put_app_limit(self, agent: str, client: str, limit: AppLimit | None) -> None:
        """Record, replace or (None) remove what a client may do at most; raises the server epoch."""

    def put_sign_outs(self, agent: str, count: int) -> None:
        """Record how often an agent ended what was issued for her; 0 forgets it. Raises the server epoch."""

    def put_organisation(self, organisation: Organisation) -> None:
        """Insert or replace an organisation of the register; raises the server epoch."""

    def remove_organisation(self, iri: str) -> None:
        """Take an organisation and its workers out of the register; raises the server epoch."""

    def put_group(self, group: Group, fetched_at: int) -> tuple[StorageId, ...]:
        """Keep a fetched group of another server while some ACL names it; raises the server epoch only when the members
        differ from those kept. Gives the storages in which it is paused by that: see `vault.stores.growth`."""

    def put_workers(self, iri: str, workers: Sequence[Worker], fetched_at: int) -> tuple[StorageId, ...]:
        """Keep a fetched group; raises the server epoch only when the workers differ from those kept. Gives the storages
        in which it is paused by that."""

    def accept_group(self, storage: StorageId, group: str, now_s: int) -> None:
        """Let a group as it is now be the one that the storage gave access, and pause it no more; raises the access
        epoch."""


class Catalogue(Protocol):
    """The SQL catalogue, as one process sees it."""

    def view(self) -> AbstractContextManager[CatalogueReader]:
        """A consistent view for reading; short, never held over I/O elsewhere."""

    def epochs(self, storage: StorageId) -> Epochs:
        """Both epochs as they are this moment. Raises NoSuchResource for an unknown storage."""

    def write(self, change: Callable[[CatalogueTransaction], T]) -> T:
        """Run a change and return when it is durable; what it raises undoes it alone. Runs in the writer's thread."""


class Cipher(Protocol):
    """Encrypts small values with the key of a storage, or (storage None) of the server."""

    def encrypt(self, storage: StorageId | None, label: str, plain: bytes) -> bytes:
        """Encrypt and authenticate; `label` (the use, and what it is bound to) must be the same on decrypting."""

    def decrypt(self, storage: StorageId | None, label: str, sealed: bytes) -> bytes:
        """The plain value. Raises Unavailable when it is not authentic or the key is gone."""

    def lookup_hash(self, storage: StorageId | None, label: str, value: str) -> bytes:
        """A keyed hash (16 bytes) by which a value is found without standing on disk."""


class Intake(Protocol):
    """Where lines of reads and refusals go before the answer leaves."""

    def append(self, entry: JournalEntry) -> None:
        """Keep a line; it survives a kill of the process. Raises Unavailable when it cannot be kept, or when sealing
        has stood still for too long."""


class ObjectStore(Protocol):
    """Where encrypted bytes rest, under unique keys that are never rewritten."""

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        """Keep the chunks; durable on return. When `chunks` raises, nothing is kept and the exception passes on."""

    def get(self, key: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` on, at most `size` of them, in chunks. Raises KeyError when there is no such object."""

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens when it is absent."""

    def keys(self) -> Iterator[tuple[str, int]]:
        """Every key with the wall second it was written."""


class DocumentStore(Protocol):
    """Encrypts and decrypts on the way to and from an object store."""

    def write(
        self, storage: StorageId, resource_key: str, revision: str, chunks: Iterable[bytes]
    ) -> StoredObject:
        """Keep a revision's bytes, bound to storage, resource and revision; durable on return."""

    def read(
        self,
        storage: StorageId,
        resource_key: str,
        revision: str,
        stored: StoredObject,
        span: Span | None = None,
    ) -> Iterator[bytes]:
        """The plain bytes, or only those of a span within them, in chunks, each authenticated. Raises Unavailable
        when the object cannot be read."""
