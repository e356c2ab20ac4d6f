"""The SQL catalogue: views and transactions whose every method is one function of the module that owns the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection

from vault.errors import NoSuchResource
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
)
from vault.model.requester import AppLimit
from vault.model.rules import CompiledAcl
from vault.stores import (
    acls,
    attempts,
    groups,
    growth,
    journal_lines,
    listings,
    organisations,
    removals,
    resources,
    retention,
    revisions,
    service_documents,
    storages,
    usage,
)
from vault.stores.driver import driver_of
from vault.stores.ports import CatalogueReader, Cipher
from vault.stores.sqlite import Database
from vault.stores.tables import Memory, Owners, Tables, max_owners

T = TypeVar("T")


class SqlTransaction:
    """`CatalogueTransaction`, and as a view `CatalogueReader`: there the connection refuses every change.

    `connection` is for rows of others that must change in the same transaction.
    """

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self.connection = connection
        self._tables = tables

    def server_epoch(self) -> int:
        return self._tables.server_counters()[0]

    def epochs(self, storage: StorageId) -> Epochs:
        return storages.epochs(self._tables, storage)

    def find_storage(self, storage: StorageId) -> StorageRecord | None:
        return storages.find(self._tables, storage)

    def storages(self) -> Iterator[StorageRecord]:
        return storages.find_all(self._tables)

    def storage_epochs(self) -> Iterator[tuple[StorageId, int]]:
        return storages.all_epochs(self._tables)

    def knows_storage(self, storage: StorageId) -> bool:
        return storages.is_known(self._tables, storage)

    def create_storage(self, record: StorageRecord) -> None:
        storages.create(self._tables, record)

    def hidden_storages(self) -> Iterator[HiddenStorage]:
        return storages.hidden(self._tables)

    def hide_storage(self, storage: StorageId, erase_at_s: int) -> None:
        storages.hide(self._tables, storage, erase_at_s)

    def show_storage(self, storage: StorageId) -> None:
        storages.hide(self._tables, storage, None)

    def pause_storage(self, storage: StorageId, but: str) -> None:
        storages.pause(self._tables, storage, but)

    def resume_storage(self, storage: StorageId) -> None:
        storages.pause(self._tables, storage, None)

    def destroy_storage(self, storage: StorageId) -> None:
        groups.end_uses(self._tables, storage)
        storages.destroy(self._tables, storage)

    def raise_storage_epoch(self, storage: StorageId) -> None:
        self._tables.raise_storage_epoch(storage)

    def raise_server_epoch(self) -> None:
        self._tables.raise_server_epoch()

    def find_resource(self, identifier: ResourceIdentifier) -> ResourceRecord | None:
        return resources.find(self._tables, identifier)

    def slash_twin_exists(self, identifier: ResourceIdentifier) -> bool:
        return resources.slash_twin_exists(self._tables, identifier)

    def nearest_container(self, identifier: ResourceIdentifier) -> ResourceRecord:
        return resources.nearest_container(self._tables, identifier)

    def member_marks(self, container: ResourceRecord) -> Iterator[MemberMark]:
        return listings.marks(self._tables, container)

    def member_page(
        self, container: ResourceRecord, after: int, size: int, is_listed: Callable[[MemberMark], bool]
    ) -> MemberPage:
        return listings.page(self._tables, container, after, size, is_listed)

    def descendants(
        self, container: ResourceRecord, is_wanted: Callable[[MemberMark], bool] = lambda _: True
    ) -> Iterator[ResourceRecord]:
        return resources.descendants(self._tables, container, is_wanted)

    def own_acls(self, storage: StorageId) -> list[ResourceRecord]:
        return resources.own_acls(self._tables, storage)

    def knows_object(self, key: str) -> bool:
        return revisions.knows_object(self._tables, key)

    def everything(self, storage: StorageId) -> Iterator[ResourceRecord]:
        return resources.everything(self._tables, storage)

    def revisions(
        self, record: ResourceRecord | RemovedRecord, before: int | None = None
    ) -> Iterator[RevisionRecord]:
        return revisions.find_all(self._tables, record.identifier.storage, record.key, before)

    def find_revision(self, record: ResourceRecord | RemovedRecord, id_: str) -> RevisionRecord | None:
        return revisions.find(self._tables, record.identifier.storage, record.key, id_)

    def removed(self, storage: StorageId, before: int | None = None) -> Iterator[RemovedRecord]:
        return removals.find_all(self._tables, storage, before)

    def find_removed(self, storage: StorageId, key: str) -> RemovedRecord | None:
        return removals.find(self._tables, storage, key)

    def resource_at(self, identifier: ResourceIdentifier, time_ms: int) -> ResourceRecord | None:
        return resources.find_at(self._tables, identifier, time_ms)

    def usage(self, storage: StorageId, agent: str | None = None) -> Usage:
        return usage.find(self._tables, storage, agent)

    def prune(self, removed_before_ms: int, replaced_before_ms: int, limit: int) -> int:
        return retention.prune(self._tables, removed_before_ms, replaced_before_ms, limit)

    def charge_older(self, limit: int) -> int:
        return retention.charge_older(self._tables, limit)

    def create_resource(
        self, identifier: ResourceIdentifier, kind: ResourceKind, new: NewRevision, key: str
    ) -> ResourceRecord:
        record = resources.create(self._tables, identifier, kind, new, key)
        groups.put_described(self._tables, record, new.groups)
        return record

    def replace_resource(self, record: ResourceRecord, new: NewRevision) -> ResourceRecord:
        replaced = resources.replace_current(self._tables, record, new)
        groups.put_described(self._tables, replaced, new.groups)
        return replaced

    def bring_back(
        self, removed: RemovedRecord, identifier: ResourceIdentifier, new: NewRevision
    ) -> ResourceRecord:
        record = resources.bring_back(self._tables, removed, identifier, new)
        groups.put_described(self._tables, record, new.groups)
        return record

    def delete_resource(self, record: ResourceRecord, removal: Removal) -> None:
        resources.remove(self._tables, record, removal)
        acls.forget(self._tables, record)
        groups.put_described(self._tables, record, ())

    def rules(self, storage: StorageId, acl_key: str) -> CompiledAcl:
        return acls.find(self._tables, storage, acl_key)

    def written_rules(self, storage: StorageId, acl_key: str) -> CompiledAcl:
        return acls.find_written(self._tables, storage, acl_key)

    def put_rules(self, subject: ResourceRecord, compiled: CompiledAcl) -> None:
        acls.put(self._tables, subject, compiled)

    def drop_rules(self, subject: ResourceRecord) -> None:
        acls.drop(self._tables, subject)

    def is_boundary(self, identifier: ResourceIdentifier) -> bool:
        return acls.is_boundary(self._tables, identifier)

    def is_member(self, group: str, who: str) -> bool:
        return groups.is_member(self._tables, group, who)

    def group_fetched_at(self, group: str) -> int | None:
        return groups.fetched_at(self._tables, group)

    def names_group_document(self, url: str) -> bool:
        return groups.names_document(self._tables, url)

    def named_groups(self, storage: StorageId | None = None) -> frozenset[str]:
        return groups.named(self._tables, storage)

    def is_group_paused(self, storage: StorageId, group: str) -> bool:
        return growth.is_paused(self._tables, storage, group)

    def group_growth(self, storage: StorageId, group: str) -> Growth | None:
        return growth.find(self._tables, storage, group)

    def accept_group(self, storage: StorageId, group: str, now_s: int) -> None:
        growth.accept(self._tables, storage, group, now_s)

    def put_group(self, group: Group, fetched_at: int) -> tuple[StorageId, ...]:
        return groups.put_fetched(self._tables, group, fetched_at)

    def put_boundaries(self, storage: StorageId, paths: Sequence[str]) -> None:
        acls.put_boundaries(self._tables, storage, paths)

    def find_document(self, storage: StorageId, kind: DocumentKind, id_: str) -> ServiceDocument | None:
        return service_documents.find(self._tables, storage, kind, id_)

    def documents(
        self, storage: StorageId, kind: DocumentKind, party: str | None = None
    ) -> list[ServiceDocument]:
        return service_documents.find_all(self._tables, storage, kind, party)

    def documents_of_party(self, kind: DocumentKind, party: str) -> list[ServiceDocument]:
        return service_documents.find_everywhere(self._tables, kind, party)

    def find_code(self, code: str) -> ServiceDocument | None:
        return service_documents.find_code(self._tables, code)

    def put_document(self, document: ServiceDocument, code: str | None = None) -> None:
        service_documents.put(self._tables, document, code)

    def attempts(self, scope: str, period: int) -> int:
        return attempts.find(self._tables, scope, period)

    def count_attempt(self, scope: str, period: int) -> None:
        attempts.count(self._tables, scope, period)

    def app_limit(self, agent: str, client: str) -> AppLimit | None:
        return organisations.find_limit(self._tables, agent, client)

    def put_app_limit(self, agent: str, client: str, limit: AppLimit | None) -> None:
        organisations.put_limit(self._tables, agent, client, limit)

    def sign_outs(self, agent: str) -> int:
        return organisations.find_sign_outs(self._tables, agent)

    def put_sign_outs(self, agent: str, count: int) -> None:
        organisations.put_sign_outs(self._tables, agent, count)

    def register(self) -> Register:
        return organisations.find_register(self._tables)

    def put_organisation(self, organisation: Organisation) -> None:
        organisations.put_organisation(self._tables, organisation)

    def remove_organisation(self, iri: str) -> None:
        organisations.remove_organisation(self._tables, iri)

    def put_workers(self, iri: str, workers: Sequence[Worker], fetched_at: int) -> tuple[StorageId, ...]:
        return organisations.put_workers(self._tables, iri, workers, fetched_at)

    def journal_head(self, storage: StorageId) -> JournalHead:
        return journal_lines.head(self._tables, storage)

    def sealed_lines(
        self,
        storage: StorageId,
        *,
        first: int = 1,
        last: int | None = None,
        newest_first: bool = False,
        whole_only: bool = False,
    ) -> Iterator[SealedLine]:
        return journal_lines.sealed_lines(
            self._tables, storage, (first, last), newest_first=newest_first, whole_only=whole_only
        )

    def append_lines(self, entries: Sequence[JournalEntry]) -> None:
        journal_lines.append(self._tables, entries)

    def pending_lines(self, limit: int) -> list[PendingLine]:
        return journal_lines.pending(self._tables, limit)

    def seal_lines(
        self, storage: StorageId, lines: Sequence[SealedLine], *, taken: Sequence[PendingLine] = ()
    ) -> None:
        journal_lines.seal(self._tables, storage, lines, taken)

    def rewrite_line(self, storage: StorageId, line: SealedLine) -> None:
        journal_lines.rewrite(self._tables, storage, line)

    def intake_position(self, file: str) -> int:
        return journal_lines.intake_position(self._tables, file)

    def put_intake_position(self, file: str, position: int) -> None:
        journal_lines.put_intake_position(self._tables, file, position)

    def forget_intake(self, file: str) -> None:
        journal_lines.forget_intake(self._tables, file)

    def forget_all_intake(self) -> None:
        journal_lines.forget_all_intake(self._tables)

    def latest_checkpoint(self) -> bytes | None:
        return journal_lines.latest_checkpoint(self._tables)

    def put_checkpoint(self, time_ms: int, document: bytes) -> None:
        journal_lines.put_checkpoint(self._tables, time_ms, document)


class SqlCatalogue:
    """`Catalogue` over one SQL database; the only commit point of the vault."""

    def __init__(self, database: Database, keyring: Cipher) -> None:
        self._database = database
        self._keyring = keyring
        self._memory = Memory()
        self._owners = Owners(max_owners)

    @contextmanager
    def view(self) -> Iterator[CatalogueReader]:
        """Hold a consistent view for reading; short, never held over I/O elsewhere."""
        with self._database.reading() as (connection, driver):
            tables = Tables(driver, self._keyring, self._memory, self._owners, {})
            try:
                yield SqlTransaction(connection, tables)
            finally:
                tables.close()

    def epochs(self, storage: StorageId) -> Epochs:
        """Both epochs as they are this moment: one query, without a view around it.

        Raises:
            NoSuchResource: there is no such storage.
        """
        row = self._database.look(storages.EPOCHS, storage=storage.value)
        if row is None:
            raise NoSuchResource("no such storage")
        return Epochs(*row)

    def write(self, change: Callable[[SqlTransaction], T]) -> T:
        """Run a change and return when it is durable; what it raises undoes it alone. Runs in the writer's thread."""

        def run(connection: Connection) -> T:
            tables = Tables(driver_of(connection), self._keyring, None, self._owners)
            try:
                changed = change(SqlTransaction(connection, tables))
                groups.forget_unnamed(tables)
                return changed
            finally:
                tables.close()

        return self._database.write(run)

    def close(self) -> None:
        """Finish what was asked, stop the writer and close every connection."""
        self._database.close()
