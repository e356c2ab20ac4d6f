"""Groups in the catalogue: members are found by index, count only while an ACL names the group, and move the epochs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.vaults import add_resource, add_storage, make_catalogue, make_keyring
from vault.context import Context
from vault.model.groups import Group
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import ALL_MODES
from vault.model.records import NewRevision, Removal, ResourceRecord, StorageRecord
from vault.model.rules import ClientCondition, CompiledAcl, IssuerCondition, Rule
from vault.stores.ports import CatalogueTransaction

ALICE = "https://alice.example/#me"
GROUP = "https://vault.example/x/team#team"
REMOTE = "https://groups.example/#team"


def naming(*groups: str) -> CompiledAcl:
    """An ACL that names groups."""
    return CompiledAcl((Rule("#g", ALL_MODES, groups=frozenset(groups)),))


def describe(context: Context, document: ResourceRecord, *groups: Group) -> None:
    """Write a document that describes groups."""
    new = NewRevision(context.new_id(), "text/turtle", None, None, 1, groups=groups)

    def change(tx: CatalogueTransaction) -> None:
        current = tx.find_resource(document.identifier)
        assert current is not None
        tx.replace_resource(current, new)

    context.catalogue.write(change)


def is_member(context: Context, group: str = GROUP, who: str = ALICE) -> bool:
    with context.catalogue.view() as view:
        return view.is_member(group, who)


def server_epoch(context: Context) -> int:
    with context.catalogue.view() as view:
        return view.server_epoch()


@pytest.fixture
def document(context: Context, home: StorageRecord) -> ResourceRecord:
    return add_resource(context, ResourceIdentifier(home.storage, "team"), b"")


@pytest.fixture
def subject(context: Context, home: StorageRecord) -> ResourceRecord:
    return add_resource(context, ResourceIdentifier(home.storage, "plan"), b"", CompiledAcl())


def put(context: Context, subject: ResourceRecord, *groups: str) -> None:
    context.catalogue.write(lambda tx: tx.put_rules(subject, naming(*groups)))


def test_members_count_only_while_an_acl_names_the_group(
    context: Context, document: ResourceRecord, subject: ResourceRecord
) -> None:
    describe(context, document, Group(GROUP, frozenset({ALICE})))
    assert not is_member(context)
    put(context, subject, GROUP)
    assert is_member(context)
    assert not is_member(context, who="https://bob.example/#me")
    assert not is_member(context, group=REMOTE)
    put(context, subject)
    assert not is_member(context)


def test_a_group_is_named_in_rules_and_in_conditions(context: Context, home: StorageRecord) -> None:
    conditions = (
        ClientCondition(frozenset(), frozenset({"https://c.example/#c"})),
        IssuerCondition(frozenset(), frozenset({"https://i.example/#i"})),
    )
    rule = Rule("#g", ALL_MODES, groups=frozenset({GROUP}), conditions=conditions)
    add_resource(context, ResourceIdentifier(home.storage, "plan"), b"", CompiledAcl((), (rule,)))
    with context.catalogue.view() as view:
        assert view.named_groups(home.storage) == {GROUP, "https://c.example/#c", "https://i.example/#i"}
        assert view.named_groups() == view.named_groups(home.storage)
        assert view.names_group_document("https://vault.example/x/team")
        assert view.names_group_document("https://i.example/")
        assert not view.names_group_document("https://vault.example/x/")


def test_groups_are_told_apart_by_storage(
    context: Context, home: StorageRecord, subject: ResourceRecord
) -> None:
    other = add_storage(context)
    put(context, subject, GROUP)
    with context.catalogue.view() as view:
        assert view.named_groups(other.storage) == frozenset()
        assert view.named_groups() == {GROUP}


def test_what_a_storage_without_a_key_named_is_gone(
    context: Context, home: StorageRecord, subject: ResourceRecord, tmp_path: Path
) -> None:
    put(context, subject, GROUP)
    (key,) = (tmp_path / "keys").glob(f"*{home.storage}*")
    key.unlink()
    with make_catalogue(tmp_path, make_keyring(tmp_path)).view() as view:
        assert view.named_groups() == frozenset()


def test_the_epoch_of_the_server_moves_when_members_of_a_named_group_do(
    context: Context, document: ResourceRecord, subject: ResourceRecord
) -> None:
    before = server_epoch(context)
    describe(context, document, Group(GROUP, frozenset({ALICE})))
    assert server_epoch(context) == before
    put(context, subject, GROUP)
    named = server_epoch(context)
    assert named > before
    put(context, subject, GROUP)
    describe(context, document, Group(GROUP, frozenset({ALICE})))
    assert server_epoch(context) == named
    describe(context, document)
    assert server_epoch(context) > named


def test_removing_a_document_empties_its_groups(
    context: Context, document: ResourceRecord, subject: ResourceRecord
) -> None:
    put(context, subject, GROUP)
    describe(context, document, Group(GROUP, frozenset({ALICE})))
    before = server_epoch(context)

    def remove(tx: CatalogueTransaction) -> None:
        current = tx.find_resource(document.identifier)
        assert current is not None
        tx.delete_resource(current, Removal(None, 1))

    context.catalogue.write(remove)
    assert not is_member(context)
    assert server_epoch(context) > before


@pytest.mark.parametrize("way", ["drop", "delete"])
def test_an_acl_that_goes_names_nothing(context: Context, subject: ResourceRecord, way: str) -> None:
    put(context, subject, GROUP)
    context.catalogue.write(
        lambda tx: tx.drop_rules(subject) if way == "drop" else tx.delete_resource(subject, Removal(None, 1))
    )
    with context.catalogue.view() as view:
        assert not view.names_group_document("https://vault.example/x/team")


def test_a_fetched_group_is_kept_and_moves_the_epoch_when_it_differs(
    context: Context, subject: ResourceRecord
) -> None:
    put(context, subject, REMOTE)
    group = Group(REMOTE, frozenset({ALICE}))
    before = server_epoch(context)
    context.catalogue.write(lambda tx: tx.put_group(group, 10))
    changed = server_epoch(context)
    context.catalogue.write(lambda tx: tx.put_group(group, 20))
    context.catalogue.write(lambda tx: tx.put_group(Group(REMOTE, frozenset()), 15))
    assert (changed > before, server_epoch(context)) == (True, changed)
    assert is_member(context, REMOTE)
    with context.catalogue.view() as view:
        assert view.group_fetched_at(REMOTE) == 20
        assert view.group_fetched_at(GROUP) is None


def test_a_group_that_nobody_names_is_not_kept(context: Context, subject: ResourceRecord) -> None:
    context.catalogue.write(lambda tx: tx.put_group(Group(REMOTE, frozenset({ALICE})), 10))
    put(context, subject, REMOTE)
    assert not is_member(context, REMOTE)


def test_rules_that_change_where_a_group_rests_move_the_epoch_of_who_names_it_elsewhere(
    context: Context, document: ResourceRecord, home: StorageRecord
) -> None:
    describe(context, document, Group(GROUP, frozenset({ALICE})))
    own = server_epoch(context)
    put(context, document, GROUP)
    own = server_epoch(context)
    put(context, document, GROUP)
    assert server_epoch(context) == own
    other = add_storage(context)
    add_resource(context, ResourceIdentifier(other.storage, "plan"), b"", naming(GROUP))
    elsewhere = server_epoch(context)
    put(context, document, GROUP)
    assert server_epoch(context) > elsewhere


def test_rules_say_who_wrote_their_acl(
    context: Context, home: StorageRecord, subject: ResourceRecord
) -> None:
    def write(tx: CatalogueTransaction) -> None:
        acl = tx.find_resource(subject.identifier.acl)
        assert acl is not None
        tx.replace_resource(acl, NewRevision(context.new_id(), "text/turtle", None, ALICE, 1))
        tx.put_rules(subject, naming())

    context.catalogue.write(write)
    with context.catalogue.view() as view:
        assert view.rules(home.storage, subject.key).writer == ALICE
    told = replace(naming(), writer="https://carol.example/#me")
    context.catalogue.write(lambda tx: tx.put_rules(subject, told))
    with context.catalogue.view() as view:
        assert view.rules(home.storage, subject.key) == told
