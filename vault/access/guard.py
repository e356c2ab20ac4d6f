"""The owner cannot lock herself out: the root's ACL always keeps her Control."""

from __future__ import annotations

from vault.errors import Conflict
from vault.model.modes import AccessMode
from vault.model.rules import CompiledAcl


def check_root_acl(compiled: CompiledAcl, owner: str) -> None:
    """Refuse a root ACL without an unconditional Control Authorization that names the owner.

    Raises:
        Conflict: there is none.
    """
    for rule in compiled.access_to:
        plain = not rule.conditions and not rule.origins
        if plain and AccessMode.CONTROL in rule.modes and owner in rule.agents:
            return
    raise Conflict("the ACL of the storage's root must keep a Control Authorization for its owner")
