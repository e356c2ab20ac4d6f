"""Grants for tests, with what every grant has filled in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pyoxigraph import Triple

from vault.grants.materialise import derive, triples_on_target
from vault.model.grant import Action, AssigneeKind, Grant, Period, Policy, TargetKind, Terms, instant
from vocab.namespaces import WK

STORAGE = "https://vault.example/sabcdefghjkmnpqr/"
ORGANISATION = "https://organisations.example/samen/organisatie"
GROUP = "https://organisations.example/samen/groep"
ISSUER = "https://id.organisations.example/"
CLIENT = "https://team-app.example/client-id"
WORKER = "https://organisations.example/marieke/card#me"
PURPOSE = WK["doel-samenwerken-plan"]
LEGAL_BASIS = "https://w3id.org/dpv/legal/eu/gdpr#A6-1-e"
REASON = "Samen het plan bijwerken na elk gesprek."


def policy(*targets: str, actions: Iterable[Action] = (Action.READ,)) -> Policy:
    """Some actions on some paths of the test storage, or on URLs."""
    urls = tuple(target if target.startswith("https:") else STORAGE + target for target in targets)
    return Policy(frozenset(actions), TargetKind.STORAGE_RESOURCE, urls)


def make_grant(id_: str, *policies: Policy, **changes: Any) -> Grant:
    """A grant to a worker; `changes` are fields of the grant or of its terms."""
    terms = Terms(
        assignee=WORKER,
        assignee_kind=AssigneeKind.WORKER,
        purpose=PURPOSE,
        period=Period(None, instant("2027-03-31T23:59:59+02:00")),
        clients=(CLIENT,),
        legal_basis=(LEGAL_BASIS,),
        reason=REASON,
        policies=policies,
    )
    of_terms = {name: changes.pop(name) for name in list(changes) if hasattr(terms, name)}
    fields: dict[str, Any] = {
        "id": f"{STORAGE}toegang/{id_}",
        "storage": STORAGE,
        "terms": replace(terms, **of_terms),
        "given_by": f"{STORAGE}profiel/card#me",
        "given_at": instant("2026-11-20T19:40:00+01:00"),
        "opened_by": WK["reden-inwoner-gaf"],
        "issuers": (ISSUER,),
        "organisation": ORGANISATION,
    }
    return Grant(**(fields | changes))


def derived_triples(grant: Grant) -> dict[str, tuple[Triple, ...]]:
    """The Authorizations of a grant as triples, by the target in whose ACL resource they belong."""
    found: dict[str, list[Triple]] = {}
    for derived in derive(grant):
        found.setdefault(derived.target, []).extend(triples_on_target(derived))
    return {target: tuple(triples) for target, triples in found.items()}
