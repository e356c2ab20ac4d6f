from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.support.journals import NOON_MS, STORAGE_URL, WORKER, entry
from vault.journal.fold import MORE, OTHERS, fold, max_refusals_of_one, max_refused_agents
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.model.rules import RefusalReason

OWNER = f"{STORAGE_URL}profiel/card#me"


def refused(number: int = 0, **changes: Any) -> JournalEntry:
    """A refusal with a time and a trace id of its own."""
    given: dict[str, Any] = {
        "time_ms": NOON_MS + number,
        "trace_id": f"t{number}",
        "refusal": RefusalReason.NO_GRANT,
    }
    return entry(**given | changes)


def counted(entries: list[JournalEntry]) -> int:
    return sum(one.count for one in entries)


def test_equal_refusals_become_one_line_with_their_number_and_the_first_time_and_trace() -> None:
    (line,) = fold([refused(number) for number in range(5)], OWNER)
    assert line == replace(refused(0), count=5)


def test_counts_that_are_folded_already_add_up() -> None:
    (line,) = fold([refused(1, count=3), refused(2)], OWNER)
    assert line.count == 4


@pytest.mark.parametrize(
    "other",
    [
        {"agent": "https://else.example/#me"},
        {"agent": None},
        {"client": "https://other.example/id"},
        {"issuer": "https://other.example/"},
        {"resource": f"{STORAGE_URL}brieven/"},
        {"mode": AccessMode.WRITE},
        {"activity": "replace"},
        {"refusal": RefusalReason.TOO_LATE},
        {"purpose": "https://kluis.example/ns/wijk#doel"},
        {"epoch": 2},
        {"absent": True},
    ],
)
def test_refusals_that_differ_in_anything_but_time_and_trace_stay_apart(other: dict[str, Any]) -> None:
    assert fold([refused(0), refused(1, **other)], OWNER) == [refused(0), refused(1, **other)]


@pytest.mark.parametrize("agent", [WORKER, OWNER, None])
def test_what_was_allowed_never_folds(agent: str | None) -> None:
    entries = [entry(agent=agent, trace_id=str(number)) for number in range(40)]
    assert fold(entries, OWNER) == entries


def test_what_the_owner_attempts_in_vain_keeps_its_own_line_and_that_of_others_folds() -> None:
    hers = [entry(agent=OWNER, trace_id=str(number), failed=True) for number in range(3)]
    theirs = [entry(trace_id=str(number), failed=True) for number in range(3)]
    assert fold([*hers, *theirs], OWNER) == [*hers, replace(theirs[0], count=3)]


@pytest.mark.parametrize("activity", ["consult-journal", "checkpoint"])
def test_the_owners_looking_into_her_own_journal_folds(activity: str) -> None:
    entries = [entry(agent=OWNER, activity=activity, trace_id=str(number)) for number in range(3)]
    assert fold(entries, OWNER) == [replace(entries[0], count=3)]
    theirs = [replace(one, agent=WORKER) for one in entries]
    assert fold(theirs, OWNER) == theirs


def test_the_order_is_that_of_the_first_of_equal_ones() -> None:
    entries = [refused(0), entry(trace_id="read"), refused(2), refused(3, activity="list"), refused(4)]
    assert [line.trace_id for line in fold(entries, OWNER)] == ["t0", "read", "t3"]


def test_of_a_flood_with_ever_other_purposes_the_rest_is_one_line_with_a_true_count() -> None:
    entries = [refused(number, purpose=f"https://p.example/{number}") for number in range(500)]
    lines = fold(entries, OWNER)
    assert lines[:max_refusals_of_one] == entries[:max_refusals_of_one]
    (rest,) = lines[max_refusals_of_one:]
    assert (rest.activity, rest.agent, rest.count) == (MORE, WORKER, 500 - max_refusals_of_one)
    assert (rest.resource, rest.client, rest.purpose) == ("", None, None)
    assert rest.trace_id == f"t{max_refusals_of_one}"


def test_the_line_of_the_rest_says_nothing_that_is_not_true_of_all_of_them() -> None:
    entries = [
        refused(
            number,
            resource=f"{STORAGE_URL}{number}",
            mode=(AccessMode.READ, AccessMode.WRITE)[number % 2],
            refusal=(RefusalReason.NO_GRANT, RefusalReason.TOO_LATE)[number // 2 % 2],
        )
        for number in range(100)
    ]
    rest = [line for line in fold(entries, OWNER) if line.activity == MORE]
    assert Counter((line.mode, line.refusal) for line in rest) == {
        (mode, reason): 1
        for mode in (AccessMode.READ, AccessMode.WRITE)
        for reason in (RefusalReason.NO_GRANT, RefusalReason.TOO_LATE)
    }
    assert counted(rest) == 100 - max_refusals_of_one


def test_a_flood_of_one_agent_hides_no_line_of_another() -> None:
    flood = [refused(number, agent=None, purpose=f"https://p.example/{number}") for number in range(300)]
    other = refused(301, agent="https://else.example/#me")
    allowed = [entry(trace_id=f"read-{number}") for number in range(5)]
    lines = fold([*flood[:200], *allowed, other, *flood[200:]], OWNER)
    assert other in lines
    assert [line for line in lines if line.refusal is None] == allowed
    assert counted(lines) == 306
    assert len(lines) == max_refusals_of_one + 1 + 1 + 5


def test_of_agents_without_number_only_so_many_are_named_and_those_of_an_organisation_first() -> None:
    strangers = [refused(number, agent=f"https://a.example/{number}#me") for number in range(1000)]
    late = refused(2000, organisation="https://o.example/")
    lines = fold([*strangers, late], OWNER)
    assert late in lines
    named = [line for line in lines if line.activity != OTHERS]
    assert len(named) == max_refused_agents
    (others,) = (line for line in lines if line.activity == OTHERS)
    assert (others.agent, others.count) == (None, 1001 - max_refused_agents)


def test_a_flood_in_every_way_at_once_leaves_a_bounded_number_of_lines() -> None:
    entries = [
        refused(number, agent=f"https://a.example/{number % 997}#me", purpose=f"https://p.example/{number}")
        for number in range(5000)
    ]
    lines = fold(entries, OWNER)
    assert len(lines) <= max_refused_agents * (max_refusals_of_one + 1) + 1
    assert counted(lines) == 5000
