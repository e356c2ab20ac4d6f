"""What requests and grants share: receiver, purpose, period, policies; as values and as JSON-LD.

`kluis.example/ns/toegang#AccessProfile`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clients.solid.errors import MalformedAnswer
from clients.solid.values import Document, objects, read_moment, text, texts
from vocab.contexts import SERVICE_CONTEXT

CONTAINER = "Container"
DOCUMENT = "DataResource"
KIND = "DocumentKind"
_READ_HERE = frozenset({"purpose", "dateTime"})


@dataclass(frozen=True, slots=True)
class Policy:
    """Actions ("read", "create", "append", "modify", "delete") on targets: URLs, or kinds of documents."""

    actions: tuple[str, ...]
    target_kind: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """One receiver, one purpose, one period; `start` None means from the moment of giving."""

    assignee: str
    assignee_kind: str
    purpose: str
    end: datetime
    start: datetime | None
    policies: tuple[Policy, ...]
    legal_basis: tuple[str, ...]
    reason: str

    def actions(self) -> frozenset[str]:
        """Every action that some policy names."""
        return frozenset(action for policy in self.policies for action in policy.actions)

    def targets(self) -> tuple[str, ...]:
        """Every target, in order, once."""
        return tuple(dict.fromkeys(target for policy in self.policies for target in policy.targets))


def read_terms(document: Document) -> Terms:
    """Read the terms of a grant or request.

    Raises:
        MalformedAnswer: no policy, or no receiver, purpose or end.
    """
    access = objects(document, "access")
    if not access:
        raise MalformedAnswer("terms without a policy")
    constraints = {
        (text(c, "leftOperand"), text(c, "operator")): text(c, "rightOperand")
        for c in objects(access[0], "constraint")
        if text(c, "leftOperand") in _READ_HERE
    }
    end, start = constraints.get(("dateTime", "lteq")), constraints.get(("dateTime", "gteq"))
    purpose = constraints.get(("purpose", "eq"))
    if end is None or purpose is None:
        raise MalformedAnswer("terms without purpose or end")
    return Terms(
        text(access[0], "assignee"),
        text(document, "assigneeKind"),
        purpose,
        read_moment(end),
        None if start is None else read_moment(start),
        tuple(_read_policy(policy) for policy in access),
        texts(document, "legalBasis"),
        text(document, "reason"),
    )


def _read_policy(policy: Document) -> Policy:
    target = objects(policy, "target")[0]
    return Policy(texts(policy, "action"), text(target, "type"), texts(target, "value"))


def write_terms(kind: str, storage: str, terms: Terms) -> dict[str, Any]:
    """The JSON-LD of a new grant ("AccessGrant") or request ("AccessRequest"), without what the server sets."""
    constraints = [_constraint("purpose", "eq", terms.purpose)]
    if terms.start is not None:
        constraints.append(_constraint("dateTime", "gteq", _written(terms.start)))
    constraints.append(_constraint("dateTime", "lteq", _written(terms.end)))
    return {
        "@context": list(SERVICE_CONTEXT),
        "type": [kind],
        "storage": storage,
        "assigneeKind": terms.assignee_kind,
        "access": [_write_policy(policy, terms.assignee, constraints) for policy in terms.policies],
        "legalBasis": list(terms.legal_basis),
        "reason": terms.reason,
    }


def _write_policy(policy: Policy, assignee: str, constraints: list[Mapping[str, str]]) -> dict[str, Any]:
    return {
        "type": ["AccessPolicy"],
        "action": list(policy.actions),
        "assignee": assignee,
        "target": {"type": policy.target_kind, "value": list(policy.targets)},
        "constraint": constraints,
    }


def _constraint(left: str, operator: str, right: str) -> Mapping[str, str]:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
