"""What came of an operation, as a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.representation import Span


@dataclass(frozen=True, slots=True)
class Access:
    """Every mode that the requester has on a resource, and that everybody has."""

    user: frozenset[AccessMode]
    public: frozenset[AccessMode]


@dataclass(frozen=True, slots=True)
class Found:
    """A representation of a resource.

    `version` changes with the state that this requester may see. `body` is the beginning, `rest` what follows (None when
    nothing does; it raises when the requester may not see it any more). `size` is of the whole, None when it is not
    known yet; `span` is the part of it that this is, `has_parts` says that parts of it can be had. `modified_ms` is None
    for a container, whose listing changes without it. `owner` is set for the root of a storage. `sha256` is of the whole
    when it is shown as it is kept.
    """

    identifier: ResourceIdentifier
    version: str
    media_type: str
    access: Access
    body: bytes
    rest: Iterator[bytes] | None = None
    size: int | None = None
    modified_ms: int | None = None
    owner: str | None = None
    span: Span | None = None
    has_parts: bool = False
    sha256: bytes | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A resource was created (`is_new`) or replaced."""

    identifier: ResourceIdentifier
    version: str
    media_type: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Deleted:
    """A resource is gone."""


Outcome = Found | Written | Deleted
