"""Depth of nesting, seen in the bytes."""

from __future__ import annotations

import time

import pytest

from vault.errors import TooLarge
from vault.rdf.depth import check_json_depth, check_triple_terms


def test_nesting_up_to_the_limit_passes_and_one_more_does_not() -> None:
    check_json_depth(b"[" * 64 + b"]" * 64)
    with pytest.raises(TooLarge, match="64"):
        check_json_depth(b"[" * 65 + b"]" * 65)


def test_depth_counts_and_not_the_number_of_brackets() -> None:
    check_json_depth(b"[" + b"[{}]," * 500 + b"1]")


def test_brackets_in_texts_do_not_count() -> None:
    check_json_depth(b'{"a": "' + b"[" * 500 + b'\\"' + b"{" * 500 + b'"}')


@pytest.mark.parametrize("opening", [b'{"a":', b'["\\\\",', b'["\\"",', b"[{"])
def test_nesting_behind_texts_and_escapes_counts(opening: bytes) -> None:
    with pytest.raises(TooLarge):
        check_json_depth(opening * 65)


def test_a_text_that_never_ends_is_read_once() -> None:
    started = time.perf_counter()
    check_json_depth(b'"\\"' * 200_000 + b"\\")
    assert time.perf_counter() - started < 2


def test_many_triple_terms_are_refused_wherever_what_closes_them_stands() -> None:
    check_triple_terms(b"<<( " * 100)
    with pytest.raises(TooLarge, match="100"):
        check_triple_terms(b"<<( # >>\n" * 101)
