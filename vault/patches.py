"""Changing some triples of a resource: a patch counts for the state it was worked out on, and is tried again when that moved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vault.access.required_modes import Need, Touch, to_patch, to_patch_new
from vault.acl_changes import Graph, change_rules
from vault.authorize import stand
from vault.changes import Ground, Writing, write
from vault.contended import Course, carry_out_together
from vault.context import Context
from vault.entries import Deed
from vault.errors import ConcurrentChange, Unavailable
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.operation import Patch, Preconditions
from vault.model.outcome import Written
from vault.model.records import NewRevision
from vault.model.requester import Caller
from vault.operations.content import is_rdf
from vault.operations.create import missing_containers
from vault.operations.patch import patched, patched_graph, read_patch
from vault.permits import ask
from vault.rdf.patterns import GraphPatch
from vault.stores.ports import CatalogueReader

max_attempts = 20


def patch(context: Context, operation: Patch, caller: Caller) -> Written:
    """Carry out a Patch on any resource, new or not.

    Every patch makes a new revision, also when nothing changed: whoever may only add would learn from the tag what is
    there already.

    Raises:
        Unavailable: others kept changing the resource.
    """
    with context.catalogue.view() as view:
        # What she may depends on the patch, so that is read first; for a storage that is there.
        stand(context, view, operation.target.storage, caller)
    asked = read_patch(operation, context)
    if operation.target.is_acl:
        return _until_it_fits(lambda _: _patch_acl(context, operation, asked, caller))
    return _until_it_fits(lambda number: _patch(context, operation, asked, caller, number))


def _until_it_fits(attempt: Callable[[int], Written]) -> Written:
    for number in range(max_attempts):
        try:
            return attempt(number)
        except ConcurrentChange:
            continue
    raise Unavailable("others keep changing the resource", retry_after_s=1)


def _patch(context: Context, operation: Patch, asked: GraphPatch, caller: Caller, number: int) -> Written:
    writing, target = _writing(context, operation, asked), operation.target
    if target.is_container or operation.preconditions != Preconditions():
        return write(context, caller, writing)
    with context.lanes.of(target) as lane:
        is_alone = number == 0 and lane.users == 1
        course = None if is_alone else _course(context, caller, writing, asked)
        if course is None:
            return write(context, caller, writing)
        return lane.join(course, partial(carry_out_together, context))


def _course(context: Context, caller: Caller, writing: Writing, asked: GraphPatch) -> Course | None:
    """Allow the patch of a document that is there; None where nothing is that could be patched."""
    target = writing.target
    with context.catalogue.view() as view:
        permit = ask(stand(context, view, target.storage, caller), writing.needs, hides=writing.hides)
        record = view.find_resource(target)
    if record is None or not is_rdf(record.media_type):
        return None
    return Course(permit, record.identifier, asked, writing.deed)


def _writing(context: Context, operation: Patch, asked: GraphPatch) -> Writing:
    target = operation.target
    mode = AccessMode.WRITE if asked.removes else AccessMode.APPEND

    def prepare(ground: Ground) -> NewRevision:
        return patched(context, operation, asked, ground.seen, (ground.key, ground.agent))

    return Writing(
        target,
        operation.preconditions,
        partial(_needs, target=target, touch=Touch(asked.has_conditions, asked.removes)),
        Deed("change", mode, target),
        prepare,
        is_relative=True,
        hides=target.is_description,
    )


def _needs(view: CatalogueReader, target: ResourceIdentifier, touch: Touch) -> tuple[Need, ...]:
    if target.is_description or view.find_resource(target) is not None:
        return to_patch(target, touch)
    existing = view.nearest_container(target).identifier
    return to_patch_new(target, existing, missing_containers(view, target), touch)


def _patch_acl(context: Context, operation: Patch, asked: GraphPatch, caller: Caller) -> Written:
    def after(before: Graph) -> Graph:
        return patched_graph(context, asked, before)

    return change_rules(context, operation, caller, after, "change")
