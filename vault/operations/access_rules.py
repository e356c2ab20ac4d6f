"""Keeping ACL resources: the graph for people, the compiled rules for deciding, always in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Triple

from vault.context import Context
from vault.model.identifiers import ResourceIdentifier
from vault.model.operation import Body
from vault.model.records import NewRevision, Removal, ResourceKind, ResourceRecord
from vault.model.rules import CompiledAcl
from vault.operations.content import keep
from vault.rdf.documents import to_sorted_ntriples
from vault.stores.ports import CatalogueTransaction
from vocab.media_types import TURTLE


@dataclass(frozen=True, slots=True)
class PreparedAcl:
    """An ACL whose graph is durable: the key of its resource, the revision, and its rules."""

    key: str
    new: NewRevision
    compiled: CompiledAcl


def prepare_acl(
    context: Context, acl: ResourceIdentifier, key: str, triples: Iterable[Triple], agent: str | None
) -> NewRevision:
    """Keep an ACL's graph; `agent` None says that the vault made it."""
    # Sorted N-Triples, which is Turtle too: the same graph always gives the same bytes.
    return keep(context, acl, key, Body(TURTLE, iter((to_sorted_ntriples(triples),))), agent)


def put_acl(
    tx: CatalogueTransaction, subject: ResourceRecord, current: ResourceRecord | None, acl: PreparedAcl
) -> ResourceRecord:
    """Let an ACL govern its subject from now on, and what inherits from it."""
    if current is None:
        written = tx.create_resource(subject.identifier.acl, ResourceKind.ACL, acl.new, acl.key)
    else:
        written = tx.replace_resource(current, acl.new)
    tx.put_rules(subject, acl.compiled)
    return written


def drop_acl(
    tx: CatalogueTransaction, subject: ResourceRecord, current: ResourceRecord, removal: Removal
) -> None:
    """Let the subject inherit again."""
    tx.delete_resource(current, removal)
    tx.drop_rules(subject)
