"""Bounded caches with expiry, shared by the threads of a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from pod_server.authentication.errors import CannotFetch
from vault.errors import Unavailable

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ExpiringCache(Generic[K, V]):
    """Values by key until a second of wall time; the longest unused one makes room."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K, now_s: int) -> V | None:
        """The value, None when there is none or it has expired."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry[1] <= now_s:
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: K, value: V, expires_at: int) -> None:
        """Keep a value until the second `expires_at` (not included)."""
        with self._lock:
            self._entries[key] = (value, expires_at)
            self._entries.move_to_end(key)
            if len(self._entries) > self._capacity:
                self._entries.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long what was loaded counts, how long a failure is remembered, and how often a reload may be forced."""

    fresh_s: int
    failed_s: int = 10
    reload_s: int = 30
    capacity: int = 1000


@dataclass(frozen=True, slots=True)
class Loaded(Generic[V]):
    """What a look-up knows of a key: the value, None after a failure, and the second up to which it counts."""

    value: V | None
    loaded_at: int
    fresh_until: int


class CachedLookup(Generic[V]):
    """Values loaded from other servers by URL; a failure is remembered too, so that it is not asked for again at once."""

    def __init__(self, load: Callable[[str], V], lifetimes: Lifetimes) -> None:
        self._load = load
        self._lifetimes = lifetimes
        self._known: ExpiringCache[str, Loaded[V]] = ExpiringCache(lifetimes.capacity)

    def get(self, url: str, now_s: int) -> tuple[V, int]:
        """The value, and the second up to which it counts.

        Raises:
            Unavailable: it cannot be had now.
        """
        known = self._known.get(url, now_s) or self._loaded(url, now_s)
        if known.value is None:
            raise Unavailable("another server cannot be reached", self._lifetimes.failed_s)
        return known.value, known.fresh_until

    def get_again(self, url: str, now_s: int) -> tuple[V, int]:
        """Like `get`, but loaded again unless that was done a moment ago."""
        known = self._known.get(url, now_s)
        if known is not None and now_s - known.loaded_at >= self._lifetimes.reload_s:
            # Marked before loading, so that only one thread at a time loads it again.
            self._known.put(url, replace(known, loaded_at=now_s), known.fresh_until)
            again = self._loaded(url, now_s)
            if again.value is None and known.value is not None:
                self._known.put(url, replace(known, loaded_at=now_s), known.fresh_until)
        return self.get(url, now_s)

    def _loaded(self, url: str, now_s: int) -> Loaded[V]:
        try:
            loaded = Loaded(self._load(url), now_s, now_s + self._lifetimes.fresh_s)
        except CannotFetch:
            loaded = Loaded(None, now_s, now_s + self._lifetimes.failed_s)
        self._known.put(url, loaded, loaded.fresh_until)
        return loaded
