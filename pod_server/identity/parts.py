"""What the identity application works with, bundled once by the wiring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pod_server.authentication.issuers import Fetch
from pod_server.authentication.replay import ReplayStore
from pod_server.settings import Settings
from vault.context import Context
from vault.model.identifiers import StorageId
from vault.model.moments import Clock
from vault.stores.ports import CatalogueTransaction, Cipher
from vault.stores.sqlite import Database

Provision = Callable[[StorageId, str], Callable[[CatalogueTransaction], None]]


@dataclass(frozen=True, slots=True)
class IdentityParts:
    """Ports and sources of the identity application.

    `provision` makes the key and the documents of a new storage for somebody of that name, and gives what then creates
    the storage in a transaction. `fetch` gets documents of other servers, guarded.
    """

    context: Context
    database: Database
    cipher: Cipher
    settings: Settings
    fetch: Fetch
    replay: ReplayStore
    provision: Provision
    now: Clock

    @property
    def issuer(self) -> str:
        """The issuer's URL, which ends in a slash."""
        return self.context.issuer_url

    @property
    def now_s(self) -> int:
        """Wall time in seconds since the epoch."""
        return self.now().wall_s
