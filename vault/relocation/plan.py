"""A relocation plan as a value, and as the JSON that is kept and shown (`kluis.example/ns/toegang#RelocationPlan`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vault.errors import UnacceptableContent, Violation
from vault.model.grant import Grant, Instant, instant
from vault.relocation.days import day_before, end_of_day
from vocab.concepts import RelocationRule
from vocab.namespaces import WKT

CHOICES = frozenset({WKT.ChooseEnd, WKT.ChooseOverlap, WKT.ChooseContinue, WKT.ChooseHandOver})


@dataclass(frozen=True, slots=True)
class Line:
    """One grant with the rule that fits it, the suggestion, and her choice with the end that follows from it."""

    grant: str
    rule: str
    suggestion: str
    sentence: str
    suggested_end: Instant | None
    offer_new_team: bool
    choice: str | None = None
    end: Instant | None = None


@dataclass(frozen=True, slots=True)
class NewTeam:
    """What the new town's team may see: one grant to the workers' group of an organisation, from the move date on."""

    organisation: str
    resources: tuple[str, ...]
    purpose: str
    legal_basis: tuple[str, ...]
    reason: str
    end: Instant


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to each grant when she moves; nothing has happened until `confirmed_at`."""

    id: str
    old_municipality: str | None
    new_municipality: str
    move_date: date
    circumstances: tuple[str, ...]
    lines: tuple[Line, ...]
    new_team: NewTeam | None = None
    confirmed_at: Instant | None = None
    new_grants: tuple[str, ...] = ()

    @property
    def undecided(self) -> tuple[Line, ...]:
        """The lines without a choice."""
        return tuple(line for line in self.lines if line.choice is None)


def suggest_line(grant: Grant, rule: RelocationRule, end: Instant | None) -> Line:
    """The line of a plan for a grant before she chose."""
    return Line(grant.id, rule.iri, rule.suggestion, rule.sentence_nl, end, rule.offer_new_team)


def end_of_choice(line: Line, choice: str, wanted: date | None, plan: Plan, grant: Grant) -> Instant:
    """Until when a grant runs after her choice; never later than what she gave.

    Raises:
        UnacceptableContent: a choice that does not exist, or an end after the one she gave.
    """
    given = grant.terms.period.end
    match choice:
        case WKT.ChooseContinue:
            return given
        case WKT.ChooseOverlap:
            overlap = line.suggested_end if wanted is None else end_of_day(wanted)
            return _not_later(overlap or given, given)
        case WKT.ChooseEnd | WKT.ChooseHandOver:
            return _not_later(end_of_day(wanted or day_before(plan.move_date)), given)
        case _:
            raise UnacceptableContent("unknown choice", (Violation("choice", "Kies één van de keuzes."),))


def _not_later(end: Instant, given: Instant) -> Instant:
    return min(end, given)


def dump_plan(plan: Plan) -> bytes:
    """Write a plan as JSON."""
    return json.dumps(plan_document(plan), ensure_ascii=False).encode()


def plan_document(plan: Plan) -> dict[str, Any]:
    """The JSON of a plan, as kept and as answered."""
    return {
        "id": plan.id,
        "type": "RelocationPlan",
        "status": "Confirmed" if plan.confirmed_at else "Draft",
        "oldMunicipality": plan.old_municipality,
        "newMunicipality": plan.new_municipality,
        "moveDate": plan.move_date.isoformat(),
        "circumstances": list(plan.circumstances),
        "lines": [_line_document(line) for line in plan.lines],
        "newTeam": None if plan.new_team is None else _team_document(plan.new_team),
        "confirmedAt": _text(plan.confirmed_at),
        "newGrants": list(plan.new_grants),
    }


def _line_document(line: Line) -> dict[str, Any]:
    return {
        "type": "RelocationLine",
        "grant": line.grant,
        "rule": line.rule,
        "suggestion": line.suggestion,
        "sentence": line.sentence,
        "suggestedEnd": _text(line.suggested_end),
        "offerNewTeam": line.offer_new_team,
        "choice": line.choice,
        "end": _text(line.end),
    }


def _team_document(team: NewTeam) -> dict[str, Any]:
    return {
        "organisation": team.organisation,
        "resources": list(team.resources),
        "purpose": team.purpose,
        "legalBasis": list(team.legal_basis),
        "reason": team.reason,
        "end": team.end.text,
    }


def load_plan(body: bytes) -> Plan:
    """Read what `dump_plan` wrote."""
    document: dict[str, Any] = json.loads(body)
    team = document["newTeam"]
    return Plan(
        document["id"],
        document["oldMunicipality"],
        document["newMunicipality"],
        date.fromisoformat(document["moveDate"]),
        tuple(document["circumstances"]),
        tuple(_line(line) for line in document["lines"]),
        None if team is None else _team(team),
        _instant(document["confirmedAt"]),
        tuple(document["newGrants"]),
    )


def _line(document: Mapping[str, Any]) -> Line:
    return Line(
        document["grant"],
        document["rule"],
        document["suggestion"],
        document["sentence"],
        _instant(document["suggestedEnd"]),
        document["offerNewTeam"],
        document["choice"],
        _instant(document["end"]),
    )


def _team(document: Mapping[str, Any]) -> NewTeam:
    return NewTeam(
        document["organisation"],
        tuple(document["resources"]),
        document["purpose"],
        tuple(document["legalBasis"]),
        document["reason"],
        instant(document["end"]),
    )


def _text(moment: Instant | None) -> str | None:
    return None if moment is None else moment.text


def _instant(text: str | None) -> Instant | None:
    return None if text is None else instant(text)
