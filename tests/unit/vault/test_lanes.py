"""Changes that meet in a lane: in order, together, and each with its own outcome."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.support.waiting import wait_until
from vault.errors import Conflict
from vault.lanes import Lane, Lanes, max_together

unlucky = 1313


class Carrier:
    """Carries out numbers: doubles them, refuses negative ones; holds the first batch until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()

    def __call__(self, changes: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(changes))
        assert self.gate.wait(30)
        if unlucky in changes:
            raise Conflict("unlucky")
        return [number * 2 if number >= 0 else Conflict("negative") for number in changes]


def join_behind(lane: Lane, carrier: Carrier, numbers: Sequence[int]) -> list[int | BaseException]:
    """Have one change carried out, others meanwhile waiting behind it in order; what came of all."""
    with ThreadPoolExecutor(len(numbers)) as pool:
        promises = []
        for count, number in enumerate(numbers):
            promises.append(pool.submit(lane.join, number, carrier))
            wait_until(partial(is_waiting, lane, carrier, count), 30)
        carrier.gate.set()
        return [promise.exception() or promise.result() for promise in promises]


def is_waiting(lane: Lane, carrier: Carrier, count: int) -> bool:
    """Whether one change is carried out and so many wait behind it."""
    return len(carrier.batches) == 1 and len(lane._waiting) == count


def test_what_waits_is_carried_out_together_and_in_order() -> None:
    carrier = Carrier()
    assert join_behind(Lane(), carrier, [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert carrier.batches == [[1], [2, 3, 4]]


def test_one_that_fails_does_not_fail_the_others() -> None:
    carrier = Carrier()
    one, two, three = join_behind(Lane(), carrier, [1, -2, 3])
    assert (one, three) == (2, 6)
    assert isinstance(two, Conflict)


def test_where_all_fail_each_is_carried_out_alone() -> None:
    carrier = Carrier()
    outcomes = join_behind(Lane(), carrier, [1, unlucky, 3])
    assert outcomes[::2] == [2, 6]
    assert isinstance(outcomes[1], Conflict)
    assert carrier.batches == [[1], [unlucky, 3], [unlucky], [3]]


def test_a_batch_has_an_end() -> None:
    carrier = Carrier()
    outcomes = join_behind(Lane(), carrier, range(max_together + 3))
    assert outcomes == [number * 2 for number in range(max_together + 3)]
    assert [len(batch) for batch in carrier.batches] == [1, max_together, 2]


def test_a_lane_is_shared_while_somebody_uses_it_and_forgotten_then() -> None:
    lanes = Lanes()
    with lanes.of("a") as first, lanes.of("a") as second, lanes.of("b") as other:
        assert first is second
        assert (first is other, first.users, other.users) == (False, 2, 1)
    with lanes.of("a") as again:
        assert (again is first, again.users) == (False, 1)


def test_a_lane_is_left_by_whoever_fails_in_it() -> None:
    lanes = Lanes()

    def fail() -> None:
        with lanes.of("a"):
            raise Conflict("whatever")

    with pytest.raises(Conflict):
        fail()
    with lanes.of("a") as anew:
        assert anew.users == 1
