"""What fails is tried later and later, never more than once a minute, never less than once an hour."""

from __future__ import annotations

from itertools import pairwise

from pod_server.back_off import BackOff

A_DAY = 24 * 3600


def attempts(back_off: BackOff, until_s: int, every_s: int = 30) -> list[int]:
    """When something that always fails is tried, by somebody who looks this often."""
    found = []
    for now_s in range(0, until_s, every_s):
        if back_off.is_due("group", now_s):
            back_off.failed("group", now_s)
            found.append(now_s)
    return found


def test_attempts_are_a_minute_apart_then_twice_as_long_each_time_then_an_hour() -> None:
    pauses = [later - sooner for sooner, later in pairwise(attempts(BackOff(), A_DAY))]
    assert pauses[:7] == [60, 120, 240, 480, 960, 1920, 3600]
    assert set(pauses[7:]) == {3600}


def test_what_works_again_is_tried_at_once_the_next_time() -> None:
    back_off = BackOff()
    attempts(back_off, A_DAY)
    back_off.worked("group")
    assert back_off.is_due("group", A_DAY)
    back_off.failed("group", A_DAY)
    assert not back_off.is_due("group", A_DAY + 59)
    assert back_off.is_due("group", A_DAY + 60)


def test_one_that_fails_keeps_no_other_waiting() -> None:
    back_off = BackOff()
    back_off.failed("group", 0)
    assert back_off.is_due("other", 1)


def test_a_clock_that_was_set_back_keeps_nothing_waiting() -> None:
    back_off = BackOff()
    back_off.failed("group", A_DAY)
    assert back_off.is_due("group", 0)


def test_what_is_not_tried_any_more_is_forgotten() -> None:
    back_off = BackOff()
    back_off.failed("group", 0)
    back_off.failed("other", 0)
    back_off.forget_all_but({"other"})
    assert back_off.is_due("group", 1)
    assert not back_off.is_due("other", 1)
