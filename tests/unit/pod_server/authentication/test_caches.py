"""Caches: bounded, with expiry, and not to be used against others."""

from __future__ import annotations

import pytest

from pod_server.authentication.caches import CachedLookup, ExpiringCache, Lifetimes
from pod_server.authentication.errors import CannotFetch
from vault.errors import Unavailable

LIFETIMES = Lifetimes(fresh_s=60, failed_s=10, reload_s=30)


class Source:
    """A source that counts how often it is asked, and can fail."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    def load(self, url: str) -> str:
        self.asked += 1
        if self.fails:
            raise CannotFetch("gone")
        return f"{url} {self.asked}"


def test_a_value_is_gone_at_the_second_it_expires() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(10)
    cache.put("a", 1, 100)
    assert (cache.get("a", 99), cache.get("a", 100), cache.get("a", 99)) == (1, None, None)


def test_a_full_cache_drops_what_was_not_used_the_longest() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(2)
    cache.put("a", 1, 100)
    cache.put("b", 2, 100)
    cache.get("a", 0)
    cache.put("c", 3, 100)
    assert (len(cache), cache.get("a", 0), cache.get("b", 0)) == (2, 1, None)


def test_a_value_is_loaded_once_while_it_is_fresh() -> None:
    source = Source()
    lookup = CachedLookup(source.load, LIFETIMES)
    assert [lookup.get("u", now)[0] for now in (0, 59, 60)] == ["u 1", "u 1", "u 2"]


def test_a_failure_is_remembered_for_a_while() -> None:
    source = Source()
    source.fails = True
    lookup = CachedLookup(source.load, LIFETIMES)
    for now in (0, 9):
        with pytest.raises(Unavailable) as caught:
            lookup.get("u", now)
    source.fails = False
    assert (caught.value.retry_after_s, lookup.get("u", 10)[0]) == (10, "u 2")


def test_loading_again_is_limited() -> None:
    source = Source()
    lookup = CachedLookup(source.load, LIFETIMES)
    assert [lookup.get_again("u", now)[0] for now in (0, 29, 30, 31)] == ["u 1", "u 1", "u 2", "u 2"]


def test_what_is_known_stays_when_loading_again_fails() -> None:
    source = Source()
    lookup = CachedLookup(source.load, LIFETIMES)
    lookup.get("u", 0)
    source.fails = True
    assert [lookup.get_again("u", now)[0] for now in (30, 31)] == ["u 1", "u 1"]
    assert source.asked == 2
