"""The new town's team: the grant it gets from the move date on, and what it will see then."""

from __future__ import annotations

from datetime import date

from vault.context import Context
from vault.errors import UnacceptableContent, Violation
from vault.grants.documents import Place, check_grant
from vault.grants.layout import storage_url
from vault.model.grant import (
    Action,
    AssigneeKind,
    Grant,
    Period,
    Policy,
    TargetKind,
    Terms,
    instant_at,
)
from vault.model.organisation import Organisation
from vault.model.records import StorageRecord
from vault.relocation.days import start_of_day
from vault.relocation.plan import NewTeam, Plan
from vault.stores.ports import CatalogueReader
from vocab.namespaces import WK

_GRANTS = "toegang/"


def grant_to_team(context: Context, view: CatalogueReader, storage: StorageRecord, plan: Plan) -> Grant:
    """The grant that the chosen team gets: reading only, for the workers' group, from the first second of the day.

    Raises:
        UnacceptableContent: no such team in the register, or terms against a rule.
    """
    team = plan.new_team
    organisation = find_team(view, team)
    if team is None or organisation is None:
        raise _violation("newTeam", "Dit team staat niet in het register. Kies een ander team.")
    if not organisation.issuers or not organisation.clients:
        raise _violation("newTeam", "Dit team heeft nog geen app om mee te kijken. Kies een ander team.")
    url = storage_url(context, storage.storage)
    now = context.clock()
    grant = Grant(
        id=f"{url}{_GRANTS}{plan.id.rsplit('/', 1)[-1]}",
        storage=url,
        terms=_terms(team, organisation, plan.move_date),
        given_by=storage.owner,
        given_at=instant_at(now.wall_s),
        opened_by=WK["reden-inwoner-gaf"],
        issuers=tuple(sorted(organisation.issuers)),
        organisation=organisation.iri,
        giver_name=storage.name,
    )
    check_grant(grant, Place(context.base_url, url, now.policy_s))
    return grant


def find_team(view: CatalogueReader, team: NewTeam | None) -> Organisation | None:
    """The organisation of the chosen team, if it is in the register and not suspended."""
    found = None if team is None else view.register().find(team.organisation)
    return found if found is not None and found.suspended_at is None else None


def _terms(team: NewTeam, organisation: Organisation, move_date: date) -> Terms:
    start = start_of_day(move_date)
    if team.end.seconds <= start.seconds:
        raise _violation("newTeam/end", "Kies een einddatum na de dag van de verhuizing.")
    if not team.legal_basis:
        raise _violation("newTeam/legalBasis", "Noem minstens 1 wettelijke reden.")
    return Terms(
        assignee=organisation.group,
        assignee_kind=AssigneeKind.WHOLE_ORGANISATION,
        purpose=team.purpose,
        period=Period(start, team.end),
        clients=tuple(sorted(organisation.clients)),
        legal_basis=team.legal_basis,
        reason=team.reason,
        policies=_policies(team),
    )


def _policies(team: NewTeam) -> tuple[Policy, ...]:
    if not team.resources:
        raise _violation("newTeam/resources", "Kies minstens 1 stuk voor het nieuwe team.")
    targets = sorted(set(team.resources))
    return tuple(Policy(frozenset({Action.READ}), _kind_of(target), (target,)) for target in targets)


def _kind_of(target: str) -> TargetKind:
    return TargetKind.CONTAINER if target.endswith("/") else TargetKind.DATA_RESOURCE


def _violation(field: str, sentence: str) -> UnacceptableContent:
    return UnacceptableContent(f"against a rule: {field}", (Violation(field, sentence),))
