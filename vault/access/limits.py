"""What an app may do at most for an agent of this server, whatever the rules give her."""

from __future__ import annotations

from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode, with_implied
from vault.model.requester import AppLimit, Requester


def is_within_limit(requester: Requester, mode: AccessMode, identifier: ResourceIdentifier) -> bool:
    """Whether the app that she uses may do this here for her; agents of other issuers have no limit here."""
    limit = requester.limit
    return limit is None or (mode in with_implied(limit.modes) and _covers(limit, identifier))


def _covers(limit: AppLimit, identifier: ResourceIdentifier) -> bool:
    return limit.containers is None or identifier.path.startswith(limit.containers)
