from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.journals import NOON_MS, entry, sealed
from vault.context import Context
from vault.errors import UnacceptableContent
from vault.journal import read as module
from vault.journal.lines import draft_of, moment_text
from vault.journal.read import Page, read_filters, read_page
from vault.model.records import StorageRecord
from vault.model.rules import RefusalReason
from vault.stores.ports import CatalogueTransaction

HOUR_MS = 3_600_000
Ask = Any


@pytest.fixture
def ask(context: Context, home: StorageRecord) -> Ask:
    def make(*changes: dict[str, Any]) -> Any:
        lines = sealed([draft_of(entry(home.storage, **change)) for change in changes])
        context.catalogue.write(lambda tx: tx.seal_lines(home.storage, lines))

        def page(size: int = 100, **query: str) -> Page:
            with context.catalogue.view() as view:
                asked = {name.rstrip("_"): value for name, value in query.items()}
                return read_page(view, home.storage, read_filters(asked), size)

        return page

    return make


def numbers(page: Page) -> list[int]:
    return [line["sequence"] for line in page.lines]


def test_lines_come_newest_first_with_values_and_without_salts(ask: Ask) -> None:
    page = ask({}, {}, {})()
    assert numbers(page) == [3, 2, 1]
    assert page.before is None
    assert all("salts" not in line and line["agent"] and line["hash"] for line in page.lines)


def test_an_empty_journal_is_an_empty_page(ask: Ask) -> None:
    assert ask()() == Page((), None)


def test_pages_follow_one_another_without_gap_or_overlap(ask: Ask) -> None:
    asked = ask(*[{}] * 7)
    seen: list[int] = []
    query: dict[str, str] = {}
    while True:
        page = asked(3, **query)
        seen += numbers(page)
        if page.before is None:
            break
        query = {"before": str(page.before)}
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"agent": "https://w.example/#me"}, [2]),
        ({"organisation": "https://o.example/"}, [3]),
        ({"outcome": "refused"}, [4]),
        ({"outcome": "allowed"}, [5, 3, 2, 1]),
        ({"resource": "https://vault.example/x"}, [5]),
        ({"activity": "list"}, [5]),
        ({"agent": "https://w.example/#me", "outcome": "refused"}, []),
    ],
)
def test_filters_leave_only_what_was_asked_for(ask: Ask, query: dict[str, str], expected: list[int]) -> None:
    asked = ask(
        {},
        {"agent": "https://w.example/#me"},
        {"organisation": "https://o.example/"},
        {"refusal": RefusalReason.NO_GRANT},
        {"resource": "https://vault.example/x", "activity": "list"},
    )
    assert numbers(asked(**query)) == expected


def test_moments_bound_on_both_sides_and_are_included(ask: Ask) -> None:
    asked = ask(*({"time_ms": NOON_MS + hour * HOUR_MS} for hour in range(5)))
    query = {"from_": moment_text(NOON_MS + HOUR_MS), "to": moment_text(NOON_MS + 3 * HOUR_MS)}
    assert numbers(asked(**query)) == [4, 3, 2]


def test_lines_far_after_the_last_moment_are_not_looked_at(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "max_scanned_lines", 60)
    asked = ask(*({"time_ms": NOON_MS + hour * HOUR_MS} for hour in range(500)))
    page = asked(to=moment_text(NOON_MS + 9 * HOUR_MS))
    assert numbers(page) == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert page.before is None
    assert numbers(asked(to=moment_text(NOON_MS + 9 * HOUR_MS), before="4")) == [3, 2, 1]
    assert asked(to=moment_text(NOON_MS - 25 * HOUR_MS)) == Page((), None)


def test_clocks_that_differ_by_less_than_a_day_hide_no_line(ask: Ask) -> None:
    asked = ask(
        {"time_ms": NOON_MS + 20 * HOUR_MS}, {"time_ms": NOON_MS}, {"time_ms": NOON_MS + 20 * HOUR_MS}
    )
    assert numbers(asked(to=moment_text(NOON_MS))) == [2]


def test_of_dropped_lines_the_time_is_no_hindrance(context: Context, home: StorageRecord, ask: Ask) -> None:
    asked = ask(*({"time_ms": NOON_MS + hour * HOUR_MS} for hour in range(100)))
    with context.catalogue.view() as view:
        old = [replace(line, body=b"") for line in view.sealed_lines(home.storage, last=50)]

    def drop(tx: CatalogueTransaction) -> None:
        for line in old:
            tx.rewrite_line(home.storage, line)

    context.catalogue.write(drop)
    assert numbers(asked(to=moment_text(NOON_MS + 51 * HOUR_MS))) == [52, 51]


def test_lines_far_before_the_first_moment_are_not_looked_at(ask: Ask) -> None:
    asked = ask({"time_ms": NOON_MS}, {"time_ms": NOON_MS - 30 * HOUR_MS}, {"time_ms": NOON_MS})
    assert numbers(asked(from_=moment_text(NOON_MS - HOUR_MS))) == [3]


def test_a_search_that_finds_little_goes_on_in_the_next_page(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "max_scanned_lines", 4)
    asked = ask({"agent": "https://w.example/#me"}, *[{}] * 6)
    first = asked(agent="https://w.example/#me")
    assert (first.lines, first.before) == ((), 4)
    assert numbers(asked(agent="https://w.example/#me", before="4")) == [1]


@pytest.mark.parametrize(
    "query",
    [
        {"who": "x"},
        {"outcome": "maybe"},
        {"before": "-1"},
        {"before": "²"},
        {"before": "9" * 20},
        {"from_": "yesterday"},
        {"to": "2026-09-21T10:00:00"},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(ask: Ask, query: dict[str, str]) -> None:
    with pytest.raises(UnacceptableContent):
        ask({})(**query)
