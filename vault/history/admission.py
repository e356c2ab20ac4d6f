"""Who may look back and bring back: those who control a resource, and of what was removed those who controlled it then too.

To everybody else what was is as absent as what is.
"""

from __future__ import annotations

from dataclasses import dataclass

from vault.access.decide import decide
from vault.access.limits import modes_within_limit
from vault.access.rules import subject_of
from vault.admission import Asking, check_app, is_owner
from vault.authorize import Standing, stand
from vault.context import Context
from vault.errors import AccessRefused, NoSuchResource, NotSignedIn
from vault.history.past import subject_at
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.records import RemovedRecord
from vault.model.rules import Allowed, Refused
from vault.stores.ports import CatalogueReader

SERVICE = "VersionService"
_CHANGING = frozenset({AccessMode.WRITE, AccessMode.CONTROL})


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who may, in one view."""

    standing: Standing
    allowed: Allowed


def enter(context: Context, view: CatalogueReader, asking: Asking) -> Standing:
    """Find out how a call stands in a view.

    Raises:
        NotSignedIn: nobody is signed in, whether there is such a storage or not.
        NoSuchResource: no such storage.
    """
    if asking.caller.credentials.agent is None:
        raise NotSignedIn("this service needs somebody who is signed in")
    return stand(context, view, asking.storage, asking.caller)


def admit(standing: Standing, target: ResourceIdentifier, mode: AccessMode) -> Admitted:
    """Let somebody in who controls a resource, there or not; `mode` is what her app must be allowed to do with it.

    Raises:
        NoSuchResource: she does not control it.
        AccessRefused: she does, but her app may not do this for her.
    """
    decision = standing.decide(AccessMode.CONTROL, subject_of(standing.view, standing.storage, target))
    if isinstance(decision, Refused):
        if is_owner(standing.storage, standing.requester):
            raise AccessRefused("the app may not control this")
        raise NoSuchResource("there is nothing here")
    check_app(standing.requester, SERVICE)
    if mode not in modes_within_limit(standing.requester, target):
        raise AccessRefused("the app may not do this here")
    return Admitted(standing, decision)


def admit_to_removed(standing: Standing, key: str) -> tuple[RemovedRecord, Allowed]:
    """Let the owner, or somebody who controls the container and controlled it then, at what was removed.

    Raises:
        NoSuchResource: nothing was removed with this key, or she may not know of it.
        AccessRefused: her app may not do this for her.
    """
    is_hers = is_owner(standing.storage, standing.requester)
    if is_hers:
        check_app(standing.requester, SERVICE)
    gone = standing.view.find_removed(standing.storage.storage, key)
    if gone is None or gone.identifier.is_auxiliary:
        raise NoSuchResource("nothing that was removed has this key")
    allowed = Allowed(None, None) if is_hers else _admit_other(standing, gone)
    if not modes_within_limit(standing.requester, gone.identifier) >= _CHANGING:
        raise AccessRefused("the app may not do this here")
    return gone, allowed


def controlled_then(standing: Standing, gone: RemovedRecord) -> bool:
    """Whether somebody controlled what was removed in the moment before."""
    if is_owner(standing.storage, standing.requester):
        return True
    before_ms = gone.removal.time_ms - 1
    view, storage = standing.view, standing.storage
    subject = subject_at(standing.context, view, storage, gone.identifier, before_ms)
    decision = decide(standing.requester, AccessMode.CONTROL, subject, before_ms // 1000)
    return isinstance(decision, Allowed)


def _admit_other(standing: Standing, gone: RemovedRecord) -> Allowed:
    parent = gone.identifier.parent
    container = None if parent is None else standing.view.find_resource(parent)
    if container is None or container.key != gone.parent:
        raise NoSuchResource("nothing that was removed has this key")
    admitted = admit(standing, container.identifier, AccessMode.WRITE)
    if not controlled_then(standing, gone):
        raise NoSuchResource("nothing that was removed has this key")
    return admitted.allowed
