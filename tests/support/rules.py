"""Short ways to write rules and requesters in tests."""

from __future__ import annotations

from typing import Any

from vault.model.modes import AccessMode
from vault.model.requester import Credentials, Declared, Requester
from vault.model.rules import Rule

READ, APPEND, WRITE, CONTROL = AccessMode.READ, AccessMode.APPEND, AccessMode.WRITE, AccessMode.CONTROL
ALICE = "https://work.example/alice#me"
BOB = "https://work.example/bob#me"
APP = "https://app.example/id"
WORK_ISSUER = "https://work.example/"
ORGANISATION = "https://work.example/organisation"
GROUP = "https://work.example/workers"
PURPOSE = "https://kluis.example/ns/wijk#doel-ondersteuning-geven"


def rule(*modes: AccessMode, **fields: Any) -> Rule:
    """A rule for Alice, unless told for whom; `conditions` as a tuple."""
    named = fields.keys() & {"agents", "groups", "everyone", "signed_in"}
    if not named:
        fields["agents"] = frozenset({ALICE})
    return Rule(fields.pop("authorization", "https://vault.example/.acl#r"), frozenset(modes), **fields)


def requester(agent: str | None = ALICE, **fields: Any) -> Requester:
    """A worker at her issuer, in her app, acting for her organisation, without a declared purpose."""
    client, issuer = fields.pop("client", APP), fields.pop("issuer", WORK_ISSUER)
    declared = fields.pop("declared", Declared())
    fields.setdefault("organisations", frozenset({ORGANISATION}))
    fields.setdefault("groups", frozenset({GROUP}))
    return Requester(Credentials(agent, client, issuer), declared, **fields)
