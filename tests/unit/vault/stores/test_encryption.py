"""Sealed objects open whole and unchanged under what they are bound to, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vault.errors import Unavailable
from vault.model.identifiers import StorageId
from vault.stores.encryption import ObjectBinding, seal, segment_bytes, tag_bytes, unseal

BINDING = ObjectBinding(bytes(32), StorageId("abcdefghjkmnpqrs"), "resource", "revision")
HEADER = 17
SEALED_SEGMENT = segment_bytes + tag_bytes
THREE_SEGMENTS = bytes(range(256)) * 600


def sealed(plain: bytes, binding: ObjectBinding = BINDING) -> bytes:
    return b"".join(seal(binding, (plain,)))


def opened(data: bytes, binding: ObjectBinding = BINDING) -> bytes:
    return b"".join(unseal(binding, (data,)))


@pytest.mark.parametrize(
    "size", [0, 1, segment_bytes - 1, segment_bytes, segment_bytes + 1, 3 * segment_bytes]
)
def test_any_size_comes_back(size: int) -> None:
    plain = bytes(size)
    assert opened(sealed(plain)) == plain


def test_the_size_of_chunks_does_not_matter() -> None:
    data = b"".join(
        seal(BINDING, (THREE_SEGMENTS[i : i + 7001] for i in range(0, len(THREE_SEGMENTS), 7001)))
    )
    pieces = [data[i : i + 13] for i in range(0, len(data), 13)]
    assert b"".join(unseal(BINDING, pieces)) == THREE_SEGMENTS


@pytest.mark.parametrize(
    "other",
    [
        replace(BINDING, key=b"\1" * 32),
        replace(BINDING, storage=StorageId("zbcdefghjkmnpqrs")),
        replace(BINDING, resource_key="another"),
        replace(BINDING, revision="another"),
    ],
)
def test_it_opens_under_nothing_else(other: ObjectBinding) -> None:
    with pytest.raises(Unavailable):
        opened(sealed(b"secret"), other)


@pytest.mark.parametrize("place", [0, 1, 16, HEADER, HEADER + 5, HEADER + SEALED_SEGMENT, -1])
def test_one_changed_byte_is_noticed(place: int) -> None:
    data = bytearray(sealed(THREE_SEGMENTS))
    data[place] ^= 1
    with pytest.raises(Unavailable):
        opened(bytes(data))


@pytest.mark.parametrize(
    "length", [0, 5, HEADER, HEADER + 3, HEADER + SEALED_SEGMENT, HEADER + 2 * SEALED_SEGMENT, -1]
)
def test_a_cut_object_is_noticed(length: int) -> None:
    with pytest.raises(Unavailable):
        opened(sealed(THREE_SEGMENTS)[:length])


def test_swapped_segments_are_noticed() -> None:
    data = sealed(THREE_SEGMENTS)
    first, second = data[HEADER:][:SEALED_SEGMENT], data[HEADER + SEALED_SEGMENT :][:SEALED_SEGMENT]
    swapped = data[:HEADER] + second + first + data[HEADER + 2 * SEALED_SEGMENT :]
    with pytest.raises(Unavailable):
        opened(swapped)


def test_bytes_after_the_last_segment_are_noticed() -> None:
    with pytest.raises(Unavailable):
        opened(sealed(b"secret") + b"more")


def test_the_same_bytes_are_sealed_differently_each_time() -> None:
    assert sealed(b"secret") != sealed(b"secret")


def test_segments_are_given_out_before_all_is_read() -> None:
    stream = unseal(BINDING, iter([sealed(THREE_SEGMENTS)[: HEADER + SEALED_SEGMENT + 1]]))
    assert next(stream) == THREE_SEGMENTS[:segment_bytes]
