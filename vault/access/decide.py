"""The one place where access is decided (`solidproject.org/TR/wac#authorization-evaluation`): pure, total, closed by default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vault.access.conditions import why_not
from vault.access.limits import modes_within_limit
from vault.model.modes import ALL_MODES, AccessMode, with_implied
from vault.model.requester import ANONYMOUS, Requester
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

_READ = frozenset({AccessMode.READ})
_NEAR = frozenset({RefusalReason.OTHER_CLIENT, RefusalReason.OTHER_ISSUER})


def decide(requester: Requester, mode: AccessMode, subject: Subject, policy_s: int) -> Decision:
    """Decide whether a requester may do something in a mode, at a moment of policy time (seconds since the epoch).

    The limit of her app comes first, then the owner's own right, then the rules: one rule that names her, has the mode
    and whose every condition holds is enough. Beyond its limit an app is nobody: it reads what anybody may read.
    `valid_until` is the last second at which the rule still holds.
    """
    if mode not in modes_within_limit(requester, subject.identifier):
        return _decide_beyond_limit(requester, mode, subject, policy_s)
    if is_owner(requester, subject):
        return Allowed(None, None)
    for rule in subject.rules:
        if mode in with_implied(rule.modes) and _matches(rule, requester, policy_s):
            return Allowed(rule, _valid_until(rule))
    return Refused(_nearest_reason(requester, mode, subject.rules, policy_s), frozenset({mode}))


def allowed_modes(requester: Requester, subject: Subject, policy_s: int) -> frozenset[AccessMode]:
    """Every mode for which `decide` would allow, implied ones included; the exact content of `WAC-Allow`."""
    within = modes_within_limit(requester, subject.identifier)
    if is_owner(requester, subject):
        found = ALL_MODES
    else:
        matching = (rule for rule in subject.rules if _matches(rule, requester, policy_s))
        found = frozenset().union(*(with_implied(rule.modes) for rule in matching))
    if AccessMode.READ in within:
        return found & within
    nobody = _decide_beyond_limit(requester, AccessMode.READ, subject, policy_s)
    return found & within | _READ if isinstance(nobody, Allowed) else found & within


def _decide_beyond_limit(requester: Requester, mode: AccessMode, subject: Subject, policy_s: int) -> Decision:
    if mode is AccessMode.READ:
        decision = decide(Requester(ANONYMOUS, requester.declared), mode, subject, policy_s)
        if isinstance(decision, Allowed):
            return decision
    return Refused(RefusalReason.OTHER_CLIENT, frozenset({mode}))


def is_owner(requester: Requester, subject: Subject) -> bool:
    """Whether she is the storage's owner: her WebID, signed in at the storage's own issuer."""
    credentials = requester.credentials
    return credentials.agent == subject.owner and credentials.issuer == subject.owner_issuer


def names(rule: Rule, requester: Requester) -> bool:
    """Whether a rule is about this requester."""
    if rule.everyone:
        return True
    if requester.agent is None:
        return False
    return rule.signed_in or requester.agent in rule.agents or bool(rule.groups & requester.groups)


def _comes_from(rule: Rule, origin: str | None) -> bool:
    """Whether a rule lets an origin pass: origins restrict the rule that has them, for requests that tell theirs."""
    return not rule.origins or origin is None or origin in rule.origins


def _matches(rule: Rule, requester: Requester, policy_s: int) -> bool:
    if not names(rule, requester) or not _comes_from(rule, requester.declared.origin):
        return False
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
    if not _comes_from(rule, requester.declared.origin):
        yield RefusalReason.OTHER_CLIENT
    if not names(rule, requester):
        is_paused = bool(rule.groups & requester.paused_groups)
        yield RefusalReason.GROUP_PAUSED if is_paused else RefusalReason.NOT_IN_GROUP


def _is_near(rule: Rule, requester: Requester) -> bool:
    """Whether a rule is about her, also when only a pause of her group keeps her out, or her app or her issuer from acting
    for its organisation."""
    if names(rule, requester) or rule.groups & requester.paused_groups:
        return True
    wanted = (iri for c in rule.conditions if isinstance(c, OrganisationCondition) for iri in c.organisations)
    return bool(rule.groups) and any(requester.not_acting.get(iri) in _NEAR for iri in wanted)
