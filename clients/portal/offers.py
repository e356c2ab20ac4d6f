"""From what was asked (or stopped) to what is given: the ticks on a card, and the grant that follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from clients.look.dates import day, end_of_day, local_day
from clients.portal.containers import (
    container_label,
    container_of,
    containers_of_kind,
    pieces_in,
    title_of,
)
from clients.portal.here import resident, text
from clients.solid.grants import Grant, NewGrant
from clients.solid.pieces import Piece
from clients.solid.requests import AccessRequest
from clients.solid.terms import CONTAINER, DOCUMENT, KIND, Policy, Terms
from vocab.concepts import FixedContainer, fixed_containers, label

_ONLY_IN_CONTAINERS = frozenset({"create", "delete"})


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick: what it stands for, with which actions; `is_whole` says that later pieces are included too."""

    ref: str
    target: str
    actions: tuple[str, ...]
    title: str
    hint: str
    ticked: bool
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be given on one card: the terms asked, the request it answers, the ticks, the last day at most."""

    terms: Terms
    in_response_to: str | None
    ticks: tuple[Tick, ...]
    until: date

    def chosen(self, refs: Iterable[str]) -> tuple[Tick, ...]:
        """The ticks with these references."""
        wanted = set(refs)
        return tuple(tick for tick in self.ticks if tick.ref in wanted)

    def grant(self, ticks: Iterable[Tick], last_day: date) -> NewGrant:
        """The grant of these ticks until the end of a day."""
        terms = replace(self.terms, start=None, end=end_of_day(last_day), policies=_policies(ticks))
        return NewGrant(terms, in_response_to=self.in_response_to)


def of_request(request: AccessRequest, longest: date) -> Offer:
    """What a request asks, as ticks; a later day than allowed is cut."""
    ticks = tuple(tick for policy in request.terms.policies for tick in _asked(policy))
    return Offer(request.terms, request.id, _once(ticks), min(local_day(request.terms.end), longest))


def of_stopped(grant: Grant, longest: date) -> Offer:
    """What a stopped grant gave, as ticks."""
    ticks = tuple(_given(policy, target) for policy in grant.terms.policies for target in policy.targets)
    return Offer(grant.terms, None, _once(ticks), min(local_day(grant.terms.end), longest))


def _asked(policy: Policy) -> Iterable[Tick]:
    if policy.target_kind == KIND:
        for kind in policy.targets:
            for place in containers_of_kind(kind):
                yield from _pieces(policy, place, kind)
        return
    for target in policy.targets:
        container = container_of(target)
        for below in () if container is None else _with_topics(container):
            yield from _pieces(policy, below, None)
        title = text("verzoek.alles", map=container_label(target))
        yield _tick(target, policy, title, text("verzoek.ook_nieuw"), whole=True)


def _with_topics(container: FixedContainer) -> tuple[FixedContainer, ...]:
    return tuple(one for one in fixed_containers() if one.path.startswith(container.path))


def _pieces(policy: Policy, container: FixedContainer, kind: str | None) -> Iterable[Tick]:
    for piece in pieces_in(container):
        if (kind is None or piece.kind == kind) and _actions(policy, piece.target):
            yield _tick(piece.target, policy, title_of(piece), _hint(piece), whole=False)


def _given(policy: Policy, target: str) -> Tick:
    here = resident()
    found = next((p for c in [container_of(target)] if c for p in pieces_in(c) if p.target == target), None)
    if found is not None:
        return replace(_tick(target, policy, title_of(found), _hint(found), whole=False), ticked=True)
    whole = target.removeprefix(here.storage.url) == getattr(container_of(target), "path", None)
    title = text("verzoek.alles", map=container_label(target)) if whole else container_label(target)
    return replace(
        _tick(target, policy, title, text("verzoek.ook_nieuw") if whole else "", whole=whole), ticked=True
    )


def _tick(target: str, policy: Policy, title: str, hint: str, *, whole: bool) -> Tick:
    reference = resident().references.name(target)
    return Tick(reference, target, _actions(policy, target), title, hint, not whole, whole)


def _actions(policy: Policy, target: str) -> tuple[str, ...]:
    if target.endswith("/"):
        return policy.actions
    return tuple(action for action in policy.actions if action not in _ONLY_IN_CONTAINERS)


def _hint(piece: Piece) -> str:
    kind = (label(piece.kind) if piece.kind else None) or ""
    return text("stukken.soort_van", soort=kind or container_label(piece.target), dag=day(piece.modified))


def _once(ticks: Iterable[Tick]) -> tuple[Tick, ...]:
    return tuple({tick.target: tick for tick in ticks}.values())


def _policies(ticks: Iterable[Tick]) -> tuple[Policy, ...]:
    groups: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for tick in ticks:
        kind = CONTAINER if tick.target.endswith("/") else DOCUMENT
        groups.setdefault((tick.actions, kind), []).append(tick.target)
    return tuple(Policy(actions, kind, tuple(targets)) for (actions, kind), targets in groups.items())
