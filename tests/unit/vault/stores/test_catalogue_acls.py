"""Each resource names the ACL that governs it, through every coming and going of ACLs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.vaults import GONE, add_resource, add_storage, keyring_of, make_catalogue
from vault.context import Context
from vault.errors import ConcurrentChange
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import ALL_MODES
from vault.model.records import ResourceRecord, StorageRecord
from vault.model.rules import CompiledAcl, Rule
from vault.stores.ports import CatalogueTransaction

MINE = CompiledAcl((Rule("#mine", ALL_MODES, agents=frozenset({"https://alice.example/#me"})),), ())
OTHER = CompiledAcl((), (Rule("#other", ALL_MODES, everyone=True),))


@pytest.fixture
def tree(context: Context, home: StorageRecord) -> StorageRecord:
    for path in ("a/b/c", "a/d", "e"):
        add_resource(context, ResourceIdentifier(home.storage, path), b"")
    return home


def record(context: Context, home: StorageRecord, path: str) -> ResourceRecord:
    """The resource as it is now."""
    with context.catalogue.view() as view:
        found = view.find_resource(ResourceIdentifier(home.storage, path))
    assert found is not None
    return found


def put(context: Context, home: StorageRecord, path: str, rules: CompiledAcl = MINE) -> None:
    """Give a resource an ACL of its own."""
    subject = record(context, home, path)
    context.catalogue.write(lambda tx: tx.put_rules(subject, rules))


def drop(context: Context, home: StorageRecord, path: str) -> None:
    """Take that ACL away."""
    subject = record(context, home, path)
    context.catalogue.write(lambda tx: tx.drop_rules(subject))


def governing(context: Context, home: StorageRecord, *paths: str) -> list[str]:
    """For each path that of the resource whose ACL governs it."""
    keys = {record(context, home, path).key: path for path in ("", "a/", "a/b/", "a/b/c", "a/d", "e")}
    return [keys[record(context, home, path).acl_key] for path in paths]


def test_everything_inherits_from_the_root_at_first(context: Context, tree: StorageRecord) -> None:
    assert governing(context, tree, "", "a/", "a/b/c") == ["", "", ""]


def test_an_acl_governs_what_is_below_it_and_nothing_else(context: Context, tree: StorageRecord) -> None:
    put(context, tree, "a/")
    assert governing(context, tree, "", "a/", "a/b/c", "a/d", "e") == ["", "a/", "a/", "a/", ""]


def test_an_acl_does_not_reach_past_a_nearer_one(context: Context, tree: StorageRecord) -> None:
    put(context, tree, "a/b/")
    put(context, tree, "a/")
    assert governing(context, tree, "a/b/", "a/b/c", "a/d") == ["a/b/", "a/b/", "a/"]


def test_a_nearer_acl_takes_over_what_is_below_it(context: Context, tree: StorageRecord) -> None:
    put(context, tree, "a/")
    put(context, tree, "a/b/")
    assert governing(context, tree, "a/b/", "a/b/c", "a/d") == ["a/b/", "a/b/", "a/"]


def test_what_inherited_from_a_dropped_acl_inherits_from_the_one_above(
    context: Context, tree: StorageRecord
) -> None:
    put(context, tree, "a/")
    put(context, tree, "a/b/")
    drop(context, tree, "a/b/")
    assert governing(context, tree, "a/b/", "a/b/c") == ["a/", "a/"]
    drop(context, tree, "a/")
    assert governing(context, tree, "a/", "a/b/c", "a/d") == ["", "", ""]


def test_dropping_what_inherits_changes_nothing(context: Context, tree: StorageRecord) -> None:
    put(context, tree, "a/")
    drop(context, tree, "a/b/")
    assert governing(context, tree, "a/b/c") == ["a/"]


def test_a_new_resource_is_governed_like_its_container(context: Context, tree: StorageRecord) -> None:
    put(context, tree, "a/b/")
    add_resource(context, ResourceIdentifier(tree.storage, "a/b/new"), b"")
    assert record(context, tree, "a/b/new").acl_key == record(context, tree, "a/b/").key


def test_the_rules_are_those_put_last(context: Context, tree: StorageRecord) -> None:
    key = record(context, tree, "a/").key
    for rules in (MINE, OTHER):
        put(context, tree, "a/", rules)
        with context.catalogue.view() as view:
            assert view.rules(tree.storage, key) == rules
            assert view.rules(tree.storage, key) == rules


def test_without_an_acl_the_rules_are_empty(context: Context, tree: StorageRecord) -> None:
    root = record(context, tree, "")
    with context.catalogue.view() as view:
        assert view.rules(tree.storage, root.acl_key) == CompiledAcl()
        assert view.rules(StorageId("zzcdefghjkmnpqrs"), root.acl_key) == CompiledAcl()


def test_the_root_without_its_acl_is_governed_by_nothing(context: Context, tree: StorageRecord) -> None:
    put(context, tree, "")
    drop(context, tree, "")
    assert governing(context, tree, "", "a/d") == ["", ""]
    with context.catalogue.view() as view:
        assert view.rules(tree.storage, record(context, tree, "").key) == CompiledAcl()


def test_rules_of_another_storage_are_not_found(context: Context, tree: StorageRecord) -> None:
    put(context, tree, "a/")
    other = add_storage(context, "Henk")
    with context.catalogue.view() as view:
        assert view.rules(other.storage, record(context, tree, "a/").key) == CompiledAcl()


def test_unreadable_rules_are_empty(context: Context, tree: StorageRecord, tmp_path: Path) -> None:
    put(context, tree, "a/")
    again = make_catalogue(tmp_path, keyring_of(context))
    again.write(lambda tx: tx.connection.exec_driver_sql("UPDATE rules SET sealed = x'00'"))
    with again.view() as view:
        assert view.rules(tree.storage, record(context, tree, "a/").key) == CompiledAcl()


@pytest.mark.parametrize("change", [put, drop])
def test_each_change_of_an_acl_makes_earlier_decisions_stale(
    context: Context, tree: StorageRecord, change: object
) -> None:
    with context.catalogue.view() as view:
        before = view.epochs(tree.storage)
    (put if change is put else drop)(context, tree, "a/")
    with context.catalogue.view() as view:
        after = view.epochs(tree.storage)
    assert (after.storage, after.server) == (before.storage + 1, before.server)


def test_deleting_a_resource_with_an_acl_makes_earlier_decisions_stale(
    context: Context, tree: StorageRecord
) -> None:
    put(context, tree, "e")
    before = _epoch(context, tree)
    subject = record(context, tree, "e")
    context.catalogue.write(lambda tx: tx.delete_resource(subject, GONE))
    assert _epoch(context, tree) == before + 1


def _epoch(context: Context, home: StorageRecord) -> int:
    with context.catalogue.view() as view:
        return view.epochs(home.storage).storage


def test_an_undone_change_of_rules_is_never_remembered(context: Context, tree: StorageRecord) -> None:
    subject = record(context, tree, "a/")

    def undone(tx: CatalogueTransaction) -> None:
        tx.put_rules(subject, OTHER)
        assert tx.rules(tree.storage, subject.key) == OTHER
        raise LookupError

    with pytest.raises(LookupError):
        context.catalogue.write(undone)
    put(context, tree, "a/", MINE)
    with context.catalogue.view() as view:
        assert view.rules(tree.storage, subject.key) == MINE


def test_rules_are_not_put_on_what_is_gone(context: Context, tree: StorageRecord) -> None:
    subject = record(context, tree, "e")
    context.catalogue.write(lambda tx: tx.delete_resource(subject, GONE))
    with pytest.raises(ConcurrentChange):
        context.catalogue.write(lambda tx: tx.put_rules(subject, MINE))


def test_every_acl_of_a_storage_is_listed_by_path_of_its_subject(
    context: Context, tree: StorageRecord
) -> None:
    for path in ("z", "b", "b.c"):
        add_resource(context, ResourceIdentifier(tree.storage, path), b"", MINE)
    with context.catalogue.view() as view:
        listed = view.own_acls(tree.storage)
    assert [acl.identifier.path for acl in listed] == ["b.acl", "b.c.acl", "z.acl"]
    assert listed[0].acl_key == record(context, tree, "b").key


def test_boundaries_are_replaced_as_a_whole(context: Context, tree: StorageRecord) -> None:
    context.catalogue.write(lambda tx: tx.put_boundaries(tree.storage, ["a/", "gone"]))
    context.catalogue.write(lambda tx: tx.put_boundaries(tree.storage, ["a/", "e", "e"]))
    with context.catalogue.view() as view:
        found = [view.is_boundary(ResourceIdentifier(tree.storage, path)) for path in ("a/", "e", "gone")]
    assert found == [True, True, False]
