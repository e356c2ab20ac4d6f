"""Ways back in that the operator started for somebody who lost every other: open after three days, visible and stoppable until then."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, RowMapping

from pod_server.identity import records, written_codes
from pod_server.identity.account_lines import keep_line
from pod_server.identity.accounts import Account
from pod_server.identity.parts import IdentityParts
from vault.keeping.lines import line_of_operator
from vault.stores.ports import CatalogueTransaction

waits_s = 72 * 3600
counts_for_s = 14 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Recovery:
    """A way back in for an account that the operator started at a second."""

    account: str
    started_s: int

    @property
    def opens_s(self) -> int:
        """From when its code counts."""
        return self.started_s + waits_s

    @property
    def ends_s(self) -> int:
        """Until when."""
        return self.started_s + counts_for_s


@dataclass(frozen=True, slots=True)
class StartedRecovery:
    """What is told once: the code, and when it counts."""

    recovery: Recovery
    code: str = field(repr=False)


def start(parts: IdentityParts, account: Account) -> StartedRecovery:
    """Start one; it takes the place of an earlier one, whose code then never counts.

    Raises:
        NoSuchResource: the storage of the account is gone.
    """
    code = written_codes.new_code()
    started = Recovery(account.id, parts.now_s)

    def change(tx: CatalogueTransaction) -> None:
        connection = records.connection_of(tx)
        records.drop_rows(connection, records.recovery, account=account.id)
        records.add_row(
            connection,
            records.recovery,
            account=account.id,
            code_hash=_hash(parts, account.id, code),
            started_s=started.started_s,
        )
        tx.append_lines([line_of_operator(parts.context, tx, account.storage, "start-recovery")])

    parts.context.catalogue.write(change)
    return StartedRecovery(started, code)


def pending_of(parts: IdentityParts, account: str) -> Recovery | None:
    """The one of an account that can still be used or stopped."""
    with parts.database.read() as connection:
        return _of(parts, records.find_row(connection, records.recovery, account=account))


def all_pending(parts: IdentityParts) -> list[Recovery]:
    """Every one that can still be used or stopped, oldest first."""
    with parts.database.read() as connection:
        found = [_of(parts, row) for row in records.find_rows(connection, records.recovery)]
    return sorted((one for one in found if one is not None), key=lambda one: one.started_s)


def cancel(parts: IdentityParts, account: Account, trace_id: str | None) -> bool:
    """Stop it at once, as its owner did in the request of a trace id, or the operator (None); whether there was one."""

    def change(tx: CatalogueTransaction) -> bool:
        connection = records.connection_of(tx)
        if _of(parts, records.find_row(connection, records.recovery, account=account.id)) is None:
            return False
        records.drop_rows(connection, records.recovery, account=account.id)
        if trace_id is None:
            tx.append_lines([line_of_operator(parts.context, tx, account.storage, "cancel-recovery")])
        else:
            keep_line(parts, tx, account, "cancel-recovery", trace_id)
        return True

    return parts.context.catalogue.write(change)


def find_by_code(parts: IdentityParts, connection: Connection, account: str, code: str) -> Recovery | None:
    """The one that a code is for, whether it opened or not; an account that is not there has none."""
    where: dict[str, object] = {"code_hash": _hash(parts, account, code), "account": account}
    return _of(parts, records.find_row(connection, records.recovery, **where))


def _of(parts: IdentityParts, row: RowMapping | None) -> Recovery | None:
    found = None if row is None else Recovery(row["account"], row["started_s"])
    return None if found is None or parts.now_s > found.ends_s else found


def _hash(parts: IdentityParts, account: str, code: str) -> bytes:
    return parts.cipher.lookup_hash(None, f"recovery of {account}", code)
