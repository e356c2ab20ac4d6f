"""Which rule of the relocation table fits a grant (`kluis.example/ns/toegang#RelocationRule`); rules only suggest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from vault.model.grant import AssigneeKind, Grant, Instant
from vault.model.organisation import Register
from vault.relocation.days import day_before, end_of_day
from vocab.concepts import RelocationRule, satisfied_purposes
from vocab.namespaces import WK, WKT


def kind_of_receiver(grant: Grant, register: Register) -> str | None:
    """The kind of organisation behind a grant; of a person she knows the kind of somebody near."""
    if grant.terms.assignee_kind is AssigneeKind.PERSON:
        return WK["soort-naaste"]
    organisation = register.find(grant.organisation or "")
    return organisation.kind if organisation is not None else None


def fitting_rule(
    grant: Grant, kind: str | None, circumstances: Iterable[str], rules: Sequence[RelocationRule]
) -> RelocationRule:
    """The rule with the lowest priority whose every filled condition holds; the table ends in one that always fits."""
    present = frozenset(circumstances)
    purposes = satisfied_purposes(grant.terms.purpose)
    return min((r for r in rules if _fits(r, purposes, kind, present)), key=lambda rule: rule.priority)


def _fits(
    rule: RelocationRule, purposes: frozenset[str], kind: str | None, circumstances: frozenset[str]
) -> bool:
    return (
        (not rule.purposes or bool(purposes & frozenset(rule.purposes)))
        and (not rule.kinds or kind in rule.kinds)
        and (rule.circumstance is None or rule.circumstance in circumstances)
    )


def suggested_end(grant: Grant, rule: RelocationRule, move_date: date) -> Instant | None:
    """Until when the suggestion lets a grant run; None when the citizen is asked. Never later than what she gave."""
    given = grant.terms.period.end
    match rule.suggestion:
        case WKT.Ends | WKT.KeptByLaw:
            return min(given, end_of_day(day_before(move_date)))
        case WKT.Overlaps:
            return min(given, end_of_day(move_date + timedelta(days=rule.overlap_days or 0)))
        case WKT.Continues | WKT.Unaffected:
            return given
        case _:
            return None
