"""A bounded cache forgets the oldest, and nothing else."""

from __future__ import annotations

from vault.stores.bounded import BoundedCache


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    for number, key in enumerate("abc"):
        assert cache.put(key, number) == number
    assert [cache.get(key) for key in "abc"] == [None, 1, 2]
