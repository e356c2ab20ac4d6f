"""Checkpoints: the signed state of all journals of a server at once (`kluis.example/ns/toegang#Checkpoint`).

Who gets one sees her own leaf and hashes of others, each with a random salt of its own, so nothing of anybody else.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from vault.errors import Unavailable
from vault.journal.lines import canonical, hash_text, moment_text, new_salt, read_hash
from vault.journal.merkle import leaf_hash, path_to_root, root_of_path, tree_root
from vault.model.identifiers import StorageId
from vault.stores.files import create_file
from vault.stores.ports import CatalogueReader

logger = logging.getLogger(__name__)
TYPE = "Checkpoint"
_SIGNED_WITH = "ed25519:"


@dataclass(frozen=True, slots=True)
class Leaf:
    """The state of one journal: its last line's number, epoch and hash (written)."""

    storage: str
    sequence: int
    epoch: int
    head: str
    salt: str

    def hash(self) -> bytes:
        """Its hash as a leaf of the tree."""
        return leaf_hash(canonical(self.as_json()))

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as the owner of a storage gets it: her leaf and the siblings up to the root, all hashes written."""

    time: str
    tree_size: int
    root: str
    signature: str
    leaf: Leaf
    leaf_index: int
    path: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "type": TYPE,
            "time": self.time,
            "treeSize": self.tree_size,
            "root": self.root,
            "signature": self.signature,
            "leaf": self.leaf.as_json(),
            "leafIndex": self.leaf_index,
            "path": list(self.path),
        }

    def leads_to_root(self) -> bool:
        """Whether the leaf is in the tree that the root stands for."""
        siblings = [read_hash(sibling) for sibling in self.path]
        found = root_of_path(self.leaf.hash(), self.leaf_index, self.tree_size, siblings)
        return found is not None and hash_text(found) == self.root

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the holder of the key signed time, size and root."""
        try:
            signature = bytes.fromhex(self.signature.removeprefix(_SIGNED_WITH))
            key.verify(signature, _signed_part(self.time, self.tree_size, self.root))
        except (ValueError, InvalidSignature):
            return False
        return self.signature == _SIGNED_WITH + signature.hex()


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs checkpoints."""

    key: Ed25519PrivateKey = field(repr=False)

    @property
    def public_pem(self) -> bytes:
        """What everybody may have, to check signatures with (PEM)."""
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, time: str, tree_size: int, root: str) -> str:
        """The written signature over what a checkpoint says of the whole tree."""
        return _SIGNED_WITH + self.key.sign(_signed_part(time, tree_size, root)).hex()


def read_checkpoint(document: Any) -> Checkpoint:
    """Read a checkpoint as `Checkpoint.as_json` gives it.

    Raises:
        ValueError: it is none.
    """
    try:
        leaf = Leaf(**document["leaf"])
        found = Checkpoint(
            document["time"],
            document["treeSize"],
            document["root"],
            document["signature"],
            leaf,
            document["leafIndex"],
            tuple(document["path"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a checkpoint with a leaf") from error
    _check_types(found)
    return found


def make_checkpoint(view: CatalogueReader, base_url: str, time_ms: int, signer: Signer) -> bytes | None:
    """Sign the state of all journals in one view; the document holds every leaf. None when there are no storages.

    A journal that cannot be read is left out: the checkpoint before stands for it, and the others are not kept waiting.
    """
    found = [_leaf_of(view, base_url, storage, epoch) for storage, epoch in view.storage_epochs()]
    leaves = [leaf for leaf in found if leaf is not None]
    if len(leaves) < len(found):
        logger.error("journals are left out of a checkpoint", extra={"count": len(found) - len(leaves)})
    if not leaves:
        return None
    time, root = moment_text(time_ms), hash_text(tree_root([leaf.hash() for leaf in leaves]))
    document = {
        "time": time,
        "root": root,
        "signature": signer.sign(time, len(leaves), root),
        "leaves": [leaf.as_json() for leaf in leaves],
    }
    return json.dumps(document, separators=(",", ":")).encode()


def checkpoint_for(document: bytes, storage: str) -> Checkpoint | None:
    """What the owner of a storage (its URL) may see of a kept checkpoint; None when it is older than the storage."""
    kept = json.loads(document)
    leaves = [Leaf(**leaf) for leaf in kept["leaves"]]
    index = next((at for at, leaf in enumerate(leaves) if leaf.storage == storage), None)
    if index is None:
        return None
    siblings = path_to_root([leaf.hash() for leaf in leaves], index)
    return Checkpoint(
        kept["time"],
        len(leaves),
        kept["root"],
        kept["signature"],
        leaves[index],
        index,
        tuple(hash_text(sibling) for sibling in siblings),
    )


def open_signer(path: Path) -> Signer:
    """Open the key that signs checkpoints, made at first; only its owner may read the file.

    Raises:
        ValueError: the file holds no such key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = Ed25519PrivateKey.generate()
        create_file(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return Signer(key)


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """Read a key to check signatures with.

    Raises:
        ValueError: it is none.
    """
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


def _leaf_of(view: CatalogueReader, base_url: str, storage: StorageId, epoch: int) -> Leaf | None:
    head = view.journal_head(storage)
    try:
        for line in view.sealed_lines(storage, first=head.sequence, last=head.sequence, whole_only=True):
            epoch = json.loads(line.body)["epoch"]
    except Unavailable:
        return None
    url = f"{base_url}{storage}/"
    return Leaf(url, head.sequence, epoch, hash_text(head.hash), new_salt())


def _signed_part(time: str, tree_size: int, root: str) -> bytes:
    return canonical({"time": time, "treeSize": tree_size, "root": root})


def _check_types(found: Checkpoint) -> None:
    texts = (found.time, found.signature, found.leaf.storage, found.leaf.salt)
    numbers = (found.tree_size, found.leaf_index, found.leaf.sequence, found.leaf.epoch)
    if not all(isinstance(text, str) for text in texts) or not all(type(n) is int for n in numbers):
        raise ValueError("not a checkpoint with a leaf")
    for text in (found.root, found.leaf.head, *found.path):
        read_hash(text)
