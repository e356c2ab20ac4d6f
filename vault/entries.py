"""What the journal is told about one answered request on a resource; the one place where such lines are made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from vault.authorize import Standing
from vault.grants.known import find_grant
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.model.rules import Allowed, OrganisationCondition, RefusalReason, Rule
from vault.stores.bounded import BoundedCache

_legal_bases: BoundedCache[tuple[StorageId, str], tuple[str | None]] = BoundedCache(4096)
_NEAR = frozenset({RefusalReason.OTHER_CLIENT, RefusalReason.OTHER_ISSUER})


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did or tried: one word, the mode it takes, and on what.

    `is_nowhere` says that what was asked names nothing that could be there, somewhere below `target`.
    """

    activity: str
    mode: AccessMode
    target: ResourceIdentifier
    is_nowhere: bool = False


def entry_of_success(standing: Standing, deed: Deed, allowed: Allowed) -> JournalEntry:
    """The line of a request that did what it asked for."""
    rule = allowed.rule
    if rule is None:
        return _entry(standing, deed, organisation=_organisation(standing, None))
    return _entry(
        standing,
        deed,
        organisation=_organisation(standing, rule),
        authorization=rule.authorization or None,
        grant=rule.grant,
        legal_basis=None if rule.grant is None else _legal_basis(standing, rule.grant),
    )


def entry_of_failure(standing: Standing, deed: Deed, refusal: RefusalReason | None) -> JournalEntry:
    """The line of a request that was refused, or (without a reason) allowed without anything happening.

    A path that names nothing is not written down: the nearest container stands for it.
    """
    target, view = deed.target, standing.view
    found = None if deed.is_nowhere else view.find_resource(target)
    if found is None and not deed.is_nowhere:
        target = view.nearest_container(target.subject).identifier
    return _entry(
        standing,
        replace(deed, target=target),
        organisation=_organisation(standing, None),
        refusal=refusal,
        failed=refusal is None,
        absent=found is None,
    )


def entry_of_call(
    standing: Standing, deed: Deed, refusal: RefusalReason | None, *, failed: bool
) -> JournalEntry:
    """The line of a call of a service, whose addresses are no resources."""
    organisation = _organisation(standing, None)
    return _entry(standing, deed, organisation=organisation, refusal=refusal, failed=failed)


def _entry(standing: Standing, deed: Deed, **more: Any) -> JournalEntry:
    credentials = standing.requester.credentials
    return JournalEntry(
        storage=standing.storage.storage,
        time_ms=standing.now.wall_ms,
        epoch=standing.epochs.storage,
        trace_id=standing.caller.trace_id,
        activity=deed.activity,
        resource=deed.target.url(standing.context.base_url),
        mode=deed.mode,
        agent=credentials.agent,
        client=credentials.client,
        issuer=credentials.issuer,
        purpose=standing.requester.declared.purpose,
        **more,
    )


def _organisation(standing: Standing, rule: Rule | None) -> str | None:
    """For which organisation she acted, or tried to with another app or issuer; None for a person."""
    requester = standing.requester
    for condition in rule.conditions if rule is not None else ():
        if isinstance(condition, OrganisationCondition):
            return min(condition.organisations & requester.organisations, default=None)
    near = (iri for iri, reason in requester.not_acting.items() if reason in _NEAR)
    return min(requester.organisations or near, default=None)


def _legal_basis(standing: Standing, grant: str) -> str | None:
    """The legal basis of a grant; it never changes, so it is looked up once."""
    key = (standing.storage.storage, grant)
    known = _legal_bases.get(key) or _legal_bases.put(key, (_read_legal_basis(standing, grant),))
    return known[0]


def _read_legal_basis(standing: Standing, grant: str) -> str | None:
    found = find_grant(standing.view, standing.storage.storage, grant.rsplit("/", 1)[-1])
    return None if found is None else " ".join(found.grant.terms.legal_basis)
