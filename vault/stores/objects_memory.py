"""Objects in memory: a real store for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator


class MemoryStore:
    """Keeps objects as long as the process lives; `now_s` tells the wall second of each."""

    def __init__(self, now_s: Callable[[], int] = lambda: 0) -> None:
        self._now_s = now_s
        self._objects: dict[str, tuple[bytes, int]] = {}

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        """Keep the chunks under a new key."""
        self._objects[key] = b"".join(chunks), self._now_s()

    def get(self, key: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """Give bytes from a place on. Raises KeyError when there is no such object."""
        yield self._objects[key][0][start : None if size is None else start + size]

    def delete(self, key: str) -> None:
        """Remove the object, also when it is absent."""
        self._objects.pop(key, None)

    def keys(self) -> Iterator[tuple[str, int]]:
        """Every key with the wall second it was written."""
        yield from [(key, written) for key, (_, written) in self._objects.items()]
