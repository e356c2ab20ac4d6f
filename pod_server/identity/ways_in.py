"""The ways into an account: never the last one goes, and a new one cannot touch older ones for a week."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Connection

from pod_server.identity import passkeys, records, recovery_codes
from pod_server.identity.accounts import Account, find_account_in
from pod_server.identity.parts import IdentityParts
from pod_server.identity.sessions import Session
from vault.stores.ports import CatalogueTransaction

held_back_s = 7 * 24 * 3600


class Refusal(StrEnum):
    """Why a way in stays as it is."""

    LAST = "laatste"
    TOO_NEW = "te_nieuw"


class WayRefused(Exception):
    """A way in cannot be changed or taken away now."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def is_held_back(parts: IdentityParts, session: Session, since_s: int) -> bool:
    """Whether a way in of that age is out of reach: she came in by one that is newer, and not yet a week old.

    So somebody who got in once, by whatever means, cannot shut the owner out before she had time to notice.
    """
    came_by_s = session.way_since_s
    return since_s < came_by_s and parts.now_s - came_by_s < held_back_s


def remove_passkey(parts: IdentityParts, session: Session, account: Account, id_: str, trace_id: str) -> None:
    """Take a passkey away; nothing happens when she has none of that id.

    Raises:
        WayRefused: it is the last way in, or older than the one she came by.
    """

    def change(tx: CatalogueTransaction) -> None:
        connection = records.connection_of(tx)
        row = records.find_row(connection, records.passkey, id=id_, account=account.id)
        if row is None:
            return
        if count_ways(parts, connection, account.id) <= 1:
            raise WayRefused(Refusal.LAST)
        if is_held_back(parts, session, row["created_s"]):
            raise WayRefused(Refusal.TOO_NEW)
        passkeys.remove(parts, tx, account, id_, trace_id)

    parts.context.catalogue.write(change)


def make_recovery_codes(
    parts: IdentityParts, session: Session, account: Account, trace_id: str
) -> tuple[str, ...]:
    """Make a new set of recovery codes; the old one then counts no more.

    Raises:
        WayRefused: there is a set that is older than the way she came by.
    """

    def change(tx: CatalogueTransaction) -> tuple[str, ...]:
        left = recovery_codes.left_in(records.connection_of(tx), account.id)
        if left is not None and is_held_back(parts, session, left.created_s):
            raise WayRefused(Refusal.TOO_NEW)
        return recovery_codes.make_codes(parts, tx, account, trace_id)

    return parts.context.catalogue.write(change)


def count_ways(parts: IdentityParts, connection: Connection, account: str) -> int:
    """How many ways in there are that last; codes are for one time."""
    found = find_account_in(parts, connection, account)
    has_password = found is not None and found.password_hash is not None
    return has_password + len(records.rows_where(connection, records.passkey, account=account))
