from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.support.journals import START, entry, sealed
from vault.journal.chain import BrokenChain, Chain
from vault.journal.lines import (
    Line,
    draft_of,
    draft_of_gap,
    hash_text,
    no_hash,
    read_hash,
    seal_drafts,
    without_values,
)
from vault.journal.redaction import digest_of
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
    assert set(chain.redacted) == set(chain.unsalted) == {44}
    assert chain.state(45) == (chain.head.hash, 18)


def test_it_holds_before_the_redaction_too(example: Any) -> None:
    lines = [example["voor_het_weghalen"] if line["sequence"] == 44 else line for line in example["journaal"]]
    assert follow(lines, HERE).unsalted == {}


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


def dropped(line: Line) -> Line:
    return {"sequence": line["sequence"], "dropped": True, "hash": line["hash"]}


def with_retention(count: int, first: int, last: int) -> list[Line]:
    """So many lines, and one that says that some of them were dropped."""
    whole = plain(count)
    hashes = [read_hash(line["hash"]) for line in whole[first - 1 : last]]
    said = {"dropsFrom": first, "dropsTo": last, "dropsDigest": hash_text(digest_of(hashes))}
    return [*whole, next_line(whole, said)]


def next_line(before: list[Line], said: dict[str, object]) -> Line:
    """A line of the vault itself that follows others."""
    head = JournalHead(len(before), read_hash(before[-1]["hash"]))
    (line,) = seal_drafts([{"time": "x", "epoch": 1, **said}], head)
    found: Line = json.loads(line.body)
    return found


def test_hashes_alone_follow_when_a_later_line_says_that_they_were_dropped() -> None:
    lines = with_retention(4, 1, 3)
    chain = follow([*map(dropped, lines[:3]), *lines[3:]], START)
    assert (chain.dropped, chain.count) == ([(1, 3)], 5)
    assert chain.state(2) == (read_hash(lines[1]["hash"]), None)


def test_hashes_alone_without_a_line_that_says_so_are_noticed() -> None:
    lines = with_retention(4, 1, 3)
    with pytest.raises(BrokenChain, match="lines 1 to 3 only the hash is left"):
        follow([*map(dropped, lines[:3]), lines[3]], START)
    with pytest.raises(BrokenChain, match="lines 1 to 4 only the hash is left"):
        follow([*map(dropped, lines[:4]), lines[4]], START)


def test_another_hash_among_those_of_dropped_lines_is_noticed() -> None:
    lines = with_retention(4, 1, 3)
    forged = dropped(lines[1]) | {"hash": hash_text(bytes(32))}
    with pytest.raises(BrokenChain, match="are not those that line 5 dropped"):
        follow([dropped(lines[0]), forged, dropped(lines[2]), *lines[3:]], START)
    with pytest.raises(BrokenChain, match="line 4 does not follow"):
        follow(
            [*map(dropped, lines[:2]), dropped(lines[2]) | {"hash": hash_text(bytes(32))}, lines[3]], START
        )


@pytest.mark.parametrize(
    "change",
    [
        {"dropsFrom": 0},
        {"dropsTo": 9},
        {"dropsFrom": "1"},
        {"dropsFrom": 3, "dropsTo": 2},
        {"dropsFrom": None},
        {"dropsDigest": None},
    ],
)
def test_a_line_that_drops_what_it_cannot_is_noticed(change: dict[str, object]) -> None:
    said = {"dropsFrom": 1, "dropsTo": 1, "dropsDigest": "x"} | change
    lines = plain(1)
    with pytest.raises(BrokenChain, match=r"drops no earlier lines|are not those"):
        follow([*lines, next_line(lines, said)], START)


@pytest.mark.parametrize("row", [{"dropped": False}, {"dropped": True, "x": 1}, {"hash": "no"}])
def test_a_row_that_is_neither_a_line_nor_a_hash_is_noticed(row: dict[str, object]) -> None:
    with pytest.raises(BrokenChain, match=r"neither whole nor only a hash|has no hash"):
        follow([dropped(plain(1)[0]) | row], START)


def test_more_taken_away_than_a_later_line_says_is_noticed() -> None:
    line = without_values(plain(1)[0], ["agent", "resource"])
    redaction = next_line([line], {"redacts": 1, "redactedFields": ["agent"]})
    with pytest.raises(BrokenChain, match="no later line says so"):
        follow([line, redaction], START)
    other = next_line([line], {"redacts": 1, "redactedFields": ["time"]})
    with pytest.raises(BrokenChain, match="takes away what no line has"):
        follow([line, other], START)


@pytest.mark.parametrize("epoch", [-1, 2**63])
def test_an_epoch_that_none_can_be_is_noticed(epoch: int) -> None:
    with pytest.raises(BrokenChain, match="epoch"):
        follow([plain(1)[0] | {"epoch": epoch}], START)
