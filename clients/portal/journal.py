"""The journal in sentences, with filters as a form and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, request

from clients.portal.here import page, resident, text
from clients.portal.people import of, of_grant, of_request
from clients.portal.sentences import LOOKING, Row, Teller
from clients.solid import grants as grant_service
from clients.solid import journal as service
from clients.solid import requests as request_service
from clients.solid.journal import Line, Page
from clients.solid.parties import Parties

pages = Blueprint("journal", __name__)
KINDS = ("alles", "gelezen", "veranderd", "geweigerd")
enough_rows = 20
max_pages = 5


@dataclass(frozen=True, slots=True)
class Filters:
    """What the form asks for."""

    kind: str
    agent: str | None
    cursor: str

    def query(self) -> Mapping[str, str]:
        """The filters that the server knows."""
        found = {
            "agent": self.agent or "",
            "outcome": "refused" if self.kind == "geweigerd" else "",
            "before": self.cursor,
        }
        return {name: value for name, value in found.items() if value}

    def keeps(self, line: Line) -> bool:
        """Whether a line belongs to the kind that was asked for."""
        if self.kind == "gelezen":
            is_looking = line.activity in LOOKING | {"public-reads"}
            return is_looking and line.refusal is None and line.agent != resident().webid
        if self.kind == "veranderd":
            return line.refusal is None and line.activity not in LOOKING | {"sign-in", "public-reads"}
        return True


@dataclass(frozen=True, slots=True)
class Team:
    """Who has or had access or asked for it; `about` names the other side of every grant and request."""

    agents: frozenset[str]
    parties: Parties
    about: Mapping[str, str]

    def teller(self, seen: Parties) -> Teller:
        """What makes rows of lines in which these parties stand."""
        return Teller({**self.parties, **seen}, self.agents.__contains__, self.about)


@pages.get("/logboek")
def show() -> str:
    """The rows by day, newest first."""
    team = _team()
    filters = _filters(team.agents)
    lines, seen, older = _lines(filters)
    rows = team.teller(seen).rows(lines)
    return page(
        "journal.html",
        "/logboek",
        days=_by_day(rows),
        kinds=KINDS,
        kind=filters.kind,
        people=_choices(team),
        who=request.args.get("wie", ""),
        older=older,
    )


def recent(limit: int) -> tuple[Line, ...]:
    """The newest lines."""
    here = resident()
    return service.read_journal(here.session, here.storage, {}).lines[:limit]


def _team() -> Team:
    here = resident()
    grants, parties = grant_service.list_grants(here.session, here.storage.endpoint(grant_service.SERVICE))
    requests, askers = request_service.list_requests(here.session, here.storage)
    known = {**parties, **askers}
    return Team(
        frozenset(
            {grant.terms.assignee for grant in grants} | {request.requested_by for request in requests}
        ),
        known,
        {grant.id: of_grant(grant, known).name for grant in grants}
        | {request.id: of_request(request, known).name for request in requests},
    )


def _filters(team: frozenset[str]) -> Filters:
    kind = request.args.get("soort", KINDS[0])
    here = resident()
    by_ref = {here.references.name(agent): agent for agent in (here.webid, *team)}
    cursor = request.args.get("voor", "")
    return Filters(
        kind if kind in KINDS else KINDS[0],
        by_ref.get(request.args.get("wie", "")),
        cursor if cursor.isdecimal() else "",
    )


def _lines(filters: Filters) -> tuple[list[Line], Parties, str]:
    here = resident()
    found: Page = service.read_journal(here.session, here.storage, filters.query())
    lines, parties = [line for line in found.lines if filters.keeps(line)], dict(found.parties)
    for _ in range(max_pages - 1):
        if found.next is None or len(lines) >= enough_rows:
            break
        found = service.read_page(here.session, found.next)
        lines += [line for line in found.lines if filters.keeps(line)]
        parties |= found.parties
    return lines, parties, _cursor(found.next)


def _cursor(url: str | None) -> str:
    found = parse_qs(urlsplit(url or "").query).get("before", [""])[0]
    return found if found.isdecimal() else ""


def _choices(team: Team) -> list[tuple[str, str]]:
    here = resident()
    people = sorted((of(agent, team.parties).name, here.references.name(agent)) for agent in team.agents)
    return [
        ("", text("logboek.iedereen")),
        *((ref, name) for name, ref in people),
        (here.references.name(here.webid), text("logboek.ikzelf")),
    ]


def _by_day(rows: tuple[Row, ...]) -> list[tuple[object, list[Row]]]:
    days: dict[object, list[Row]] = {}
    for row in rows:
        days.setdefault(row.day, []).append(row)
    return list(days.items())
