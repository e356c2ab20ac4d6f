"""Recovery codes of an account: ten on paper, each good for one way back in (`pages.nist.gov/800-63-4/sp800-63b.html#savedrecoverycodes`)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from pod_server.identity import records, written_codes
from pod_server.identity.account_lines import keep_line
from pod_server.identity.accounts import Account
from pod_server.identity.parts import IdentityParts
from vault.stores.ports import CatalogueTransaction

set_size = 10


@dataclass(frozen=True, slots=True)
class CodesLeft:
    """How many codes of a set were not used yet, and when the set was made."""

    count: int
    created_s: int


def codes_left(parts: IdentityParts, account: str) -> CodesLeft | None:
    """What is left of the codes of an account; None when there are none."""
    with parts.database.read() as connection:
        return left_in(connection, account)


def left_in(connection: Connection, account: str) -> CodesLeft | None:
    """The same, as one connection sees it."""
    rows = records.rows_where(connection, records.recovery_code, account=account)
    return CodesLeft(len(rows), rows[0]["created_s"]) if rows else None


def make_codes(
    parts: IdentityParts, tx: CatalogueTransaction, account: Account, trace_id: str
) -> tuple[str, ...]:
    """Make a new set, which replaces the old one, in the transaction that checked that she may; the codes are told once."""
    connection = records.connection_of(tx)
    codes = tuple(written_codes.new_code() for _ in range(set_size))
    records.drop_rows(connection, records.recovery_code, account=account.id)
    for code in codes:
        records.add_row(
            connection,
            records.recovery_code,
            code_hash=hash_of(parts, account.id, code),
            account=account.id,
            created_s=parts.now_s,
        )
    keep_line(parts, tx, account, "make-recovery-codes", trace_id)
    return codes


def is_code(parts: IdentityParts, connection: Connection, account: str, code: str) -> bool:
    """Whether this is a code of an account that was not used yet; an account that is not there has none."""
    where: dict[str, object] = {"code_hash": hash_of(parts, account, code), "account": account}
    return records.find_row(connection, records.recovery_code, **where) is not None


def use_code(parts: IdentityParts, connection: Connection, account: str, code: str) -> None:
    """Let a code not count any more."""
    code_hash = hash_of(parts, account, code)
    records.drop_rows(connection, records.recovery_code, code_hash=code_hash, account=account)


def hash_of(parts: IdentityParts, account: str, code: str) -> bytes:
    """By what a code is found. Not argon2: it is 60 random bits, under a key that is not in the database."""
    return parts.cipher.lookup_hash(None, f"recovery code {account}", code)
