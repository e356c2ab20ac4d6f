"""A team that can look: how many people came since she gave access, and her yes when it grew much larger. Never who."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from clients.look.dates import local_day
from clients.portal.here import count_text, page, resident, text
from clients.portal.people import Person, of
from clients.solid import grants as grant_service
from clients.solid.errors import Clash, TooOften, Unreachable
from clients.solid.parties import Parties
from clients.solid.previews import set_by_hand
from clients.solid.teams import Team, confirm_team, look_now

pages = Blueprint("teams", __name__)
NOTICES = ("ja", "veranderd", "gekeken", "lukte_niet", "te_vaak")
_GOOD = frozenset({"ja", "gekeken"})


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team on a page: `joined` by day, oldest first; `grew` says in a sentence how many came."""

    ref: str
    group: str
    person: Person
    members: int
    joined: tuple[tuple[date, int], ...]
    grew: str
    paused: date | None


def team_view(group: str, team: Team, parties: Parties) -> TeamView:
    """A team as it stands on a page."""
    per_day = Counter(local_day(moment) for moment in team.joined)
    return TeamView(
        resident().references.name(group),
        group,
        of(group, parties),
        team.members,
        tuple(sorted(per_day.items())),
        _grew(team),
        None if team.paused is None else local_day(team.paused),
    )


@pages.get("/toegang/team/<ref>")
def show(ref: str) -> str:
    """Who came, by day, and the question if it waits for her."""
    said = request.args.get("melding", "")
    return page(
        "team.html",
        "/toegang",
        team=_find(ref),
        said=said if said in NOTICES else "",
        is_good=said in _GOOD,
    )


@pages.post("/toegang/team/<ref>/ja")
def say_yes(ref: str) -> AnyResponse:
    """Say yes to the team with as many people as she was shown."""
    here, seen = resident(), request.form.get("aantal", "")
    team = _find(ref)
    if not (seen.isascii() and seen.isdecimal() and len(seen) < 10):
        abort(400)
    try:
        confirm_team(here.session, here.storage, team.group, int(seen))
    except Clash:
        return _back(ref, "veranderd")
    return _back(ref, "ja")


@pages.post("/toegang/team/<ref>/nu")
def look(ref: str) -> AnyResponse:
    """Look now who is in the team."""
    team = _find(ref)
    try:
        look_now(resident().session, team.group)
    except TooOften:
        return _back(ref, "te_vaak")
    except Unreachable:
        return _back(ref, "lukte_niet")
    return _back(ref, "gekeken")


def _back(ref: str, notice: str) -> AnyResponse:
    return redirect(url_for("teams.show", ref=ref, melding=notice), 303)


def _find(ref: str) -> TeamView:
    found = next((view for view in _teams() if view.ref == ref), None)
    return abort(404) if found is None else found


def _teams() -> Iterator[TeamView]:
    here = resident()
    grants, parties = grant_service.list_grants(here.session, here.storage.endpoint(grant_service.SERVICE))
    given = ((grant.terms.assignee, grant.team) for grant in grants if grant.is_open)
    yield from _views(given, parties)
    rules, named = set_by_hand(here.session, here.storage)
    yield from _views(((rule.agent, rule.team) for rule in rules), named)


def _views(found: Iterable[tuple[str, Team | None]], parties: Parties) -> Iterator[TeamView]:
    return (team_view(group, team, parties) for group, team in found if team is not None)


def _grew(team: Team) -> str:
    if team.confirmed is None:
        return count_text("team.erbij_gaf", len(team.joined)) if team.joined else text("team.niemand_gaf")
    return count_text("team.erbij_ja", len(team.joined)) if team.joined else text("team.niemand_ja")
