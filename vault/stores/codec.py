"""Values as JSON bytes and back: compiled rules, journal entries, organisations, workers and limits of apps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Any

from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry, Redaction
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation, Worker
from vault.model.requester import AppLimit
from vault.model.rules import (
    ClientCondition,
    CompiledAcl,
    Condition,
    IssuerCondition,
    NeverCondition,
    OrganisationCondition,
    PurposeCondition,
    RefusalReason,
    Rule,
    TimeCondition,
)

_CONDITIONS: dict[str, Callable[..., Condition]] = {
    "client": ClientCondition,
    "issuer": IssuerCondition,
    "organisation": OrganisationCondition,
    "purpose": PurposeCondition,
    "time": TimeCondition,
    "never": NeverCondition,
}
# Of rules from before writers were kept: what they name counts when anybody may read it.
_UNKNOWN_WRITER = "http://xmlns.com/foaf/0.1/Agent"
_NAMES = {kind: name for name, kind in _CONDITIONS.items()}


_ENTRY_FIELDS = tuple(JournalEntry.__dataclass_fields__)
_entry_values = attrgetter(*_ENTRY_FIELDS)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def to_json(value: object) -> bytes:
    """Write plain lists, texts and numbers as compact JSON."""
    return _COMPACT.encode(value).encode()


def encode_rules(compiled: CompiledAcl) -> bytes:
    """Write a compiled ACL."""
    parts = (compiled.access_to, compiled.default)
    return to_json([*([_rule_to_json(rule) for rule in part] for part in parts), compiled.writer])


def decode_rules(data: bytes) -> CompiledAcl:
    """Read a compiled ACL.

    Raises:
        ValueError: these bytes are no compiled ACL.
    """
    try:
        access_to, default, writer = (*json.loads(data), _UNKNOWN_WRITER)[:3]
        own, inherited = (tuple(_rule_from_json(rule) for rule in part) for part in (access_to, default))
        return CompiledAcl(own, inherited, writer)
    except (TypeError, KeyError) as error:
        raise ValueError("not a compiled ACL") from error


def encode_entry(entry: JournalEntry) -> bytes:
    """Write what the journal is told, without what stands at its default."""
    values = {
        name: value
        for name, value in zip(_ENTRY_FIELDS, _entry_values(entry), strict=True)
        # By identity: a zero equals False, and is no default.
        if value is not None and value is not False
    }
    values["storage"] = entry.storage.value
    if entry.redaction is not None:
        values["redaction"] = asdict(entry.redaction)
    return to_json(values)


def decode_entry(data: bytes) -> JournalEntry:
    """Read what the journal is told."""
    fields: dict[str, Any] = json.loads(data)
    refusal, redaction = fields.pop("refusal", None), fields.pop("redaction", None)
    storage, mode = StorageId(fields.pop("storage")), AccessMode(fields.pop("mode"))
    reason = None if refusal is None else RefusalReason(refusal)
    return JournalEntry(storage=storage, mode=mode, refusal=reason, redaction=_redaction(redaction), **fields)


def _redaction(fields: dict[str, Any] | None) -> Redaction | None:
    return None if fields is None else Redaction(**fields | {"fields": tuple(fields["fields"])})


def encode_organisation(organisation: Organisation) -> bytes:
    """Write an organisation of the register."""
    return to_json({n: sorted(v) if isinstance(v, frozenset) else v for n, v in asdict(organisation).items()})


def decode_organisation(data: bytes) -> Organisation:
    """Read an organisation of the register."""
    fields: dict[str, Any] = json.loads(data)
    issuers, clients = frozenset(fields.pop("issuers")), frozenset(fields.pop("clients"))
    return Organisation(issuers=issuers, clients=clients, **fields)


def encode_workers(workers: Iterable[Worker]) -> bytes:
    """Write the workers of a group."""
    return to_json([[w.webid, w.name, w.role] for w in workers])


def decode_workers(data: bytes) -> tuple[Worker, ...]:
    """Read the workers of a group."""
    return tuple(Worker(*fields) for fields in json.loads(data))


def encode_limit(limit: AppLimit) -> bytes:
    """Write what an app may do at most."""
    return to_json([sorted(limit.modes), limit.containers, sorted(limit.services), limit.until_s])


def decode_limit(data: bytes) -> AppLimit:
    """Read what an app may do at most."""
    # Those of before had no end.
    modes, containers, services, until_s = (*json.loads(data), None)[:4]
    return AppLimit(
        frozenset(AccessMode(mode) for mode in modes),
        None if containers is None else tuple(containers),
        frozenset(services),
        until_s,
    )


def _rule_to_json(rule: Rule) -> list[object]:
    return [
        rule.authorization,
        rule.grant,
        sorted(rule.modes),
        sorted(rule.agents),
        sorted(rule.groups),
        sorted(rule.origins),
        rule.everyone,
        rule.signed_in,
        [_condition_to_json(condition) for condition in rule.conditions],
        rule.client,
    ]


def _rule_from_json(data: Sequence[Any]) -> Rule:
    # Of rules from before apps were kept, the app is not known.
    authorization, grant, modes, agents, groups, origins, everyone, signed_in, conditions, client = (
        *data,
        None,
    )[:10]
    return Rule(
        authorization=authorization,
        modes=frozenset(AccessMode(mode) for mode in modes),
        agents=frozenset(agents),
        groups=frozenset(groups),
        everyone=everyone,
        signed_in=signed_in,
        origins=frozenset(origins),
        conditions=tuple(_condition_from_json(condition) for condition in conditions),
        grant=grant,
        client=client,
    )


def _condition_to_json(condition: Condition) -> list[object]:
    values = (getattr(condition, name) for name in condition.__dataclass_fields__)
    return [_NAMES[type(condition)], *(sorted(v) if isinstance(v, frozenset) else v for v in values)]


def _condition_from_json(data: Sequence[Any]) -> Condition:
    name, *values = data
    # What cannot be understood never holds: the rule stays, and refuses.
    if name not in _CONDITIONS:
        return NeverCondition()
    return _CONDITIONS[name](*(frozenset(v) if isinstance(v, list) else v for v in values))
