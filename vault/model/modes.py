"""Access modes (`solidproject.org/TR/wac#access-modes`)."""

from __future__ import annotations

from enum import StrEnum

_ACL = "http://www.w3.org/ns/auth/acl#"


class AccessMode(StrEnum):
    """A mode of access; the value is its IRI."""

    READ = f"{_ACL}Read"
    APPEND = f"{_ACL}Append"
    WRITE = f"{_ACL}Write"
    CONTROL = f"{_ACL}Control"


ALL_MODES = frozenset(AccessMode)


def with_implied(modes: frozenset[AccessMode]) -> frozenset[AccessMode]:
    """Add what modes include: Write includes Append."""
    return modes | {AccessMode.APPEND} if AccessMode.WRITE in modes else modes
