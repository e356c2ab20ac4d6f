"""Resources are found by their exact path, change by compare-and-swap, and list what they contain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.vaults import GONE, add_resource, add_storage
from vault.context import Context
from vault.errors import ConcurrentChange, Conflict, NoSuchResource, Unavailable
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.records import (
    MemberMark,
    NewRevision,
    ResourceKind,
    ResourceRecord,
    StorageRecord,
    StoredObject,
)
from vault.model.rules import CompiledAcl
from vault.stores.keys import Keyring

ELSEWHERE = StorageId("zzcdefghjkmnpqrs")
NEW = NewRevision("later", "text/plain", StoredObject("object", 7, b"s" * 32), "https://bob.example/#me", 99)


def find(context: Context, identifier: ResourceIdentifier) -> ResourceRecord | None:
    """What a new view finds."""
    with context.catalogue.view() as view:
        return view.find_resource(identifier)


def at(home: StorageRecord, path: str) -> ResourceIdentifier:
    """A path in the storage."""
    return ResourceIdentifier(home.storage, path)


def create(context: Context, identifier: ResourceIdentifier, kind: ResourceKind) -> ResourceRecord:
    """Create with a key that is the revision's id too."""
    new = replace(NEW, revision=context.new_id())
    return context.catalogue.write(lambda tx: tx.create_resource(identifier, kind, new, new.revision))


def test_a_created_resource_is_found_as_it_was_created(context: Context, home: StorageRecord) -> None:
    made = create(context, at(home, "plan"), ResourceKind.DOCUMENT)
    found = find(context, at(home, "plan"))
    assert found == made
    assert found is not None
    assert (found.agent, found.stored, found.modified_ms) == (NEW.agent, NEW.stored, 99)


def test_a_container_needs_no_object_and_no_agent(context: Context, home: StorageRecord) -> None:
    add_resource(context, at(home, "brieven/"))
    found = find(context, at(home, "brieven/"))
    assert found is not None
    assert (found.stored, found.agent, found.kind) == (None, None, ResourceKind.CONTAINER)


@pytest.mark.parametrize("path", ["Plan", "plan/", "pla%6E", "map/plan", ""])
def test_only_exactly_the_same_path_finds_it(context: Context, home: StorageRecord, path: str) -> None:
    made = create(context, at(home, "plan"), ResourceKind.DOCUMENT)
    found = find(context, at(home, path))
    assert found is None or found.key != made.key


def test_a_storage_does_not_show_what_is_in_another(context: Context, home: StorageRecord) -> None:
    other = add_storage(context, "Henk")
    create(context, at(home, "plan"), ResourceKind.DOCUMENT)
    assert find(context, ResourceIdentifier(other.storage, "plan")) is None


def test_in_an_unknown_storage_nothing_is_found(context: Context) -> None:
    nowhere = ResourceIdentifier(ELSEWHERE, "plan")
    assert find(context, nowhere) is None
    with context.catalogue.view() as view:
        assert not view.slash_twin_exists(nowhere)
        assert not view.is_boundary(nowhere)
        with pytest.raises(NoSuchResource):
            view.nearest_container(nowhere)


def test_a_storage_whose_key_is_gone_is_unavailable_and_not_absent(
    context: Context, home: StorageRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> bytes:
        raise Unavailable("a key cannot be read")

    with context.catalogue.view() as view:
        monkeypatch.setattr("vault.stores.keys.Keyring.lookup_hash", lost)
        with pytest.raises(Unavailable):
            view.find_resource(at(home, "plan"))


@pytest.mark.requirement("protocol", "server-uri-trailing-slash-distinct")
@pytest.mark.parametrize(("first", "second"), [("a", "a/"), ("a/", "a"), ("a", "a")])
def test_no_two_resources_differ_in_the_last_slash_only(
    context: Context, home: StorageRecord, first: str, second: str
) -> None:
    add_resource(context, at(home, first))
    kind = ResourceKind.CONTAINER if second.endswith("/") else ResourceKind.DOCUMENT
    with pytest.raises(ConcurrentChange):
        create(context, at(home, second), kind)
    with context.catalogue.view() as view:
        assert view.slash_twin_exists(at(home, second)) == (first != second)


def test_nothing_is_created_in_a_container_that_is_not_there(context: Context, home: StorageRecord) -> None:
    with pytest.raises(ConcurrentChange):
        create(context, at(home, "absent/plan"), ResourceKind.DOCUMENT)
    with pytest.raises(ConcurrentChange):
        create(context, at(home, "absent.acl"), ResourceKind.ACL)


def test_only_a_container_ends_in_a_slash(context: Context, home: StorageRecord) -> None:
    with pytest.raises(ValueError, match="slash"):
        create(context, at(home, "plan/"), ResourceKind.DOCUMENT)


def test_a_replaced_revision_is_current_and_the_old_one_is_kept(
    context: Context, home: StorageRecord
) -> None:
    first = create(context, at(home, "plan"), ResourceKind.DOCUMENT)
    new = replace(NEW, stored=StoredObject("second", 1, b""))
    second = context.catalogue.write(lambda tx: tx.replace_resource(first, new))
    assert find(context, at(home, "plan")) == second
    assert second.created_ms == first.created_ms
    with context.catalogue.view() as view:
        assert [view.knows_object(key) for key in ("object", "second", "third")] == [True, True, False]


def test_who_replaces_or_deletes_what_is_no_longer_current_is_refused(
    context: Context, home: StorageRecord
) -> None:
    first = create(context, at(home, "plan"), ResourceKind.DOCUMENT)
    second = context.catalogue.write(lambda tx: tx.replace_resource(first, NEW))
    with pytest.raises(ConcurrentChange):
        context.catalogue.write(lambda tx: tx.replace_resource(first, replace(NEW, revision="third")))
    with pytest.raises(ConcurrentChange):
        context.catalogue.write(lambda tx: tx.delete_resource(first, GONE))
    assert find(context, at(home, "plan")) == second


def test_a_deleted_resource_is_gone_and_its_revisions_stay(context: Context, home: StorageRecord) -> None:
    record = create(context, at(home, "plan"), ResourceKind.DOCUMENT)
    context.catalogue.write(lambda tx: tx.delete_resource(record, GONE))
    assert find(context, at(home, "plan")) is None
    with context.catalogue.view() as view:
        assert view.knows_object("object")


def test_a_deleted_resource_takes_its_acl_along(context: Context, home: StorageRecord) -> None:
    record = add_resource(context, at(home, "plan"), b"", CompiledAcl())
    context.catalogue.write(lambda tx: tx.delete_resource(record, GONE))
    assert find(context, at(home, "plan.acl")) is None
    again = add_resource(context, at(home, "plan"), b"")
    assert not again.has_own_acl


def test_a_container_with_members_stays(context: Context, home: StorageRecord) -> None:
    add_resource(context, at(home, "map/plan"), b"")
    container = find(context, at(home, "map/"))
    assert container is not None
    with pytest.raises(Conflict):
        context.catalogue.write(lambda tx: tx.delete_resource(container, GONE))


def test_a_container_with_nothing_but_an_acl_goes(context: Context, home: StorageRecord) -> None:
    container = add_resource(context, at(home, "map/"), rules=CompiledAcl())
    context.catalogue.write(lambda tx: tx.delete_resource(container, GONE))
    assert find(context, at(home, "map/.acl")) is None


def test_members_are_listed_oldest_first_without_acls(context: Context, home: StorageRecord) -> None:
    for path in ("z", "map/", "a", "map/deep"):
        add_resource(context, at(home, path), rules=CompiledAcl())
    with context.catalogue.view() as view:
        root = view.find_resource(at(home, ""))
        assert root is not None
        found = [view.find_resource(at(home, path)) for path in ("z", "map/", "a")]
        marks = [(one.key, one.revision, one.acl_key) for one in found if one is not None]
        assert list(view.member_marks(root)) == marks
        listed = view.member_page(root, 0, 9, lambda _: True).members
        assert [member.path for member in listed] == ["z", "map/", "a"]


def test_descendants_are_listed_by_path_without_acls(context: Context, home: StorageRecord) -> None:
    for path in ("z", "map/deep/er", "map/deep/aa", "a"):
        add_resource(context, at(home, path), rules=CompiledAcl())
    with context.catalogue.view() as view:
        above = view.nearest_container(at(home, "map/x"))
        below = [record.identifier.path for record in view.descendants(above)]
        root = view.nearest_container(at(home, "x"))
        every = [record.identifier.path for record in view.descendants(root)]
    assert below == ["map/deep/", "map/deep/aa", "map/deep/er"]
    assert every == ["a", "map/", *below, "z"]


@pytest.mark.parametrize("above", ["", "map/"])
def test_of_descendants_only_those_are_opened_that_are_wanted(
    context: Context, home: StorageRecord, monkeypatch: pytest.MonkeyPatch, above: str
) -> None:
    wanted = add_resource(context, at(home, "map/a"))
    add_resource(context, at(home, "map/b"), rules=CompiledAcl())
    opened: list[str] = []
    decrypt = Keyring.decrypt

    def note(keyring: Keyring, storage: StorageId | None, label: str, sealed: bytes) -> bytes:
        opened.append(label)
        return decrypt(keyring, storage, label, sealed)

    marks: list[MemberMark] = []

    def is_wanted(mark: MemberMark) -> bool:
        marks.append(mark)
        return mark[0] == wanted.key

    with context.catalogue.view() as view:
        container = view.find_resource(at(home, above))
        other = view.find_resource(at(home, "map/b"))
        assert container is not None
        assert other is not None
        monkeypatch.setattr(Keyring, "decrypt", note)
        assert list(view.descendants(container, is_wanted)) == [wanted]
    assert (other.key, other.revision, other.key) in marks
    assert len(opened) == 2
    assert all(wanted.key in label for label in opened)


def test_the_nearest_container_is_found_over_gaps(context: Context, home: StorageRecord) -> None:
    add_resource(context, at(home, "map/"))
    with context.catalogue.view() as view:
        for path, nearest in (("map/a/b/c", "map/"), ("map/", ""), ("x", ""), ("", "")):
            assert view.nearest_container(at(home, path)).identifier.path == nearest


def test_a_listing_ends_with_its_view(context: Context, home: StorageRecord) -> None:
    for number in range(3):
        add_resource(context, at(home, f"{number}"), b"")
    with context.catalogue.view() as view:
        listing = view.member_marks(view.nearest_container(at(home, "x")))
        next(listing)
    add_resource(context, at(home, "later"), b"")
    with context.catalogue.view() as view:
        assert view.find_resource(at(home, "later")) is not None
