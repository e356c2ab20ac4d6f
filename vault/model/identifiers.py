"""Identifiers of storages and resources, valid by construction (`solidproject.org/TR/protocol#uri`)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from vault.errors import InvalidIdentifier

ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# The first of the sixteen is a letter.
_LETTERS, _OTHERS = 23, 15
_ID = re.compile(r"[a-z][a-z2-9]{15}")
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+")
# Segments that begin with a letter or digit and have no escapes: nearly all, and nothing in them needs a second look.
_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9][A-Za-z0-9._~-]*)?")
_FORBIDDEN_ESCAPES = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff]|5[Cc])")
max_path_length = 2048
ACL_SUFFIX = ".acl"
META_SUFFIX = ".meta"
WELL_KNOWN = ".well-known"

IdSource = Callable[[], str]


def random_id() -> str:
    """Make a random identifier of 16 characters (78 bits) that says nothing."""
    # One draw for all characters: sixteen of them cost as much as the rest of a small write.
    rest, first = divmod(secrets.randbelow(_LETTERS * len(ID_ALPHABET) ** _OTHERS), _LETTERS)
    characters = [ID_ALPHABET[first]]
    for _ in range(_OTHERS):
        rest, other = divmod(rest, len(ID_ALPHABET))
        characters.append(ID_ALPHABET[other])
    return "".join(characters)


@dataclass(frozen=True, slots=True, order=True)
class StorageId:
    """The random id of one citizen's storage."""

    value: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.value):
            raise InvalidIdentifier("not the id of a storage")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, order=True)
class ResourceIdentifier:
    """A resource of a storage; `path` is the raw path after the storage's root, "" for the root itself.

    The path is never decoded or normalised: `a%2Fb` and `a/b` are two resources. Empty segments and dot
    segments (encoded ones too) are no identifiers.

    Raises:
        InvalidIdentifier: the path names no possible resource.
    """

    storage: StorageId
    path: str

    def __post_init__(self) -> None:
        if len(self.path) > max_path_length:
            raise InvalidIdentifier("the path is too long")
        if _PLAIN_PATH.fullmatch(self.path):
            return
        for segment in self.path.removesuffix("/").split("/"):
            _check_segment(segment)

    @property
    def is_root(self) -> bool:
        """Whether this is the root container of the storage."""
        return self.path == ""

    @property
    def is_container(self) -> bool:
        """Whether the path ends in a slash (`solidproject.org/TR/protocol#uri-slash-semantics`)."""
        return self.path == "" or self.path.endswith("/")

    @property
    def is_acl(self) -> bool:
        """Whether this names an ACL resource."""
        return self.path.endswith(ACL_SUFFIX)

    @property
    def is_description(self) -> bool:
        """Whether this names a description resource."""
        return self.path.endswith(META_SUFFIX)

    @property
    def is_auxiliary(self) -> bool:
        """Whether this names an auxiliary resource of another one."""
        return self.is_acl or self.is_description

    @property
    def is_well_known(self) -> bool:
        """Whether this lies in the part of the storage that the server keeps for itself."""
        return self.path.split("/", 1)[0] == WELL_KNOWN

    @property
    def subject(self) -> ResourceIdentifier:
        """The resource that an auxiliary resource belongs to; itself for any other."""
        for suffix in (ACL_SUFFIX, META_SUFFIX):
            if self.path.endswith(suffix):
                return ResourceIdentifier(self.storage, self.path.removesuffix(suffix))
        return self

    @property
    def acl(self) -> ResourceIdentifier:
        """The identifier of the ACL resource of this resource."""
        return ResourceIdentifier(self.storage, self.path + ACL_SUFFIX)

    @property
    def description(self) -> ResourceIdentifier:
        """The identifier of the description resource of this resource."""
        return ResourceIdentifier(self.storage, self.path + META_SUFFIX)

    @property
    def parent(self) -> ResourceIdentifier | None:
        """The container this lies in, None for the root. An auxiliary's parent is its subject's."""
        subject = self.subject
        if subject.is_root:
            return None
        head, _, _ = subject.path.removesuffix("/").rpartition("/")
        return ResourceIdentifier(self.storage, f"{head}/" if head else "")

    @property
    def name(self) -> str:
        """The last segment, without slash; "" for the root."""
        return self.path.removesuffix("/").rpartition("/")[2]

    def ancestors(self) -> tuple[ResourceIdentifier, ...]:
        """The containers above this one, nearest first, the root last."""
        found: list[ResourceIdentifier] = []
        above = self.parent
        while above is not None:
            found.append(above)
            above = above.parent
        return tuple(found)

    def url(self, base_url: str) -> str:
        """The URL of this resource under a base URL that ends in a slash."""
        return f"{base_url}{self.storage}/{self.path}"


def _check_segment(segment: str) -> None:
    plain = re.sub(r"%2[Ee]", ".", segment)
    if plain in {".", ".."} or not _SEGMENT.fullmatch(segment) or _FORBIDDEN_ESCAPES.search(segment):
        raise InvalidIdentifier("the path has an empty, dot or malformed segment")


def identifier_from_url(url: str, base_url: str) -> ResourceIdentifier:
    """Read a URL under the base URL exactly as it stands; a query or fragment is refused.

    Raises:
        InvalidIdentifier: not under the base URL, or not canonical.
    """
    if not url.startswith(base_url):
        raise InvalidIdentifier("not a URL of this server")
    storage, slash, path = url[len(base_url) :].partition("/")
    if not slash:
        raise InvalidIdentifier("not a URL of a storage")
    return ResourceIdentifier(StorageId(storage), path)
