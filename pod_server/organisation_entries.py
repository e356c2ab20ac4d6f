"""Organisations of the register as the operator gives them and sees them (`kluis.example/ns/toegang#Organisation`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pod_server.authentication.uris import origin_of
from vault.errors import UnacceptableContent
from vault.model.organisation import Membership, Organisation
from vocab.namespaces import WKT, XSD

_LENGTHS = {8: "KvK", 20: "OIN"}
_ORGANISATION_SHAPE = WKT.OrganisationShape
_PERSON_KIND = "soort-naaste"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the operator says of an organisation, as typed."""

    id: str
    name: str
    kind: str
    number: str
    number_kind: str | None
    municipality: str
    issuers: tuple[str, ...]
    clients: tuple[str, ...]
    group: str
    verified_by: str


def read_entry(entry: Entry, now_s: int) -> Organisation:
    """Make an organisation that was verified now.

    Raises:
        UnacceptableContent: something is not as the register needs it; the message names it.
    """
    for url in (*entry.issuers, *entry.clients, entry.group, entry.id):
        _check_url(url)
    organisation = Organisation(
        iri=entry.id,
        name=entry.name.strip(),
        kind=_kind(entry.kind),
        number_kind=_number_kind(entry.number, entry.number_kind),
        number=entry.number,
        municipality=entry.municipality.strip(),
        issuers=frozenset(entry.issuers),
        clients=frozenset(entry.clients),
        group=entry.group,
        verified_by=entry.verified_by.strip(),
        verified_at=now_s,
    )
    _check_shape(organisation)
    return organisation


def describe(organisation: Organisation, membership: Membership) -> dict[str, Any]:
    """Everything the register knows of an organisation, for JSON; of its workers only how many there are."""
    return {
        "id": organisation.iri,
        "name": organisation.name,
        "kind": organisation.kind,
        "numberKind": organisation.number_kind,
        "number": organisation.number,
        "municipality": organisation.municipality,
        "issuers": sorted(organisation.issuers),
        "clients": sorted(organisation.clients),
        "group": organisation.group,
        "verifiedBy": organisation.verified_by,
        "verifiedAt": _moment(organisation.verified_at),
        "suspendedAt": _moment(organisation.suspended_at),
        "workers": len(membership.workers),
        "fetchedAt": _moment(membership.fetched_at),
    }


def _check_url(url: str) -> None:
    try:
        origin_of(url)
    except ValueError as error:
        raise UnacceptableContent(f"{url!r} is not a plain http(s) URL") from error


def _kind(given: str) -> str:
    # The graph library behind the concepts takes long to load, and every command would wait for it.
    from vocab.concepts import organisation_kinds

    kinds = {kind.iri: _local_name(kind.iri) for kind in organisation_kinds()}
    allowed = {name: iri for iri, name in kinds.items() if name != _PERSON_KIND}
    if given in allowed:
        return allowed[given]
    if given in allowed.values():
        return given
    raise UnacceptableContent(f"unknown kind {given!r}: choose one of {', '.join(sorted(allowed))}")


def _local_name(iri: str) -> str:
    return iri.rpartition("#")[2]


def _number_kind(number: str, given: str | None) -> str:
    found = _LENGTHS.get(len(number)) if re.fullmatch("[0-9]+", number) else None
    if found is None or given not in {None, found}:
        raise UnacceptableContent("the number must be a KvK number of 8 digits or an OIN of 20 digits")
    return found


def _check_shape(organisation: Organisation) -> None:
    # SHACL takes half a second to load.
    from vault.rdf.documents import parse
    from vault.rdf.validate import violations

    document = json.dumps(_as_json_ld(organisation)).encode()
    triples = parse(document, "application/ld+json", organisation.iri)
    found = violations(triples, _ORGANISATION_SHAPE, organisation.iri)
    if found:
        raise UnacceptableContent(" ".join(violation.sentence for violation in found), tuple(found))


def _as_json_ld(organisation: Organisation) -> dict[str, Any]:
    return {
        "@id": organisation.iri,
        "@type": [WKT.Organisation],
        WKT.name: organisation.name,
        WKT.kind: _nodes([organisation.kind]),
        WKT.numberKind: _nodes([WKT.KvK if organisation.number_kind == "KvK" else WKT.OIN]),
        WKT.number: organisation.number,
        WKT.issuer: _nodes(organisation.issuers),
        WKT.client: _nodes(organisation.clients),
        WKT.workerGroup: _nodes([organisation.group]),
        WKT.verifiedBy: organisation.verified_by,
        WKT.verifiedAt: {"@value": _moment(organisation.verified_at), "@type": XSD.dateTime},
    }


def _nodes(iris: Iterable[str]) -> list[dict[str, str]]:
    return [{"@id": iri} for iri in sorted(iris)]


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
