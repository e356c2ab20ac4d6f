"""A relocation plan: what follows from a choice, and that keeping it loses nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.support.grants import CLIENT, LEGAL_BASIS, ORGANISATION, PURPOSE, make_grant, policy
from vault.errors import UnacceptableContent
from vault.model.grant import Grant, instant
from vault.relocation.plan import (
    Line,
    NewTeam,
    Plan,
    dump_plan,
    end_of_choice,
    load_plan,
    plan_document,
    suggest_line,
)
from vocab.concepts import relocation_rules
from vocab.namespaces import WK, WKT

GRANT: Grant = make_grant("g", policy("plannen/a"))
GIVEN_END = GRANT.terms.period.end
LINE = Line(GRANT.id, WKT["vr-aanbieder"], WKT.Continues, "Deze toegang kan doorlopen.", GIVEN_END, False)
PLAN = Plan(
    "https://vault.example/sabcdefghjkmnpqr/.well-known/wijkkluis/verhuizingen/p",
    "Nijmegen",
    "Zwolle",
    date(2027, 2, 1),
    (WK["om-andere-gemeente"],),
    (LINE,),
)
TEAM = NewTeam(ORGANISATION, (f"{CLIENT}#a",), PURPOSE, (LEGAL_BASIS,), "Verder helpen.", GIVEN_END)


def end(choice: str, wanted: date | None = None, line: Line = LINE) -> str:
    return end_of_choice(line, choice, wanted, PLAN, GRANT).text


def test_who_continues_keeps_the_end_whatever_day_is_named() -> None:
    assert end(WKT.ChooseContinue, date(2027, 1, 1)) == GIVEN_END.text


@pytest.mark.parametrize("choice", [WKT.ChooseEnd, WKT.ChooseHandOver])
def test_who_ends_or_hands_over_sees_nothing_from_the_day_of_the_move(choice: str) -> None:
    assert end(choice) == "2027-01-31T23:59:59+01:00"
    assert end(choice, date(2027, 1, 15)) == "2027-01-15T23:59:59+01:00"


def test_an_overlap_is_the_day_she_names_else_what_was_suggested_else_all_she_gave() -> None:
    suggested = replace(LINE, suggested_end=instant("2027-02-15T23:59:59+01:00"))
    assert end(WKT.ChooseOverlap, date(2027, 2, 8), suggested) == "2027-02-08T23:59:59+01:00"
    assert end(WKT.ChooseOverlap, None, suggested) == "2027-02-15T23:59:59+01:00"
    assert end(WKT.ChooseOverlap, None, replace(LINE, suggested_end=None)) == GIVEN_END.text


@pytest.mark.parametrize("choice", [WKT.ChooseEnd, WKT.ChooseOverlap, WKT.ChooseHandOver])
def test_no_choice_lets_a_grant_run_longer_than_she_gave(choice: str) -> None:
    assert end(choice, date(2030, 1, 1)) == GIVEN_END.text


def test_a_choice_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnacceptableContent):
        end(WKT.Continues)


def test_a_line_begins_with_the_words_of_its_rule_and_no_choice() -> None:
    rule = next(rule for rule in relocation_rules() if rule.iri == WKT["vr-aanbieder"])
    line = suggest_line(GRANT, rule, GIVEN_END)
    assert (line.grant, line.rule, line.suggestion) == (GRANT.id, rule.iri, rule.suggestion)
    assert (line.sentence, line.choice, line.end) == (rule.sentence_nl, None, None)


def test_what_has_no_choice_is_undecided() -> None:
    decided = replace(LINE, choice=WKT.ChooseEnd, end=GIVEN_END)
    assert replace(PLAN, lines=(decided, LINE)).undecided == (LINE,)


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        replace(PLAN, old_municipality=None, circumstances=(), lines=()),
        replace(PLAN, lines=(replace(LINE, suggested_end=None, choice=WKT.ChooseEnd, end=GIVEN_END),)),
        replace(PLAN, new_team=TEAM),
        replace(PLAN, confirmed_at=instant("2026-11-29T12:00:00Z"), new_grants=("https://v.example/g",)),
    ],
)
def test_a_plan_that_was_kept_comes_back_the_same(plan: Plan) -> None:
    assert load_plan(dump_plan(plan)) == plan


def test_a_plan_says_whether_it_was_confirmed() -> None:
    confirmed = replace(PLAN, confirmed_at=instant("2026-11-29T12:00:00Z"))
    assert plan_document(PLAN)["status"] == "Draft"
    assert plan_document(confirmed)["status"] == "Confirmed"
