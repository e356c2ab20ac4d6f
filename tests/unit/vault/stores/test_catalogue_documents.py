"""Documents of services: compared by version, found by storage, party or code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.vaults import add_storage
from vault.context import Context
from vault.errors import ConcurrentChange
from vault.model.records import DocumentKind, ServiceDocument, StorageRecord

BOB = "https://bob.example/#me"
REQUEST, MEETING = DocumentKind.REQUEST, DocumentKind.MEETING


def document(home: StorageRecord, id_: str = "first", kind: DocumentKind = REQUEST) -> ServiceDocument:
    """The first version of a document that concerns Bob."""
    return ServiceDocument(home.storage, kind, id_, 1, "Waiting", BOB, b'{"a":\n1}', 5)


def put(context: Context, new: ServiceDocument, code: str | None = None) -> None:
    """Keep one document."""
    context.catalogue.write(lambda tx: tx.put_document(new, code))


@pytest.mark.parametrize("party", [BOB, None])
def test_a_document_comes_back(context: Context, home: StorageRecord, party: str | None) -> None:
    kept = replace(document(home), party=party)
    put(context, kept)
    with context.catalogue.view() as view:
        assert view.find_document(home.storage, REQUEST, "first") == kept
        assert view.find_document(home.storage, MEETING, "first") is None
        assert view.find_document(home.storage, REQUEST, "second") is None


def test_the_next_version_replaces_it(context: Context, home: StorageRecord) -> None:
    put(context, document(home))
    second = replace(document(home), version=2, status="Refused", body=b"{}", party=None, time_ms=9)
    put(context, second)
    with context.catalogue.view() as view:
        assert view.documents(home.storage, REQUEST) == [second]
        assert view.documents(home.storage, REQUEST, BOB) == []


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_that_does_not_follow_is_refused(
    context: Context, home: StorageRecord, version: int
) -> None:
    put(context, document(home))
    with pytest.raises(ConcurrentChange):
        put(context, replace(document(home), version=version, status="Refused"))


def test_documents_are_listed_oldest_first_by_kind_and_party(context: Context, home: StorageRecord) -> None:
    ids = ["c", "a", "b"]
    for id_ in ids:
        put(context, document(home, id_))
    put(context, replace(document(home, "d"), party="https://carol.example/#me"))
    put(context, document(home, "e", MEETING))
    put(context, replace(document(home, "c"), version=2))
    with context.catalogue.view() as view:
        assert [d.id for d in view.documents(home.storage, REQUEST)] == [*ids, "d"]
        assert [d.id for d in view.documents(home.storage, REQUEST, BOB)] == ids


def test_a_party_is_found_over_all_storages(context: Context, home: StorageRecord) -> None:
    other = add_storage(context, "Henk")
    put(context, document(other, "a", MEETING))
    put(context, document(home, "b", MEETING))
    put(context, document(home, "c"))
    put(context, replace(document(home, "d", MEETING), party=None))
    with context.catalogue.view() as view:
        assert [d.id for d in view.documents_of_party(MEETING, BOB)] == ["a", "b"]
        assert view.documents_of_party(MEETING, "https://carol.example/#me") == []


def test_an_invitation_is_found_by_its_code_also_after_a_change(
    context: Context, home: StorageRecord
) -> None:
    put(context, document(home, kind=DocumentKind.INVITATION), "ABCD2345")
    used = replace(document(home, kind=DocumentKind.INVITATION), version=2, status="Used")
    put(context, used)
    with context.catalogue.view() as view:
        assert view.find_code("ABCD2345") == used
        assert view.find_code("ABCD2346") is None


def test_two_invitations_never_share_a_code(context: Context, home: StorageRecord) -> None:
    put(context, document(home, "a", DocumentKind.INVITATION), "ABCD2345")
    with pytest.raises(ConcurrentChange):
        put(context, document(home, "b", DocumentKind.INVITATION), "ABCD2345")
