"""Sealed objects and wrapped values open unchanged or not at all, however they are cut up."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vault.errors import Unavailable
from vault.model.identifiers import StorageId
from vault.stores.encryption import ObjectBinding, seal, unseal

BINDING = ObjectBinding(bytes(32), StorageId("abcdefghjkmnpqrs"), "resource", "revision")
CHUNKS = st.lists(st.binary(max_size=200).map(lambda data: data * 800), max_size=4)


def pieces(data: bytes, size: int) -> list[bytes]:
    """Cut into pieces of a size."""
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(CHUNKS, st.integers(1, 100_000))
def test_what_was_sealed_opens_unchanged_in_pieces_of_any_size(chunks: list[bytes], size: int) -> None:
    sealed = b"".join(seal(BINDING, chunks))
    assert b"".join(unseal(BINDING, pieces(sealed, max(size, len(sealed) // 500)))) == b"".join(chunks)


@given(CHUNKS, st.data())
def test_no_part_of_an_object_opens_as_an_object(chunks: list[bytes], data: st.DataObject) -> None:
    sealed = b"".join(seal(BINDING, chunks))
    length = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(Unavailable):
        b"".join(unseal(BINDING, (sealed[:length],)))


@given(CHUNKS, st.data())
def test_no_changed_bit_goes_unnoticed(chunks: list[bytes], data: st.DataObject) -> None:
    sealed = bytearray(b"".join(seal(BINDING, chunks)))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Unavailable):
        b"".join(unseal(BINDING, (bytes(sealed),)))
