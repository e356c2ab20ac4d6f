"""Sealed objects open whole and unchanged under what they are bound to, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Unavailable
from vault.model.identifiers import StorageId
from vault.model.representation import Span
from vault.stores.encryption import ObjectBinding, seal, segment_bytes, tag_bytes, unseal, unseal_span

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


@dataclass
class Sealed:
    """A sealed object that remembers which bytes of it were read."""

    data: bytes
    asked: list[tuple[int, int | None]] = field(default_factory=list)

    def get(self, start: int, size: int | None) -> Iterator[bytes]:
        """Give a part."""
        self.asked.append((start, size))
        yield self.data[start : None if size is None else start + size]

    def span(self, start: int, size: int, total: int = len(THREE_SEGMENTS)) -> bytes:
        """Open a stretch of it."""
        return b"".join(unseal_span(BINDING, self.get, total, Span(start, size)))


_KEPT = sealed(THREE_SEGMENTS)


@given(st.integers(0, len(THREE_SEGMENTS) - 1), st.integers(1, len(THREE_SEGMENTS)))
def test_any_stretch_is_what_the_whole_has_there(start: int, size: int) -> None:
    size = min(size, len(THREE_SEGMENTS) - start)
    assert Sealed(_KEPT).span(start, size) == THREE_SEGMENTS[start : start + size]


def test_only_the_segments_of_a_stretch_are_read() -> None:
    kept = Sealed(_KEPT)
    assert kept.span(segment_bytes + 5, 10) == THREE_SEGMENTS[segment_bytes + 5 :][:10]
    assert kept.asked == [(0, HEADER), (HEADER + SEALED_SEGMENT, SEALED_SEGMENT)]


def test_a_stretch_of_exact_segments_ends_where_the_object_ends() -> None:
    plain = THREE_SEGMENTS[: 2 * segment_bytes]
    assert Sealed(sealed(plain)).span(segment_bytes, segment_bytes, len(plain)) == plain[segment_bytes:]
    assert Sealed(sealed(plain)).span(0, segment_bytes, len(plain)) == plain[:segment_bytes]


@pytest.mark.parametrize("start", [0, segment_bytes - 1, segment_bytes, 2 * segment_bytes])
def test_a_changed_byte_is_noticed_by_every_stretch_that_reads_it(start: int) -> None:
    kept = Sealed(_KEPT)
    data = bytearray(_KEPT)
    data[HEADER + (start // segment_bytes) * SEALED_SEGMENT] ^= 1
    kept.data = bytes(data)
    with pytest.raises(Unavailable):
        kept.span(start, 5)


def test_nothing_of_a_segment_is_given_before_it_is_authenticated() -> None:
    data = bytearray(_KEPT)
    data[HEADER + 2 * SEALED_SEGMENT - 1] ^= 1
    stream = unseal_span(BINDING, Sealed(bytes(data)).get, len(THREE_SEGMENTS), Span(10, 100_000))
    assert next(stream) == THREE_SEGMENTS[10:segment_bytes]
    with pytest.raises(Unavailable):
        next(stream)


@pytest.mark.parametrize("cut", [1, SEALED_SEGMENT])
def test_a_stretch_to_the_end_notices_that_the_object_was_cut(cut: int) -> None:
    with pytest.raises(Unavailable):
        Sealed(_KEPT[:-cut]).span(2 * segment_bytes - 5, len(THREE_SEGMENTS) - 2 * segment_bytes + 5)


def test_a_size_that_is_not_the_objects_opens_nothing() -> None:
    with pytest.raises(Unavailable):
        Sealed(_KEPT).span(2 * segment_bytes, 5, total=len(THREE_SEGMENTS) + segment_bytes)
    with pytest.raises(Unavailable):
        Sealed(_KEPT).span(segment_bytes, 5, total=segment_bytes + 5)
