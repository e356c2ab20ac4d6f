from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.backups import furnish, object_keys, objects_of, quiet, source_of
from tests.support.vaults import add_resource, make_context
from vault.context import Context
from vault.errors import BadInput, MalformedContent, Unavailable
from vault.keeping.backup import BackupSource, back_up
from vault.keeping.backup_folder import (
    MANIFEST,
    MARKER,
    PART,
    object_path,
    read_manifest,
    read_objects,
    write_whole,
)
from vault.model.identifiers import ResourceIdentifier
from vault.model.records import StorageRecord
from vault.stores.files import locked
from vault.stores.named_objects import named_objects


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path)


@pytest.fixture
def home(context: Context) -> StorageRecord:
    return furnish(context)


@pytest.fixture
def source(context: Context, home: StorageRecord, tmp_path: Path) -> BackupSource:
    return source_of(context, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def keys_of(context: Context) -> set[str]:
    return set(object_keys(objects_of(context)))


def copied(folder: Path) -> set[str]:
    return {path.name for path in (folder / "objects").glob("*/*")}


class Asked:
    """An object store that counts what is read from it."""

    def __init__(self, source: BackupSource) -> None:
        self.asked: list[str] = []
        self._objects = source.objects
        self.put, self.delete, self.keys = source.objects.put, source.objects.delete, source.objects.keys

    def get(self, key: str, start: int = 0, size: int | None = None) -> object:
        self.asked.append(key)
        return self._objects.get(key, start, size)


def test_every_object_is_copied_byte_for_byte_with_its_hash(source: BackupSource, folder: Path) -> None:
    made = back_up(source, folder, quiet)
    kept = list(read_objects(folder / made.objects))
    assert {one.key for one in kept} == keys_of(source.context) == copied(folder)
    assert made.count == len(kept) == 6
    for one in kept:
        assert object_path(folder, one.key).read_bytes() == b"".join(source.objects.get(one.key))
    assert read_manifest(folder) == made


def test_nobody_else_may_read_a_backup(source: BackupSource, folder: Path) -> None:
    back_up(source, folder, quiet)
    modes = {path.stat().st_mode & 0o77 for path in (folder, *folder.rglob("*"))}
    assert modes == {0}


def test_a_second_run_reads_only_what_is_new(source: BackupSource, folder: Path, home: StorageRecord) -> None:
    back_up(source, folder, quiet)
    new = add_resource(source.context, ResourceIdentifier(home.storage, "brieven/nieuw"), b"nieuw")
    again = Asked(source)
    made = back_up(replace(source, objects=again), folder, quiet)  # type: ignore[arg-type]  # counts and passes on
    assert new.stored is not None
    assert again.asked == [new.stored.key]
    assert made.count == 7


def test_what_the_catalogue_names_no_more_leaves_the_backup(source: BackupSource, folder: Path) -> None:
    back_up(source, folder, quiet)
    with source.context.catalogue.view() as view:
        storage = next(iter(view.storages())).storage
    source.context.catalogue.write(lambda tx: tx.destroy_storage(storage))
    made = back_up(source, folder, quiet)
    assert made.count == 0
    assert copied(folder) == set()
    assert len(list(folder.glob("catalogue-*"))) == 1, "the earlier catalogue is gone"


def test_a_write_after_the_moment_of_the_backup_is_not_in_it(
    context: Context, home: StorageRecord, tmp_path: Path, folder: Path
) -> None:
    def meanwhile() -> None:
        add_resource(context, ResourceIdentifier(home.storage, "brieven/later"), b"later")

    made = back_up(source_of(context, tmp_path, meanwhile), folder, quiet)
    assert made.count == 6
    assert copied(folder) < keys_of(context)


def test_a_run_that_was_cut_goes_on_and_leaves_the_earlier_backup_whole(
    source: BackupSource, folder: Path, home: StorageRecord
) -> None:
    before = back_up(source, folder, quiet)
    add_resource(source.context, ResourceIdentifier(home.storage, "brieven/a"), b"a")

    def cut(done: int, total: int) -> None:
        if done == total:
            raise ConnectionError("the power went")

    with pytest.raises(ConnectionError):
        back_up(source, folder, cut)
    assert read_manifest(folder) == before
    again = Asked(source)
    assert back_up(replace(source, objects=again), folder, quiet).count == 7  # type: ignore[arg-type]  # counts and passes on
    assert again.asked == []


def test_a_truncated_object_of_an_earlier_run_is_copied_again(source: BackupSource, folder: Path) -> None:
    made = back_up(source, folder, quiet)
    one = next(read_objects(folder / made.objects))
    object_path(folder, one.key).write_bytes(b"half")
    back_up(source, folder, quiet)
    assert object_path(folder, one.key).read_bytes() == b"".join(source.objects.get(one.key))


def test_an_object_that_the_server_lost_is_counted_and_the_rest_is_kept(
    source: BackupSource, folder: Path
) -> None:
    lost, short, *_ = sorted(keys_of(source.context))
    source.objects.delete(lost)
    source.objects.delete(short)
    source.objects.put(short, (b"short",))
    made = back_up(source, folder, quiet)
    assert (made.count, made.missing) == (4, 2)
    assert copied(folder) == keys_of(source.context) - {short}


def test_progress_is_told_object_by_object(source: BackupSource, folder: Path) -> None:
    told: list[tuple[int, int]] = []
    back_up(source, folder, lambda done, total: told.append((done, total)))
    assert told == [(number, 6) for number in range(1, 7)]


def test_a_list_is_flushed_now_and_then(context: Context, tmp_path: Path, folder: Path) -> None:
    home = furnish(context, 1)
    for number in range(130):
        add_resource(context, ResourceIdentifier(home.storage, f"brieven/n{number}"), b"x")

    def cut(done: int, _total: int) -> None:
        if done == 100:
            lists = list(folder.glob("objects-*.list.part"))
            assert sum(1 for _ in read_objects(lists[0])) >= 64
            raise ConnectionError

    with pytest.raises(ConnectionError):
        back_up(source_of(context, tmp_path), folder, cut)


def test_a_line_that_was_cut_off_is_none(tmp_path: Path) -> None:
    path, line = tmp_path / "objects.list", f"abcdefghjkmnpqrs 17 {'0' * 64}\n"
    path.write_text(line + line[:-1])
    assert [one.key for one in read_objects(path)] == ["abcdefghjkmnpqrs"]


def test_a_folder_with_something_else_is_refused(source: BackupSource, folder: Path) -> None:
    folder.mkdir()
    (folder / "vakantie.jpg").touch()
    with pytest.raises(BadInput, match="something else"):
        back_up(source, folder, quiet)


def test_a_run_that_was_killed_while_it_made_the_marker_is_taken_up(
    source: BackupSource, folder: Path
) -> None:
    folder.mkdir()
    (folder / f"{MARKER}{PART}").write_text("half")
    back_up(source, folder, quiet)
    assert read_manifest(folder).base_url == source.context.base_url
    assert not (folder / f"{MARKER}{PART}").exists()


def test_the_backup_of_another_server_is_left_alone(source: BackupSource, folder: Path) -> None:
    back_up(source, folder, quiet)
    other = replace(source, context=replace(source.context, base_url="https://other.example/"))
    with pytest.raises(BadInput, match=r"backup of https://vault\.example/"):
        back_up(other, folder, quiet)


def test_two_backups_to_one_folder_do_not_run_together(source: BackupSource, folder: Path) -> None:
    back_up(source, folder, quiet)
    with locked(folder), pytest.raises(Unavailable, match="another backup"):
        back_up(source, folder, quiet)


@pytest.mark.parametrize("content", ["{", "[]", '{"time_ms": 1}'])
def test_a_damaged_manifest_is_no_backup_and_can_be_made_anew(
    source: BackupSource, folder: Path, content: str
) -> None:
    back_up(source, folder, quiet)
    (folder / MANIFEST).write_text(content)
    with pytest.raises(MalformedContent):
        read_manifest(folder)
    assert back_up(source, folder, quiet).count == 6


def test_a_catalogue_or_list_that_was_changed_is_found(source: BackupSource, folder: Path) -> None:
    made = back_up(source, folder, quiet)
    for name in (made.catalogue, made.objects):
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(kept + b"x")
        with pytest.raises(MalformedContent, match=name):
            read_manifest(folder)
        (folder / name).unlink()
        with pytest.raises(MalformedContent, match=name):
            read_manifest(folder)
        (folder / name).write_bytes(kept)
    assert read_manifest(folder) == made


@pytest.mark.parametrize("change", [{"format": 2}, {"catalogue": "../catalogue.sqlite"}])
def test_a_manifest_of_another_format_or_with_a_path_is_refused(
    source: BackupSource, folder: Path, change: dict[str, object]
) -> None:
    back_up(source, folder, quiet)
    text = json.loads((folder / MANIFEST).read_text()) | change
    (folder / MANIFEST).write_text(json.dumps(text))
    with pytest.raises(MalformedContent):
        read_manifest(folder)


def test_an_empty_folder_holds_no_backup(folder: Path) -> None:
    folder.mkdir()
    with pytest.raises(BadInput, match="no finished backup"):
        read_manifest(folder)


def test_a_file_that_cannot_be_written_whole_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    with pytest.raises(OSError, match="place"):
        write_whole(tmp_path / "place", b"x")
    assert list(tmp_path.iterdir()) == [tmp_path / "place"]


def test_a_snapshot_names_objects_in_the_order_of_their_keys(source: BackupSource, tmp_path: Path) -> None:
    source.snapshot(tmp_path / "copy.sqlite")
    named = [one.key for one in named_objects(tmp_path / "copy.sqlite")]
    assert named == sorted(keys_of(source.context))
