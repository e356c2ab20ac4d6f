"""What the journal is told about one answered request, before it is sealed into the chain."""

from __future__ import annotations

from dataclasses import dataclass

from vault.model.identifiers import StorageId
from vault.model.modes import AccessMode
from vault.model.rules import RefusalReason


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a line takes away from earlier ones, when it is sealed.

    With `fields`: the values of these fields of line `first`, for a `reason` in one word. Without: all but the hashes of
    lines `first` to `last`, because their time is over.
    """

    first: int
    last: int
    fields: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One answered request of a person or app on a storage.

    `activity` is one word. Of people and apps: read, list, create, replace, change, delete, give, narrow, stop, stop-all,
    ask, refuse, withdraw, invite, redeem, meet, cancel, preview, announce, choose, relocate, consult-journal, checkpoint,
    sign-checkpoint, look-back, list-removed, put-back, bring-back, sign-in, register, add-passkey, remove-passkey,
    make-recovery-codes, use-recovery-code, use-recovery, cancel-recovery. Of the operator: redact, start-recovery,
    export-journal, export, import, erase, undo-erase, restore, resume, rewind, add-organisation, suspend-organisation,
    resume-organisation, remove-organisation. Of the owner too: confirm-team. Of the keeper: pause-team, gap, retention, public-reads, more and others (see `vault.journal.redaction` and
    `.fold`). The list is open: readers take a word that they do not know for "did something".
    `failed` says that it was allowed but nothing happened (a precondition, a conflict, bad input). `resource` is a URL;
    `absent` says that nothing was there: then `resource` is that of the nearest existing container. `count` is for how
    many equal requests the line stands, of which the time and trace id are those of the first.
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
    absent: bool = False
    count: int = 1
    redaction: Redaction | None = None


@dataclass(frozen=True, slots=True)
class PendingLine:
    """A line that a write kept in its own transaction; `id` is the row."""

    id: int
    entry: JournalEntry


@dataclass(frozen=True, slots=True)
class SealedLine:
    """A line of the chain: its number in the storage, its hash (32 bytes), and the line itself as JSON.

    The body is empty when only the hash was kept.
    """

    sequence: int
    hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class JournalHead:
    """The end of a storage's chain."""

    sequence: int
    hash: bytes
