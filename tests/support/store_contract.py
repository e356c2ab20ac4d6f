"""What every object store must do, whatever it keeps its bytes in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vault.stores.ports import ObjectStore


def _cut_off() -> Iterator[bytes]:
    yield b"the first half"
    raise ConnectionError("the client is gone")


class StoreContract:
    """Subclasses give a fixture `store`, an empty store."""

    def test_what_was_put_is_given_back(self, store: ObjectStore) -> None:
        store.put("abcd", iter((b"one ", b"", b"two")))
        assert b"".join(store.get("abcd")) == b"one two"

    def test_an_empty_object_is_an_object(self, store: ObjectStore) -> None:
        store.put("abcd", ())
        assert b"".join(store.get("abcd")) == b""

    def test_a_large_object_comes_back_whole(self, store: ObjectStore) -> None:
        chunks = [bytes([number]) * 100_000 for number in range(10)]
        store.put("abcd", iter(chunks))
        assert b"".join(store.get("abcd")) == b"".join(chunks)

    @pytest.mark.parametrize(
        ("start", "size", "expected"),
        [(0, 3, b"012"), (4, 3, b"456"), (8, None, b"89"), (8, 9, b"89"), (3, 0, b""), (10, 5, b"")],
    )
    def test_a_part_of_an_object_is_given(
        self, store: ObjectStore, start: int, size: int | None, expected: bytes
    ) -> None:
        store.put("abcd", (b"01234", b"56789"))
        assert b"".join(store.get("abcd", start, size)) == expected

    def test_an_absent_object_is_a_key_error(self, store: ObjectStore) -> None:
        with pytest.raises(KeyError):
            b"".join(store.get("abcd"))

    def test_a_put_that_is_cut_leaves_nothing(self, store: ObjectStore) -> None:
        with pytest.raises(ConnectionError):
            store.put("abcd", _cut_off())
        assert list(store.keys()) == []
        with pytest.raises(KeyError):
            b"".join(store.get("abcd"))

    def test_a_deleted_object_is_gone(self, store: ObjectStore) -> None:
        store.put("abcd", (b"x",))
        store.delete("abcd")
        assert list(store.keys()) == []

    def test_deleting_an_absent_object_does_nothing(self, store: ObjectStore) -> None:
        store.delete("abcd")
        assert list(store.keys()) == []

    def test_every_key_is_listed_with_the_second_it_was_written(self, store: ObjectStore) -> None:
        for key in ("abcd", "abce", "zzzz"):
            store.put(key, (b"x",))
        listed = dict(store.keys())
        assert sorted(listed) == ["abcd", "abce", "zzzz"]
        assert min(listed.values()) > 1_700_000_000
