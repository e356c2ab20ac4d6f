"""How often something may be tried, counted in rows so that it holds over threads and restarts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from pod_server.identity import records
from pod_server.identity.parts import IdentityParts
from vault.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many attempts of a kind count within how many seconds."""

    kind: str
    attempts: int
    within_s: int


SIGN_IN_BY_NAME = Allowance("sign-in name", 5, 300)
SIGN_IN_BY_ADDRESS = Allowance("sign-in address", 100, 300)
# A code cannot be guessed, so a name may be tried often: nobody keeps its owner out for long by trying it.
RECOVERY_BY_NAME = Allowance("recovery name", 100, 300)
RECOVERY_BY_ADDRESS = Allowance("recovery address", 20, 300)
NEW_ACCOUNT_BY_ADDRESS = Allowance("account address", 20, 3600)
REGISTRATION_BY_ADDRESS = Allowance("registration address", 60, 3600)
REGISTRATION_BY_ANYBODY = Allowance("registration", 2000, 3600)
Attempt = tuple[Allowance, str]


def count(parts: IdentityParts, attempts: Sequence[Attempt]) -> None:
    """Count an attempt before it is made, whether what it names exists or not.

    Raises:
        TooManyRequests: one of them was made too often.
    """
    waits = parts.database.write(
        lambda connection: [_count(parts, connection, attempt) for attempt in attempts]
    )
    if max(waits) > 0:
        raise TooManyRequests("tried too often", max(waits))


def forgive(parts: IdentityParts, attempt: Attempt) -> None:
    """Take back one attempt, which succeeded; others that are counted with it stay."""
    key_hash = _key_hash(parts, *attempt)

    def change(connection: Connection) -> None:
        row = records.find_row(connection, records.identity_attempt, key_hash=key_hash)
        if row is not None:
            left = max(0, row["count"] - 1)
            records.change_rows(connection, records.identity_attempt, {"key_hash": key_hash}, count=left)

    parts.database.write(change)


def forget(parts: IdentityParts, attempt: Attempt) -> None:
    """Take back all that was counted."""
    key_hash = _key_hash(parts, *attempt)
    parts.database.write(
        lambda connection: records.drop_rows(connection, records.identity_attempt, key_hash=key_hash)
    )


def _count(parts: IdentityParts, connection: Connection, attempt: Attempt) -> int:
    """Count one attempt, and give the seconds to wait when it is one too many."""
    allowance, value = attempt
    now_s, key_hash = parts.now_s, _key_hash(parts, allowance, value)
    row = records.find_row(connection, records.identity_attempt, key_hash=key_hash)
    if row is None:
        records.add_row(connection, records.identity_attempt, key_hash=key_hash, since_s=now_s, count=1)
        return 0
    if now_s - row["since_s"] >= allowance.within_s:
        records.change_rows(
            connection, records.identity_attempt, {"key_hash": key_hash}, since_s=now_s, count=1
        )
        return 0
    if row["count"] >= allowance.attempts:
        return int(row["since_s"] + allowance.within_s - now_s)
    records.change_rows(connection, records.identity_attempt, {"key_hash": key_hash}, count=row["count"] + 1)
    return 0


def _key_hash(parts: IdentityParts, allowance: Allowance, value: str) -> bytes:
    return parts.cipher.lookup_hash(None, f"attempt {allowance.kind}", value)
