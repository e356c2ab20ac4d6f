"""What it means for grants when a person writes or deletes an ACL herself (`solidproject.org/TR/wac#acl-resource-modification`).

Removing a derived Authorization narrows or ends its grant. One that says more than its grant, or names somebody without a
grant who has one there, is refused: common libraries copy a rule and lose its conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Triple

from vault.access.compile import compile_acl
from vault.errors import Conflict
from vault.grants.materialise import Derived, modes_on, needs_container
from vault.grants.place import reaches, standing_at, triples_at
from vault.model.grant import Action, Grant, GrantStatus, Policy, TargetKind
from vault.model.modes import AccessMode, with_implied
from vault.model.rules import CompiledAcl, Rule


@dataclass(frozen=True, slots=True)
class EditVerdict:
    """What an edit does to grants: those that end, by IRI, and those that are narrower now."""

    ended: tuple[str, ...] = ()
    narrowed: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class _Here:
    """One grant at the resource whose ACL is edited: what belongs there, and what was left of it."""

    url: str
    grant: Grant
    standing: tuple[Derived, ...]
    expected: CompiledAcl
    found: CompiledAcl


def judge_edit(
    subject_url: str,
    before: Iterable[Triple] | None,
    after: Iterable[Triple] | None,
    grants: Sequence[Grant],
    policy_s: int,
) -> EditVerdict:
    """Tell what it does to the grants of a storage that a person replaces an ACL; None is for an absent one.

    Raises:
        Conflict: an Authorization says more than its grant, or goes round it.
        UnacceptableContent: a condition that cannot be honoured.
    """
    in_force = [grant for grant in grants if grant.is_in_force(policy_s)]
    if after is None:
        return _verdict((grant, _without_target(grant, subject_url)) for grant in in_force)
    written = compile_acl(after, subject_url)
    # What has ended by itself still stands in an ACL until that is next written: as it was given it lets nobody in.
    ended = (grant for grant in grants if grant.status_at(policy_s) is GrantStatus.ENDED)
    here = [_here(subject_url, grant, written) for grant in (*in_force, *ended)]
    placed = [one for one in here if one.standing]
    _check_known(written, {one.grant.id for one in placed})
    for one in placed:
        _check_not_wider(one)
    standing = [one for one in placed if one.grant in in_force]
    old = CompiledAcl() if before is None else compile_acl(before, subject_url)
    _check_nobody_goes_round(written, old, standing)
    return _verdict((one.grant, _narrowed(one)) for one in standing)


def _here(url: str, grant: Grant, written: CompiledAcl) -> _Here:
    standing = standing_at(grant, url)
    triples = [triple for derived in standing for triple in triples_at(derived, url)]
    return _Here(url, grant, standing, compile_acl(triples, url), _derived_from(written, grant.id))


def _derived_from(compiled: CompiledAcl, grant: str | None) -> CompiledAcl:
    return CompiledAcl(
        tuple(rule for rule in compiled.access_to if rule.grant == grant),
        tuple(rule for rule in compiled.default if rule.grant == grant),
    )


def _check_known(written: CompiledAcl, placed: set[str]) -> None:
    for rule in (*written.access_to, *written.default):
        if rule.grant is not None and rule.grant not in placed:
            raise Conflict("an Authorization names a grant that gives nothing here")


def _check_not_wider(here: _Here) -> None:
    pairs = ((here.found.access_to, here.expected.access_to), (here.found.default, here.expected.default))
    for found, expected in pairs:
        if not all(any(_is_within(rule, one) for one in expected) for rule in found):
            raise Conflict("an Authorization says something else than its grant: narrow the grant itself")


def _is_within(rule: Rule, expected: Rule) -> bool:
    modes = with_implied(expected.modes)
    return rule.modes <= modes and _plain(replace(rule, modes=modes)) == _plain(
        replace(expected, modes=modes)
    )


def _plain(rule: Rule) -> tuple[Rule, frozenset[object]]:
    """A rule without its name, and with its conditions in no order."""
    return replace(rule, authorization="", conditions=()), frozenset(rule.conditions)


def _check_nobody_goes_round(written: CompiledAcl, old: CompiledAcl, standing: Iterable[_Here]) -> None:
    parties = {one.grant.terms.assignee for one in standing}
    for now, then in ((written.access_to, old.access_to), (written.default, old.default)):
        known = {_plain(rule) for rule in then}
        for rule in now:
            is_new = rule.grant is None and _plain(rule) not in known
            if is_new and parties & (rule.agents | rule.groups):
                raise Conflict("an Authorization without a grant names somebody who has a grant here")


def _narrowed(here: _Here) -> Grant | None:
    """The grant as the edit leaves it; None when nothing of it is left."""
    own, members = _modes(here.found.access_to), _modes(here.found.default)
    if own >= _modes(here.expected.access_to) and members >= _modes(here.expected.default):
        return here.grant
    left = frozenset(
        action
        for action in _actions(here)
        if modes_on([action], here.url)[0] <= own and modes_on([action], here.url)[1] <= members
    )
    return _kept_out(here.grant, here.url, left)


def _modes(rules: Iterable[Rule]) -> frozenset[AccessMode]:
    return with_implied(frozenset(mode for rule in rules for mode in rule.modes))


def _actions(here: _Here) -> frozenset[Action]:
    targets = {derived.target for derived in here.standing}
    found = frozenset(action for target in targets for action in here.grant.terms.actions_on(target))
    if here.url.endswith("/"):
        return found
    return frozenset(action for action in found if not needs_container([action]))


def _kept_out(grant: Grant, url: str, left: frozenset[Action]) -> Grant | None:
    """The grant with only some actions on a URL, whatever it gives above."""
    policies = _policies_without(grant, url)
    if left:
        kind = TargetKind.CONTAINER if url.endswith("/") else TargetKind.DATA_RESOURCE
        policies = (*policies, Policy(left, kind, (url,)))
    if not policies:
        return None
    is_reached = any(reaches(grant, target, url) for target in grant.terms.targets())
    exceptions = {*grant.exceptions, url} if is_reached else grant.exceptions
    return replace(grant.with_policies(policies), exceptions=tuple(sorted(exceptions)))


def _without_target(grant: Grant, url: str) -> Grant | None:
    policies = _policies_without(grant, url)
    return grant.with_policies(policies) if policies else None


def _policies_without(grant: Grant, url: str) -> tuple[Policy, ...]:
    kept = ((policy, tuple(t for t in policy.targets if t != url)) for policy in grant.terms.policies)
    return tuple(replace(policy, targets=targets) for policy, targets in kept if targets)


def _verdict(outcomes: Iterable[tuple[Grant, Grant | None]]) -> EditVerdict:
    pairs = tuple(outcomes)
    return EditVerdict(
        tuple(grant.id for grant, left in pairs if left is None),
        tuple(left for grant, left in pairs if left is not None and left != grant),
    )
