"""What is kept is counted with every revision, and given back when it is forgotten; the current one never is."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.vaults import NOON_MS, add_resource
from vault.context import Context
from vault.errors import NoSuchResource, StorageFull
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.limits import Usage, VaultLimits
from vault.model.records import (
    NewRevision,
    Removal,
    ResourceKind,
    ResourceRecord,
    StorageRecord,
    StoredObject,
)
from vault.model.rules import CompiledAcl
from vault.stores.usage import revision_bytes

BOB, ANNA = "https://bob.example/#me", "https://anna.example/#me"
LIMITS = VaultLimits(quota_bytes=10_000, grantee_quota_bytes=5_000)
NEVER = -1


def write(
    context: Context, home: StorageRecord, path: str, size: int, agent: str | None = BOB, time_ms: int = 10
) -> ResourceRecord:
    """Write a document of a size, new or not."""
    identifier = ResourceIdentifier(home.storage, path)
    stored = StoredObject(context.new_id(), size, b"s" * 32)
    new = NewRevision(context.new_id(), "text/plain", stored, agent, time_ms, LIMITS)
    with context.catalogue.view() as view:
        current = view.find_resource(identifier)
    if current is not None:
        return context.catalogue.write(lambda tx: tx.replace_resource(current, new))
    kind = ResourceKind.ACL if identifier.is_acl else ResourceKind.DOCUMENT
    return context.catalogue.write(lambda tx: tx.create_resource(identifier, kind, new, new.revision))


def usage(context: Context, home: StorageRecord, agent: str | None = None) -> Usage:
    """What is kept now."""
    with context.catalogue.view() as view:
        return view.usage(home.storage, agent)


def prune(context: Context, removed_ms: int, replaced_ms: int, limit: int = 100) -> int:
    """Forget once."""
    return context.catalogue.write(lambda tx: tx.prune(removed_ms, replaced_ms, limit))


def remove(context: Context, record: ResourceRecord, time_ms: int) -> None:
    """Remove a resource."""
    context.catalogue.write(lambda tx: tx.delete_resource(record, Removal(BOB, time_ms)))


def test_every_revision_counts_in_all_and_for_who_wrote_it(context: Context, home: StorageRecord) -> None:
    before = usage(context, home).in_all
    write(context, home, "a", 100)
    write(context, home, "a", 50, ANNA)
    write(context, home, "b", 7, home.owner)
    assert usage(context, home).in_all - before == 157 + 3 * revision_bytes
    assert usage(context, home, BOB).by_agent == 100 + revision_bytes
    assert usage(context, home, ANNA).by_agent == 50 + revision_bytes
    assert usage(context, home, home.owner).by_agent is None


def test_the_storage_takes_no_more_than_its_quota(context: Context, home: StorageRecord) -> None:
    write(context, home, "a", 4_000, home.owner)
    with pytest.raises(StorageFull, match="the storage is full"):
        write(context, home, "b", 6_000, home.owner)
    assert usage(context, home).in_all < 6_000
    write(context, home, "b", 4_000, home.owner)


def test_one_who_was_let_in_fills_no_more_than_her_part(context: Context, home: StorageRecord) -> None:
    write(context, home, "a", 4_000)
    with pytest.raises(StorageFull, match="your part"):
        write(context, home, "a", 1_000)
    write(context, home, "b", 1_000, ANNA)
    write(context, home, "c", 1_000, home.owner)


def test_for_access_rules_there_is_room_on_a_full_storage(context: Context, home: StorageRecord) -> None:
    write(context, home, "a", 8_500, home.owner)
    with pytest.raises(StorageFull):
        write(context, home, "b", 1_000, home.owner)
    write(context, home, "a.acl", 9_000, home.owner)
    write(context, home, "a.acl", 9_000, home.owner)
    assert usage(context, home).in_all > LIMITS.quota_bytes


def test_removing_gives_no_room_back_until_it_is_forgotten(context: Context, home: StorageRecord) -> None:
    before = usage(context, home)
    record = write(context, home, "a", 4_000)
    full = usage(context, home)
    remove(context, record, 50)
    assert usage(context, home) == full
    assert prune(context, 50, NEVER) == 0
    assert prune(context, 51, 51) == 2
    assert usage(context, home) == before
    assert usage(context, home, BOB).by_agent == 0


def test_old_revisions_are_forgotten_by_when_they_were_replaced_and_the_current_never(
    context: Context, home: StorageRecord
) -> None:
    write(context, home, "a", 1, time_ms=10)
    write(context, home, "a", 1, time_ms=20)
    record = write(context, home, "a", 1, time_ms=30)

    def kept() -> list[int]:
        with context.catalogue.view() as view:
            return [one.ordinal for one in view.revisions(record)]

    assert (prune(context, NEVER, 20), kept()) == (0, [3, 2, 1])
    assert (prune(context, NEVER, 21), kept()) == (1, [3, 2])
    assert (prune(context, NEVER, NOON_MS * 2), kept()) == (1, [3])


def test_the_current_revision_stays_even_when_its_row_says_that_it_ended(
    context: Context, home: StorageRecord, tmp_path: Path
) -> None:
    record = write(context, home, "a", 1)
    connection = sqlite3.connect(tmp_path / "catalogue.sqlite")
    connection.execute("UPDATE revision SET replaced_ms = 1 WHERE id = ?", (record.revision,))
    connection.commit()
    connection.close()
    assert prune(context, NEVER, 100) == 0


def test_forgetting_goes_in_bounded_steps_until_nothing_is_left(
    context: Context, home: StorageRecord
) -> None:
    for number in range(5):
        write(context, home, "a", 1, home.owner, number)
        remove(context, write(context, home, f"gone-{number}", 1, home.owner), 10 + number)
    steps = []
    while count := prune(context, 1_000, 1_000, limit=3):
        steps.append(count)
    assert all(count <= 6 for count in steps)
    assert sum(steps) == 4 + 5 + 5
    with context.catalogue.view() as view:
        assert list(view.removed(home.storage)) == []


def test_what_is_forgotten_cannot_be_found_and_its_object_is_an_orphan(
    context: Context, home: StorageRecord
) -> None:
    record = write(context, home, "a", 1)
    assert record.stored is not None
    remove(context, record, 50)
    prune(context, 100, NEVER)
    with context.catalogue.view() as view:
        assert view.find_removed(home.storage, record.key) is None
        assert view.knows_object(record.stored.key)
    prune(context, 100, 1)
    with context.catalogue.view() as view:
        assert not view.knows_object(record.stored.key)


def test_what_came_back_and_old_access_rules_are_told_as_long_as_revisions(
    context: Context, home: StorageRecord
) -> None:
    subject = add_resource(context, ResourceIdentifier(home.storage, "a"), b"", CompiledAcl())
    remove(context, subject, NOON_MS)
    with context.catalogue.view() as view:
        gone = view.find_removed(home.storage, subject.key)
    assert gone is not None
    new = NewRevision("again", "text/plain", None, None, NOON_MS)
    context.catalogue.write(lambda tx: tx.bring_back(gone, gone.identifier, new))

    def kinds() -> set[ResourceKind]:
        with context.catalogue.view() as view:
            return {one.kind for one in view.removed(home.storage)}

    assert prune(context, NOON_MS + 1, NOON_MS) == 0
    assert kinds() == {ResourceKind.ACL, ResourceKind.DOCUMENT}
    prune(context, NOON_MS + 1, NOON_MS + 1)
    assert kinds() == set()
    with context.catalogue.view() as view:
        assert view.find_resource(gone.identifier) is not None


def test_revisions_of_before_are_counted_for_their_writers_once(
    context: Context, home: StorageRecord, tmp_path: Path
) -> None:
    write(context, home, "a", 100)
    write(context, home, "b", 7, home.owner)
    expected = usage(context, home, BOB)
    connection = sqlite3.connect(tmp_path / "catalogue.sqlite")
    connection.execute("UPDATE revision SET charged = 0")
    connection.execute("DELETE FROM usage WHERE party_hash <> x''")
    connection.commit()
    connection.close()
    assert usage(context, home, BOB).by_agent == 0
    while context.catalogue.write(lambda tx: tx.charge_older(2)):
        pass
    assert usage(context, home, BOB) == expected
    assert context.catalogue.write(lambda tx: tx.charge_older(2)) == 0


def test_what_was_not_yet_counted_for_its_writer_is_not_given_back_to_her(
    context: Context, home: StorageRecord, tmp_path: Path
) -> None:
    remove(context, write(context, home, "a", 100), 50)
    write(context, home, "b", 9)
    connection = sqlite3.connect(tmp_path / "catalogue.sqlite")
    connection.execute("UPDATE revision SET charged = 0 WHERE size = 100")
    connection.execute("UPDATE usage SET bytes = bytes - 612 WHERE party_hash <> x''")
    connection.commit()
    connection.close()
    prune(context, 100, 100)
    assert usage(context, home, BOB).by_agent == 9 + revision_bytes


def test_of_an_unknown_storage_nothing_is_told(context: Context) -> None:
    with context.catalogue.view() as view, pytest.raises(NoSuchResource):
        view.usage(StorageId("zzcdefghjkmnpqrs"), BOB)


def test_without_limits_it_always_fits(context: Context, home: StorageRecord) -> None:
    write(context, home, "a", 8_500, home.owner)
    new = replace(NewRevision("x", "text/plain", StoredObject("o", 9_000, b""), None, 10), limits=None)
    identifier = ResourceIdentifier(home.storage, "b")
    context.catalogue.write(
        lambda tx: tx.create_resource(identifier, ResourceKind.DOCUMENT, new, "kkkkkkkkkkkkkkkk")
    )
