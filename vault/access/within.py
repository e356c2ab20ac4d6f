"""Whether rules let somebody in whom other rules do not (`solidproject.org/TR/wac#authorization-evaluation`).

Careful rather than exact: what two rules only give together counts as given by neither, so the answer is sometimes no
where it could be yes, and never the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from vault.model.modes import with_implied
from vault.model.rules import (
    ClientCondition,
    Condition,
    IssuerCondition,
    NeverCondition,
    OrganisationCondition,
    PurposeCondition,
    Rule,
    TimeCondition,
)


def are_within(rules: Iterable[Rule], bounds: Iterable[Rule], owner: str) -> bool:
    """Whether rules give nobody but the owner anything that the bounds do not give."""
    known = tuple(bounds)
    return all(any(_covers(bound, part) for bound in known) for rule in rules for part in _parts(rule, owner))


def holding_at(rules: Iterable[Rule], policy_s: int) -> tuple[Rule, ...]:
    """The rules whose time it is at a moment of policy time, each without its bounds in time."""
    return tuple(_timeless(rule) for rule in rules if all(_holds(c, policy_s) for c in rule.conditions))


def not_over_at(rules: Iterable[Rule], policy_s: int) -> tuple[Rule, ...]:
    """The rules that hold at a moment of policy time or may later."""
    return tuple(rule for rule in rules if not any(_is_over(c, policy_s) for c in rule.conditions))


def _parts(rule: Rule, owner: str) -> Iterator[Rule]:
    """A rule as one for each mode and party; none when it never holds."""
    if any(isinstance(condition, NeverCondition) for condition in rule.conditions):
        return
    alone = replace(rule, agents=frozenset(), groups=frozenset(), everyone=False, signed_in=False)
    for mode in with_implied(rule.modes):
        part = replace(alone, modes=frozenset({mode}))
        if rule.everyone:
            yield replace(part, everyone=True)
        if rule.signed_in:
            yield replace(part, signed_in=True)
        yield from (replace(part, agents=frozenset({agent})) for agent in rule.agents if agent != owner)
        yield from (replace(part, groups=frozenset({group})) for group in rule.groups)


def _covers(bound: Rule, part: Rule) -> bool:
    return (
        part.modes <= with_implied(bound.modes)
        and _names_all(bound, part)
        and (not bound.origins or (bool(part.origins) and part.origins <= bound.origins))
        and all(any(_implies(mine, theirs) for mine in part.conditions) for theirs in bound.conditions)
    )


def _names_all(bound: Rule, part: Rule) -> bool:
    if bound.everyone or part.everyone:
        return bound.everyone
    if bound.signed_in or part.signed_in:
        return bound.signed_in
    return part.agents <= bound.agents and part.groups <= bound.groups


def _implies(mine: Condition, theirs: Condition) -> bool:
    """Whether the second condition holds whenever the first one does."""
    match mine, theirs:
        case ClientCondition(few), ClientCondition(many):
            return theirs.everyone or (not mine.everyone and few <= many and mine.groups <= theirs.groups)
        case IssuerCondition(few), IssuerCondition(many):
            return theirs.everyone or (not mine.everyone and few <= many and mine.groups <= theirs.groups)
        case OrganisationCondition(few), OrganisationCondition(many):
            return few <= many
        case (PurposeCondition(few, is_strict), PurposeCondition(many, must_be_strict)):
            return few <= many and (is_strict or not must_be_strict)
        case (TimeCondition(), TimeCondition()):
            return _starts_later(mine, theirs) and _ends_sooner(mine, theirs)
        case _:
            return False


def _starts_later(mine: TimeCondition, theirs: TimeCondition) -> bool:
    return theirs.not_before is None or (mine.not_before is not None and mine.not_before >= theirs.not_before)


def _ends_sooner(mine: TimeCondition, theirs: TimeCondition) -> bool:
    return theirs.not_after is None or (mine.not_after is not None and mine.not_after <= theirs.not_after)


def _timeless(rule: Rule) -> Rule:
    return replace(rule, conditions=tuple(c for c in rule.conditions if not isinstance(c, TimeCondition)))


def _holds(condition: Condition, policy_s: int) -> bool:
    if not isinstance(condition, TimeCondition):
        return True
    has_begun = condition.not_before is None or policy_s >= condition.not_before
    return has_begun and not _is_over(condition, policy_s)


def _is_over(condition: Condition, policy_s: int) -> bool:
    return (
        isinstance(condition, TimeCondition)
        and condition.not_after is not None
        and policy_s > condition.not_after
    )
