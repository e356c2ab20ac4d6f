"""A new storage: what is in it, who may what, and that nothing is there before its transaction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.vaults import keyring_of, make_context
from vault.access.compile import compile_acl
from vault.context import Context
from vault.errors import Conflict
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.limits import VaultLimits
from vault.model.modes import ALL_MODES, AccessMode
from vault.operations.provision import PreparedStorage, create_storage, prepare_storage
from vault.operations.read import own_triples
from vocab.concepts import fixed_containers


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A vault without any storage."""
    return make_context(tmp_path)


@pytest.fixture
def prepared(context: Context) -> PreparedStorage:
    """A storage that is ready to be."""
    return prepare_storage(context, StorageId(context.new_id()), "Samira", keyring_of(context).create)


def test_nothing_is_there_before_the_transaction(context: Context, prepared: PreparedStorage) -> None:
    with context.catalogue.view() as view:
        assert view.find_storage(prepared.record.storage) is None
        assert list(view.storages()) == []


@pytest.mark.requirement("protocol", "server-storage-track-owner")
def test_the_owner_is_named_by_her_card_and_this_issuer(context: Context, prepared: PreparedStorage) -> None:
    record = prepared.record
    assert record.owner == f"{context.base_url}{record.storage}/profiel/card#me"
    assert (record.issuer, record.name) == (context.issuer_url, "Samira")


@pytest.mark.requirement("protocol", "server-storage")
def test_every_vault_has_the_same_containers(context: Context, prepared: PreparedStorage) -> None:
    context.catalogue.write(lambda tx: create_storage(tx, prepared))
    with context.catalogue.view() as view:
        root = view.find_resource(ResourceIdentifier(prepared.record.storage, ""))
        assert root is not None
        paths = {record.identifier.path for record in view.descendants(root)}
    assert paths == {container.path for container in fixed_containers()} | {"profiel/card"}
    assert len(paths) == 30


@pytest.mark.requirement("wac", "server-root-container-acl-authorization-control")
def test_the_rules_are_those_of_the_graphs(context: Context, prepared: PreparedStorage) -> None:
    context.catalogue.write(lambda tx: create_storage(tx, prepared))
    with context.catalogue.view() as view:
        for acl in view.own_acls(prepared.record.storage):
            subject = view.find_resource(acl.identifier.subject)
            assert subject is not None
            assert subject.has_own_acl
            rules = view.rules(prepared.record.storage, subject.key)
            url = subject.identifier.url(context.base_url)
            written = compile_acl(own_triples(context, acl), url)
            assert set(written.access_to) == set(rules.access_to)
            assert set(written.default) == set(rules.default)
            assert acl.agent is None


@pytest.mark.requirement("protocol", "server-storage")
@pytest.mark.requirement("wac", "server-root-container-acl-authorization-control")
def test_for_what_the_vault_makes_itself_there_is_room_where_nobody_else_has_any(context: Context) -> None:
    full = replace(context, limits=VaultLimits(quota_bytes=0, grantee_quota_bytes=0))
    made = prepare_storage(full, StorageId(full.new_id()), "Samira", keyring_of(full).create)
    full.catalogue.write(lambda tx: create_storage(tx, made))
    with full.catalogue.view() as view:
        for identifier in (ResourceIdentifier(made.record.storage, path) for path in ("", "profiel/card")):
            assert view.find_resource(identifier) is not None
            assert view.find_resource(identifier.acl) is not None
    assert {resource.new.limits for resource in made.resources} == {None}


@pytest.mark.requirement("wac", "server-read-operation")
def test_only_the_card_is_public_and_only_to_be_read(context: Context, prepared: PreparedStorage) -> None:
    acls = {r.identifier.path: r.acl.compiled for r in prepared.resources if r.acl is not None}
    assert set(acls) == {"", "profiel/card"}
    (own,) = acls[""].access_to
    assert (own.agents, own.modes, own.everyone) == (frozenset({prepared.record.owner}), ALL_MODES, False)
    assert acls[""].default == (own,)
    public = [rule for rule in acls["profiel/card"].access_to if rule.everyone]
    assert [rule.modes for rule in public] == [frozenset({AccessMode.READ})]
    assert acls["profiel/card"].default == ()


@pytest.mark.requirement("protocol", "server-storage")
def test_a_storage_comes_to_be_once_and_whole(context: Context, prepared: PreparedStorage) -> None:
    context.catalogue.write(lambda tx: create_storage(tx, prepared))
    with pytest.raises(Conflict):
        context.catalogue.write(lambda tx: create_storage(tx, prepared))
