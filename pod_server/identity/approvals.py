"""What a person lets an app do: kept with the code and with the line of her journal, all in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pod_server.identity import allowed_apps, authorization_codes, registrations, session_clients
from pod_server.identity.account_lines import line_of
from pod_server.identity.accounts import Account
from pod_server.identity.authorization_codes import AuthorizationCode
from pod_server.identity.clients import Client
from pod_server.identity.parts import IdentityParts
from pod_server.identity.records import connection_of
from pod_server.identity.session_clients import LetIn
from pod_server.identity.sessions import Session, lifetime_s
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


def keep_approval(
    parts: IdentityParts, approval: Approval, client: Client, issued: AuthorizationCode
) -> None:
    """Keep a code, the limit that was said with it, and that she signed in at the app."""

    def change(transaction: CatalogueTransaction) -> None:
        if approval.limit is not None:
            transaction.put_app_limit(approval.account.webid, client.iri, approval.limit)
            if client.is_registered:
                _keep_for_session(parts, transaction, approval, client)
        allowed_apps.note(parts, transaction, approval.account, client, is_anew=approval.limit is not None)
        app_hash = allowed_apps.hash_of(parts, approval.account.id, client.iri)
        authorization_codes.keep(parts, connection_of(transaction), issued, app_hash)
        line = _line(parts, transaction, approval, client.iri)
        transaction.append_lines([line])

    parts.context.catalogue.write(change)


def journal_sign_in(parts: IdentityParts, approval: Approval) -> None:
    """Keep that somebody signed in here without an app; of a storage that is out of sight nothing can be told."""

    def change(transaction: CatalogueTransaction) -> None:
        if transaction.find_storage(approval.account.storage) is not None:
            transaction.append_lines([_line(parts, transaction, approval, None)])

    parts.context.catalogue.write(change)


def _keep_for_session(
    parts: IdentityParts, transaction: CatalogueTransaction, approval: Approval, client: Client
) -> None:
    session = approval.session
    let_in = LetIn(session.id, approval.account.webid, client.iri)
    session_clients.keep(parts, transaction, let_in, session.signed_in_s + lifetime_s)
    registrations.touch(parts, connection_of(transaction), client.id)


def _line(
    parts: IdentityParts, transaction: CatalogueTransaction, approval: Approval, client: str | None
) -> JournalEntry:
    line = line_of(parts, transaction, approval.account, "sign-in", approval.trace_id)
    return replace(line, mode=AccessMode.READ, client=client)
