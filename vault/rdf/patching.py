"""Carrying out a patch on the triples of one document (`solidproject.org/TR/protocol#server-patch-n3-semantics`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Triple

from vault.errors import Conflict, UnacceptableContent
from vault.rdf.matching import Bound, fill, find_mappings
from vault.rdf.patterns import Change, GraphPatch, Pattern, open_nodes


@dataclass(frozen=True, slots=True)
class Patched:
    """The triples as they are from now on, in order, and those that were to go and to come, there before or not."""

    triples: tuple[Triple, ...]
    removed: tuple[Triple, ...]
    added: tuple[Triple, ...]


def apply_patch(patch: GraphPatch, triples: Iterable[Triple], limit: int) -> Patched:
    """Carry out a patch; `limit` bounds what its conditions may look at, and what it may change.

    Raises:
        Conflict: an exact patch does not fit the triples.
        UnacceptableContent: it takes more than the limit.
    """
    state = dict.fromkeys(triples)
    removed: dict[Triple, None] = {}
    added: dict[Triple, None] = {}
    for change in patch.changes:
        mappings = find_mappings(state, change.where, limit, most=2 if patch.is_exact else None)
        if patch.is_exact and len(mappings) != 1:
            raise Conflict("the conditions match in no way, or in more than one")
        if len(mappings) * (len(change.deletes) + len(change.inserts)) > max(limit, _size_of(change)):
            raise UnacceptableContent(f"the patch changes more than {limit} triples: put the document whole")
        _carry_out(change, mappings, state, (removed, added), is_exact=patch.is_exact)
    return Patched(tuple(state), tuple(removed), tuple(added))


def _size_of(change: Change) -> int:
    """What is written out in a patch is bounded by the size of the patch."""
    return len(change.deletes) + len(change.inserts)


def _carry_out(
    change: Change,
    mappings: Sequence[Bound],
    state: dict[Triple, None],
    record: tuple[dict[Triple, None], dict[Triple, None]],
    *,
    is_exact: bool,
) -> None:
    removed, added = record
    gone = [made for bound in mappings for made in _fill_all(change.deletes, bound, is_exact=is_exact)]
    if is_exact and not all(triple in state for triple in gone):
        raise Conflict("not everything that is to be removed is there")
    come = [
        made
        for bound in mappings
        for made in _fill_all(change.inserts, _with_new_nodes(change.inserts, bound), is_exact=is_exact)
    ]
    for triple in gone:
        removed[triple] = state.pop(triple, None)
    for triple in come:
        added[triple] = state[triple] = None


def _fill_all(patterns: Iterable[Pattern], bound: Bound, *, is_exact: bool) -> Iterable[Triple]:
    for pattern in patterns:
        made = fill(pattern, bound)
        if made is not None:
            yield made
        elif is_exact:
            raise Conflict("a variable stands for what cannot be there in a triple")


def _with_new_nodes(patterns: Iterable[Pattern], bound: Bound) -> Bound:
    """Each blank node of what is inserted becomes a new one, for every mapping again."""
    blanks = {node for pattern in patterns for node in open_nodes(pattern) if isinstance(node, BlankNode)}
    return {**bound, **{node: BlankNode() for node in blanks}} if blanks else bound
