"""Keeping a change of grants: the ACL graphs first, then one transaction with grants, rules, boundaries and journal.

A change is worked out in a view and counts only while the storage's access epoch stands still; otherwise it is worked out
again. So nothing is decided on rules that somebody changed in between, and nothing waits on a lock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from vault.access.compile import compile_acl
from vault.context import Context
from vault.errors import ConcurrentChange, NoSuchResource
from vault.grants.foreign_edits import EditVerdict
from vault.grants.known import KnownGrant, grant_document, known_grants
from vault.grants.layout import NO_CHANGE, GrantChange, Layout, lay_out
from vault.model.grant import Grant, instant_at
from vault.model.identifiers import ResourceIdentifier, StorageId, identifier_from_url
from vault.model.journal import JournalEntry
from vault.model.moments import Moment
from vault.model.records import (
    NewRevision,
    Removal,
    ResourceKind,
    ResourceRecord,
    ServiceDocument,
    StorageRecord,
)
from vault.model.rules import CompiledAcl, Rule
from vault.rdf.documents import to_sorted_ntriples
from vault.stores.ports import CatalogueReader, CatalogueTransaction
from vocab.media_types import TURTLE

max_attempts = 5


@dataclass(frozen=True, slots=True)
class Change:
    """What happens in one transaction: grants, further documents (requests, a relocation), journal lines, and the rest."""

    grants: GrantChange = NO_CHANGE
    documents: tuple[ServiceDocument, ...] = ()
    entries: tuple[JournalEntry, ...] = ()
    also: Callable[[CatalogueTransaction], None] | None = None


@dataclass(frozen=True, slots=True)
class _AclWrite:
    """One ACL that changes; `current` is None when it is new."""

    subject: ResourceIdentifier
    current: ResourceRecord | None
    key: str
    new: NewRevision
    compiled: CompiledAcl


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A change ready for its transaction: every object that it names is durable."""

    storage: StorageId
    epoch: int
    time_ms: int
    acls: tuple[_AclWrite, ...]
    gone: tuple[ResourceRecord, ...]
    grants: tuple[ServiceDocument, ...]
    boundaries: tuple[str, ...]


def apply_changes(
    context: Context, storage: StorageId, make: Callable[[CatalogueReader], Change]
) -> tuple[KnownGrant, ...]:
    """Carry out what `make` wants in one transaction, and give its grants as they are kept now.

    `make` gets the state on which it decides, again for each attempt; what it raises passes on. Durable on return.

    Raises:
        ConcurrentChange: others kept changing the storage.
    """
    for _ in range(max_attempts - 1):
        try:
            return _attempt(context, storage, make)
        except ConcurrentChange:
            continue
    return _attempt(context, storage, make)


def apply_verdict(
    tx: CatalogueTransaction, context: Context, storage: StorageRecord, verdict: EditVerdict
) -> None:
    """Let the grants follow an ACL that a person wrote or deleted earlier in this transaction.

    Its objects are written inside the transaction: what they say follows from a state that exists only there. Without
    grants nothing is written.
    """
    known = known_grants(tx, storage.storage)
    if not known:
        return
    now = context.clock()
    ended = (stopped(one.grant, now) for one in known if one.grant.id in verdict.ended)
    change = GrantChange(replaced=(*verdict.narrowed, *ended))
    layout = lay_out(context, tx, storage, change)
    _apply(tx, _prepare(context, layout), Change(change))


def stopped(grant: Grant, now: Moment) -> Grant:
    """The grant as it is once she stops it."""
    return replace(grant, stopped_at=instant_at(now.wall_s))


def _attempt(
    context: Context, storage: StorageId, make: Callable[[CatalogueReader], Change]
) -> tuple[KnownGrant, ...]:
    with context.catalogue.view() as view:
        record = view.find_storage(storage)
        if record is None:
            raise NoSuchResource("no such storage")
        change = make(view)
        layout = lay_out(context, view, record, change.grants)
    prepared = _prepare(context, layout)
    context.catalogue.write(lambda tx: _apply(tx, prepared, change))
    return layout.changed


def _prepare(context: Context, layout: Layout) -> _Prepared:
    """Write the objects that the change needs, and nothing else."""
    time_ms = context.clock().wall_ms
    wanted = (_wanted(context, layout, url) for url in sorted(layout.wanted))
    gone = sorted(layout.made - layout.wanted.keys())
    places = {url for grant in layout.in_force for url in (*grant.terms.targets(), *grant.exceptions)}
    return _Prepared(
        layout.storage,
        layout.epoch,
        time_ms,
        tuple(write for write in wanted if write is not None),
        tuple(layout.records[url] for url in gone),
        tuple(grant_document(layout.storage, known, time_ms) for known in layout.changed),
        tuple(sorted(identifier_from_url(url, context.base_url).path for url in places)),
    )


def _wanted(context: Context, layout: Layout, url: str) -> _AclWrite | None:
    """What to write of one ACL; None when it already says what it should."""
    triples, current = layout.wanted[url], layout.records.get(url)
    compiled = replace(compile_acl(triples, url), writer=layout.writer_of(url))
    if url in layout.written and _same(compiled, compile_acl(layout.written[url], url)):
        return None
    body = to_sorted_ntriples(triples)
    if current is not None and current.stored and current.stored.sha256 == hashlib.sha256(body).digest():
        return None
    subject = identifier_from_url(url, context.base_url)
    key, revision = current.key if current else context.new_id(), context.new_id()
    stored = context.documents.write(subject.storage, key, revision, (body,))
    # Whoever wrote an ACL stays its writer: only then it stays a boundary.
    agent = current.agent if current else None
    new = NewRevision(revision, TURTLE, stored, agent, context.clock().wall_ms)
    return _AclWrite(subject, current, key, new, compiled)


def _same(one: CompiledAcl, other: CompiledAcl) -> bool:
    return all(
        {_plain(rule) for rule in mine} == {_plain(rule) for rule in theirs}
        for mine, theirs in ((one.access_to, other.access_to), (one.default, other.default))
    )


def _plain(rule: Rule) -> tuple[Rule, frozenset[object]]:
    return replace(rule, conditions=()), frozenset(rule.conditions)


def _apply(tx: CatalogueTransaction, prepared: _Prepared, change: Change) -> None:
    storage = prepared.storage
    if tx.epochs(storage).storage != prepared.epoch:
        raise ConcurrentChange("the rules of the storage were changed first")
    for document in (*prepared.grants, *change.documents):
        tx.put_document(document)
    for write in prepared.acls:
        _write_acl(tx, write)
    for acl in prepared.gone:
        tx.delete_resource(acl, Removal(None, prepared.time_ms))
        tx.drop_rules(_subject(tx, acl.identifier.subject))
    tx.put_boundaries(storage, prepared.boundaries)
    tx.raise_storage_epoch(storage)
    tx.append_lines(change.entries)
    if change.also is not None:
        change.also(tx)


def _write_acl(tx: CatalogueTransaction, write: _AclWrite) -> None:
    subject = _subject(tx, write.subject)
    if write.current is None:
        tx.create_resource(write.subject.acl, ResourceKind.ACL, write.new, write.key)
    else:
        tx.replace_resource(write.current, write.new)
    tx.put_rules(subject, write.compiled)


def _subject(tx: CatalogueTransaction, identifier: ResourceIdentifier) -> ResourceRecord:
    found = tx.find_resource(identifier)
    if found is None:
        raise ConcurrentChange("the resource of an ACL is gone")
    return found
