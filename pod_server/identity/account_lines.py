"""Lines of the journal about an account: what its owner did to her ways in, and when she signed in."""

from __future__ import annotations

from pod_server.identity.accounts import Account
from pod_server.identity.parts import IdentityParts
from vault.model.identifiers import ResourceIdentifier
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.stores.ports import CatalogueTransaction


def keep_line(
    parts: IdentityParts, tx: CatalogueTransaction, account: Account, activity: str, trace_id: str
) -> None:
    """Keep a line of the owner about her account, together with what it tells of; none of a storage that is out of sight."""
    if tx.find_storage(account.storage) is None:
        return
    tx.append_lines([line_of(parts, tx, account, activity, trace_id)])


def line_of(
    parts: IdentityParts, tx: CatalogueTransaction, account: Account, activity: str, trace_id: str
) -> JournalEntry:
    """Write down what the owner did to her account."""
    return JournalEntry(
        storage=account.storage,
        time_ms=parts.now().wall_ms,
        epoch=tx.epochs(account.storage).storage,
        trace_id=trace_id,
        activity=activity,
        resource=ResourceIdentifier(account.storage, "").url(parts.context.base_url),
        mode=AccessMode.CONTROL,
        agent=account.webid,
        issuer=parts.issuer,
    )
