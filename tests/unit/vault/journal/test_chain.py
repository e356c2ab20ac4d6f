from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.support.journals import START, entry, sealed
from vault.journal.chain import BrokenChain, Chain
from vault.journal.lines import Line, draft_of, draft_of_gap, no_hash
from vault.model.journal import JournalHead

HERE = JournalHead(40, no_hash)


def follow(lines: list[Line], head: JournalHead) -> Chain:
    chain = Chain(head)
    for line in lines:
        chain.follow(line)
    chain.finish()
    return chain


def plain(count: int) -> list[Line]:
    return [json.loads(line.body) for line in sealed([draft_of(entry()) for _ in range(count)])]


def test_the_example_of_the_domain_holds_with_its_redaction(example: Any) -> None:
    chain = follow(example["journaal"], HERE)
    assert chain.head.sequence == 45
    assert chain.redacted == chain.unsalted == {44}


def test_it_holds_before_the_redaction_too(example: Any) -> None:
    lines = [example["voor_het_weghalen"] if line["sequence"] == 44 else line for line in example["journaal"]]
    assert follow(lines, HERE).unsalted == set()


def test_values_that_are_gone_without_a_line_that_says_so_are_noticed(example: Any) -> None:
    with pytest.raises(BrokenChain, match="line 44 were taken away"):
        follow(example["journaal"][:-1], HERE)


@pytest.mark.parametrize(
    "field", ["count", "epoch", "usedIssuer", "agent", "grant", "resource", "outcome", "time"]
)
def test_a_changed_or_missing_field_is_noticed(example: Any, field: str) -> None:
    for change in ({field: "https://elsewhere.example/"}, {field: None}):
        lines = copy.deepcopy(example["journaal"])
        lines[0] |= change
        if change[field] is None:
            del lines[0][field]
        with pytest.raises(BrokenChain, match="line 41"):
            follow(lines, HERE)


@pytest.mark.parametrize("salts", [{}, {"agent": "x" * 26}, {"time": "x"}, {"agent": 3}, None])
def test_other_salts_are_noticed(example: Any, salts: Any) -> None:
    lines = copy.deepcopy(example["journaal"])
    lines[0]["salts"] = salts
    with pytest.raises(BrokenChain):
        follow(lines, HERE)


def test_a_dropped_swapped_or_repeated_line_is_noticed() -> None:
    one, two, three = plain(3)
    for lines in ([one, three], [two, one, three], [one, one, two, three], [two, three]):
        with pytest.raises(BrokenChain, match="not in its place"):
            follow(lines, START)


def test_a_line_of_another_chain_is_noticed() -> None:
    with pytest.raises(BrokenChain, match="line 2 does not follow"):
        follow([plain(1)[0], plain(2)[1]], START)


def test_a_redaction_that_names_no_earlier_line_is_noticed() -> None:
    for redacted in (2, 7, 0, "1", True):
        draft = {"time": "x", "epoch": 1, "redacts": redacted}
        lines = [json.loads(line.body) for line in sealed([draft_of(entry()), draft])]
        if redacted is True:
            lines[1]["redacts"] = True
        with pytest.raises(BrokenChain, match="line 2 takes values away"):
            follow(lines, START)


@pytest.mark.parametrize("number", [1.0, True, "1", None])
def test_a_number_of_another_kind_is_no_number_of_a_line(number: object) -> None:
    with pytest.raises(BrokenChain, match="line 1"):
        follow([plain(1)[0] | {"sequence": number}], START)


def test_a_line_without_a_canonical_form_is_noticed() -> None:
    with pytest.raises(BrokenChain, match="canonical"):
        follow([plain(1)[0] | {"extra": 2**60}], START)


def test_gaps_are_counted() -> None:
    lines = [json.loads(line.body) for line in sealed([draft_of_gap(0, 1, 5)])]
    assert follow(lines, START).gaps == [(1, 5)]
