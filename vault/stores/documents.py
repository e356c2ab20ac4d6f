"""Revisions of resources as encrypted objects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from vault.errors import Unavailable
from vault.model.identifiers import IdSource, StorageId
from vault.model.records import StoredObject
from vault.model.representation import Span
from vault.stores.encryption import ObjectBinding, seal, unseal, unseal_span
from vault.stores.ports import ObjectStore


class StorageKeys(Protocol):
    """Where the keys of storages come from."""

    def storage_key(self, storage: StorageId) -> bytes:
        """The key from which the keys of a storage's objects are derived."""


@dataclass(slots=True)
class _Measure:
    """Size and hash of what passes by."""

    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.size += len(chunk)
            self.digest.update(chunk)
            yield chunk


@dataclass(frozen=True, slots=True)
class EncryptedDocuments:
    """Encrypts on the way to an object store, and decrypts on the way back; each object has a key of its own."""

    keyring: StorageKeys
    objects: ObjectStore
    new_id: IdSource

    def write(
        self, storage: StorageId, resource_key: str, revision: str, chunks: Iterable[bytes]
    ) -> StoredObject:
        """Keep a revision's bytes, bound to storage, resource and revision; durable on return.

        What `chunks` raises passes on, and then nothing is kept.
        """
        binding = ObjectBinding(self.keyring.storage_key(storage), storage, resource_key, revision)
        key, measure = self.new_id(), _Measure()
        self.objects.put(key, seal(binding, measure.passing(chunks)))
        return StoredObject(key, measure.size, measure.digest.digest())

    def read(
        self,
        storage: StorageId,
        resource_key: str,
        revision: str,
        stored: StoredObject,
        span: Span | None = None,
    ) -> Iterator[bytes]:
        """Give the plain bytes, or a stretch of them, in chunks, each authenticated.

        Raises:
            Unavailable: the object is gone or not authentic.
        """
        binding = ObjectBinding(self.keyring.storage_key(storage), storage, resource_key, revision)
        get = partial(self.objects.get, stored.key)
        try:
            if span is None:
                yield from unseal(binding, get())
            else:
                yield from unseal_span(binding, get, stored.size, span)
        except KeyError as error:
            raise Unavailable("an object is missing") from error
