"""What every object store must do, whatever it keeps its bytes in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from vault.stores.ports import ObjectStore

many_bytes = 12 * 1024 * 1024
piece_bytes = 64 * 1024


def _cut_off(after_bytes: int) -> Iterator[bytes]:
    for _ in range(0, after_bytes, piece_bytes):
        yield bytes(piece_bytes)
    yield b"the first half"
    raise ConnectionError("the client is gone")


def _pieces(seed: int) -> Iterator[bytes]:
    for number in range(0, many_bytes, piece_bytes):
        yield hashlib.sha256(f"{seed} {number}".encode()).digest() * (piece_bytes // 32)


class StoreContract:
    """Subclasses give a fixture `store`, an empty store."""

    def test_what_was_put_is_given_back(self, store: ObjectStore) -> None:
        store.put("abcd", iter((b"one ", b"", b"two")))
        assert b"".join(store.get("abcd")) == b"one two"

    def test_an_empty_object_is_an_object(self, store: ObjectStore) -> None:
        store.put("abcd", ())
        assert b"".join(store.get("abcd")) == b""

    def test_a_large_object_comes_back_whole(self, store: ObjectStore) -> None:
        store.put("abcd", _pieces(1))
        found, expected = hashlib.sha256(), hashlib.sha256(b"".join(_pieces(1)))
        for piece in store.get("abcd"):
            found.update(piece)
        assert found.digest() == expected.digest()

    def test_a_part_of_a_large_object_is_given(self, store: ObjectStore) -> None:
        whole = b"".join(_pieces(2))
        store.put("abcd", iter((whole,)))
        start = 7 * 1024 * 1024 + 13
        assert b"".join(store.get("abcd", start, 100_000)) == whole[start : start + 100_000]
        assert b"".join(store.get("abcd", many_bytes - 5)) == whole[-5:]

    @pytest.mark.parametrize(
        ("start", "size", "expected"),
        [
            (0, 3, b"012"),
            (0, 1, b"0"),
            (0, 10, b"0123456789"),
            (4, 3, b"456"),
            (9, 1, b"9"),
            (8, None, b"89"),
            (8, 9, b"89"),
            (3, 0, b""),
            (10, 5, b""),
            (99, None, b""),
        ],
    )
    def test_a_part_of_an_object_is_given(
        self, store: ObjectStore, start: int, size: int | None, expected: bytes
    ) -> None:
        store.put("abcd", (b"01234", b"56789"))
        assert b"".join(store.get("abcd", start, size)) == expected

    def test_an_absent_object_is_a_key_error(self, store: ObjectStore) -> None:
        with pytest.raises(KeyError):
            b"".join(store.get("abcd"))

    def test_an_absent_object_is_a_key_error_in_part_too(self, store: ObjectStore) -> None:
        with pytest.raises(KeyError):
            b"".join(store.get("abcd", 3, 5))

    @pytest.mark.parametrize("after_bytes", [0, many_bytes])
    def test_a_put_that_is_cut_leaves_nothing(self, store: ObjectStore, after_bytes: int) -> None:
        with pytest.raises(ConnectionError):
            store.put("abcd", _cut_off(after_bytes))
        assert list(store.keys()) == []
        with pytest.raises(KeyError):
            b"".join(store.get("abcd"))

    def test_a_reader_that_goes_away_keeps_no_other_waiting(self, store: ObjectStore) -> None:
        store.put("abcd", _pieces(3))
        for _ in range(20):
            reading = store.get("abcd")
            next(reading)
            del reading
        assert sum(map(len, store.get("abcd"))) == many_bytes

    def test_many_write_read_and_delete_at_once(self, store: ObjectStore) -> None:
        def work(number: int) -> bool:
            body = f"{number} ".encode() * 5000
            store.put(f"key{number}", (body[:7], body[7:]))
            same = b"".join(store.get(f"key{number}")) == body
            if number % 2:
                store.delete(f"key{number}")
            return same

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(work, range(64)))
        assert sorted(dict(store.keys())) == sorted(f"key{number}" for number in range(0, 64, 2))

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
