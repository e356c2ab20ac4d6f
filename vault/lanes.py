"""Changes of one resource that meet: whoever comes first carries out all that wait for it, together and in order.

Between the processes of a server the compare-and-swap of the catalogue decides; this keeps the threads of one from losing
it to each other time and again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
CarryOut = Callable[[Sequence[T]], Sequence["R | Exception"]]
max_together = 32


@dataclass(slots=True, eq=False)
class _Waiting:
    """A change that somebody waits for, and the promise he waits on."""

    change: Any
    outcome: Future[Any] = field(default_factory=Future)


class Lane:
    """Where the changes of one resource meet."""

    def __init__(self) -> None:
        self.users = 0
        self._moved = threading.Condition()
        self._waiting: deque[_Waiting] = deque()
        self._is_taken = False

    def join(self, change: T, carry_out: CarryOut[T, R]) -> R:
        """Have a change carried out with those that came before it, by this thread or another.

        `carry_out` tells of each change what came of it, an exception for what failed; where it raises itself, nothing
        was changed, and each is carried out alone.
        """
        mine = _Waiting(change)
        with self._moved:
            self._waiting.append(mine)
        while batch := self._take(mine):
            self._settle(batch, carry_out)
            self._leave()
        result: R = mine.outcome.result()
        return result

    def _take(self, mine: _Waiting) -> list[_Waiting]:
        """Wait until a change is carried out (then none), or until this thread must carry out what waits."""
        with self._moved:
            self._moved.wait_for(lambda: mine.outcome.done() or not self._is_taken)
            if mine.outcome.done():
                return []
            self._is_taken = True
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), max_together))]

    def _leave(self) -> None:
        with self._moved:
            self._is_taken = False
            self._moved.notify_all()

    def _settle(self, batch: Sequence[_Waiting], carry_out: CarryOut[T, R]) -> None:
        try:
            results = carry_out([one.change for one in batch])
        except BaseException as error:  # whatever it is, somebody waits for an answer
            if len(batch) == 1:
                batch[0].outcome.set_exception(error)
                return
            for one in batch:
                self._settle([one], carry_out)
            return
        for one, result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                one.outcome.set_exception(result)
            else:
                one.outcome.set_result(result)


class Lanes:
    """The lanes that somebody uses now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lanes: dict[Hashable, Lane] = {}

    @contextmanager
    def of(self, resource: Hashable) -> Iterator[Lane]:
        """Use the lane of a resource; it is forgotten with its last user."""
        with self._lock:
            lane = self._lanes.setdefault(resource, Lane())
            lane.users += 1
        try:
            yield lane
        finally:
            with self._lock:
                lane.users -= 1
                if lane.users == 0:
                    del self._lanes[resource]
