"""The one module that puts the parts together: stores, vault, authentication, services, pages, keeper."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pod_server.authentication.authenticate import (
    AuthenticationParts,
    LocalIssuer,
    authenticate,
    is_quick,
    make_parts,
)
from pod_server.authentication.connect import system_outbound
from pod_server.authentication.issuers import Fetch
from pod_server.authentication.outbound import Outbound
from pod_server.authentication.replay import ReplayStore
from pod_server.clocks import system_clock
from pod_server.limit_settings import http_limits, vault_limits
from pod_server.logs import start_logging
from pod_server.object_stores import open_objects
from pod_server.settings import RESOLVED, Settings, open_settings, parse_settings
from pod_server.supervisor import die_with_parent
from vault.context import Context
from vault.errors import StorageFull, Unavailable
from vault.journal.backlog import Backlog
from vault.journal.checkpoints import open_signer
from vault.journal.heartbeat import last_pass_ms, read_heartbeat
from vault.journal.intake import IntakeFile
from vault.keeping.erase import ErasingParts
from vault.model.identifiers import StorageId, random_id
from vault.model.journal import JournalEntry
from vault.model.limits import VaultLimits
from vault.model.moments import Clock
from vault.operations.provision import PreparedStorage, create_storage, prepare_storage
from vault.stores.catalogue import SqlCatalogue
from vault.stores.documents import EncryptedDocuments
from vault.stores.files import close_folder
from vault.stores.keys import Keyring
from vault.stores.objects_folder import FolderStore
from vault.stores.ports import CatalogueTransaction, Intake, ObjectStore
from vault.stores.reserve import Reserve
from vault.stores.sqlite import Database, migrate, open_database

if TYPE_CHECKING:
    from flask import Flask

    from pod_server.identity.parts import IdentityParts
    from pod_server.storages.app import ASGIApplication
    from pod_server.storages.parts import StoragesParts

unready_after_ms = 5_000
reserved_bytes = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where everything rests below the data folder; keys apart from the documents."""

    path: Path

    @property
    def catalogue(self) -> Path:
        """The SQLite file."""
        return self.path / "catalogue.sqlite"

    @property
    def objects(self) -> Path:
        """Encrypted bytes of documents."""
        return self.path / "objects"

    @property
    def intake(self) -> Path:
        """Journal lines of reads and refusals that wait to be sealed."""
        return self.path / "intake"

    @property
    def keys(self) -> Path:
        """Everything that rests apart from the documents."""
        return self.path / "keys"

    @property
    def wrapped_keys(self) -> Path:
        """One wrapped key per storage."""
        return self.keys / "wrapped"

    @property
    def root_key(self) -> Path:
        """The key that wraps the others."""
        return self.keys / "root.key"

    @property
    def signing_key(self) -> Path:
        """The key that signs checkpoints."""
        return self.keys / "journal-signing.pem"

    @property
    def erasures(self) -> Path:
        """Which storages are gone for good."""
        return self.keys / "erased.list"

    @property
    def replay(self) -> Path:
        """The proofs that were used, shared by all processes."""
        return self.path / "replay.bin"

    @property
    def heartbeat(self) -> Path:
        """The keeper's sign of life."""
        return self.path / "keeper.alive"

    @property
    def reserve(self) -> Reserve:
        """Room that only access changes and the journal may take."""
        return Reserve(self.path / "reserve", reserved_bytes)

    @property
    def backup_lock(self) -> Path:
        """Shared by backups as long as they run; held alone by whoever deletes objects or kept revisions."""
        return self.path / "backup.lock"


@dataclass(frozen=True, slots=True)
class Stores:
    """The opened stores of a process."""

    folder: DataFolder
    keyring: Keyring
    database: Database
    catalogue: SqlCatalogue
    objects: ObjectStore
    clock: Clock


class NoIntake:
    """The intake of a process that answers no reads: the operator's commands and the identity pages."""

    def append(self, entry: JournalEntry) -> None:
        """Refuse: lines of this process are kept with its changes."""
        raise Unavailable(f"this process answers no reads of storages ({entry.activity})")


def open_stores(settings: Settings) -> Stores:
    """Open, and at the first start make, what rests in the data folder."""
    folder = DataFolder(settings.folder)
    folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.backup_lock.touch(mode=0o600)
    with suppress(StorageFull):
        # Then content stays out, and the rest goes on.
        folder.reserve.tend()
    root_key = Path(settings.root_key_file) if settings.root_key_file else folder.root_key
    keyring = Keyring(folder.wrapped_keys, root_key)
    # Earlier versions made it with the mode of the process.
    close_folder(folder.keys)
    migrate(folder.catalogue)
    database = open_database(folder.catalogue)
    sealed = _sealed_until(folder.heartbeat)
    clock = system_clock(folder.path, demo=settings.demo, sealed_until_ms=sealed)
    objects = open_objects(settings, folder.objects)
    return Stores(folder, keyring, database, SqlCatalogue(database, keyring), objects, clock)


def _sealed_until(heartbeat: Path) -> Callable[[], int]:
    """The time of the newest line that was sealed before this process started: policy time never goes below it."""
    beat = read_heartbeat(heartbeat)
    sealed_until_ms = 0 if beat is None else beat.sealed_until_ms
    return lambda: sealed_until_ms


def make_context(settings: Settings, stores: Stores, intake: Intake) -> Context:
    """Bundle the ports for the vault."""
    documents = EncryptedDocuments(stores.keyring, stores.objects, random_id)
    return Context(
        settings.base_url,
        settings.issuer_url,
        stores.catalogue,
        documents,
        intake,
        stores.clock,
        random_id,
        vault_limits(settings.limits),
        stores.folder.reserve.has_room,
    )


def open_context(data: Path) -> Context:
    """The vault of a data folder, for the operator's commands; works while the server runs."""
    settings = open_settings(data)
    return make_context(settings, open_stores(settings), NoIntake())


def make_outbound(settings: Settings) -> Outbound:
    """The only way out of a process."""
    return system_outbound(settings)


def open_identity(data: Path) -> IdentityParts:
    """The identity side of a data folder, for the operator's commands."""
    settings = open_settings(data)
    return identity_parts(settings, open_stores(settings))


def identity_parts(settings: Settings, stores: Stores) -> IdentityParts:
    """Bundle what the identity application works with."""
    from pod_server.identity.parts import IdentityParts

    context = make_context(settings, stores, NoIntake())

    def provision(storage: StorageId, name: str) -> Callable[[CatalogueTransaction], None]:
        prepared = prepare_storage(context, storage, name, stores.keyring.create)
        return partial(_create_storage, prepared)

    return IdentityParts(
        context=context,
        database=stores.database,
        cipher=stores.keyring,
        settings=settings,
        fetch=make_outbound(settings).fetch,
        replay=_open_replay(stores),
        provision=provision,
        now=stores.clock,
    )


def _create_storage(prepared: PreparedStorage, tx: CatalogueTransaction) -> None:
    create_storage(tx, prepared)


def identity_application() -> Flask:
    """Build the identity application in its worker process."""
    settings = _start_process()
    from pod_server.identity.app import create_app

    return create_app(identity_parts(settings, open_stores(settings)))


def authentication_parts(settings: Settings, stores: Stores, fetch: Fetch) -> AuthenticationParts:
    """Bundle what authentication works with."""
    from pod_server.identity.accounts import local_webids
    from pod_server.identity.keys import local_keys

    local = LocalIssuer(
        settings.base_url,
        settings.issuer_url,
        local_keys(stores.database, stores.keyring, stores.clock),
        local_webids(stores.database, settings.base_url, stores.clock),
        frozenset(settings.trusted_clients),
    )
    return make_parts(local, _open_replay(stores), fetch, accepts_bearer=settings.accept_bearer_tokens)


def _open_replay(stores: Stores) -> ReplayStore:
    return ReplayStore(stores.folder.replay, stores.clock().wall_s)


def keeper_application(settings: Settings) -> Callable[[threading.Event], None]:
    """Build the keeper's loop."""
    from pod_server.keeper import KeeperParts, run_keeper

    stores = open_stores(settings)
    parts = KeeperParts(
        context=make_context(settings, stores, NoIntake()),
        cipher=stores.keyring,
        objects=stores.objects,
        intake_folder=stores.folder.intake,
        heartbeat=stores.folder.heartbeat,
        backup_lock=stores.folder.backup_lock,
        reserve=stores.folder.reserve,
        signer=open_signer(stores.folder.signing_key),
        fetch=make_outbound(settings).fetch,
        group_refresh_s=settings.group_refresh_s,
        erasing=erasing_parts(settings, stores),
        rotate_keys=_key_rotation(settings, stores),
    )

    def run(stopping: threading.Event) -> None:
        try:
            run_keeper(parts, stopping)
        finally:
            stores.catalogue.close()

    return run


def _key_rotation(settings: Settings, stores: Stores) -> Callable[[], int | None]:
    from pod_server.identity.keys import KeptKeys, rotate_when_due

    kept = KeptKeys(stores.database, stores.keyring, stores.clock)
    return lambda: rotate_when_due(kept, settings.signing_key_age_s or None)


def erasing_parts(settings: Settings, stores: Stores) -> ErasingParts:
    """Bundle what erasing a storage works with."""
    from pod_server.identity.accounts import webid_of
    from pod_server.identity.forgetting import forget_account

    def forget(tx: CatalogueTransaction, storage: StorageId) -> None:
        forget_account(tx, storage, settings.issuer_url, webid_of(storage, settings.base_url))

    context = make_context(settings, stores, NoIntake())
    return ErasingParts(context, stores.keyring, stores.folder.erasures, forget)


def _start_process() -> Settings:
    """What every worker does first: end with its parent, log as the others, and take the settings handed over."""
    die_with_parent()
    start_logging()
    return parse_settings(os.environ[RESOLVED])


def open_intake(stores: Stores, limits: VaultLimits) -> IntakeFile:
    """The intake of a worker that answers reads."""
    folder = stores.folder
    backlog = Backlog(folder.intake, folder.heartbeat, stores.clock, limits.max_intake_bytes)
    intake = IntakeFile(folder.intake, stores.keyring, random_id, backlog)
    intake.start()
    return intake


def storages_application() -> ASGIApplication:
    """Build the application of the storages in a worker process."""
    settings = _start_process()
    from pod_server.storages.app import create_app

    return create_app(storages_parts(settings, open_stores(settings)))


def storages_parts(settings: Settings, stores: Stores) -> StoragesParts:
    """Bundle what the storages work with."""
    from pod_server.group_documents import refresh_now
    from pod_server.http.gate import Gate
    from pod_server.storages import (
        grants,
        invitations,
        journal,
        previews,
        relocation,
        requests,
        teams,
        versions,
    )
    from pod_server.storages.parts import StoragesParts

    authentication = authentication_parts(settings, stores, make_outbound(settings).fetch)
    # By a way of its own: groups that are slow to come keep nobody from signing in.
    look = partial(refresh_now, make_outbound(settings).fetch)
    limits = http_limits(settings.limits)
    return StoragesParts(
        context=make_context(settings, stores, open_intake(stores, vault_limits(settings.limits))),
        authenticate=partial(authenticate, authentication),
        services={
            "verzoeken/": requests.handle,
            "toegang/": grants.handle,
            "logboek/": journal.handle,
            ".well-known/wijkkluis/voorbeeld/": previews.handle,
            ".well-known/wijkkluis/uitnodigingen/": invitations.handle,
            ".well-known/wijkkluis/verhuizingen/": relocation.handle,
            ".well-known/wijkkluis/versies/": versions.handle,
        },
        server_services={
            ".well-known/wijkkluis/uitnodiging": invitations.handle_server,
            ".well-known/wijkkluis/ontmoetingen/": invitations.handle_server,
            ".well-known/wijkkluis/toegang/": grants.handle_server,
            ".well-known/wijkkluis/groepen": partial(teams.look_now, look),
        },
        healthy=lambda: _is_sealing(stores),
        public_key=open_signer(stores.folder.signing_key).public_pem,
        limits=limits,
        gate=Gate(limits, time.monotonic),
        trusted_proxies=settings.trusted_proxies,
        is_quick=partial(is_quick, authentication),
        reads_are_short=isinstance(stores.objects, FolderStore),
    )


def _is_sealing(stores: Stores) -> bool:
    passed_ms = last_pass_ms(stores.folder.heartbeat)
    return passed_ms is not None and stores.clock().wall_ms - passed_ms <= unready_after_ms
