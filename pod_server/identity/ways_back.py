"""Coming back in with a code of paper or of the operator: a new password, and every sign-in of before ends."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from pod_server.identity import records, recoveries, recovery_codes, sessions
from pod_server.identity.account_lines import keep_line
from pod_server.identity.accounts import Account, end_tokens, find_account_by_login, keep_changed
from pod_server.identity.parts import IdentityParts
from pod_server.identity.passwords import find_fault, hash_password
from pod_server.identity.written_codes import read
from vault.errors import UnacceptableContent, Violation
from vault.stores.ports import CatalogueTransaction

_NOBODY = "nobody"


class WrongCode(Exception):
    """Nobody has this login name with this code, or no longer."""


class NotYet(Exception):
    """The operator's code is right, and counts from a second on."""

    def __init__(self, opens_s: int) -> None:
        super().__init__("not yet")
        self.opens_s = opens_s


def find_way_back(parts: IdentityParts, login: str, typed: str) -> Account:
    """Whose code this is; nothing is used up. Looks up as much when there is nobody.

    Raises:
        WrongCode: it lets nobody in.
        NotYet: it does not count yet.
    """
    account = find_account_by_login(parts, login)
    with parts.database.read() as connection:
        _kind_of(parts, connection, account, typed)
    if account is None:
        raise WrongCode
    return account


def come_back(parts: IdentityParts, login: str, typed: str, password: str, trace_id: str) -> Account:
    """Use the code and set the password; every session of the account ends. Other ways in stay as they are.

    Raises:
        WrongCode: it lets nobody in, or was just used.
        NotYet: it does not count yet.
        UnacceptableContent: the password cannot be one; the code can be used again.
    """
    account = find_way_back(parts, login, typed)
    fault = find_fault(password, account.login or "", account.name)
    if fault is not None:
        raise UnacceptableContent("the password cannot be one", (Violation("password", fault.value),))
    changed = replace(
        account,
        password_hash=hash_password(password),
        password_since_s=parts.now_s,
        signed_out_s=parts.now_s,
    )

    def change(tx: CatalogueTransaction) -> None:
        connection = records.connection_of(tx)
        activity = _use(parts, connection, account, typed)
        keep_changed(parts, connection, changed)
        sessions.end_all_in(parts, tx, account.id)
        end_tokens(parts, tx, account.id)
        keep_line(parts, tx, account, activity, trace_id)

    parts.context.catalogue.write(change)
    return changed


def _use(parts: IdentityParts, connection: Connection, account: Account, typed: str) -> str:
    """Let the code count no more; what the journal calls that."""
    activity = _kind_of(parts, connection, account, typed)
    if activity == "use-recovery-code":
        recovery_codes.use_code(parts, connection, account.id, read(typed) or "")
    else:
        records.drop_rows(connection, records.recovery, account=account.id)
    return activity


def _kind_of(parts: IdentityParts, connection: Connection, account: Account | None, typed: str) -> str:
    """Which kind of code it is. The same is looked up whoever is asked for and whatever is typed."""
    id_, code = _NOBODY if account is None else account.id, read(typed) or ""
    is_code = recovery_codes.is_code(parts, connection, id_, code)
    recovery = recoveries.find_by_code(parts, connection, id_, code)
    if is_code:
        return "use-recovery-code"
    if recovery is None:
        raise WrongCode
    if parts.now_s < recovery.opens_s:
        raise NotYet(recovery.opens_s)
    return "use-recovery"
