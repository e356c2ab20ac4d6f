"""The decision: who may what, why not, and until when."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.catalogue_views import ISSUER, OWNER, at
from tests.support.rules import (
    ALICE,
    APP,
    APPEND,
    BOB,
    CONTROL,
    GROUP,
    ORGANISATION,
    PURPOSE,
    READ,
    WORK_ISSUER,
    WRITE,
    requester,
    rule,
)
from vault.access.decide import allowed_modes, decide, names
from vault.model.modes import ALL_MODES, AccessMode
from vault.model.requester import ANONYMOUS, EVERYTHING, NOTHING, AppLimit, Declared, Requester
from vault.model.rules import (
    Allowed,
    ClientCondition,
    IssuerCondition,
    NeverCondition,
    OrganisationCondition,
    PurposeCondition,
    RefusalReason,
    Refused,
    Rule,
    Subject,
    TimeCondition,
)

NOBODY = Requester(ANONYMOUS)
NOW = 1_790_000_000
STRICT = PurposeCondition(frozenset({PURPOSE}), strict=True)
ACTING = OrganisationCondition(frozenset({ORGANISATION}))
EXPIRED = TimeCondition(None, NOW - 1)
LATER = TimeCondition(NOW + 1, None)
READ_ONLY = AppLimit(frozenset({READ}), None, frozenset())


def about(*rules: Rule) -> Subject:
    return Subject(at("plannen/x"), OWNER, ISSUER, rules, None)


def owner(**fields: Any) -> Requester:
    return requester(
        OWNER, issuer=fields.pop("issuer", ISSUER), limit=fields.pop("limit", EVERYTHING), **fields
    )


def why(who: Requester, mode: AccessMode, *rules: Rule) -> RefusalReason:
    decision = decide(who, mode, about(*rules), NOW)
    assert isinstance(decision, Refused)
    assert decision.missing == {mode}
    assert mode not in allowed_modes(who, about(*rules), NOW)
    return decision.reason


def may(who: Requester, mode: AccessMode, *rules: Rule) -> bool:
    return isinstance(decide(who, mode, about(*rules), NOW), Allowed)


# Who a rule names.


def test_without_a_rule_nobody_may_anything() -> None:
    for mode in AccessMode:
        assert why(requester(), mode) is RefusalReason.NO_GRANT
        assert why(NOBODY, mode) is RefusalReason.NOT_SIGNED_IN


def test_a_rule_that_names_an_agent_names_no_other() -> None:
    assert may(requester(ALICE), READ, rule(READ))
    assert why(requester(BOB), READ, rule(READ)) is RefusalReason.NO_GRANT
    assert why(NOBODY, READ, rule(READ)) is RefusalReason.NOT_SIGNED_IN


def test_a_rule_for_everyone_names_nobody_too() -> None:
    everyone = rule(READ, everyone=True)
    assert may(NOBODY, READ, everyone)
    assert may(requester(), READ, everyone)
    assert why(NOBODY, WRITE, everyone) is RefusalReason.NOT_SIGNED_IN


def test_a_rule_for_who_is_signed_in_does_not_name_nobody() -> None:
    assert may(requester(BOB), READ, rule(READ, signed_in=True))
    assert why(NOBODY, READ, rule(READ, signed_in=True)) is RefusalReason.NOT_SIGNED_IN


def test_a_rule_for_a_group_names_its_members_only() -> None:
    team = rule(READ, groups=frozenset({GROUP}))
    assert may(requester(BOB), READ, team)
    assert why(requester(BOB, groups=frozenset()), READ, team) is RefusalReason.NO_GRANT
    assert not names(team, NOBODY)


# Modes.


@pytest.mark.parametrize("mode", [READ, APPEND, CONTROL])
def test_a_mode_gives_itself_only(mode: AccessMode) -> None:
    assert allowed_modes(requester(), about(rule(mode)), NOW) == {mode}


def test_write_gives_append_but_append_does_not_give_write() -> None:
    assert may(requester(), APPEND, rule(WRITE))
    assert why(requester(), WRITE, rule(APPEND)) is RefusalReason.OTHER_MODE
    assert why(requester(), READ, rule(WRITE)) is RefusalReason.OTHER_MODE
    assert allowed_modes(requester(), about(rule(WRITE)), NOW) == {WRITE, APPEND}


def test_rules_add_up() -> None:
    subject = about(rule(READ), rule(WRITE, everyone=True), rule(CONTROL, agents=frozenset({BOB})))
    assert allowed_modes(requester(), subject, NOW) == {READ, WRITE, APPEND}


# Conditions.


@pytest.mark.requirement("wac", "server-condition-evaluation-conjunctive")
def test_every_condition_must_hold() -> None:
    holding = (ClientCondition(frozenset({APP})), IssuerCondition(frozenset({WORK_ISSUER})), ACTING)
    assert may(requester(), READ, rule(READ, conditions=holding))
    for failing in (EXPIRED, LATER, STRICT, NeverCondition()):
        assert not may(requester(), READ, rule(READ, conditions=(*holding, failing)))


def test_a_condition_of_one_rule_does_not_touch_another() -> None:
    assert may(requester(), READ, rule(READ, conditions=(EXPIRED,)), rule(READ))


def test_conditions_bind_everyone_too() -> None:
    bound = rule(READ, everyone=True, conditions=(ClientCondition(frozenset({APP})),))
    assert may(requester(), READ, bound)
    assert why(NOBODY, READ, bound) is RefusalReason.NOT_SIGNED_IN


# Origins.


def test_an_origin_restricts_only_its_own_rule() -> None:
    bound = rule(READ, origins=frozenset({"https://app.example"}))
    elsewhere = requester(declared=Declared(origin="https://else.example"))
    assert why(elsewhere, READ, bound) is RefusalReason.OTHER_CLIENT
    assert may(elsewhere, READ, bound, rule(READ))
    assert may(requester(declared=Declared(origin="https://app.example")), READ, bound)


def test_an_origin_counts_only_for_requests_that_tell_theirs() -> None:
    assert may(requester(), READ, rule(READ, origins=frozenset({"https://app.example"})))


def test_the_right_origin_does_not_name_anybody() -> None:
    bound = rule(READ, origins=frozenset({"https://app.example"}))
    here = requester(BOB, declared=Declared(origin="https://app.example"))
    assert why(here, READ, bound) is RefusalReason.NO_GRANT


# The owner, and the limit of her app.


def test_the_owner_may_everything_without_a_rule() -> None:
    assert decide(owner(), CONTROL, about(), NOW) == Allowed(None, None)
    assert allowed_modes(owner(), about(), NOW) == ALL_MODES


def test_the_owners_webid_from_another_issuer_is_not_the_owner() -> None:
    impostor = owner(issuer="https://else.example/", limit=None)
    assert why(impostor, READ) is RefusalReason.NO_GRANT


def test_another_webid_from_the_owners_issuer_is_not_the_owner() -> None:
    assert why(requester(ALICE, issuer=ISSUER, limit=EVERYTHING), READ) is RefusalReason.NO_GRANT


def test_the_limit_of_her_app_binds_the_owner() -> None:
    for mode in (APPEND, WRITE, CONTROL):
        assert why(owner(limit=READ_ONLY), mode) is RefusalReason.OTHER_CLIENT
    assert allowed_modes(owner(limit=READ_ONLY), about(), NOW) == {READ}
    assert why(owner(limit=NOTHING), READ) is RefusalReason.OTHER_CLIENT


def test_an_app_cannot_raise_itself_with_a_rule() -> None:
    for_her = rule(READ, WRITE, CONTROL, agents=frozenset({OWNER}))
    assert why(owner(limit=READ_ONLY), WRITE, for_her) is RefusalReason.OTHER_CLIENT
    assert why(owner(limit=NOTHING), READ, for_her) is RefusalReason.OTHER_CLIENT


def test_the_limit_holds_for_rules_in_other_peoples_storages() -> None:
    guest = requester(ALICE, issuer=ISSUER, limit=AppLimit(ALL_MODES, ("brieven/",), frozenset()))
    assert why(guest, READ, rule(READ)) is RefusalReason.OTHER_CLIENT


def test_beyond_its_limit_an_app_reads_what_anybody_may_read_and_no_more() -> None:
    subject = about(rule(READ, WRITE, everyone=True))
    assert isinstance(decide(owner(limit=NOTHING), READ, subject, NOW), Allowed)
    assert allowed_modes(owner(limit=NOTHING), subject, NOW) == {READ}
    assert why(owner(limit=NOTHING), APPEND, *subject.rules) is RefusalReason.OTHER_CLIENT


def test_beyond_its_limit_an_app_does_not_read_what_only_she_may_read() -> None:
    for_app = rule(READ, everyone=True, conditions=(ClientCondition(frozenset({APP})),))
    for closed in (rule(READ, signed_in=True), rule(READ, groups=frozenset({GROUP})), for_app):
        assert why(owner(limit=NOTHING), READ, closed) is RefusalReason.OTHER_CLIENT


# Until when.


def test_an_allowance_holds_until_its_rule_ends() -> None:
    twice = rule(
        READ, conditions=(TimeCondition(0, NOW + 9), TimeCondition(None, NOW), TimeCondition(0, None))
    )
    assert decide(requester(), READ, about(twice), NOW) == Allowed(twice, NOW)
    assert isinstance(decide(requester(), READ, about(twice), NOW + 1), Refused)


def test_an_allowance_without_an_end_holds_until_something_else_changes() -> None:
    assert decide(requester(), READ, about(rule(READ)), NOW) == Allowed(rule(READ), None)


# The reason that the journal tells.


def test_the_rule_that_misses_least_gives_the_reason() -> None:
    far = rule(READ, conditions=(ClientCondition(frozenset({"x:c"})), IssuerCondition(frozenset({"x:i"}))))
    near = rule(READ, conditions=(LATER,))
    assert why(requester(), READ, far, near) is RefusalReason.TOO_EARLY
    assert why(requester(), READ, far) is RefusalReason.OTHER_ISSUER


def test_a_missed_condition_comes_before_a_missed_mode() -> None:
    assert why(requester(), WRITE, rule(READ, conditions=(EXPIRED,))) is RefusalReason.TOO_LATE
    assert why(requester(), READ, rule(READ, conditions=(STRICT,))) is RefusalReason.PURPOSE_MISSING


def test_a_rule_about_somebody_else_gives_no_reason() -> None:
    for_bob = rule(READ, agents=frozenset({BOB}), conditions=(EXPIRED,))
    assert why(requester(ALICE), READ, for_bob) is RefusalReason.NO_GRANT


@pytest.mark.parametrize("miss", [RefusalReason.OTHER_CLIENT, RefusalReason.OTHER_ISSUER])
def test_a_worker_of_a_group_in_another_app_is_told_so(miss: RefusalReason) -> None:
    team = rule(READ, groups=frozenset({GROUP}), conditions=(ACTING,))
    worker = requester(groups=frozenset(), organisations=frozenset(), not_acting={ORGANISATION: miss})
    assert why(worker, READ, team) is miss


def test_a_stranger_is_not_told_which_group_he_is_not_in() -> None:
    team = rule(READ, groups=frozenset({GROUP}), conditions=(ACTING,))
    missing = {ORGANISATION: RefusalReason.NOT_IN_GROUP}
    stranger = requester(BOB, groups=frozenset(), organisations=frozenset(), not_acting=missing)
    assert why(stranger, READ, team) is RefusalReason.NO_GRANT


def test_a_group_that_is_not_that_of_the_organisation_names_no_worker_of_it() -> None:
    both = OrganisationCondition(frozenset({ORGANISATION, "https://work.example/other"}))
    elsewhere = rule(READ, groups=frozenset({"https://work.example/others"}), conditions=(both,))
    worker = requester(not_acting={"https://work.example/other": RefusalReason.OTHER_CLIENT})
    assert why(worker, READ, elsewhere) is RefusalReason.NOT_IN_GROUP
