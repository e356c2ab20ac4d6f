"""The owner cannot lock herself out."""

from __future__ import annotations

import pytest

from tests.support.catalogue_views import OWNER
from tests.support.rules import ALICE, CONTROL, READ, WRITE, rule
from vault.access.guard import check_root_acl
from vault.errors import Conflict
from vault.model.rules import CompiledAcl, NeverCondition, Rule

OWNERS = frozenset({OWNER})


@pytest.mark.requirement("wac", "server-root-container-acl-authorization-control")
def test_a_root_acl_that_keeps_the_owners_control_passes() -> None:
    check_root_acl(CompiledAcl((rule(READ), rule(CONTROL, agents=OWNERS)), ()), OWNER)


@pytest.mark.parametrize(
    "kept",
    [
        rule(CONTROL, agents=frozenset({ALICE})),
        rule(READ, WRITE, agents=OWNERS),
        rule(CONTROL, everyone=True),
        rule(CONTROL, signed_in=True),
        rule(CONTROL, agents=OWNERS, conditions=(NeverCondition(),)),
        rule(CONTROL, agents=OWNERS, origins=frozenset({"https://app.example"})),
    ],
)
def test_a_root_acl_without_plain_control_for_the_owner_is_refused(kept: Rule) -> None:
    with pytest.raises(Conflict):
        check_root_acl(CompiledAcl((kept,), (rule(CONTROL, agents=OWNERS),)), OWNER)


def test_an_empty_root_acl_is_refused() -> None:
    with pytest.raises(Conflict):
        check_root_acl(CompiledAcl(), OWNER)
