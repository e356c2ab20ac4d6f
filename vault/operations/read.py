"""Showing a resource: its stored bytes as they are, or its triples in another form (`solidproject.org/TR/protocol#resource-representations`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Triple

from vault.context import Context
from vault.model.records import ResourceKind, ResourceRecord
from vault.model.representation import NOTHING, Candidate, Span
from vault.operations.content import is_rdf
from vault.rdf.containment import MemberFacts, container_triples
from vault.rdf.documents import parse, serialize
from vocab.media_types import JSON_LD, N_TRIPLES, RDF_TYPES, TURTLE, essence

inline_bytes = 64 * 1024
_GRAPH_TYPES = (TURTLE, JSON_LD, N_TRIPLES)
_AS_SENT = frozenset({ResourceKind.DOCUMENT, ResourceKind.DESCRIPTION})


# Finds those members that somebody may see: of the ones with these URLs, or (None) of all.
FindMembers = Callable[[Collection[str] | None], Iterable[MemberFacts]]


def no_members(_: Collection[str] | None) -> tuple[MemberFacts, ...]:
    """Find none, for what has none."""
    return ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A resource as one reader sees it: `version` changes with what she sees, `members` finds those she may see."""

    record: ResourceRecord
    version: str
    members: FindMembers = no_members


@dataclass(frozen=True, slots=True)
class Representation:
    """Bytes to show: the beginning, what follows (None: nothing), and the size of the whole when it is known."""

    body: bytes
    rest: Iterator[bytes] | None
    size: int | None


def available(record: ResourceRecord) -> tuple[str, ...]:
    """The media types in which a resource can be shown, the best first."""
    if record.kind not in _AS_SENT:
        return _GRAPH_TYPES
    if not is_rdf(record.media_type):
        return (record.media_type,)
    others = (other for other in RDF_TYPES if other != essence(record.media_type))
    return (record.media_type, *others)


def modified_ms(record: ResourceRecord) -> int | None:
    """When what is shown of a resource last changed; of a container that cannot be told."""
    return None if record.kind is ResourceKind.CONTAINER else record.modified_ms


def candidate(seen: Seen, media_type: str) -> Candidate:
    """What would be shown in one of the available media types. Parts are given of bytes as they are kept, only."""
    record = seen.record
    return Candidate(
        seen.version,
        media_type,
        modified_ms(record),
        _kept_size(record) if _is_as_kept(record, media_type) else None,
        record.created_ms == record.modified_ms,
    )


def represent(context: Context, seen: Seen, media_type: str, span: Span | None = None) -> Representation:
    """Open a resource in one of its available media types, or a part of it as it is kept.

    Raises:
        Unavailable: the stored bytes cannot be read.
    """
    record = seen.record
    is_as_kept = _is_as_kept(record, media_type)
    if span == NOTHING:
        return Representation(b"", None, _kept_size(record) if is_as_kept else None)
    if is_as_kept:
        return _as_stored(context, record, span)
    converted = _converted(context, seen, media_type)
    if _kept_size(record) > inline_bytes:
        # Left for later: whoever sends the rest does so where it may take its time.
        return Representation(b"", converted, None)
    body = b"".join(converted)
    return Representation(body, None, len(body))


def own_triples(context: Context, record: ResourceRecord) -> list[Triple]:
    """The triples that were written into a resource: none for a container that only lists."""
    if record.stored is None:
        return []
    # Graphs of ACLs and containers are kept as N-Triples, which is Turtle too.
    kept_as = essence(record.media_type) if record.kind in _AS_SENT else TURTLE
    return parse(b"".join(_chunks(context, record)), kept_as, record.identifier.url(context.base_url))


def listing(context: Context, seen: Seen, named: Collection[str] | None = None) -> list[Triple]:
    """What the vault itself says of a container and its members; when URLs are given, of those members only."""
    record = seen.record
    members = seen.members(named)
    return list(container_triples(record.identifier.url(context.base_url), record.modified_ms, members))


def _is_as_kept(record: ResourceRecord, media_type: str) -> bool:
    return record.kind in _AS_SENT and media_type == record.media_type


def _kept_size(record: ResourceRecord) -> int:
    return record.stored.size if record.stored else 0


def _as_stored(context: Context, record: ResourceRecord, span: Span | None) -> Representation:
    size = _kept_size(record)
    chunks = _chunks(context, record, span)
    if (size if span is None else span.size) <= inline_bytes:
        return Representation(b"".join(chunks), None, size)
    return Representation(next(chunks), chunks, size)


def _converted(context: Context, seen: Seen, media_type: str) -> Iterator[bytes]:
    yield serialize(own_triples(context, seen.record), media_type)


def _chunks(context: Context, record: ResourceRecord, span: Span | None = None) -> Iterator[bytes]:
    if record.stored is None:
        return iter(())
    storage = record.identifier.storage
    return context.documents.read(storage, record.key, record.revision, record.stored, span)
