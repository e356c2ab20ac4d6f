"""Making resources, with the containers that they need (`solidproject.org/TR/protocol#writing-resources`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from vault.bsn import holds_bsn
from vault.context import Context
from vault.errors import Conflict, InvalidIdentifier, NoSuchResource
from vault.model.identifiers import ACL_SUFFIX, META_SUFFIX, WELL_KNOWN, ResourceIdentifier
from vault.model.records import NewRevision, ResourceKind, ResourceRecord
from vault.operations.content import keep_nothing
from vault.stores.ports import CatalogueReader, CatalogueTransaction
from vocab.media_types import TURTLE

max_name_length = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._~-]+")


def is_reserved(name: str) -> bool:
    """Whether nobody may store under a name: those of auxiliary resources, and the server's own."""
    plain = unquote(name)
    return plain.endswith((ACL_SUFFIX, META_SUFFIX)) or plain == WELL_KNOWN


def check_creatable(view: CatalogueReader, target: ResourceIdentifier) -> list[ResourceIdentifier]:
    """Refuse a path that is reserved, or taken in the other slash form at any level (`protocol#uri-slash-semantics`).

    Gives the containers that must be made before it, outermost first.

    Raises:
        InvalidIdentifier: a name in it is reserved.
        Conflict: there is a document where a container is needed, or the other way round.
        NoSuchResource: what a description resource would describe is not there.
    """
    if target.is_description:
        if view.find_resource(target.subject) is None:
            raise NoSuchResource("there is nothing here")
        return []
    missing = missing_containers(view, target)
    for identifier in (target, *missing):
        if is_reserved(identifier.name):
            raise InvalidIdentifier("a name in the path is reserved")
        if view.slash_twin_exists(identifier):
            raise Conflict("the same path with or without a slash at its end exists already")
    return missing


def missing_containers(view: CatalogueReader, target: ResourceIdentifier) -> list[ResourceIdentifier]:
    """The containers that must be made before a target can be, outermost first."""
    existing = view.nearest_container(target).identifier
    missing: list[ResourceIdentifier] = []
    above = target.parent
    while above is not None and len(above.path) > len(existing.path):
        missing.append(above)
        above = above.parent
    return missing[::-1]


def create(
    context: Context,
    tx: CatalogueTransaction,
    target: ResourceIdentifier,
    new: NewRevision,
    key: str,
) -> Iterator[ResourceRecord]:
    """Make a resource and the containers it needs; gives each as soon as it is there, the target last.

    Raises:
        InvalidIdentifier, Conflict, NoSuchResource: see `check_creatable`.
    """
    missing = check_creatable(tx, target)
    if target.is_description:
        yield tx.create_resource(target, ResourceKind.DESCRIPTION, new, key)
        return
    for container in missing:
        empty = keep_nothing(context, TURTLE, new.agent)
        yield tx.create_resource(container, ResourceKind.CONTAINER, empty, context.new_id())
    kind = ResourceKind.CONTAINER if target.is_container else ResourceKind.DOCUMENT
    yield tx.create_resource(target, kind, new, key)


def name_member(
    view: CatalogueReader,
    container: ResourceIdentifier,
    wish: str | None,
    new_id: Callable[[], str],
    *,
    is_container: bool,
) -> ResourceIdentifier:
    """Name a new member: as wished when that is free and not reserved, else at random."""
    end = "/" if is_container else ""
    name = _tidy(wish) if wish else ""
    if name and not is_reserved(name):
        wished = ResourceIdentifier(container.storage, f"{container.path}{name}{end}")
        if view.find_resource(wished) is None and not view.slash_twin_exists(wished):
            return wished
    name = next(made for made in iter(new_id, None) if not holds_bsn(made))
    return ResourceIdentifier(container.storage, f"{container.path}{name}{end}")


def _tidy(wish: str) -> str:
    return _UNSAFE.sub("-", unquote(wish).strip().strip("/"))[:max_name_length].strip(".-")
