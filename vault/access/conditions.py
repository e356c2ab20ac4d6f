"""Whether a condition of an Authorization holds (`solidproject.org/TR/wac#access-conditions`, `kluis.example/ns/toegang`)."""

from __future__ import annotations

from vault.model.requester import Requester
from vault.model.rules import (
    ClientCondition,
    Condition,
    IssuerCondition,
    OrganisationCondition,
    PurposeCondition,
    RefusalReason,
    TimeCondition,
)


def why_not(condition: Condition, requester: Requester, policy_s: int) -> RefusalReason | None:
    """Why a condition does not hold for a requester at a moment of policy time (seconds); None when it does."""
    match condition:
        case ClientCondition(clients, groups, everyone):
            is_one = everyone or requester.credentials.client in clients
            return None if is_one or groups & requester.client_groups else RefusalReason.OTHER_CLIENT
        case IssuerCondition(issuers, groups, everyone):
            is_one = everyone or requester.credentials.issuer in issuers
            return None if is_one or groups & requester.issuer_groups else RefusalReason.OTHER_ISSUER
        case TimeCondition():
            return _why_not_now(condition, policy_s)
        case PurposeCondition():
            return _why_not_for(condition, requester)
        case OrganisationCondition(organisations):
            return _why_not_acting(organisations, requester)
        case _:
            # NeverCondition, and anything that should not be here: what is not understood does not hold.
            return RefusalReason.NO_GRANT


def _why_not_now(condition: TimeCondition, policy_s: int) -> RefusalReason | None:
    if condition.not_before is not None and policy_s < condition.not_before:
        return RefusalReason.TOO_EARLY
    if condition.not_after is not None and policy_s > condition.not_after:
        return RefusalReason.TOO_LATE
    return None


def _why_not_for(condition: PurposeCondition, requester: Requester) -> RefusalReason | None:
    declared = requester.declared
    if declared.purpose is None:
        return RefusalReason.PURPOSE_MISSING if condition.strict else None
    return None if declared.purposes & condition.purposes else RefusalReason.OTHER_PURPOSE


def _why_not_acting(organisations: frozenset[str], requester: Requester) -> RefusalReason | None:
    if organisations & requester.organisations:
        return None
    known = (requester.not_acting.get(iri) for iri in sorted(organisations))
    return next((reason for reason in known if reason is not None), RefusalReason.ORGANISATION_NOT_ACTIVE)
