"""What the journal is told about one answered request, before it is sealed into the chain."""

from __future__ import annotations

from dataclasses import dataclass

from vault.model.identifiers import StorageId
from vault.model.modes import AccessMode
from vault.model.rules import RefusalReason


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One answered request of a person or app on a storage.

    `activity` is one word: read, list, create, replace, delete, give, narrow, stop, stop-all, ask, refuse, withdraw,
    invite, redeem, meet, cancel, preview, announce, choose, relocate, consult-journal, checkpoint, sign-in, register.
    `failed` says that it was allowed but nothing happened (a precondition, a conflict, bad input).
    """

    storage: StorageId
    time_ms: int
    epoch: int
    trace_id: str
    activity: str
    resource: str
    mode: AccessMode
    agent: str | None = None
    client: str | None = None
    issuer: str | None = None
    organisation: str | None = None
    refusal: RefusalReason | None = None
    authorization: str | None = None
    grant: str | None = None
    purpose: str | None = None
    legal_basis: str | None = None
    failed: bool = False
    count: int = 1
