"""A bounded memory of what was decoded before."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Remembers the values put last; a key never gets another value, so nothing in it grows stale."""

    def __init__(self, max_entries: int) -> None:
        self._max_entries = max_entries
        self._values: dict[K, V] = {}
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The value, None when it is not (any more) remembered."""
        return self._values.get(key)

    def put(self, key: K, value: V) -> V:
        """Remember a value, forgetting the oldest when there are too many."""
        with self._lock:
            while len(self._values) >= self._max_entries:
                del self._values[next(iter(self._values))]
            self._values[key] = value
        return value
