from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from tests.support.backups import forget_nothing, furnish, object_keys, objects_of, quiet, source_of
from tests.support.vaults import add_storage, keyring_of, make_context
from vault.access.rules import subject_of
from vault.context import Context
from vault.errors import BadInput, MalformedContent, NoSuchResource
from vault.keeping.backup import back_up
from vault.keeping.backup_folder import UNFINISHED, Manifest, object_path, read_objects
from vault.keeping.restore import Objects, RestoredCatalogue, begin, finish, put_objects, resume, settle
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.records import DocumentKind, ServiceDocument, StorageRecord
from vault.stores.catalogue import SqlCatalogue
from vault.stores.named_objects import named_objects
from vault.stores.objects_memory import MemoryStore
from vault.stores.sqlite import migrate, open_database


@dataclass(frozen=True)
class Scene:
    """A server with its backup, and the catalogue as it was put back elsewhere, with the same keys."""

    old: Context
    home: StorageRecord
    folder: Path
    manifest: Manifest
    catalogue: Path
    new: Context

    def settle(self, erased: frozenset[StorageId] = frozenset(), *, is_paused: bool = True) -> int:
        return settle(
            RestoredCatalogue(self.new, erased, forget_nothing, forget_nothing), is_paused=is_paused
        )

    def objects(self, store: MemoryStore) -> Objects:
        listed = read_objects(self.folder / self.manifest.objects)
        return Objects(self.folder, partial(named_objects, self.catalogue), listed, store)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    old = make_context(tmp_path)
    home = furnish(old)
    folder = tmp_path / "backup"
    manifest = back_up(source_of(old, tmp_path), folder, quiet)
    catalogue = tmp_path / "new.sqlite"
    catalogue.write_bytes((folder / manifest.catalogue).read_bytes())
    migrate(catalogue)
    database = open_database(catalogue)
    new = replace(old, catalogue=SqlCatalogue(database, keyring_of(old)))
    yield Scene(old, home, folder, manifest, catalogue, new)
    database.close()


def rules_at(context: Context, home: StorageRecord, path: str) -> int:
    with context.catalogue.view() as view:
        record = view.find_storage(home.storage)
        assert record is not None
        return len(subject_of(view, record, ResourceIdentifier(home.storage, path)).rules)


def test_a_restored_storage_is_its_owners_alone_but_for_her_card(scene: Scene) -> None:
    assert scene.settle() == 1
    for path in ("", "brieven/1", "brieven/absent"):
        assert rules_at(scene.old, scene.home, path) == 1
        assert rules_at(scene.new, scene.home, path) == 0
    assert rules_at(scene.new, scene.home, "profiel/card") == 1


def test_a_storage_without_a_card_is_paused_as_well(tmp_path: Path) -> None:
    context = make_context(tmp_path)
    home = add_storage(context)
    settle(RestoredCatalogue(context, frozenset(), forget_nothing, forget_nothing), is_paused=True)
    with context.catalogue.view() as view:
        found = view.find_storage(home.storage)
    assert found is not None
    assert found.is_paused


def test_the_rules_count_again_after_resume_and_only_then(scene: Scene) -> None:
    scene.settle()
    resume(scene.new, scene.home.storage)
    assert rules_at(scene.new, scene.home, "brieven/1") == 1
    with pytest.raises(NoSuchResource):
        resume(scene.new, scene.home.storage)
    with pytest.raises(NoSuchResource):
        resume(scene.new, StorageId("abcdefghjkmnpqrs"))


def test_rules_count_at_once_only_when_the_operator_says_so(scene: Scene) -> None:
    scene.settle(is_paused=False)
    assert rules_at(scene.new, scene.home, "brieven/1") == 1


def test_a_restore_is_a_line_in_each_journal_and_makes_old_decisions_stale(scene: Scene) -> None:
    scene.settle()
    with scene.new.catalogue.view() as view:
        assert [line.entry.activity for line in view.pending_lines(10)] == ["restore"]
        found = view.find_storage(scene.home.storage)
        assert view.server_epoch() > 1
    assert found is not None
    assert found.epoch > scene.home.epoch


def test_positions_in_files_of_the_old_machine_are_forgotten(scene: Scene) -> None:
    scene.new.catalogue.write(lambda tx: tx.put_intake_position("old.intake", 7))
    scene.settle()
    with scene.new.catalogue.view() as view:
        assert view.intake_position("old.intake") == 0


def test_an_erased_storage_does_not_come_back(scene: Scene) -> None:
    keyring_of(scene.old).destroy(scene.home.storage)
    assert scene.settle(frozenset({scene.home.storage, StorageId("abcdefghjkmnpqrs")})) == 0
    assert list(named_objects(scene.catalogue)) == []


def test_a_storage_out_of_sight_comes_back_out_of_sight(scene: Scene) -> None:
    scene.new.catalogue.write(lambda tx: tx.hide_storage(scene.home.storage, 5))
    scene.settle()
    with scene.new.catalogue.view() as view:
        assert [found.erase_at_s for found in view.hidden_storages()] == [5]
        assert view.pending_lines(10) == []


def test_keys_that_do_not_fit_are_said_to_be_missing(scene: Scene) -> None:
    keyring_of(scene.old).destroy(scene.home.storage)
    with pytest.raises(BadInput, match="keys are missing"):
        scene.settle()


def test_nobody_hears_of_documents_of_a_paused_storage_elsewhere(scene: Scene) -> None:
    worker, kind = "https://org.example/w#me", DocumentKind.MEETING
    document = ServiceDocument(scene.home.storage, kind, "m", 1, "Active", worker, b"{}", 1)
    scene.new.catalogue.write(lambda tx: tx.put_document(document, "CODE"))
    with scene.new.catalogue.view() as view:
        assert len(view.documents_of_party(kind, worker)) == 1
        assert view.find_code("CODE") is not None
    scene.settle()
    with scene.new.catalogue.view() as view:
        assert view.documents_of_party(kind, worker) == []
        assert view.find_code("CODE") is None


def test_every_object_comes_back_byte_for_byte(scene: Scene) -> None:
    store, told = MemoryStore(), list[tuple[int, int]]()
    assert put_objects(scene.objects(store), lambda *n: told.append(n)) == 0
    old = objects_of(scene.old)
    for key in object_keys(old):
        assert b"".join(store.get(key)) == b"".join(old.get(key))
    assert told[-1] == (6, 6)


def test_a_second_run_puts_only_what_is_missing_or_torn(scene: Scene) -> None:
    store = MemoryStore()
    put_objects(scene.objects(store), quiet)
    first, second, *_ = object_keys(store)
    store.delete(first)
    store.put(second, (b"torn",))
    assert put_objects(scene.objects(store), quiet) == 0
    for key in (first, second):
        assert b"".join(store.get(key)) == b"".join(objects_of(scene.old).get(key))


def test_a_changed_object_is_refused_and_not_kept(scene: Scene) -> None:
    one = max(read_objects(scene.folder / scene.manifest.objects), key=lambda kept: kept.size)
    path, store = object_path(scene.folder, one.key), MemoryStore()
    path.write_bytes(bytes(one.size))
    with pytest.raises(MalformedContent, match=one.key):
        put_objects(scene.objects(store), quiet)
    assert one.key not in object_keys(store)
    path.unlink()
    with pytest.raises(MalformedContent, match=one.key):
        put_objects(scene.objects(store), quiet)


def test_an_object_that_the_backup_never_had_is_counted(scene: Scene) -> None:
    objects = scene.objects(MemoryStore())
    kept = list(objects.listed)
    assert put_objects(replace(objects, listed=iter(kept[1:-1])), quiet) == 2


def test_an_object_that_nobody_names_any_more_stays_away(scene: Scene) -> None:
    store = MemoryStore()
    keep = sorted(named_objects(scene.catalogue), key=lambda one: one.key)[2]
    assert put_objects(replace(scene.objects(store), named=lambda: iter((keep,))), quiet) == 0
    assert object_keys(store) == [keep.key]


def test_only_an_empty_folder_or_an_unfinished_one_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    begin(folder)
    (folder / "catalogue.sqlite").touch()
    begin(folder)
    assert (folder / UNFINISHED).exists()
    finish(folder)
    with pytest.raises(BadInput, match="not empty"):
        begin(folder)
