"""People and organisations as the register of a server knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clients.solid.values import Document, flag, maybe_text, moment, objects, text


@dataclass(frozen=True, slots=True)
class Organisation:
    """A verified organisation; `number` is its KvK or OIN number, `group` its workers' group where that is told."""

    id: str
    name: str
    kind: str | None = None
    number_kind: str | None = None
    number: str | None = None
    municipality: str | None = None
    verified_by: str | None = None
    verified_at: datetime | None = None
    suspended: bool = False
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with the organisation she works for, or an organisation itself."""

    id: str
    name: str | None
    role: str | None
    organisation: Organisation | None


Parties = Mapping[str, Party]


def read_parties(document: Document) -> Parties:
    """The parties that an answer carries, by IRI; an organisation (and its workers' group) is its own organisation."""
    found: dict[str, Party] = {}
    for entry in objects(document, "parties"):
        party = _read_party(entry)
        found[party.id] = party
        if party.organisation is not None:
            organisation = party.organisation
            for iri in (organisation.id, organisation.group):
                if iri is not None:
                    found.setdefault(iri, Party(iri, organisation.name, None, organisation))
    return found


def _read_party(entry: Document) -> Party:
    iri = text(entry, "id")
    employer = entry.get("organisation")
    if isinstance(employer, dict):
        organisation: Organisation | None = read_organisation(employer)
    else:
        organisation = read_organisation(entry) if "numberKind" in entry else None
    return Party(iri, maybe_text(entry, "name"), maybe_text(entry, "role"), organisation)


def read_organisation(entry: Document) -> Organisation:
    """Read an organisation of the register."""
    return Organisation(
        text(entry, "id"),
        text(entry, "name"),
        maybe_text(entry, "kind"),
        maybe_text(entry, "numberKind"),
        maybe_text(entry, "number"),
        maybe_text(entry, "municipality"),
        maybe_text(entry, "verifiedBy"),
        moment(entry, "verifiedAt"),
        flag(entry, "suspended")
        if isinstance(entry.get("suspended"), bool)
        else entry.get("suspended") is not None,
        maybe_text(entry, "group"),
    )
