"""Looking back: the states of a resource that are kept, the bytes of one, and what was removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from vault.access.limits import modes_within_limit
from vault.admission import Asking, admit_owner
from vault.context import Context
from vault.entries import Deed, entry_of_success
from vault.errors import NoSuchResource
from vault.history.admission import SERVICE, Admitted, admit, controlled_then, enter
from vault.history.copying import read_state
from vault.model.identifiers import ResourceIdentifier
from vault.model.limits import Usage
from vault.model.modes import AccessMode
from vault.model.records import RemovedRecord, ResourceKind, ResourceRecord, RevisionRecord
from vault.model.rules import Allowed

T = TypeVar("T")
page_items = 100
recheck_bytes = 1024 * 1024


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Some states of a resource, newest first; `next` is what to ask on with, None when nothing follows."""

    items: tuple[RevisionRecord, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class RemovedPage:
    """Some of what was removed, newest first; `usage` is told to the owner alone, of the whole storage."""

    items: tuple[RemovedRecord, ...]
    next: int | None
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class OpenedVersion:
    """The bytes of one state of a resource, in the media type it was stored in."""

    revision: RevisionRecord
    chunks: Iterator[bytes]


def list_versions(
    context: Context, asking: Asking, target: ResourceIdentifier, before: int | None
) -> VersionPage:
    """List the states of a resource that are kept; the journal knows it on return.

    Raises:
        NotSignedIn, NoSuchResource, AccessRefused: see `enter` and `admit`; NoSuchResource also when nothing is there.
    """
    with context.catalogue.view() as view:
        admitted = admit(enter(context, view, asking), target, AccessMode.READ)
        record = existing(admitted, target)
        items, more = _page(view.revisions(record, before))
        line = entry_of_success(admitted.standing, _look_back(target), admitted.allowed)
    context.intake.append(line)
    return VersionPage(items, items[-1].ordinal if more else None)


def open_version(context: Context, asking: Asking, target: ResourceIdentifier, version: str) -> OpenedVersion:
    """Open one state of a resource; the chunks end with an error when she may not have them any more.

    Raises:
        NotSignedIn, NoSuchResource, AccessRefused: see `enter` and `admit`; NoSuchResource also when there is no such
            version of it.
    """
    with context.catalogue.view() as view:
        admitted = admit(enter(context, view, asking), target, AccessMode.READ)
        record = existing(admitted, target)
        revision = view.find_revision(record, version)
        if revision is None:
            raise NoSuchResource("there is no such version")
        line = entry_of_success(admitted.standing, _look_back(target), admitted.allowed)
    context.intake.append(line)
    return OpenedVersion(
        revision, _guarded(context, asking, target, read_state(context, record.in_state(revision)))
    )


def list_removed(
    context: Context, asking: Asking, container: ResourceIdentifier | None, before: int | None
) -> RemovedPage:
    """List what was removed and can be brought back: in the whole storage, for its owner, or in one container.

    Raises:
        NotSignedIn, NoSuchResource, AccessRefused: she may not, or there is no such container.
    """
    with context.catalogue.view() as view:
        standing = enter(context, view, asking)
        if container is None:
            storage = admit_owner(view, asking.storage, standing.requester, SERVICE)
            admitted, within = Admitted(standing, Allowed(None, None)), None
            usage = view.usage(storage.storage)
        else:
            admitted = admit(standing, container, AccessMode.READ)
            within, usage = _container(admitted, container), None
        found = (one for one in view.removed(asking.storage, before) if _is_shown(admitted, one, within))
        items, more = _page(found)
        place = container or ResourceIdentifier(asking.storage, "")
        line = entry_of_success(standing, Deed("list-removed", AccessMode.READ, place), admitted.allowed)
    context.intake.append(line)
    return RemovedPage(items, items[-1].number if more else None, usage)


def existing(admitted: Admitted, target: ResourceIdentifier) -> ResourceRecord:
    """The resource. Raises NoSuchResource when it is not there."""
    record = admitted.standing.view.find_resource(target)
    if record is None:
        raise NoSuchResource("there is nothing here")
    return record


def _look_back(target: ResourceIdentifier) -> Deed:
    return Deed("look-back", AccessMode.READ, target)


def _page(found: Iterable[T]) -> tuple[tuple[T, ...], bool]:
    items = tuple(islice(found, page_items + 1))
    return items[:page_items], len(items) > page_items


def _container(admitted: Admitted, target: ResourceIdentifier) -> ResourceRecord:
    record = existing(admitted, target)
    if record.kind is not ResourceKind.CONTAINER:
        raise NoSuchResource("this is no container")
    return record


def _is_shown(admitted: Admitted, gone: RemovedRecord, container: ResourceRecord | None) -> bool:
    """Whether something can be brought back, lay where was asked, and was hers to control, with this app."""
    if gone.restored_ms is not None or gone.identifier.is_auxiliary:
        return False
    if container is not None and gone.parent != container.key:
        return False
    within_limit = modes_within_limit(admitted.standing.requester, gone.identifier)
    return AccessMode.READ in within_limit and controlled_then(admitted.standing, gone)


def _guarded(
    context: Context, asking: Asking, target: ResourceIdentifier, chunks: Iterable[bytes]
) -> Iterator[bytes]:
    """Pass bytes on as long as she may have them; asked before the first, and again per `recheck_bytes`."""
    sent = recheck_bytes
    for chunk in chunks:
        if sent >= recheck_bytes:
            sent = 0
            with context.catalogue.view() as view:
                admit(enter(context, view, asking), target, AccessMode.READ)
        sent += len(chunk)
        yield chunk
