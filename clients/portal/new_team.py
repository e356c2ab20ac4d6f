"""What the team in the new town may read: the candidates, the ticks, how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from clients.look.dates import day, end_of_day, local_day, months_later
from clients.portal.containers import pieces_in, shown_containers, title_of
from clients.portal.here import count_text, resident, text
from clients.portal.people import Person, of_organisation
from clients.solid.relocation import NewTeam, Plan
from clients.solid.values import read_moment
from vocab.concepts import FixedContainer, purposes

TICKED = frozenset({"plannen/", "afspraken/"})
PERIODS = (6, 3)
most_pieces = 5
_DEFAULT_PURPOSE = "https://kluis.example/ns/wijk#doel-ondersteuning-geven"


@dataclass(frozen=True, slots=True)
class TeamTick:
    """One tick of step 3."""

    ref: str
    title: str
    hint: str
    checked: bool


@dataclass(frozen=True, slots=True)
class TeamPeriod:
    """One radio button for how long."""

    months: int
    until: date
    title: str
    hint: str
    checked: bool


@dataclass(frozen=True, slots=True)
class TeamForm:
    """Step 3 as it is filled in; no teams means that the town has none here yet."""

    teams: tuple[tuple[str, Person, bool], ...]
    ticks: tuple[TeamTick, ...]
    periods: tuple[TeamPeriod, ...]


def team_form(plan: Plan, form: MultiDict[str, str]) -> TeamForm:
    """The form of step 3: what was typed goes before what was chosen, that before the defaults."""
    teams = tuple(
        (_ref(one.id), of_organisation(one), _is_chosen_team(plan, one.id, form, first=number == 0))
        for number, one in enumerate(plan.candidates)
    )
    ticks = tuple(
        tick
        for container in shown_containers()
        if container.requestable
        for tick in _ticks(plan, container, form)
    )
    return TeamForm(teams, ticks, tuple(_periods(plan, form)))


def read_team(plan: Plan, form: MultiDict[str, str]) -> NewTeam | None:
    """The new team of the form; None when nothing is ticked or no town's team can be chosen."""
    chosen = [one for one in plan.candidates if _ref(one.id) == form.get("team")] or list(plan.candidates[:1])
    references = resident().references
    resources = tuple(url for ref in form.getlist("z") if (url := references.find(ref)) is not None)
    if not chosen or not resources:
        return None
    purpose = _purpose(plan)
    months = 3 if form.get("t") == "3" else 6
    bases = next((one.legal_bases for one in purposes() if one.iri == purpose), ())
    end = end_of_day(_until(plan, months)).isoformat(timespec="seconds")
    return NewTeam(
        chosen[0].id,
        resources,
        purpose,
        end,
        tuple(bases),
        text("verhuizen.reden", plaats=plan.new_municipality),
    )


def _ref(address: str) -> str:
    return resident().references.name(address)


def _is_chosen_team(plan: Plan, iri: str, form: MultiDict[str, str], *, first: bool) -> bool:
    if "team" in form:
        return form["team"] == _ref(iri)
    return iri == plan.new_team.organisation if plan.new_team is not None else first


def _ticks(plan: Plan, container: FixedContainer, form: MultiDict[str, str]) -> Iterable[TeamTick]:
    pieces = pieces_in(container)
    address = resident().storage.url + container.path
    if len(pieces) > most_pieces:
        found = [(address, container.label_nl, count_text("stukken.aantal", len(pieces)))]
    else:
        found = [(piece.target, title_of(piece), container.label_nl) for piece in pieces]
    for target, title, hint in found:
        yield TeamTick(_ref(target), title, hint, _is_ticked(plan, target, container, form))


def _is_ticked(plan: Plan, target: str, container: FixedContainer, form: MultiDict[str, str]) -> bool:
    if form:
        return _ref(target) in form.getlist("z")
    if plan.new_team is not None:
        return target in plan.new_team.resources
    return container.path in TICKED


def _periods(plan: Plan, form: MultiDict[str, str]) -> Iterable[TeamPeriod]:
    for months in PERIODS:
        until = _until(plan, months)
        checked = form.get("t", str(_chosen_months(plan))) == str(months)
        hint = text("hoelang.tot", dag=day(until))
        yield TeamPeriod(months, until, text("hoelang.maanden", n=months), hint, checked)


def _chosen_months(plan: Plan) -> int:
    if plan.new_team is None:
        return PERIODS[0]
    end = local_day(read_moment(plan.new_team.end))
    return next((months for months in PERIODS if _until(plan, months) == end), PERIODS[0])


def _until(plan: Plan, months: int) -> date:
    return months_later(plan.move_date, months) - timedelta(days=1)


def _purpose(plan: Plan) -> str:
    offered = (line.purpose for line in plan.lines if line.offers_new_team and line.purpose is not None)
    return next(offered, _DEFAULT_PURPOSE)
