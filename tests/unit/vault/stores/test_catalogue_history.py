"""Every state of a resource is kept, of what was removed too, and what was at a moment can be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.vaults import NOON_MS, add_resource
from vault.context import Context
from vault.errors import ConcurrentChange
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.records import (
    NewRevision,
    Removal,
    RemovedRecord,
    ResourceKind,
    ResourceRecord,
    StorageRecord,
    StoredObject,
)
from vault.model.rules import CompiledAcl

BOB = "https://bob.example/#me"
FIRST = NewRevision("first", "text/plain", StoredObject("one", 7, b"s" * 32), BOB, 100)


def at(home: StorageRecord, path: str) -> ResourceIdentifier:
    """A path in the storage."""
    return ResourceIdentifier(home.storage, path)


def create(context: Context, identifier: ResourceIdentifier, new: NewRevision = FIRST) -> ResourceRecord:
    """Make a document."""
    key = context.new_id()
    return context.catalogue.write(lambda tx: tx.create_resource(identifier, ResourceKind.DOCUMENT, new, key))


def put(context: Context, record: ResourceRecord, revision: str, time_ms: int) -> ResourceRecord:
    """Replace a document."""
    new = replace(FIRST, revision=revision, time_ms=time_ms)
    return context.catalogue.write(lambda tx: tx.replace_resource(record, new))


def remove(context: Context, record: ResourceRecord, time_ms: int, agent: str | None = BOB) -> None:
    """Remove a resource."""
    context.catalogue.write(lambda tx: tx.delete_resource(record, Removal(agent, time_ms)))


def removed(context: Context, home: StorageRecord) -> list[RemovedRecord]:
    """Everything that was removed."""
    with context.catalogue.view() as view:
        return list(view.removed(home.storage))


def test_every_state_is_listed_newest_first_with_its_end(context: Context, home: StorageRecord) -> None:
    record = create(context, at(home, "plan"))
    record = put(context, put(context, record, "second", 200), "third", 300)
    with context.catalogue.view() as view:
        found = list(view.revisions(record))
    assert [(one.id, one.ordinal, one.modified_ms, one.replaced_ms) for one in found] == [
        ("third", 3, 300, None),
        ("second", 2, 200, 300),
        ("first", 1, 100, 200),
    ]
    assert (found[2].agent, found[2].media_type, found[2].stored) == (BOB, "text/plain", FIRST.stored)


def test_the_order_is_that_of_becoming_current_whatever_the_times_say(
    context: Context, home: StorageRecord
) -> None:
    record = put(context, create(context, at(home, "plan")), "slow", 50)
    with context.catalogue.view() as view:
        assert [one.id for one in view.revisions(record)] == ["slow", "first"]
        assert record.revision == "slow"


def test_one_state_is_found_by_its_own_resource_only(context: Context, home: StorageRecord) -> None:
    record = create(context, at(home, "plan"))
    other = create(context, at(home, "other"), replace(FIRST, revision="elsewhere"))
    with context.catalogue.view() as view:
        found = view.find_revision(record, "first")
        assert found is not None
        assert found.id == "first"
        assert view.find_revision(other, "first") is None
        assert view.find_revision(record, "absent") is None


def test_what_was_removed_tells_where_it_was_and_who_removed_it(
    context: Context, home: StorageRecord
) -> None:
    record = put(context, create(context, at(home, "plan")), "second", 200)
    remove(context, record, 500)
    (gone,) = removed(context, home)
    assert (gone.key, gone.identifier, gone.kind) == (record.key, at(home, "plan"), ResourceKind.DOCUMENT)
    assert (gone.removal, gone.created_ms, gone.restored_ms) == (Removal(BOB, 500), 100, None)
    assert (gone.last.id, gone.acl_key) == ("second", record.acl_key)
    with context.catalogue.view() as view:
        assert view.find_removed(home.storage, record.key) == gone
        assert [one.id for one in view.revisions(gone)] == ["second", "first"]


def test_the_vault_itself_removes_without_a_name(context: Context, home: StorageRecord) -> None:
    remove(context, create(context, at(home, "plan")), 500, None)
    assert removed(context, home)[0].removal.agent is None


def test_a_failed_removal_is_not_told(context: Context, home: StorageRecord) -> None:
    stale = create(context, at(home, "plan"))
    put(context, stale, "second", 200)
    with pytest.raises(ConcurrentChange):
        remove(context, stale, 500)
    assert removed(context, home) == []


def test_an_acl_that_goes_with_its_subject_is_told_too(context: Context, home: StorageRecord) -> None:
    record = add_resource(context, at(home, "plan"), b"x", CompiledAcl())
    remove(context, record, NOON_MS + 1)
    paths = {(gone.identifier.path, gone.kind, gone.parent) for gone in removed(context, home)}
    assert ("plan.acl", ResourceKind.ACL, record.key) in paths
    assert len(paths) == 2


def test_in_another_storage_nothing_removed_is_found(context: Context, home: StorageRecord) -> None:
    record = create(context, at(home, "plan"))
    remove(context, record, 500)
    elsewhere = StorageId("zzcdefghjkmnpqrs")
    with context.catalogue.view() as view:
        assert view.find_removed(elsewhere, record.key) is None
        assert list(view.removed(elsewhere)) == []
        assert view.resource_at(ResourceIdentifier(elsewhere, "plan"), 300) is None


def test_what_comes_back_has_its_key_and_all_its_states(context: Context, home: StorageRecord) -> None:
    record = create(context, at(home, "plan"))
    remove(context, record, 500)
    gone = removed(context, home)[0]
    new = replace(FIRST, revision="again", time_ms=600)
    back = context.catalogue.write(lambda tx: tx.bring_back(gone, at(home, "elsewhere"), new))
    assert (back.key, back.identifier.path, back.revision) == (record.key, "elsewhere", "again")
    with context.catalogue.view() as view:
        assert [(one.id, one.replaced_ms) for one in view.revisions(back)] == [
            ("again", None),
            ("first", 600),
        ]
        assert view.find_removed(home.storage, record.key) is None
        assert [one.restored_ms for one in view.removed(home.storage)] == [600]


def test_nothing_comes_back_twice(context: Context, home: StorageRecord) -> None:
    remove(context, create(context, at(home, "plan")), 500)
    gone = removed(context, home)[0]
    context.catalogue.write(
        lambda tx: tx.bring_back(gone, at(home, "plan"), replace(FIRST, revision="again"))
    )
    with pytest.raises(ConcurrentChange):
        context.catalogue.write(
            lambda tx: tx.bring_back(gone, at(home, "other"), replace(FIRST, revision="twice"))
        )


def test_what_was_at_a_path_is_told_for_every_moment(context: Context, home: StorageRecord) -> None:
    place = at(home, "plan")
    first = put(context, create(context, place), "second", 200)
    remove(context, first, 300)
    later = create(context, place, replace(FIRST, revision="another", time_ms=400))

    def state(time_ms: int) -> tuple[str, str] | None:
        with context.catalogue.view() as view:
            found = view.resource_at(place, time_ms)
        return None if found is None else (found.key, found.revision)

    assert state(99) is None
    assert state(100) == (first.key, "first")
    assert state(299) == (first.key, "second")
    assert state(300) is None
    assert state(400) == (later.key, "another")


def test_a_container_that_was_there_is_not_taken_for_the_document_of_that_name(
    context: Context, home: StorageRecord
) -> None:
    record = add_resource(context, at(home, "map/"))
    remove(context, record, NOON_MS + 5)
    with context.catalogue.view() as view:
        assert view.resource_at(at(home, "map"), NOON_MS) is None
        assert view.resource_at(at(home, "map/"), NOON_MS) is not None


def test_an_acl_that_was_replaced_and_dropped_is_found_as_it_stood(
    context: Context, home: StorageRecord
) -> None:
    record = add_resource(context, at(home, "plan"), b"x", CompiledAcl())
    with context.catalogue.view() as view:
        acl = view.find_resource(at(home, "plan.acl"))
    assert acl is not None
    second = put(context, acl, "second", NOON_MS + 10)
    remove(context, second, NOON_MS + 20)
    context.catalogue.write(lambda tx: tx.drop_rules(record))
    with context.catalogue.view() as view:
        found = [view.resource_at(acl.identifier, NOON_MS + passed) for passed in (0, 10, 20)]
    assert [one and one.revision for one in found] == [acl.revision, "second", None]
