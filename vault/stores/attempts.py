"""How often somebody tried what may be tried only so often; it holds over processes and restarts."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select

from vault.stores.driver import Statement, inserting
from vault.stores.schema import code_attempt
from vault.stores.tables import Tables

_FIND = Statement(
    select(code_attempt.c.count).where(
        code_attempt.c.scope_hash == bindparam("scope_hash"), code_attempt.c.period == bindparam("period")
    )
)
_DELETE = Statement(delete(code_attempt).where(code_attempt.c.scope_hash == bindparam("of")))
_INSERT = inserting(code_attempt)


def find(tables: Tables, scope: str, period: int) -> int:
    """How often a scope was counted in a period."""
    row = tables.one(_FIND, scope_hash=_scope_hash(tables, scope), period=period)
    return 0 if row is None else int(row[0])


def count(tables: Tables, scope: str, period: int) -> None:
    """Count one more attempt; what was counted in another period is forgotten."""
    before = find(tables, scope, period)
    scope_hash = _scope_hash(tables, scope)
    tables.run(_DELETE, of=scope_hash)
    tables.run(_INSERT, scope_hash=scope_hash, period=period, count=before + 1)


def _scope_hash(tables: Tables, scope: str) -> bytes:
    return tables.cipher.lookup_hash(None, "attempt", scope)
