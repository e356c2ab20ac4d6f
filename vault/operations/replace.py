"""Putting a new state in place of an old one; a container keeps what it contains (`solidproject.org/TR/protocol#server-protect-containment`)."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from vault.errors import Conflict
from vocab.namespaces import DCT, LDP, POSIX, RDF

_MANAGED = frozenset({LDP.contains, DCT.modified, POSIX.mtime, POSIX.size})


def without_listing(
    sent: Iterable[Triple], listed: Iterable[Triple], container_url: str
) -> tuple[Triple, ...]:
    """Leave of a container's new triples what is not the vault's own to say.

    What was sent back just as it was shown is let go of.

    Raises:
        Conflict: a triple would change what the container contains, or what is told of it and its members.
    """
    known = set(listed)
    kept = tuple(triple for triple in sent if triple not in known)
    if any(_is_managed(triple, container_url) for triple in kept):
        raise Conflict("what a container contains, and what is told of its members, cannot be written")
    return kept


def check_not_managed(removed: Iterable[Triple], listed: Iterable[Triple], container_url: str) -> None:
    """Refuse to remove what only the vault says of a container, there or not.

    Raises:
        Conflict: a triple is, or looks like, one of its listing.
    """
    known = set(listed)
    if any(triple in known or _is_managed(triple, container_url) for triple in removed):
        raise Conflict("what a container contains, and what is told of its members, cannot be removed")


def _is_managed(triple: Triple, container_url: str) -> bool:
    subject = triple.subject
    if not isinstance(subject, NamedNode) or "#" in subject.value:
        return False
    if subject.value == container_url:
        return triple.predicate.value in _MANAGED
    is_about_member = subject.value.startswith(container_url)
    return is_about_member and (triple.predicate.value in _MANAGED or triple.predicate.value == RDF.type)
