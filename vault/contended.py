"""Patches of one document that come at the same time: worked out one after the other, kept side by side, committed as one.

The only place where objects are written inside a transaction: whoever holds it cannot lose the document to another process.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pyoxigraph import Triple

from vault.authorize import Denied
from vault.context import Context
from vault.entries import Deed, entry_of_success
from vault.errors import ConcurrentChange, VaultError
from vault.model.identifiers import ResourceIdentifier
from vault.model.outcome import Written
from vault.model.records import NewRevision, ResourceRecord
from vault.operations.content import is_rdf
from vault.operations.patch import WrittenDocument, keep_written, patched_document, write_document
from vault.operations.read import own_triples
from vault.permits import Permit, writer
from vault.rdf.patterns import GraphPatch
from vault.stores.ports import CatalogueTransaction

Outcome = Written | Exception


@dataclass(frozen=True, slots=True)
class Course:
    """A patch of a document that was allowed, and is not worked out yet."""

    permit: Permit
    target: ResourceIdentifier
    asked: GraphPatch
    deed: Deed


@dataclass(frozen=True, slots=True)
class _Step:
    """A patch that fits: allowed in the transaction, with the state that it makes."""

    course: Course
    permit: Permit
    written: WrittenDocument


def carry_out_together(context: Context, courses: Sequence[Course]) -> Sequence[Outcome]:
    """Carry out patches of one document, in order; of each is told what came of it.

    Raises:
        VaultError: none of them was carried out.
    """
    return context.catalogue.write(lambda tx: _carry_out(context, tx, courses))


def _carry_out(context: Context, tx: CatalogueTransaction, courses: Sequence[Course]) -> Sequence[Outcome]:
    current = tx.find_resource(courses[0].target)
    if current is None or not is_rdf(current.media_type):
        return [ConcurrentChange("somebody else changed the resource at the same moment")] * len(courses)
    planned = _plan(context, tx, current, courses)
    steps = [step for step in planned if isinstance(step, _Step)]
    written = iter(_put(tx, current, steps, _keep(context, current, steps)))
    return [next(written) if isinstance(step, _Step) else step for step in planned]


def _plan(
    context: Context, tx: CatalogueTransaction, current: ResourceRecord, courses: Sequence[Course]
) -> list[_Step | Exception]:
    """Work out one state on the other; what does not fit is left out."""
    triples: tuple[Triple, ...] = tuple(own_triples(context, current))
    planned: list[_Step | Exception] = []
    for course in courses:
        try:
            permit = course.permit.confirm(tx)
            after = patched_document(context, course.target, course.asked, triples)
            written = write_document(context, course.target, after, current.media_type)
            planned.append(_Step(course, permit, written))
            triples = after
        except (VaultError, Denied) as error:
            planned.append(error)
    return planned


def _keep(context: Context, current: ResourceRecord, steps: Sequence[_Step]) -> list[NewRevision]:
    """Make the states durable, all at the same time."""

    def keep_one(step: _Step) -> NewRevision:
        agent = writer(step.permit.standing)
        return keep_written(context, current.identifier, current.key, step.written, agent)

    if len(steps) < 2:
        return [keep_one(step) for step in steps]
    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(keep_one, steps))


def _put(
    tx: CatalogueTransaction, current: ResourceRecord, steps: Sequence[_Step], news: Sequence[NewRevision]
) -> list[Written]:
    written = []
    for step, new in zip(steps, news, strict=True):
        current = tx.replace_resource(current, new)
        tx.append_lines([entry_of_success(step.permit.standing, step.course.deed, step.permit.allowed)])
        written.append(Written(current.identifier, new.revision, new.media_type, is_new=False))
    return written
