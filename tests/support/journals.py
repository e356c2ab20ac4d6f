"""Journals for tests: entries, sealed lines, exports and checkpoints, made without a server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.journal.backlog import Backlog
from vault.journal.checkpoints import Checkpoint, Leaf, Signer
from vault.journal.export import HEADER, write_export
from vault.journal.intake import IntakeFile
from vault.journal.lines import Line, hash_text, moment_text, new_salt, no_hash, seal_drafts
from vault.journal.merkle import path_to_root, tree_root
from vault.model.identifiers import StorageId, random_id
from vault.model.journal import JournalEntry, JournalHead, SealedLine
from vault.model.limits import VaultLimits
from vault.model.modes import AccessMode
from vault.model.moments import Clock
from vault.stores.ports import Cipher

STORAGE = StorageId("ncsv6x3mmnsnut6x")
STORAGE_URL = f"https://vault.example/{STORAGE}/"
WORKER = "https://organisaties.example/a6ru6ku4wxa33b68/profiel/card#me"
NOON_MS = 1_790_000_000_000
START = JournalHead(0, no_hash)


def entry(storage: StorageId = STORAGE, **changes: Any) -> JournalEntry:
    """A worker reads a plan, but for what is given."""
    values: dict[str, Any] = {
        "storage": storage,
        "time_ms": NOON_MS,
        "epoch": 1,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "activity": "read",
        "resource": f"https://vault.example/{storage}/plannen/plan",
        "mode": AccessMode.READ,
        "agent": WORKER,
        "client": "https://app.example/id",
        "issuer": "https://organisaties.example/",
    }
    return JournalEntry(**values | changes)


def sealed(drafts: Sequence[Line]) -> list[SealedLine]:
    """Drafts as the beginning of a chain."""
    return list(seal_drafts(drafts, START))


def make_signer() -> Signer:
    """A key that nobody else has."""
    return Signer(Ed25519PrivateKey.generate())


def checkpoint_of(
    lines: Sequence[SealedLine], signer: Signer, *, epoch: int = 1, storages: int = 3
) -> Checkpoint:
    """A signed checkpoint of these lines, the second leaf among those of other storages."""
    head = lines[-1] if lines else None
    sequence, hash_ = (head.sequence, head.hash) if head else (0, no_hash)
    leaves = [
        Leaf(f"https://vault.example/{n}/", n, 1, hash_text(no_hash), new_salt()) for n in range(storages)
    ]
    leaves[1] = Leaf(STORAGE_URL, sequence, epoch, hash_text(hash_), new_salt())
    hashes = [leaf.hash() for leaf in leaves]
    time, root = moment_text(NOON_MS), hash_text(tree_root(hashes))
    path = tuple(hash_text(sibling) for sibling in path_to_root(hashes, 1))
    return Checkpoint(time, storages, root, signer.sign(time, storages, root), leaves[1], 1, path)


def export_of(lines: Sequence[SealedLine], checkpoint: Checkpoint | None = None) -> bytes:
    """An export of these lines."""
    header = {"type": HEADER, "format": 1, "storage": STORAGE_URL, "time": moment_text(NOON_MS)}
    return b"".join(write_export(header, lines, checkpoint))


def make_intake(
    folder: Path,
    cipher: Cipher,
    clock: Clock,
    heartbeat: Path,
    max_bytes: int = VaultLimits().max_intake_bytes,
) -> IntakeFile:
    """A worker's intake."""
    return IntakeFile(folder, cipher, random_id, Backlog(folder, heartbeat, clock, max_bytes))
