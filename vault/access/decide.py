"""The one place where access is decided (`solidproject.org/TR/wac#authorization-evaluation`): pure, total, closed by default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vault.access.conditions import why_not
from vault.access.limits import is_within_limit
from vault.model.modes import AccessMode, with_implied
from vault.model.requester import Requester
from vault.model.rules import (
    Allowed,
    Decision,
    OrganisationCondition,
    RefusalReason,
    Refused,
    Rule,
    Subject,
    TimeCondition,
)

_NEAR = frozenset({RefusalReason.OTHER_CLIENT, RefusalReason.OTHER_ISSUER})


def decide(requester: Requester, mode: AccessMode, subject: Subject, policy_s: int) -> Decision:
    """Decide whether a requester may do something in a mode, at a moment of policy time (seconds since the epoch).

    What everybody may is allowed whatever limit her app has. Otherwise the limit comes first, then the owner's own
    right, then the rules: one rule that names her, has the mode and whose every condition holds is enough.
    """
    limited = not is_within_limit(requester, mode, subject.identifier)
    if not limited and is_owner(requester, subject):
        return Allowed(None, None)
    for rule in subject.rules:
        if limited and not rule.everyone:
            continue
        if mode in with_implied(rule.modes) and names(rule, requester) and _holds(rule, requester, policy_s):
            return Allowed(rule, _valid_until(rule))
    if limited:
        return Refused(RefusalReason.OTHER_CLIENT, frozenset({mode}))
    return Refused(_nearest_reason(requester, mode, subject.rules, policy_s), frozenset({mode}))


def allowed_modes(requester: Requester, subject: Subject, policy_s: int) -> frozenset[AccessMode]:
    """Every mode that would be allowed, implied ones included; the exact content of `WAC-Allow`."""
    decisions = ((mode, decide(requester, mode, subject, policy_s)) for mode in AccessMode)
    return frozenset(mode for mode, decision in decisions if isinstance(decision, Allowed))


def is_owner(requester: Requester, subject: Subject) -> bool:
    """Whether she is the storage's owner: her WebID, signed in at the storage's own issuer."""
    credentials = requester.credentials
    return credentials.agent == subject.owner and credentials.issuer == subject.owner_issuer


def names(rule: Rule, requester: Requester) -> bool:
    """Whether a rule is about this requester, its origins included (they restrict, and never grant alone)."""
    if rule.origins and requester.declared.origin not in rule.origins:
        return False
    if rule.everyone:
        return True
    if requester.agent is None:
        return False
    return rule.signed_in or requester.agent in rule.agents or bool(rule.groups & requester.groups)


def _holds(rule: Rule, requester: Requester, policy_s: int) -> bool:
    return all(why_not(condition, requester, policy_s) is None for condition in rule.conditions)


def _valid_until(rule: Rule) -> int | None:
    bounds = (c.not_after for c in rule.conditions if isinstance(c, TimeCondition))
    return min((bound for bound in bounds if bound is not None), default=None)


def _nearest_reason(
    requester: Requester, mode: AccessMode, rules: Iterable[Rule], policy_s: int
) -> RefusalReason:
    """The reason of the rule about her that misses least; how it ranks is only for the journal, never for access."""
    if requester.agent is None:
        return RefusalReason.NOT_SIGNED_IN
    misses = [list(_misses(rule, mode, requester, policy_s)) for rule in rules if _is_near(rule, requester)]
    return min(misses, key=len)[0] if misses else RefusalReason.NO_GRANT


def _misses(rule: Rule, mode: AccessMode, requester: Requester, policy_s: int) -> Iterator[RefusalReason]:
    reasons = (why_not(condition, requester, policy_s) for condition in rule.conditions)
    yield from sorted((r for r in reasons if r is not None), key=list(RefusalReason).index, reverse=True)
    if mode not in with_implied(rule.modes):
        yield RefusalReason.OTHER_MODE
    if rule.origins and requester.declared.origin not in rule.origins:
        yield RefusalReason.NO_GRANT


def _is_near(rule: Rule, requester: Requester) -> bool:
    """Whether a rule is about her, also when only her app or her issuer keeps her from acting for its organisation."""
    if requester.agent in rule.agents or names(rule, requester):
        return True
    wanted = (iri for c in rule.conditions if isinstance(c, OrganisationCondition) for iri in c.organisations)
    return bool(rule.groups) and any(requester.not_acting.get(iri) in _NEAR for iri in wanted)
