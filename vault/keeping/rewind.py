"""Undoing a bad day for one storage: its documents as they were at a moment, by new revisions and not by rewriting history.

Nothing here widens access: rules stay those of now; what would be seen by somebody who could not see it then comes back for
the owner only, as does what is absent now. What came to be since is removed, and kept as anything that is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from vault.admission import Asking
from vault.changes import remove
from vault.context import Context
from vault.errors import Conflict, NoSuchResource, VaultError
from vault.history.removed import bring_back
from vault.history.restore import Wish, restore
from vault.keeping.lines import keep_line, new_trace
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.operation import Delete
from vault.model.records import AUXILIARY_KINDS, RemovedRecord, ResourceKind, ResourceRecord
from vault.model.requester import Caller, Credentials, Declared
from vault.operations.card import is_card
from vault.stores.ports import CatalogueReader

OPERATOR_CLIENT = ".well-known/wijkkluis/beheerder"
Progress = Callable[[int, int], None]


class Deed(StrEnum):
    """What is done to one resource; in this order."""

    REMOVE = "remove"
    BRING_BACK = "bring back"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a rewind does, to which resource; `key` of what was removed, `version` of what is put back."""

    deed: Deed
    identifier: ResourceIdentifier
    key: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """How a step went: closed for everybody but the owner, or (`why`) not at all."""

    step: Step
    is_closed: bool = False
    why: str = ""


def plan_rewind(view: CatalogueReader, storage: StorageId, time_ms: int) -> tuple[Step, ...]:
    """What it takes for the documents of a storage to be as they were at a moment (wall milliseconds).

    The card, rules and what the retention has pruned stay as they are.

    Raises:
        NoSuchResource: there is no such storage, or there was none yet.
    """
    if view.find_storage(storage) is None:
        raise NoSuchResource("there is no such storage")
    root = view.find_resource(ResourceIdentifier(storage, ""))
    if root is None or root.created_ms > time_ms:
        raise NoSuchResource("there was no such storage at that moment")
    steps = [step for found in view.everything(storage) for step in _of_living(view, found, time_ms)]
    living = {step.key for step in steps}
    for gone in view.removed(storage):
        if gone.restored_ms is None and gone.key not in living:
            steps += _of_removed(view, gone, time_ms)
    order = list(Deed)
    # What lies deepest is removed first; what contains others comes back first.
    return tuple(sorted(steps, key=lambda step: (order.index(step.deed), _depth(step), step.identifier.path)))


def rewind(context: Context, storage: StorageId, steps: tuple[Step, ...], tell: Progress) -> tuple[Done, ...]:
    """Take the steps, each by itself, in the owner's name through the operator's command; repeat it when it was cut.

    Raises:
        NoSuchResource: there is no such storage.
    """
    asking = _asking(context, storage)
    keep_line(context, storage, "rewind")
    done = []
    for number, step in enumerate(steps, 1):
        done.append(_take(context, asking, step))
        tell(number, len(steps))
    return tuple(done)


def _of_living(view: CatalogueReader, found: ResourceRecord, time_ms: int) -> Iterator[Step]:
    identifier = found.identifier
    if found.kind is ResourceKind.ACL or is_card(identifier) or identifier.is_root:
        return
    then = view.resource_at(identifier, time_ms)
    if then is None or then.key != found.key:
        if found.created_ms <= time_ms:
            return
        if found.kind not in AUXILIARY_KINDS:
            yield Step(Deed.REMOVE, identifier)
        if then is not None:
            yield from _bring(view, then, then.revision)
    elif not _is_same(found, then):
        yield Step(Deed.RESTORE, identifier, version=then.revision)


def _of_removed(view: CatalogueReader, gone: RemovedRecord, time_ms: int) -> Iterator[Step]:
    then = view.resource_at(gone.identifier, time_ms)
    if then is not None and then.key == gone.key:
        yield from _bring(view, then, gone.last.id)


def _bring(view: CatalogueReader, then: ResourceRecord, last: str) -> Iterator[Step]:
    if then.kind in AUXILIARY_KINDS or view.find_removed(then.identifier.storage, then.key) is None:
        return
    yield Step(Deed.BRING_BACK, then.identifier, key=then.key)
    if then.revision != last:
        yield Step(Deed.RESTORE, then.identifier, version=then.revision)


def _is_same(found: ResourceRecord, then: ResourceRecord) -> bool:
    now, before = found.stored, then.stored
    return found.media_type == then.media_type and (now and now.sha256) == (before and before.sha256)


def _depth(step: Step) -> int:
    depth = step.identifier.path.removesuffix("/").count("/")
    return -depth if step.deed is Deed.REMOVE else depth


def _take(context: Context, asking: Asking, step: Step) -> Done:
    try:
        if step.deed is Deed.RESTORE:
            return _restore(context, asking, step)
        if step.deed is Deed.BRING_BACK:
            bring_back(context, asking, step.key, None)
            return Done(step, is_closed=True)
        remove(context, Delete(step.identifier), asking.caller)
    except VaultError as error:
        return Done(step, why=str(error))
    return Done(step)


def _restore(context: Context, asking: Asking, step: Step) -> Done:
    try:
        restore(context, asking, Wish(step.identifier, step.version))
    except Conflict:
        # Somebody may see it now who could not see it then.
        restore(context, asking, Wish(step.identifier, step.version, for_owner_only=True))
        return Done(step, is_closed=True)
    return Done(step)


def _asking(context: Context, storage: StorageId) -> Asking:
    """The owner, through the operator's command: her journal names it as the app."""
    with context.catalogue.view() as view:
        record = view.find_storage(storage)
    if record is None:
        raise NoSuchResource("there is no such storage")
    client = f"{context.base_url}{OPERATOR_CLIENT}"
    credentials = Credentials(
        record.owner, client, record.issuer, None, is_local=True, is_trusted_client=True
    )
    return Asking(storage, Caller(credentials, Declared(), new_trace(context)))
