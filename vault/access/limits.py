"""What an app may do at most for an agent of this server, whatever the rules give her."""

from __future__ import annotations

from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import ALL_MODES, AccessMode, with_implied
from vault.model.requester import AppLimit, Requester

_NO_MODES: frozenset[AccessMode] = frozenset()


def modes_within_limit(requester: Requester, identifier: ResourceIdentifier) -> frozenset[AccessMode]:
    """The modes that the app she uses may have here for her; agents of other issuers have no limit here."""
    limit = requester.limit
    if limit is None:
        return ALL_MODES
    return with_implied(limit.modes) if _covers(limit, identifier) else _NO_MODES


def _covers(limit: AppLimit, identifier: ResourceIdentifier) -> bool:
    return limit.containers is None or identifier.path.startswith(limit.containers)
