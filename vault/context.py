"""The ports and sources that a part of the vault works with, bundled once by the wiring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vault.journal.public_reads import PublicReads
from vault.lanes import Lanes
from vault.model.identifiers import IdSource
from vault.model.limits import VaultLimits
from vault.model.moments import Clock
from vault.stores.ports import Catalogue, DocumentStore, Intake


@dataclass(frozen=True, slots=True)
class Context:
    """What the vault needs of the outside. `base_url` and `issuer_url` end in a slash and never change.

    `has_room` says whether the disk takes more of what people store; access changes and the journal do not ask.
    """

    base_url: str
    issuer_url: str
    catalogue: Catalogue
    documents: DocumentStore
    intake: Intake
    clock: Clock
    new_id: IdSource
    limits: VaultLimits = field(default_factory=VaultLimits)
    has_room: Callable[[], bool] = lambda: True
    lanes: Lanes = field(default_factory=Lanes)
    public_reads: PublicReads = field(default_factory=PublicReads)
