"""What a person lets an app do: kept with the code and with the line of her journal, all in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from pod_server.identity import authorization_codes
from pod_server.identity.accounts import Account
from pod_server.identity.authorization_codes import AuthorizationCode
from pod_server.identity.parts import IdentityParts
from pod_server.identity.records import connection_of
from pod_server.identity.sessions import Session
from vault.model.identifiers import ResourceIdentifier
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.model.requester import AppLimit
from vault.stores.ports import CatalogueTransaction


@dataclass(frozen=True, slots=True)
class Approval:
    """Who lets an app in, in which session; `limit` is what she just said it may do, None when that stands already."""

    account: Account
    session: Session
    trace_id: str
    limit: AppLimit | None = None


def keep_approval(parts: IdentityParts, approval: Approval, issued: AuthorizationCode) -> None:
    """Keep a code, the limit that was said with it, and that she signed in at the app."""

    def change(transaction: CatalogueTransaction) -> None:
        if approval.limit is not None:
            transaction.put_app_limit(approval.account.webid, issued.client, approval.limit)
        authorization_codes.keep(parts, connection_of(transaction), issued)
        line = _line(parts, transaction, approval, issued.client)
        transaction.append_lines([line])

    parts.context.catalogue.write(change)


def journal_sign_in(parts: IdentityParts, approval: Approval) -> None:
    """Keep that somebody signed in here without an app."""

    def change(transaction: CatalogueTransaction) -> None:
        transaction.append_lines([_line(parts, transaction, approval, None)])

    parts.context.catalogue.write(change)


def _line(
    parts: IdentityParts, transaction: CatalogueTransaction, approval: Approval, client: str | None
) -> JournalEntry:
    storage = approval.account.storage
    return JournalEntry(
        storage=storage,
        time_ms=parts.now().wall_ms,
        epoch=transaction.epochs(storage).storage,
        trace_id=approval.trace_id,
        activity="sign-in",
        resource=ResourceIdentifier(storage, "").url(parts.context.base_url),
        mode=AccessMode.READ,
        agent=approval.account.webid,
        client=client,
        issuer=parts.issuer,
    )
