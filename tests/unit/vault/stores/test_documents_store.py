"""Revisions are encrypted objects, bound to what they are a revision of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.vaults import make_keyring
from vault.errors import Unavailable
from vault.model.identifiers import StorageId, random_id
from vault.model.records import StoredObject
from vault.model.representation import Span
from vault.stores.documents import EncryptedDocuments
from vault.stores.objects_memory import MemoryStore

STORAGE = StorageId("abcdefghjkmnpqrs")


@pytest.fixture
def objects() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def documents(tmp_path: Path, objects: MemoryStore) -> EncryptedDocuments:
    keyring = make_keyring(tmp_path)
    keyring.create(STORAGE)
    return EncryptedDocuments(keyring, objects, random_id)


def test_bytes_come_back_and_their_size_and_hash_are_known(documents: EncryptedDocuments) -> None:
    stored = documents.write(STORAGE, "resource", "revision", (b"hello ", b"world"))
    assert (stored.size, stored.sha256) == (11, hashlib.sha256(b"hello world").digest())
    assert b"".join(documents.read(STORAGE, "resource", "revision", stored)) == b"hello world"


def test_a_stretch_of_the_bytes_can_be_had_alone(documents: EncryptedDocuments) -> None:
    stored = documents.write(STORAGE, "resource", "revision", (b"hello ", b"world"))
    assert b"".join(documents.read(STORAGE, "resource", "revision", stored, Span(4, 3))) == b"o w"


def test_the_store_never_sees_the_text(documents: EncryptedDocuments, objects: MemoryStore) -> None:
    stored = documents.write(STORAGE, "resource", "revision", (b"hello world",))
    assert b"hello" not in b"".join(objects.get(stored.key))


def test_an_object_does_not_open_as_another_revision(documents: EncryptedDocuments) -> None:
    stored = documents.write(STORAGE, "resource", "revision", (b"hello",))
    with pytest.raises(Unavailable):
        b"".join(documents.read(STORAGE, "resource", "later", stored))


def test_a_missing_object_is_unavailable(documents: EncryptedDocuments) -> None:
    with pytest.raises(Unavailable):
        b"".join(documents.read(STORAGE, "resource", "revision", StoredObject("gone", 1, bytes(32))))


def test_an_upload_that_is_cut_leaves_nothing(documents: EncryptedDocuments, objects: MemoryStore) -> None:
    def cut() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        documents.write(STORAGE, "resource", "revision", cut())
    assert list(objects.keys()) == []
