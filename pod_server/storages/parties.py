"""Who the people and organisations in an answer are, as the register knows them (`kluis.example/ns/toegang#Organisation`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vault.model.grant import instant_at
from vault.model.organisation import Organisation, Register
from vault.stores.ports import CatalogueReader

Json = dict[str, Any]


def parties(view: CatalogueReader, iris: Iterable[str | None]) -> list[Json]:
    """What is known of each agent, group, organisation or app, each once, in order; of a stranger only her IRI."""
    register = view.register()
    wanted = dict.fromkeys(iri for iri in iris if iri is not None)
    return [_party(register, iri) for iri in wanted]


def organisation_document(organisation: Organisation) -> Json:
    """A verified organisation as people see it before they decide."""
    return {
        "id": organisation.iri,
        "name": organisation.name,
        "kind": organisation.kind,
        "numberKind": organisation.number_kind,
        "number": organisation.number,
        "municipality": organisation.municipality,
        "verifiedBy": organisation.verified_by,
        "verifiedAt": instant_at(organisation.verified_at).text,
        "suspended": organisation.suspended_at is not None,
        "group": organisation.group,
    }


def _party(register: Register, iri: str) -> Json:
    itself = register.find(iri)
    if itself is not None:
        return organisation_document(itself)
    for organisation in register.organisations:
        worker = register.membership(organisation.iri).worker(iri)
        if worker is not None:
            return _member(iri, worker.name, worker.role, organisation)
        if iri == organisation.group or iri in organisation.clients:
            return _member(iri, organisation.name, None, organisation)
    return {"id": iri, "name": None, "role": None, "organisation": None}


def _member(iri: str, name: str | None, role: str | None, organisation: Organisation) -> Json:
    return {"id": iri, "name": name, "role": role, "organisation": organisation_document(organisation)}
