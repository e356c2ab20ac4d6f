"""Names of new members, and paths that nobody may take."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.vaults import add_resource, add_storage, make_context
from vault.context import Context
from vault.errors import Conflict, InvalidIdentifier
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.operations.create import check_creatable, is_reserved, missing_containers, name_member


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A vault."""
    return make_context(tmp_path)


@pytest.fixture
def storage(context: Context) -> StorageId:
    """A storage with `a/` and a document `a/taken`."""
    made = add_storage(context).storage
    add_resource(context, ResourceIdentifier(made, "a/taken"), b"")
    return made


def name(
    context: Context, storage: StorageId, wish: str | None, *ids: str, is_container: bool = False
) -> str:
    """The path of a new member of `a/`."""
    made: Iterator[str] = iter(ids or ("nieuw",))
    with context.catalogue.view() as view:
        container = ResourceIdentifier(storage, "a/")
        return name_member(view, container, wish, lambda: next(made), is_container=is_container).path


@pytest.mark.requirement("protocol", "server-post-uri-assignment")
@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("brief.ttl", "a/brief.ttl"),
        ("Mijn%20brief", "a/Mijn-brief"),
        ("x/../y", "a/x-..-y"),
        ("../..", "a/nieuw"),
        ("taken", "a/nieuw"),
        ("x.acl", "a/nieuw"),
        (".well-known", "a/well-known"),
        ("%2Eacl", "a/acl"),
        (None, "a/nieuw"),
        ("a" * 300, "a/" + "a" * 100),
    ],
)
def test_a_wish_is_tidied_and_followed_when_it_can_be(
    context: Context, storage: StorageId, wish: str | None, expected: str
) -> None:
    assert name(context, storage, wish) == expected


@pytest.mark.requirement("protocol", "server-uri-trailing-slash-distinct")
def test_a_name_in_the_other_slash_form_is_taken_too(context: Context, storage: StorageId) -> None:
    assert name(context, storage, "taken", is_container=True) == "a/nieuw/"
    assert name(context, storage, "vrij", is_container=True) == "a/vrij/"


def test_no_random_name_looks_like_a_citizen_service_number(context: Context, storage: StorageId) -> None:
    assert name(context, storage, None, "b999990007", "goed") == "a/goed"


@pytest.mark.requirement("protocol", "server-auxiliary-resources-management")
@pytest.mark.parametrize("reserved", ["x.acl", ".acl", "x.meta", ".well-known", "x%2Eacl", "x.ac%6C"])
def test_some_names_are_reserved(context: Context, storage: StorageId, reserved: str) -> None:
    assert is_reserved(reserved)
    with context.catalogue.view() as view, pytest.raises(InvalidIdentifier):
        check_creatable(view, ResourceIdentifier(storage, f"b/{reserved}/c"))


@pytest.mark.requirement("protocol", "server-uri-trailing-slash-distinct")
@pytest.mark.parametrize("path", ["a/taken/", "a/taken/b", "a/taken/b/c/", "a"])
def test_a_document_is_no_container_and_a_container_no_document(
    context: Context, storage: StorageId, path: str
) -> None:
    with context.catalogue.view() as view, pytest.raises(Conflict):
        check_creatable(view, ResourceIdentifier(storage, path))


@pytest.mark.requirement("protocol", "server-put-patch-intermediate-containers")
def test_missing_containers_are_found_outermost_first(context: Context, storage: StorageId) -> None:
    with context.catalogue.view() as view:
        found = missing_containers(view, ResourceIdentifier(storage, "a/b/c/d"))
    assert [container.path for container in found] == ["a/b/", "a/b/c/"]
