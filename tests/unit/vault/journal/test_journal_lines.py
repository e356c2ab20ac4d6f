from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.journals import NOON_MS, START, STORAGE, WORKER, entry, sealed
from vault.journal.lines import (
    REDACTABLE,
    digest_text,
    draft_of,
    draft_of_gap,
    hash_text,
    line_hash,
    moment_ms,
    moment_text,
    read_hash,
)
from vault.model.rules import RefusalReason


def test_the_hashes_of_the_domain_example_come_out(example: Any) -> None:
    for line in [*example["journaal"], example["voor_het_weghalen"]]:
        assert hash_text(line_hash(line)) == line["hash"]


def test_the_redactable_fields_are_those_of_the_domain(example: Any) -> None:
    assert sorted(REDACTABLE) == example["weggehaald_mag"]


def test_a_line_holds_what_happened_under_the_names_of_the_domain(example: Any) -> None:
    allowed = entry(
        organisation="https://o.example/",
        authorization="https://vault.example/x.acl#1",
        grant="https://vault.example/g",
        purpose="https://kluis.example/ns/wijk#doel-samenwerken-plan",
        legal_basis="https://w3id.org/dpv/legal/eu/gdpr#A6-1-e",
    )
    line = json.loads(sealed([draft_of(allowed)])[0].body)
    assert set(line) == set(example["journaal"][0]) | {"activity"}
    assert set(line["salts"]) == set(REDACTABLE)


def test_a_refusal_says_why() -> None:
    line = draft_of(entry(refusal=RefusalReason.OTHER_CLIENT))
    assert line["outcome"].endswith("#RefusedOutcome")
    assert line["refusal"] == "https://kluis.example/ns/toegang#OtherClient"


def test_what_is_not_so_is_left_out() -> None:
    line = draft_of(entry(agent=None, authorization=""))
    assert not {"agent", "authorization", "failed", "absent", "refusal", "declaredPurpose"} & set(line)


def test_a_failure_and_an_absent_resource_are_said() -> None:
    line = draft_of(entry(failed=True, absent=True))
    assert line["failed"] is True
    assert line["absent"] is True


def test_lines_are_numbered_and_chained_from_the_beginning() -> None:
    lines = sealed([draft_of(entry()), draft_of(entry()), draft_of_gap(NOON_MS, 1, 2)])
    bodies = [json.loads(line.body) for line in lines]
    assert [body["sequence"] for body in bodies] == [1, 2, 3]
    assert bodies[0]["previousHash"] == hash_text(START.hash)
    assert [body["previousHash"] for body in bodies[1:]] == [body["hash"] for body in bodies[:-1]]


def test_equal_entries_have_other_salts_and_so_other_hashes_of_their_values() -> None:
    one, other = (json.loads(line.body) for line in sealed([draft_of(entry()), draft_of(entry())]))
    assert one["agent"] == other["agent"] == WORKER
    salts = [*one["salts"].values(), *other["salts"].values()]
    assert len(set(salts)) == len(salts)
    assert {len(salt) for salt in salts} == {26}


def test_a_value_taken_away_leaves_the_hash_as_it_was() -> None:
    line = json.loads(sealed([draft_of(entry())])[0].body)
    salt = line["salts"].pop("agent")
    line["agent"] = digest_text((salt + WORKER).encode())
    assert hash_text(line_hash(line)) == line["hash"]


def test_a_gap_names_nobody() -> None:
    assert set(draft_of_gap(NOON_MS, 4, 3)) == {"time", "epoch", "activity", "count"}


def test_what_has_no_canonical_form_is_no_line() -> None:
    with pytest.raises(ValueError, match="canonical"):
        line_hash({"salts": {}, "count": 2**60})


@pytest.mark.parametrize(
    "text", ["", "sha256:00", "md5:" + "0" * 64, "sha256:" + "A" * 64, "sha256:" + "0 " * 32, None]
)
def test_only_a_hash_in_its_one_form_is_read(text: object) -> None:
    with pytest.raises(ValueError, match=r"hash|fromhex"):
        read_hash(text)


def test_a_moment_is_written_in_utc_to_the_millisecond() -> None:
    assert moment_text(1_790_000_000_007) == "2026-09-21T14:13:20.007Z"
    assert moment_ms("2026-09-21T16:13:20.007+02:00") == 1_790_000_000_007


def test_a_moment_without_a_zone_is_none() -> None:
    with pytest.raises(ValueError, match="zone"):
        moment_ms("2026-09-21T16:13:20")


def test_the_storage_is_not_in_the_line_itself() -> None:
    assert "storage" not in draft_of(entry(STORAGE))
