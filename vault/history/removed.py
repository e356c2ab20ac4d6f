"""Bringing back what was removed: under its old key with all its versions, and for the owner only.

Its access rules and what grants gave on it do not come back: what is absent now is seen by nobody, so that is how it returns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile

from vault.admission import Asking
from vault.authorize import Standing
from vault.bsn import holds_bsn
from vault.context import Context
from vault.entries import Deed, entry_of_success
from vault.errors import ConcurrentChange, Conflict
from vault.grants.forms import refuse
from vault.history.admission import admit, admit_to_removed, enter
from vault.history.closing import close
from vault.history.copying import copy_state
from vault.model.identifiers import META_SUFFIX, ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.outcome import Written
from vault.model.records import NewRevision, RemovedRecord, ResourceKind
from vault.model.rules import Allowed
from vault.operations.content import keep_nothing
from vault.operations.create import check_creatable
from vault.permits import writer
from vault.stores.ports import CatalogueReader, CatalogueTransaction
from vocab.media_types import TURTLE

max_attempts = 5
# Whatever goes with a resource is written down right after it.
_rows_of_one_removal = 10
_WRONG_KIND = "Een map komt terug als map (met een / aan het eind), een stuk als stuk."
_BSN = "Gebruik geen burgerservicenummer in een adres."


def bring_back(context: Context, asking: Asking, key: str, place: ResourceIdentifier | None) -> Written:
    """Let what was removed be there again, where it was or at another place. Durable on return.

    Raises:
        NotSignedIn, NoSuchResource, AccessRefused: see `enter` and `admit_to_removed`.
        Conflict: the place is taken.
        InvalidIdentifier, UnacceptableContent: nothing can be at that place, or not this.
        StorageFull: there is no room for it.
    """
    for _ in range(max_attempts - 1):
        try:
            return _attempt(context, asking, key, place)
        except ConcurrentChange:
            continue
    return _attempt(context, asking, key, place)


@dataclass(frozen=True, slots=True)
class _Return:
    """What was decided: what comes back and where to, and on which standing."""

    standing: Standing
    gone: RemovedRecord
    target: ResourceIdentifier
    missing: list[ResourceIdentifier]
    allowed: Allowed


@dataclass(frozen=True, slots=True)
class _Part:
    """A description that comes back with its subject; its bytes are durable."""

    gone: RemovedRecord
    target: ResourceIdentifier
    new: NewRevision


def _attempt(context: Context, asking: Asking, key: str, place: ResourceIdentifier | None) -> Written:
    with context.catalogue.view() as view:
        decided = _decide(enter(context, view, asking), key, place)
        descriptions = _descriptions(view, decided)
    agent = writer(decided.standing)
    new = _copied(context, decided.gone, decided.target, agent)
    described = [_Part(gone, target, _copied(context, gone, target, agent)) for gone, target in descriptions]

    def change(tx: CatalogueTransaction) -> Written:
        again = _decide(enter(context, tx, asking), key, place)
        if again.gone.number != decided.gone.number:
            raise ConcurrentChange("it came back and was removed at the same moment")
        deed = Deed("bring-back", AccessMode.WRITE, again.target)
        tx.append_lines([entry_of_success(again.standing, deed, again.allowed)])
        for container in again.missing:
            empty = keep_nothing(context, TURTLE, new.agent)
            made = tx.create_resource(container, ResourceKind.CONTAINER, empty, context.new_id())
            close(tx, again.standing, made)
        close(tx, again.standing, tx.bring_back(again.gone, again.target, new))
        for part in described:
            tx.bring_back(part.gone, part.target, part.new)
        return Written(again.target, new.revision, new.media_type, is_new=True)

    return context.catalogue.write(change)


def _decide(standing: Standing, key: str, place: ResourceIdentifier | None) -> _Return:
    gone, allowed = admit_to_removed(standing, key)
    target = place or gone.identifier
    if target.is_container != gone.identifier.is_container:
        raise refuse("resource", _WRONG_KIND)
    if holds_bsn(target.path):
        raise refuse("resource", _BSN)
    view = standing.view
    admit(standing, view.nearest_container(target).identifier, AccessMode.WRITE)
    missing = check_creatable(view, target)
    if view.find_resource(target) is not None:
        raise Conflict('something else is there now: name another place as "resource", or remove that first')
    if view.names_group_document(target.url(standing.context.base_url)):
        raise Conflict(
            'access rules name a group there: name another place as "resource", or change those first'
        )
    return _Return(standing, gone, target, missing, allowed)


def _descriptions(view: CatalogueReader, decided: _Return) -> list[tuple[RemovedRecord, ResourceIdentifier]]:
    """The description resource that went with it, and where it belongs now; access rules stay behind."""
    gone, target = decided.gone, decided.target
    near = view.removed(gone.identifier.storage, before=gone.number + _rows_of_one_removal)
    return [
        (one, ResourceIdentifier(target.storage, target.path + META_SUFFIX))
        for one in takewhile(lambda one: one.number > gone.number, near)
        if one.parent == gone.key and one.identifier.is_description
    ]


def _copied(context: Context, gone: RemovedRecord, target: ResourceIdentifier, agent: str) -> NewRevision:
    return copy_state(context, replace(gone.as_it_was, identifier=target), agent)
