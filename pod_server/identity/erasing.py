"""Erasing her vault on her own word: out of sight at once, gone after fourteen days, and until then hers to take back."""

from __future__ import annotations

from pod_server.identity.account_lines import line_of
from pod_server.identity.accounts import Account
from pod_server.identity.endings import end_everything_in
from pod_server.identity.parts import IdentityParts
from vault.keeping.erase import hidden, hide_in, show_in
from vault.stores.ports import CatalogueTransaction


def erased_at(parts: IdentityParts, account: Account) -> int | None:
    """From which second the vault of an account may be destroyed; None when it is in sight."""
    with parts.context.catalogue.view() as view:
        if view.find_storage(account.storage) is not None:
            return None
    return next((one.erase_at_s for one in hidden(parts.context) if one.storage == account.storage), None)


def ask_erasure(parts: IdentityParts, account: Account, trace_id: str) -> int:
    """Put her vault out of sight, and end all that lets somebody in; the second from which it is destroyed.

    Raises:
        NoSuchResource: it is out of sight already.
    """

    def change(tx: CatalogueTransaction) -> int:
        end_everything_in(parts, tx, account)
        found = hide_in(
            parts.context,
            tx,
            account.storage,
            lambda tx: line_of(parts, tx, account, "ask-erasure", trace_id),
        )
        return found.erase_at_s

    return parts.context.catalogue.write(change)


def take_back(parts: IdentityParts, account: Account, trace_id: str) -> None:
    """Let her vault be as it was.

    Raises:
        NoSuchResource: it is not out of sight.
        Conflict: the fourteen days are over.
    """
    parts.context.catalogue.write(
        lambda tx: show_in(
            parts.context,
            tx,
            account.storage,
            lambda tx: line_of(parts, tx, account, "take-back-erasure", trace_id),
        )
    )
