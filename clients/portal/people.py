"""People and organisations as they stand on a page: names, never addresses."""

from __future__ import annotations

from dataclasses import dataclass

from clients.portal.here import text
from clients.solid.grants import Grant
from clients.solid.parties import Organisation, Parties, Party
from clients.solid.requests import AccessRequest
from vocab.concepts import label

_GROUPS = frozenset({"Team", "WholeOrganisation"})


@dataclass(frozen=True, slots=True)
class Person:
    """A party of `look/parts.html`; `first` is how a sentence calls her, `proof` what was checked, in a sentence."""

    name: str
    first: str
    detail: str
    kind: str
    verified: bool
    proof: str = ""
    organisation: str = ""


def of_grant(grant: Grant, parties: Parties) -> Person:
    """Who a grant is for."""
    return of_receiver(grant.terms.assignee, grant.terms.assignee_kind, grant.organisation, parties)


def of_receiver(
    assignee: str, assignee_kind: str | None, organisation: str | None, parties: Parties
) -> Person:
    """Who receives: a person, or for a team its organisation."""
    if assignee_kind in _GROUPS and organisation is not None:
        return of(organisation, parties)
    return of(assignee, parties, organisation)


def of_request(request: AccessRequest, parties: Parties) -> Person:
    """Who asks."""
    return of(request.requested_by, parties, request.organisation)


def of(iri: str, parties: Parties, employer: str | None = None) -> Person:
    """The person or organisation with this IRI."""
    party = parties.get(iri)
    organisation = party.organisation if party is not None else None
    if organisation is None and employer is not None and employer in parties:
        organisation = parties[employer].organisation
    if organisation is not None and iri in {organisation.id, organisation.group}:
        return of_organisation(organisation)
    if party is None or not party.name:
        return _nameless(organisation)
    return _worker(party, party.name, organisation)


def of_organisation(organisation: Organisation) -> Person:
    """An organisation of the register."""
    detail = (label(organisation.kind) if organisation.kind else None) or ""
    if organisation.municipality and organisation.municipality not in organisation.name:
        detail = ", ".join(part for part in (detail, organisation.municipality) if part)
    return Person(
        organisation.name,
        organisation.name,
        detail,
        "organisation",
        not organisation.suspended,
        text("mensen.bewijs_organisatie", nummer=_number(organisation)),
        organisation.name,
    )


def _worker(party: Party, name: str, organisation: Organisation | None) -> Person:
    first = name.partition(" ")[0]
    if organisation is None:
        return Person(name, first, text("mensen.bekende"), "person", verified=False)
    role = _role(party)
    detail = text("mensen.rol_bij", rol=role, organisatie=organisation.name) if role else organisation.name
    proof = text("mensen.bewijs", wie=first, organisatie=organisation.name, nummer=_number(organisation))
    return Person(name, first, detail, "person", not organisation.suspended, proof, organisation.name)


def _nameless(organisation: Organisation | None) -> Person:
    if organisation is None:
        name = text("mensen.iemand")
        return Person(name, name, "", "unknown", verified=False)
    name = text("mensen.medewerker", organisatie=organisation.name)
    proof = text("mensen.bewijs_organisatie", nummer=_number(organisation))
    return Person(name, name, "", "organisation", not organisation.suspended, proof, organisation.name)


def _role(party: Party) -> str:
    return "" if party.role is None else label(party.role) or ("" if ":" in party.role else party.role)


def _number(organisation: Organisation) -> str:
    return text("mensen.nummer", soort=organisation.number_kind or "", nummer=organisation.number or "")
