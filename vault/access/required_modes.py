"""Which modes an operation needs, and on what (`solidproject.org/TR/protocol#authorization`, `solidproject.org/TR/wac#access-modes`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode


@dataclass(frozen=True, slots=True)
class Need:
    """A mode that is needed on a resource; of an ACL resource: Control on its subject."""

    identifier: ResourceIdentifier
    mode: AccessMode


def to_read(target: ResourceIdentifier) -> tuple[Need, ...]:
    """GET and HEAD."""
    return _control(target) or (Need(target, AccessMode.READ),)


def to_replace(target: ResourceIdentifier) -> tuple[Need, ...]:
    """PUT on what exists."""
    return _control(target) or (Need(target, AccessMode.WRITE),)


def to_create(
    target: ResourceIdentifier, existing: ResourceIdentifier, new: Sequence[ResourceIdentifier]
) -> tuple[Need, ...]:
    """PUT on nothing: Append on the nearest existing container, Write on each new container and the target."""
    writes = tuple(Need(one, AccessMode.WRITE) for one in (*new, target))
    return _control(target) or (Need(existing, AccessMode.APPEND), *writes)


def to_add(container: ResourceIdentifier) -> tuple[Need, ...]:
    """POST in a container."""
    return (Need(container, AccessMode.APPEND),)


@dataclass(frozen=True, slots=True)
class Touch:
    """What a patch does: look whether something matches, remove, or (in any case) add."""

    looks: bool
    removes: bool


def to_patch(target: ResourceIdentifier, touch: Touch) -> tuple[Need, ...]:
    """PATCH on what exists: Read for its conditions, Append to add, Read and Write to remove."""
    reads = (Need(target, AccessMode.READ),) if touch.looks or touch.removes else ()
    return _control(target) or (*reads, Need(target, _mode_of(touch)))


def to_patch_new(
    target: ResourceIdentifier,
    existing: ResourceIdentifier,
    new: Sequence[ResourceIdentifier],
    touch: Touch,
) -> tuple[Need, ...]:
    """PATCH on nothing: Append on the nearest existing container and each new one, and as PATCH on what exists."""
    appends = tuple(Need(one, AccessMode.APPEND) for one in (existing, *new))
    return _control(target) or (*appends, *to_patch(target, touch))


def _mode_of(touch: Touch) -> AccessMode:
    return AccessMode.WRITE if touch.removes else AccessMode.APPEND


def to_delete(target: ResourceIdentifier) -> tuple[Need, ...]:
    """DELETE: Write on the resource and on its container."""
    parent = None if target.is_auxiliary else target.parent
    above = () if parent is None else (Need(parent, AccessMode.WRITE),)
    return _control(target) or (Need(target, AccessMode.WRITE), *above)


def to_change_group(target: ResourceIdentifier) -> tuple[Need, ...]:
    """What changing or removing a document takes besides, when an ACL names a group in it: its members get access."""
    return (Need(target, AccessMode.CONTROL),)


def _control(target: ResourceIdentifier) -> tuple[Need, ...]:
    return (Need(target.subject, AccessMode.CONTROL),) if target.is_acl else ()
