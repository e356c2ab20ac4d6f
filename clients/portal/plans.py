"""A plan with its goals and tasks, read from the documents of its container."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clients.portal.containers import pieces_in
from clients.portal.here import resident, text
from clients.solid.documents import Document
from clients.solid.pieces import Piece
from clients.solid.resources import Member, list_container
from vocab.concepts import fixed_containers
from vocab.namespaces import RDF, SCHEMA, WK

max_read = 40


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task: what, whose, until when, and whether it is done."""

    title: str
    whose: str
    due: date | None
    is_done: bool


@dataclass(frozen=True, slots=True)
class GoalView:
    """One goal; a goal without tasks is still open."""

    title: str
    progress: str | None
    open_tasks: tuple[TaskView, ...]
    done_tasks: tuple[TaskView, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan on a page."""

    goals: tuple[GoalView, ...]
    text: str | None


def plan_of(piece: Piece) -> PlanView | None:
    """The plan that a piece is; None when it is something else."""
    document = piece.document
    if document is None or WK.Plan not in document.links(RDF.type):
        return None
    goals = tuple(_goal(goal) for goal in _documents(document.links(WK.heeftDoel)))
    return PlanView(goals, document.text(SCHEMA.text))


def my_tasks() -> tuple[TaskView, ...]:
    """Her own tasks of all plans that are not done, the one that is due first on top."""
    here = resident()
    plans = next(container for container in fixed_containers() if container.path == "plannen/")
    found: list[TaskView] = []
    for piece in pieces_in(plans):
        members = list_container(here.session, f"{piece.target}taken/") if _has_tasks(piece) else ()
        documents = (here.memory.describe(here.session, member, None) for member in members[:max_read])
        found += [_task(document) for document in documents if document is not None and _is_mine(document)]
    return tuple(sorted((task for task in found if not task.is_done), key=_due))


def _has_tasks(piece: Piece) -> bool:
    here = resident()
    inside = list_container(here.session, piece.target) if piece.is_container else ()
    return any(member.url == f"{piece.target}taken/" for member in inside)


def _is_mine(document: Document) -> bool:
    return resident().webid in document.links(SCHEMA.agent)


def _goal(document: Document) -> GoalView:
    tasks = sorted((_task(task) for task in _documents(document.links(WK.heeftTaak))), key=_due)
    return GoalView(
        document.title or text("stukken.naamloos"),
        document.text(WK.voortgang),
        tuple(task for task in tasks if not task.is_done),
        tuple(task for task in tasks if task.is_done),
    )


def _task(document: Document) -> TaskView:
    done = SCHEMA.CompletedActionStatus in document.links(SCHEMA.actionStatus)
    whose = text("plan.uw_taak") if _is_mine(document) else text("plan.andere_taak")
    return TaskView(
        document.title or text("stukken.naamloos"), whose, _day(document.text(SCHEMA.endTime)), done
    )


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written or "")
    except ValueError:
        return None


def _due(task: TaskView) -> date:
    return task.due or date.max


def _documents(urls: Iterable[str]) -> Iterable[Document]:
    here = resident()
    for url in tuple(urls)[:max_read]:
        if not here.storage.holds(url):
            continue
        found = here.memory.describe(here.session, Member(url, None), None)
        if found is not None:
            yield found
