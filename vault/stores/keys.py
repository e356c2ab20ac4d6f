"""The root key wraps one key per storage, and one of the server; small values and look-up hashes are made with them."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import Conflict, Unavailable
from vault.model.identifiers import StorageId
from vault.stores.files import create_file, make_folder, sync_folder

key_bytes = 32
hash_bytes = 16
max_unwrapped_keys = 4096
_nonce_bytes = 12
_tag_bytes = 16
_SERVER = "server"


@dataclass(frozen=True, slots=True)
class _Keys:
    """What is derived from one wrapped key, a key for each use."""

    values: AESGCM
    lookups: bytes = field(repr=False)
    objects: bytes = field(repr=False)


class Keyring:
    """The keys of this server: wrapped ones as files in a folder, unwrapped ones in bounded memory.

    Makes root key and server key at the first start; several processes may start at once.

    Raises:
        Unavailable: the root key is gone while keys wrapped with it are there, or it is not a key.
    """

    def __init__(self, folder: Path, root_key_file: Path) -> None:
        make_folder(folder)
        self._folder = folder
        self._root = AESGCM(_root_key(root_key_file, folder))
        self._find = lru_cache(max_unwrapped_keys)(self._unwrap)
        create_file(self._path(_SERVER), self._wrap(_SERVER))

    def create(self, storage: StorageId) -> None:
        """Make the key of a new storage, durable on return.

        Raises:
            Conflict: it has one already.
        """
        if not create_file(self._path(storage.value), self._wrap(storage.value)):
            raise Conflict("the storage has a key already")

    def has(self, storage: StorageId) -> bool:
        """Whether a storage has a key here."""
        return self._path(storage.value).exists()

    def destroy(self, storage: StorageId) -> None:
        """Destroy the key of a storage, durably, also when it is gone: what was encrypted with it is noise for ever."""
        path = self._path(storage.value)
        try:
            with path.open("r+b") as file:
                # Overwritten first: where a disk writes in place, nothing of it is left.
                file.write(os.urandom(_nonce_bytes + key_bytes + _tag_bytes))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except FileNotFoundError:
            pass
        sync_folder(self._folder)
        self._find.cache_clear()

    def storage_key(self, storage: StorageId) -> bytes:
        """The key from which the keys of a storage's objects are derived.

        Raises:
            Unavailable: the key is gone or not authentic.
        """
        return self._find(storage.value).objects

    def encrypt(self, storage: StorageId | None, label: str, plain: bytes) -> bytes:
        """Encrypt and authenticate a small value with the key of a storage or of the server."""
        nonce = os.urandom(_nonce_bytes)
        return nonce + self._keys(storage).values.encrypt(nonce, plain, label.encode())

    def decrypt(self, storage: StorageId | None, label: str, sealed: bytes) -> bytes:
        """Give the plain value back.

        Raises:
            Unavailable: it is not authentic, or the key is gone.
        """
        keys = self._keys(storage)
        try:
            return keys.values.decrypt(sealed[:_nonce_bytes], sealed[_nonce_bytes:], label.encode())
        except (InvalidTag, ValueError) as error:
            raise Unavailable("a kept value is not authentic") from error

    def lookup_hash(self, storage: StorageId | None, label: str, value: str) -> bytes:
        """Hash a value with a key, so that it is found without standing on disk."""
        return hmac.digest(self._keys(storage).lookups, f"{label}\0{value}".encode(), "sha256")[:hash_bytes]

    def _keys(self, storage: StorageId | None) -> _Keys:
        return self._find(_SERVER if storage is None else storage.value)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.key"

    def _wrap(self, name: str) -> bytes:
        nonce = os.urandom(_nonce_bytes)
        return nonce + self._root.encrypt(nonce, os.urandom(key_bytes), name.encode())

    def _unwrap(self, name: str) -> _Keys:
        try:
            wrapped = self._path(name).read_bytes()
            key = self._root.decrypt(wrapped[:_nonce_bytes], wrapped[_nonce_bytes:], name.encode())
        except (OSError, InvalidTag, ValueError) as error:
            raise Unavailable("a key cannot be read") from error
        return _Keys(AESGCM(_derive(key, b"values")), _derive(key, b"lookups"), _derive(key, b"objects"))


def _derive(key: bytes, use: bytes) -> bytes:
    return hmac.digest(key, b"wijkkluis " + use, "sha256")


def _root_key(path: Path, wrapped: Path) -> bytes:
    if not path.exists():
        if any(wrapped.glob("*.key")):
            raise Unavailable("the root key is missing, and keys wrapped with it are there")
        make_folder(path.parent)
        create_file(path, os.urandom(key_bytes))
    key = path.read_bytes()
    if len(key) != key_bytes:
        raise Unavailable("the root key file holds no key")
    return key
