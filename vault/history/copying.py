"""Old bytes as a revision of now: copied, for an object opens only as the revision that it was written for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vault.context import Context
from vault.model.operation import Body
from vault.model.records import NewRevision, ResourceKind, ResourceRecord
from vault.operations.content import is_rdf, keep, keep_nothing
from vault.operations.read import own_triples
from vault.rdf.groups import read_groups


def copy_state(context: Context, state: ResourceRecord, agent: str) -> NewRevision:
    """Make the bytes of a resource, in the state and at the place that the record tells, durable once more.

    Raises:
        StorageFull: no room is left on the disk.
        Unavailable: the bytes cannot be read.
    """
    if state.stored is None:
        return keep_nothing(context, state.media_type, agent)
    body = Body(state.media_type, read_state(context, state))
    new = keep(context, state.identifier, state.key, body, agent)
    if state.kind is ResourceKind.CONTAINER or not is_rdf(state.media_type):
        return new
    # What it says of groups is kept beside it, as when it was first written.
    url = state.identifier.url(context.base_url)
    groups = read_groups(own_triples(context, state), url, context.limits.max_group_members)
    return replace(new, groups=groups)


def read_state(context: Context, state: ResourceRecord) -> Iterator[bytes]:
    """The bytes of a resource in the state that the record tells."""
    if state.stored is None:
        return iter(())
    return context.documents.read(state.identifier.storage, state.key, state.revision, state.stored)
