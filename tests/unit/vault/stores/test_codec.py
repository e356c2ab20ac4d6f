"""Whatever is encoded comes back as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry, Redaction
from vault.model.modes import ALL_MODES, AccessMode
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
from vault.stores.codec import decode_entry, decode_rules, encode_entry, encode_rules, to_json

TWO = frozenset({"https://a.example/", "https://b.example/"})
CONDITIONS: tuple[Condition, ...] = (
    ClientCondition(TWO),
    IssuerCondition(TWO),
    OrganisationCondition(TWO),
    PurposeCondition(TWO, strict=True),
    PurposeCondition(TWO, strict=False),
    TimeCondition(5, None),
    TimeCondition(None, 9),
    NeverCondition(),
)


PLAIN = JournalEntry(StorageId("abcdefghjkmnpqrs"), 5, 2, "t", "read", "https://v.example/x", AccessMode.READ)


def test_rules_come_back_with_every_condition() -> None:
    one = Rule(
        "#a", frozenset({AccessMode.READ}), TWO, TWO, True, False, TWO, CONDITIONS, "https://g.example/"
    )
    two = Rule("", ALL_MODES, signed_in=True, client="https://app.example/id")
    for compiled in (CompiledAcl((one,), (two, one)), CompiledAcl()):
        assert decode_rules(encode_rules(compiled)) == compiled


def test_an_unknown_condition_never_holds() -> None:
    rule = ["#a", None, [], [], [], [], True, False, [["colour", "red"]]]
    decoded = decode_rules(to_json([[rule], []]))
    assert decoded.access_to[0].conditions == (NeverCondition(),)


def test_a_rule_from_before_apps_were_kept_was_written_with_an_unknown_one() -> None:
    rule = ["#a", None, [], ["https://a.example/"], [], [], False, False, []]
    assert decode_rules(to_json([[rule], []])).access_to[0].client is None


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"[[1],[]]", b"[[[1]],[]]", b"null", b'[[["#a"]],[]]'])
def test_what_is_no_compiled_acl_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- any of them means unreadable
        decode_rules(data)


@pytest.mark.parametrize(
    "entry",
    [
        PLAIN,
        replace(PLAIN, agent="a", client="c", issuer="i", organisation="o", count=3, failed=True),
        replace(PLAIN, refusal=RefusalReason.NO_GRANT, absent=True, purpose="p", legal_basis="l"),
        replace(PLAIN, authorization="#a", grant="g"),
        replace(PLAIN, time_ms=0, epoch=0, count=0),
        replace(PLAIN, redaction=Redaction(3, 3, ("agent", "resource"), "third-party")),
        replace(PLAIN, redaction=Redaction(1, 500)),
    ],
)
def test_an_entry_comes_back(entry: JournalEntry) -> None:
    assert decode_entry(encode_entry(entry)) == entry
