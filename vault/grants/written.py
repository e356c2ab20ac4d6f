"""Grants and requests as JSON-LD: as they are kept and as they are shown (`kluis.example/ns/toegang#AccessProfile`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vault.model.grant import (
    AccessRequest,
    Action,
    AssigneeKind,
    Grant,
    Instant,
    Period,
    Policy,
    RequestStatus,
    TargetKind,
    Terms,
    instant,
)
from vocab.contexts import SERVICE_CONTEXT

Json = dict[str, Any]


def write_grant(grant: Grant) -> Json:
    """Write a grant without its status, which depends on the moment."""
    return {
        **_head(grant.id, "AccessGrant", grant.storage),
        **_filled({"inResponseTo": grant.in_response_to, "replaces": grant.replaces}),
        "givenBy": grant.given_by,
        "givenAt": grant.given_at.text,
        "openedBy": grant.opened_by,
        **_filled({"organisation": grant.organisation}),
        "issuer": list(grant.issuers),
        **_write_terms(grant.terms),
        "strict": grant.strict,
        **_filled({"stoppedAt": grant.stopped_at and grant.stopped_at.text}),
    }


def write_request(request: AccessRequest) -> Json:
    """Write an access request."""
    return {
        **_head(request.id, "AccessRequest", request.storage),
        **_filled({"inbox": request.inbox}),
        "requestedBy": request.requested_by,
        "requestedAt": request.requested_at.text,
        "organisation": request.organisation,
        **_write_terms(request.terms),
        "consequenceOfRefusal": request.consequence_of_refusal,
        "status": request.status.value,
    }


def read_terms(document: Mapping[str, Any]) -> Terms:
    """Read the terms of a document of the right form.

    Raises:
        ValueError: they are not those of one receiver, one purpose and one period.
    """
    policies = [_read_policy(policy) for policy in document["access"]]
    operands = _operands(document["access"][0]["constraint"])
    start = operands.get(("dateTime", "gteq"))
    period = Period(None if start is None else instant(start[0]), instant(operands["dateTime", "lteq"][0]))
    return Terms(
        assignee=document["access"][0]["assignee"],
        assignee_kind=AssigneeKind(document["assigneeKind"]),
        purpose=operands["purpose", "eq"][0],
        period=period,
        clients=tuple(operands.get(("client", "eq"), ()) or operands.get(("client", "isAnyOf"), ())),
        legal_basis=tuple(as_list(document["legalBasis"])),
        reason=document["reason"],
        policies=tuple(policies),
    )


def read_grant(document: Mapping[str, Any]) -> Grant:
    """Read a complete grant of the right form.

    Raises:
        ValueError: it is against what a grant is.
    """
    return Grant(
        id=document["id"],
        storage=document["storage"],
        terms=read_terms(document),
        given_by=document["givenBy"],
        given_at=instant(document["givenAt"]),
        opened_by=document["openedBy"],
        issuers=tuple(as_list(document["issuer"])),
        organisation=document.get("organisation"),
        strict=document.get("strict", True),
        in_response_to=document.get("inResponseTo"),
        replaces=document.get("replaces"),
        stopped_at=_read_instant(document.get("stoppedAt")),
    )


def read_request(document: Mapping[str, Any]) -> AccessRequest:
    """Read a complete access request of the right form.

    Raises:
        ValueError: it is against what a request is.
    """
    return AccessRequest(
        id=document["id"],
        storage=document["storage"],
        terms=read_terms(document),
        requested_by=document["requestedBy"],
        requested_at=instant(document["requestedAt"]),
        organisation=document["organisation"],
        consequence_of_refusal=document["consequenceOfRefusal"],
        inbox=document.get("inbox"),
        status=RequestStatus(document["status"]),
    )


def dump_grant(grant: Grant) -> bytes:
    """Write a grant for keeping, with what is not shown to everybody."""
    hidden = {"exceptions": list(grant.exceptions), "giverName": grant.giver_name}
    return json.dumps(write_grant(grant) | hidden, ensure_ascii=False).encode()


def load_grant(body: bytes) -> Grant:
    """Read what `dump_grant` wrote."""
    document: Json = json.loads(body)
    exceptions = tuple(document["exceptions"])
    return replace(read_grant(document), exceptions=exceptions, giver_name=document["giverName"])


def dump_request(request: AccessRequest) -> bytes:
    """Write an access request for keeping."""
    return json.dumps(write_request(request), ensure_ascii=False).encode()


def load_request(body: bytes) -> AccessRequest:
    """Read what `dump_request` wrote."""
    return read_request(json.loads(body))


def constraint(left: str, values: list[str]) -> Json:
    """Write a constraint on purpose or client: with one value `eq`, with several any of them."""
    if len(values) == 1:
        return {"leftOperand": left, "operator": "eq", "rightOperand": values[0]}
    return {"leftOperand": left, "operator": "isAnyOf", "rightOperand": values}


def as_list(value: Any) -> list[Any]:
    """A value that may stand alone, as a list."""
    return value if isinstance(value, list) else [value]


def _head(iri: str, kind: str, storage: str) -> Json:
    return {"@context": SERVICE_CONTEXT, "id": iri, "type": [kind], "storage": storage}


def _filled(members: Mapping[str, Any]) -> Json:
    return {name: value for name, value in members.items() if value is not None}


def _write_terms(terms: Terms) -> Json:
    return {
        "assigneeKind": terms.assignee_kind.value,
        "access": [_write_policy(policy, terms) for policy in terms.policies],
        "legalBasis": list(terms.legal_basis),
        "reason": terms.reason,
    }


def _write_policy(policy: Policy, terms: Terms) -> Json:
    return {
        "type": ["AccessPolicy"],
        "action": [action.value for action in Action if action in policy.actions],
        "assignee": terms.assignee,
        "target": {"type": policy.kind.value, "value": list(policy.targets)},
        "constraint": [
            constraint("purpose", [terms.purpose]),
            *([constraint("client", list(terms.clients))] if terms.clients else []),
            *([_bound("gteq", terms.period.start)] if terms.period.start else []),
            _bound("lteq", terms.period.end),
        ],
    }


def _bound(operator: str, moment: Instant) -> Json:
    return {"leftOperand": "dateTime", "operator": operator, "rightOperand": moment.text}


def _read_policy(policy: Mapping[str, Any]) -> Policy:
    return Policy(
        frozenset(Action(action) for action in as_list(policy["action"])),
        TargetKind(policy["target"]["type"]),
        tuple(as_list(policy["target"]["value"])),
    )


def _operands(constraints: list[Json]) -> dict[tuple[str, str], list[str]]:
    return {(c["leftOperand"], c["operator"]): as_list(c["rightOperand"]) for c in constraints}


def _read_instant(text: str | None) -> Instant | None:
    return None if text is None else instant(text)
