"""Changing documents and containers: the object is durable first, then one transaction with the journal's line.

Nothing commits after a stop was acknowledged, and nothing is kept of an upload that was cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from pyoxigraph import NamedNode, Triple

from vault.access.compile import compile_acl
from vault.access.required_modes import Need, to_add, to_create, to_delete, to_replace
from vault.authorize import sees_everything, sees_in, stand
from vault.context import Context
from vault.entries import Deed, entry_of_success
from vault.errors import ConcurrentChange, Conflict, MethodNotAllowed, NoSuchResource
from vault.grants.layout import graph_of_new
from vault.listing import members_seen
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.operation import Body, Create, Delete, Preconditions, Replace, methods_of
from vault.model.outcome import Deleted, Written
from vault.model.records import NewRevision, Removal, ResourceKind, ResourceRecord
from vault.model.requester import Caller
from vault.operations.access_rules import PreparedAcl, prepare_acl, put_acl
from vault.operations.card import check_card, is_card
from vault.operations.content import check_media_type, is_rdf, keep, keep_nothing, read_rdf
from vault.operations.create import check_creatable, create, missing_containers, name_member
from vault.operations.delete import check_removable
from vault.operations.read import Seen, listing, no_members, own_triples
from vault.operations.replace import without_listing
from vault.permits import NeedsIn, Permit, ask, needs_of_group, version_of, writer
from vault.rdf.containment import container_triples
from vault.rdf.documents import to_sorted_ntriples
from vault.rdf.groups import read_groups
from vault.room import within_room
from vault.stores.ports import CatalogueReader, CatalogueTransaction
from vocab.media_types import TURTLE

_NO_BODY = Body("")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a new state is made on: what is there (None: nothing), the key of the resource, who writes, and what was sent,
    as far as there is room for it.
    """

    seen: Seen | None
    key: str
    agent: str
    body: Body


@dataclass(frozen=True, slots=True)
class Writing:
    """A new state for one resource, there or not.

    `prepare` makes it durable. With `is_relative` it counts only for the state that it was made of. `hides`: see
    `authorize`.
    """

    target: ResourceIdentifier
    preconditions: Preconditions
    needs: NeedsIn
    deed: Deed
    prepare: Callable[[Ground], NewRevision]
    body: Body = _NO_BODY
    is_relative: bool = False
    hides: bool = False


def put(context: Context, operation: Replace, caller: Caller) -> Written:
    """Carry out a Replace on a document, container or description resource, new or not."""
    target = operation.target
    return write(
        context,
        caller,
        Writing(
            target,
            operation.preconditions,
            lambda view: _to_put(view, target),
            Deed("replace", AccessMode.WRITE, target),
            partial(_prepare, context, target),
            operation.body,
            hides=target.is_description,
        ),
    )


def write(context: Context, caller: Caller, writing: Writing) -> Written:
    """Decide on a new state, make it durable, and put it in place.

    Raises:
        ConcurrentChange: somebody else changed, made or removed the resource at the same moment.
    """
    target = writing.target
    with context.catalogue.view() as view:
        permit = ask(
            stand(context, view, target.storage, caller), _guarded(context, writing), hides=writing.hides
        )
        record = view.find_resource(target)
        if record is None:
            check_creatable(view, target)
        writing.preconditions.check(version_of(permit.standing, record))
        body = within_room(permit.standing, writing.body)
        seen = None if record is None else _see(permit, record)
    key = context.new_id() if record is None else record.key
    new = writing.prepare(Ground(seen, key, writer(permit.standing), body))

    def change(tx: CatalogueTransaction) -> Written:
        confirmed = permit.confirm(tx)
        current = tx.find_resource(target)
        writing.preconditions.check(version_of(confirmed.standing, current))
        _check_unmoved(record, current, is_relative=writing.is_relative)
        if current is None:
            _create(confirmed, tx, target, new, key)
        else:
            tx.replace_resource(current, new)
        deed = replace(writing.deed, activity="create") if current is None else writing.deed
        tx.append_lines([entry_of_success(confirmed.standing, deed, confirmed.allowed)])
        return Written(target, new.revision, new.media_type, is_new=current is None)

    return context.catalogue.write(change)


def _see(permit: Permit, record: ResourceRecord) -> Seen:
    is_container = record.kind is ResourceKind.CONTAINER
    members = members_seen(permit.standing, record) if is_container else no_members
    return Seen(record, record.revision, members)


def _check_unmoved(
    before: ResourceRecord | None, current: ResourceRecord | None, *, is_relative: bool
) -> None:
    if (before and before.key) != (current and current.key):
        raise ConcurrentChange("somebody else made or removed the resource at the same moment")
    if is_relative and (before and before.revision) != (current and current.revision):
        raise ConcurrentChange("somebody else changed the resource at the same moment")


def add(context: Context, operation: Create, caller: Caller) -> Written:
    """Carry out a Create: a new member of a container."""
    target = operation.target
    with context.catalogue.view() as view:
        permit = ask(stand(context, view, target.storage, caller), lambda _: to_add(target))
        container = view.find_resource(target)
        if container is None:
            raise NoSuchResource("there is nothing here")
        if not target.is_container:
            raise MethodNotAllowed("only a container can be added to", methods_of(target))
        operation.preconditions.check(version_of(permit.standing, container))
        wish = operation.slug if sees_everything(permit.standing, container) else None
        operation = replace(operation, body=within_room(permit.standing, operation.body))
        member = name_member(view, target, wish, context.new_id, is_container=operation.makes_container)
        if view.names_group_document(member.url(context.base_url)):
            # Whoever may add only shall not become the one who says who is in a group.
            member = name_member(view, target, None, context.new_id, is_container=operation.makes_container)
    key = context.new_id()
    new = _prepare(context, member, Ground(None, key, writer(permit.standing), operation.body))

    def change(tx: CatalogueTransaction) -> Written:
        confirmed = permit.confirm(tx)
        operation.preconditions.check(version_of(confirmed.standing, tx.find_resource(target)))
        _create(confirmed, tx, member, new, key)
        deed = Deed("create", AccessMode.APPEND, member)
        tx.append_lines([entry_of_success(confirmed.standing, deed, confirmed.allowed)])
        return Written(member, new.revision, new.media_type, is_new=True)

    return context.catalogue.write(change)


def remove(context: Context, operation: Delete, caller: Caller) -> Deleted:
    """Carry out a Delete on a document or container."""
    target = operation.target
    with context.catalogue.view() as view:
        permit = ask(stand(context, view, target.storage, caller), lambda v: _to_remove(context, v, target))
        _check_removal(permit, view, operation)

    def change(tx: CatalogueTransaction) -> Deleted:
        confirmed = permit.confirm(tx)
        record = _check_removal(confirmed, tx, operation)
        deed = Deed("delete", AccessMode.WRITE, target)
        tx.append_lines([entry_of_success(confirmed.standing, deed, confirmed.allowed)])
        tx.delete_resource(record, Removal(writer(confirmed.standing), context.clock().wall_ms))
        return Deleted()

    return context.catalogue.write(change)


def _to_put(view: CatalogueReader, target: ResourceIdentifier) -> tuple[Need, ...]:
    if target.is_description or view.find_resource(target) is not None:
        return to_replace(target)
    return to_create(target, view.nearest_container(target).identifier, missing_containers(view, target))


def _guarded(context: Context, writing: Writing) -> NeedsIn:
    """What a write needs, with what it takes besides because an ACL names a group in the document."""
    return lambda view: (*writing.needs(view), *needs_of_group(context, view, writing.target))


def _to_remove(context: Context, view: CatalogueReader, target: ResourceIdentifier) -> tuple[Need, ...]:
    return (*to_delete(target), *needs_of_group(context, view, target))


def _check_removal(permit: Permit, view: CatalogueReader, operation: Delete) -> ResourceRecord:
    record = view.find_resource(operation.target)
    if record is None:
        raise NoSuchResource("there is nothing here")
    operation.preconditions.check(version_of(permit.standing, record))
    check_removable(view, record, sees_in(permit.standing, record))
    return record


def _prepare(context: Context, target: ResourceIdentifier, ground: Ground) -> NewRevision:
    """Read what was sent and make it durable."""
    body, key, agent = ground.body, ground.key, ground.agent
    url = target.url(context.base_url)
    if target.is_container:
        return _prepare_container(context, target, ground)
    media_type = check_media_type(body.media_type)
    if is_rdf(media_type) or target.is_description:
        data, triples = read_rdf(body, url, context.limits)
        if is_card(target) and ground.seen is not None:
            check_card(own_triples(context, ground.seen.record), triples)
        groups = read_groups(triples, url, context.limits.max_group_members)
        kept = keep(context, target, key, Body(media_type, iter((data,))), agent)
        return replace(kept, groups=groups)
    if is_card(target):
        raise Conflict("the card stays linked data")
    return keep(context, target, key, Body(media_type, body.chunks), agent)


def _prepare_container(context: Context, target: ResourceIdentifier, ground: Ground) -> NewRevision:
    seen, key, agent = ground.seen, ground.key, ground.agent
    if not ground.body.media_type:
        return keep_nothing(context, TURTLE, agent)
    url = target.url(context.base_url)
    _, sent = read_rdf(ground.body, url, context.limits)
    listed = container_triples(url, 0, ()) if seen is None else listing(context, seen, _named_in(sent))
    own = without_listing(sent, listed, url)
    if not own:
        return keep_nothing(context, TURTLE, agent)
    return keep(context, target, key, Body(TURTLE, iter((to_sorted_ntriples(own),))), agent)


def _named_in(triples: Iterable[Triple]) -> frozenset[str]:
    terms = (term for triple in triples for term in (triple.subject, triple.object))
    return frozenset(term.value for term in terms if isinstance(term, NamedNode))


def _create(
    permit: Permit, tx: CatalogueTransaction, target: ResourceIdentifier, new: NewRevision, key: str
) -> None:
    context = permit.standing.context
    for record in create(context, tx, target, new, key):
        if tx.is_boundary(record.identifier):
            _govern_anew(permit, tx, record)


def _govern_anew(permit: Permit, tx: CatalogueTransaction, subject: ResourceRecord) -> None:
    """Let what kept a grant out of this path, or let it in, hold again for what is made there now."""
    context = permit.standing.context
    triples = graph_of_new(context, tx, permit.standing.storage, subject.identifier)
    if triples is None:
        return
    key = context.new_id()
    compiled = compile_acl(triples, subject.identifier.url(context.base_url))
    # What it repeats from above was written there.
    above = tx.rules(subject.identifier.storage, subject.acl_key)
    compiled = replace(compiled, writer=above.writer)
    new = prepare_acl(context, subject.identifier.acl, key, triples, None)
    put_acl(tx, subject, None, PreparedAcl(key, new, compiled))
