"""Rows of the catalogue as values: storages, resources, epochs and the documents of services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from vault.model.groups import Group
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.limits import VaultLimits


class ResourceKind(StrEnum):
    """What a resource is."""

    CONTAINER = "container"
    DOCUMENT = "document"
    ACL = "acl"
    DESCRIPTION = "meta"


AUXILIARY_KINDS = (ResourceKind.ACL, ResourceKind.DESCRIPTION)


@dataclass(frozen=True, slots=True)
class Epochs:
    """Two counters: `storage` moves with each change of who may what there, `server` with the register, limits and
    sign-outs. A decision counts only as long as both stand still.
    """

    storage: int
    server: int


@dataclass(frozen=True, slots=True)
class StorageRecord:
    """A storage and its owner: her WebID counts only with this issuer; `name` is how she wants to be called.

    While it `is_paused` nobody but she gets in, whatever its rules and grants say.
    """

    storage: StorageId
    owner: str
    issuer: str
    name: str
    epoch: int
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class HiddenStorage:
    """A storage that is out of sight, and the wall second from which it may be destroyed."""

    storage: StorageId
    erase_at_s: int


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Encrypted bytes that are durable: the key in the object store, plain size and SHA-256 of the plain bytes."""

    key: str
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class NamedObject:
    """An object that some revision names: its key, and the size of the plain bytes."""

    key: str
    plain_size: int


@dataclass(frozen=True, slots=True)
class ResourceRecord:
    """The current state of a resource.

    `key` is the random id of the resource itself, `revision` the random id of its current revision (changes with every
    write, also part of ETags). `stored` is None for a container without triples of its own. `acl_key` is the `key` of
    the resource (itself or the nearest ancestor) whose ACL resource governs it. Times are wall milliseconds; `agent`
    wrote the revision.
    """

    key: str
    identifier: ResourceIdentifier
    kind: ResourceKind
    revision: str
    media_type: str
    stored: StoredObject | None
    created_ms: int
    modified_ms: int
    agent: str | None
    acl_key: str

    @property
    def has_own_acl(self) -> bool:
        """Whether an ACL resource of its own governs this resource."""
        return self.acl_key == self.key

    def in_state(self, then: RevisionRecord) -> ResourceRecord:
        """The resource as it was with one of its revisions."""
        return replace(
            self,
            revision=then.id,
            media_type=then.media_type,
            stored=then.stored,
            modified_ms=then.modified_ms,
            agent=then.agent,
        )


# Of a member of a container: its key, the id of its current revision, and the key of what governs it. A plain tuple,
# for of these there are as many as a container has members.
MemberMark = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """What is listed of a member of a container: the path within its storage, and `size` of the plain bytes."""

    path: str
    is_container: bool
    media_type: str
    size: int
    modified_ms: int


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some members of a container, oldest first; names are opened as they pass, also when the view is over.

    `last` is where the next page begins, None when this is the last one.
    """

    members: Iterator[Member]
    last: int | None


@dataclass(frozen=True, slots=True)
class NewRevision:
    """What a write puts in place: the object is already durable.

    With `limits` it must fit into what the storage, and the agent in it, may fill. `groups` are those that the document
    describes.
    """

    revision: str
    media_type: str
    stored: StoredObject | None
    agent: str | None
    time_ms: int
    limits: VaultLimits | None = None
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    """One state of a resource, current or kept.

    `ordinal` counts the states of the resource in the order in which they became current. `replaced_ms` is None for the
    last one. The bytes open under the `key` of the resource and this `id`.
    """

    id: str
    ordinal: int
    media_type: str
    stored: StoredObject | None
    modified_ms: int
    replaced_ms: int | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class Removal:
    """Who removed something, and when (wall milliseconds); None is the vault itself."""

    agent: str | None
    time_ms: int


@dataclass(frozen=True, slots=True)
class RemovedRecord:
    """A resource as it was when it was removed: `key`, path, kind, the key of what it lay in, its last revision.

    `acl_key` is the key of the resource whose ACL governed it. `restored_ms` tells when it came back; then the resource
    lives on under its `key`, perhaps at another path.
    """

    number: int
    key: str
    identifier: ResourceIdentifier
    kind: ResourceKind
    parent: str | None
    acl_key: str
    last: RevisionRecord
    created_ms: int
    removal: Removal
    restored_ms: int | None

    @property
    def as_it_was(self) -> ResourceRecord:
        """The resource in its last state."""
        last = self.last
        return ResourceRecord(
            key=self.key,
            identifier=self.identifier,
            kind=self.kind,
            revision=last.id,
            media_type=last.media_type,
            stored=last.stored,
            created_ms=self.created_ms,
            modified_ms=last.modified_ms,
            agent=last.agent,
            acl_key=self.acl_key,
        )


class DocumentKind(StrEnum):
    """Kinds of documents that services keep beside the resources."""

    REQUEST = "request"
    GRANT = "grant"
    INVITATION = "invitation"
    MEETING = "meeting"
    RELOCATION = "relocation"


@dataclass(frozen=True, slots=True)
class ServiceDocument:
    """A document of a service: JSON bytes in `body`, `version` counts from 1 and is compared on writing.

    `party` is the WebID or organisation it concerns besides the owner (found by keyed hash), `status` the local name of
    its status ("Waiting", "Active", …).
    """

    storage: StorageId
    kind: DocumentKind
    id: str
    version: int
    status: str
    party: str | None
    body: bytes
    time_ms: int
