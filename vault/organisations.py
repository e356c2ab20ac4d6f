"""Who a caller is to the vault right now: her live standing with the organisations of the register, and her app's limit."""

from __future__ import annotations

from vault.model.moments import Moment
from vault.model.organisation import Membership, Organisation, group_lifetime_s
from vault.model.requester import ANONYMOUS, EVERYTHING, NOTHING, AppLimit, Caller, Credentials, Requester
from vault.model.rules import RefusalReason
from vault.stores.ports import CatalogueReader


def resolve(view: CatalogueReader, caller: Caller, now: Moment) -> Requester:
    """Add to what authentication established what the register and the recorded limits say in this view.

    An organisation counts only while it is not suspended, issuer and client are registered for it, and its workers'
    group, fetched in the last ten minutes, names the agent. A token from before she ended everything is as none.
    """
    credentials = caller.credentials
    if credentials.agent is None or _is_over(view, credentials):
        return Requester(ANONYMOUS, caller.declared)
    organisations, groups, not_acting = set(), set(), {}
    register = view.register()
    for organisation in register.organisations:
        missing = _missing(organisation, register.membership(organisation.iri), credentials, now.wall_s)
        if missing is None:
            organisations.add(organisation.iri)
            groups.add(organisation.group)
        elif missing is not RefusalReason.ORGANISATION_NOT_ACTIVE:
            not_acting[organisation.iri] = missing
    return Requester(
        credentials,
        caller.declared,
        frozenset(organisations),
        frozenset(groups),
        not_acting,
        _limit(view, credentials, now.wall_s),
    )


def _is_over(view: CatalogueReader, credentials: Credentials) -> bool:
    """Whether the agent ended everything since the token was made."""
    is_ours = credentials.is_local and credentials.agent is not None
    return is_ours and view.sign_outs(credentials.agent or "") != credentials.sign_outs


def _missing(
    organisation: Organisation, membership: Membership, credentials: Credentials, wall_s: int
) -> RefusalReason | None:
    if organisation.suspended_at is not None:
        return RefusalReason.ORGANISATION_NOT_ACTIVE
    is_fresh = membership.fetched_at is not None and wall_s - membership.fetched_at <= group_lifetime_s
    if not is_fresh or credentials.agent is None or membership.worker(credentials.agent) is None:
        return RefusalReason.NOT_IN_GROUP
    if credentials.issuer not in organisation.issuers:
        return RefusalReason.OTHER_ISSUER
    if credentials.client not in organisation.clients:
        return RefusalReason.OTHER_CLIENT
    return None


def _limit(view: CatalogueReader, credentials: Credentials, wall_s: int) -> AppLimit | None:
    if not credentials.is_local or credentials.agent is None:
        return None
    if credentials.is_trusted_client:
        return EVERYTHING
    if credentials.client is None:
        return NOTHING
    limit = view.app_limit(credentials.agent, credentials.client)
    is_over = limit is not None and limit.until_s is not None and limit.until_s <= wall_s
    return NOTHING if limit is None or is_over else limit
