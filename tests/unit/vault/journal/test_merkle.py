from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.journal.checkpoints import read_checkpoint
from vault.journal.merkle import leaf_hash, path_to_root, root_of_path, tree_root

LEAVES = [leaf_hash(bytes([number])) for number in range(64)]


def rfc_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 9162, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = rfc_root(leaves[:split]), rfc_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(1, 65))
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert tree_root(LEAVES[:size]) == rfc_root(LEAVES[:size])


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert tree_root([]) == hashlib.sha256(b"").digest()


@settings(deadline=None)
@given(st.integers(1, 64), st.data())
def test_every_leaf_leads_to_the_root(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = path_to_root(LEAVES[:size], index)
    assert root_of_path(LEAVES[index], index, size, path) == tree_root(LEAVES[:size])


@settings(deadline=None)
@given(st.integers(2, 64), st.data())
def test_another_leaf_does_not(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = path_to_root(LEAVES[:size], index)
    assert root_of_path(leaf_hash(b"other"), index, size, path) != tree_root(LEAVES[:size])


@pytest.mark.parametrize("index", [-1, 5, 99])
def test_a_place_outside_the_tree_leads_nowhere(index: int) -> None:
    assert root_of_path(LEAVES[0], index, 5, path_to_root(LEAVES[:5], 0)) is None


def test_a_path_that_is_too_short_or_too_long_leads_nowhere() -> None:
    path = path_to_root(LEAVES[:5], 2)
    assert root_of_path(LEAVES[2], 2, 5, path[:-1]) is None
    assert root_of_path(LEAVES[2], 2, 5, [*path, LEAVES[0]]) is None


def test_the_checkpoint_of_the_domain_example_leads_to_its_root(example: Any) -> None:
    checkpoint = read_checkpoint(example["ijkpunt"] | {"signature": ""})
    assert checkpoint.leads_to_root()
