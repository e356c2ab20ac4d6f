"""Who could see something at a moment that is past: the ACL that governed it then, as it stood then."""

from __future__ import annotations

from vault.access.compile import compile_acl
from vault.context import Context
from vault.errors import UnacceptableContent, Unavailable
from vault.model.identifiers import ResourceIdentifier
from vault.model.records import ResourceRecord, StorageRecord
from vault.model.rules import CompiledAcl, Subject
from vault.operations.read import own_triples
from vault.stores.ports import CatalogueReader


def subject_at(
    context: Context,
    view: CatalogueReader,
    storage: StorageRecord,
    identifier: ResourceIdentifier,
    time_ms: int,
) -> Subject:
    """What a decision about a path would have been about at a moment (wall milliseconds).

    Without any rules when those cannot be told any more.
    """
    for place in (identifier, *identifier.ancestors()):
        acl = view.resource_at(place.acl, time_ms)
        if acl is not None:
            compiled = _compiled(context, acl, place.url(context.base_url))
            rules = compiled.access_to if place == identifier else compiled.default
            return Subject(identifier, storage.owner, storage.issuer, rules, acl.agent)
    return Subject(identifier, storage.owner, storage.issuer, (), None)


def _compiled(context: Context, acl: ResourceRecord, subject_url: str) -> CompiledAcl:
    try:
        return compile_acl(own_triples(context, acl), subject_url)
    except (UnacceptableContent, Unavailable):
        # What cannot be read let nobody in.
        return CompiledAcl()
