"""From a patch document to a durable revision (`solidproject.org/TR/protocol#n3-patch`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Triple

from vault.context import Context
from vault.errors import Conflict, TooLarge, UnsupportedMediaType
from vault.model.groups import Group
from vault.model.identifiers import ResourceIdentifier
from vault.model.operation import Body, Patch
from vault.model.records import NewRevision
from vault.operations.card import check_card, is_card
from vault.operations.content import is_rdf, keep, keep_nothing
from vault.operations.read import Seen, listing, own_triples
from vault.operations.replace import check_not_managed, without_listing
from vault.rdf.containment import container_triples
from vault.rdf.documents import serialize, to_sorted_ntriples
from vault.rdf.groups import read_groups
from vault.rdf.n3_patch import parse_n3_patch
from vault.rdf.patching import apply_patch
from vault.rdf.patterns import GraphPatch
from vault.rdf.sparql_update import parse_sparql_update
from vocab.media_types import N3, PATCH_TYPES, SPARQL_UPDATE, TURTLE, essence
from vocab.namespaces import VCARD

_GROUP = VCARD.Group.encode()
_PARSERS: Mapping[str, Callable[[bytes, str], GraphPatch]] = {
    N3: parse_n3_patch,
    SPARQL_UPDATE: parse_sparql_update,
}


def read_patch(operation: Patch, context: Context) -> GraphPatch:
    """Read a patch document; nothing of the resource is looked at.

    Raises:
        UnsupportedMediaType: no kind of patch that is done here.
        MalformedContent: not what its media type says.
        UnacceptableContent: against a rule of its kind.
        TooLarge: over `max_patch_bytes`, or nested too deeply.
    """
    body, limit = operation.body, context.limits.max_patch_bytes
    parser = _PARSERS.get(essence(body.media_type))
    if parser is None:
        raise UnsupportedMediaType("a patch is an N3 Patch or a SPARQL Update", PATCH_TYPES)
    data = b"".join(_limited(body.chunks, limit))
    return parser(data, operation.target.url(context.base_url))


def patched(
    context: Context, operation: Patch, asked: GraphPatch, seen: Seen | None, made_by: tuple[str, str]
) -> NewRevision:
    """Keep the state that a patch makes of what is there; `made_by` are the key of the resource and the writer.

    Raises:
        Conflict: the patch does not fit, or would change what only the vault may.
        UnacceptableContent: it takes more than the limits.
        TooLarge: the new state would be too large.
    """
    target, (key, agent) = operation.target, made_by
    if target.is_container:
        return _patched_container(context, target, asked, seen, made_by)
    media_type = TURTLE if seen is None else seen.record.media_type
    if not is_rdf(media_type):
        raise Conflict("the resource is no linked data: replace it as a whole with PUT")
    before = () if seen is None else tuple(own_triples(context, seen.record))
    after = patched_document(context, target, asked, before)
    return keep_written(context, target, key, write_document(context, target, after, media_type), agent)


def patched_document(
    context: Context, target: ResourceIdentifier, asked: GraphPatch, before: tuple[Triple, ...]
) -> tuple[Triple, ...]:
    """The triples that a patch makes of those of a document. Raises as `patched`."""
    after = patched_graph(context, asked, before)
    if is_card(target):
        check_card(before, after)
    return after


def patched_graph(context: Context, asked: GraphPatch, before: Iterable[Triple]) -> tuple[Triple, ...]:
    """The triples that a patch makes of others. Raises as `patched`."""
    after = apply_patch(asked, before, context.limits.max_patch_matches).triples
    if len(after) > context.limits.max_triples:
        raise TooLarge(f"a document may hold at most {context.limits.max_triples} triples")
    return after


def _patched_container(
    context: Context,
    target: ResourceIdentifier,
    asked: GraphPatch,
    seen: Seen | None,
    made_by: tuple[str, str],
) -> NewRevision:
    """Change a container's own triples: its listing can be a condition, and stays as it is."""
    url, (key, agent) = target.url(context.base_url), made_by
    listed = list(container_triples(url, 0, ())) if seen is None else listing(context, seen)
    own = [] if seen is None else own_triples(context, seen.record)
    result = apply_patch(asked, (*own, *listed), context.limits.max_patch_matches)
    check_not_managed(result.removed, listed, url)
    without_listing(result.added, listed, url)
    known = set(listed)
    kept = [triple for triple in result.triples if triple not in known]
    if not kept:
        return keep_nothing(context, TURTLE, agent)
    return keep(context, target, key, Body(TURTLE, iter((to_sorted_ntriples(kept),))), agent)


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """A document written out, with the groups that it describes."""

    body: Body
    groups: tuple[Group, ...]


def write_document(
    context: Context, target: ResourceIdentifier, triples: Sequence[Triple], media_type: str
) -> WrittenDocument:
    """Write out the triples of a document.

    Raises:
        TooLarge: they take more than the limits.
    """
    data = serialize(triples, essence(media_type))
    if len(data) > context.limits.max_rdf_bytes:
        raise TooLarge(f"linked data may be at most {context.limits.max_rdf_bytes} bytes")
    body = Body(media_type, iter((data,)))
    if _GROUP not in data:
        # IRIs are written out whole, so that no triple of it needs to be looked at.
        return WrittenDocument(body, ())
    groups = read_groups(triples, target.url(context.base_url), context.limits.max_group_members)
    return WrittenDocument(body, groups)


def keep_written(
    context: Context, target: ResourceIdentifier, key: str, written: WrittenDocument, agent: str
) -> NewRevision:
    """Make a document that is written out durable."""
    return replace(keep(context, target, key, written.body, agent), groups=written.groups)


def _limited(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"a patch may be at most {limit} bytes")
        yield chunk
