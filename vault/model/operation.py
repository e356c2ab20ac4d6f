"""What is asked of a resource, as a value; the operations of a storage (`solidproject.org/TR/protocol#reading-writing-resources`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from vault.errors import PreconditionFailed
from vault.model.identifiers import ResourceIdentifier
from vault.model.representation import Wanted, everything

ANY_VERSION = "*"
Select = Callable[[tuple[str, ...]], str | None]


@dataclass(frozen=True, slots=True)
class State:
    """What is there now: its version, worked out when it is asked for, and when it last changed.

    `modified_ms` is None for a container: its listing changes without it.
    """

    version: Callable[[], str]
    modified_ms: int | None


@dataclass(frozen=True, slots=True)
class Preconditions:
    """Versions of which one must (`match`), or none may (`none_match`), be current; None when nothing was asked.

    `ANY_VERSION` in them stands for whatever is there. `unmodified_since`, in seconds since the epoch, counts only
    where no `match` was asked, and for what has a time of its last change.
    """

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None
    unmodified_since: int | None = None

    def check(self, current: State | None) -> None:
        """Check against what is there; None when nothing is.

        Raises:
            PreconditionFailed: a condition does not hold.
        """
        if self.match is not None and not _is_among(current, self.match):
            raise PreconditionFailed("the resource is not in the state that was expected")
        if self.match is None and self._is_modified(current):
            raise PreconditionFailed("the resource has changed since the time that was given")
        if self.none_match is not None and _is_among(current, self.none_match):
            raise PreconditionFailed("the resource is there in a state that was excluded")

    def _is_modified(self, current: State | None) -> bool:
        if self.unmodified_since is None or current is None or current.modified_ms is None:
            return False
        return current.modified_ms // 1000 > self.unmodified_since


def _is_among(current: State | None, versions: frozenset[str]) -> bool:
    return current is not None and (
        ANY_VERSION in versions or (bool(versions) and current.version() in versions)
    )


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent: its media type with parameters ("" when none was given), and its bytes, to be read once.

    `announced_bytes` is how many it says it has; None when it does not say.
    """

    media_type: str
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    announced_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """Show a resource in the media type that `select` picks of those available, the best first; None refuses all.

    `wanted` says how much of it.
    """

    target: ResourceIdentifier
    select: Select
    preconditions: Preconditions = Preconditions()
    wanted: Wanted = everything


@dataclass(frozen=True, slots=True)
class Replace:
    """Put a representation at this very path, new or not."""

    target: ResourceIdentifier
    body: Body
    preconditions: Preconditions = Preconditions()


@dataclass(frozen=True, slots=True)
class Create:
    """Add a member to a container; `slug` is the wished name, as sent."""

    target: ResourceIdentifier
    body: Body
    slug: str | None = None
    makes_container: bool = False
    preconditions: Preconditions = Preconditions()


@dataclass(frozen=True, slots=True)
class Patch:
    """Change some triples of a resource, new or not; `body` is a patch document."""

    target: ResourceIdentifier
    body: Body
    preconditions: Preconditions = Preconditions()


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a resource."""

    target: ResourceIdentifier
    preconditions: Preconditions = Preconditions()


Operation = Read | Replace | Create | Patch | Delete


def methods_of(target: ResourceIdentifier) -> tuple[str, ...]:
    """The methods that a resource with this path supports, whether it is there or not."""
    if target.is_well_known or target.subject.is_auxiliary:
        return _READING
    is_fixed = target.is_root or (target.is_acl and target.subject.is_root)
    adding = ("POST",) if target.is_container else ()
    removing = () if is_fixed else ("DELETE",)
    return (*_READING, *adding, "PUT", "PATCH", *removing)


_READING = ("GET", "HEAD", "OPTIONS")
