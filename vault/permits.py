"""A decision made before the body of a write is read, to be confirmed in the transaction that commits it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from vault.access.required_modes import Need, to_change_group
from vault.authorize import Standing, authorize, stand
from vault.context import Context
from vault.listing import version_seen
from vault.model.identifiers import ResourceIdentifier
from vault.model.operation import State
from vault.model.records import ResourceRecord
from vault.model.rules import Allowed
from vault.operations.read import modified_ms
from vault.stores.ports import CatalogueReader, CatalogueTransaction
from vocab.namespaces import FOAF

NeedsIn = Callable[[CatalogueReader], tuple[Need, ...]]


@dataclass(frozen=True, slots=True)
class Permit:
    """What was allowed, on which standing, and what to ask again; `hides`: see `authorize`."""

    standing: Standing
    allowed: Allowed
    needs: NeedsIn
    hides: bool

    def confirm(self, tx: CatalogueTransaction) -> Permit:
        """Give the permit as of a transaction: the same while nothing moved, else decided again.

        Raises:
            Denied: it is not allowed any more.
        """
        before, context = self.standing, self.standing.context
        epochs, now = tx.epochs(before.storage.storage), context.clock()
        if before.is_current(epochs, now, self.allowed.valid_until):
            return replace(self, standing=replace(before, view=tx, now=now))
        return ask(stand(context, tx, before.storage.storage, before.caller), self.needs, hides=self.hides)


def ask(standing: Standing, needs: NeedsIn, *, hides: bool = True) -> Permit:
    """Decide on a write.

    Raises:
        Denied: it is not allowed.
    """
    return Permit(standing, authorize(standing, needs(standing.view), hides=hides), needs, hides)


def needs_of_group(context: Context, view: CatalogueReader, target: ResourceIdentifier) -> tuple[Need, ...]:
    """What changing a document takes besides, because an ACL names a group in it."""
    is_named = view.names_group_document(target.url(context.base_url))
    return to_change_group(target) if is_named else ()


def version_of(standing: Standing, record: ResourceRecord | None) -> State | None:
    """The state that a requester sees; None when nothing is there."""
    if record is None:
        return None
    return State(lambda: version_seen(standing, record), modified_ms(record))


def writer(standing: Standing) -> str:
    """Who a revision is from: never None, for that says that the vault made it."""
    return standing.requester.agent or FOAF.Agent
