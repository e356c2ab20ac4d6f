"""A day is a day in Amsterdam, also on the two days a year that are not 24 hours long."""

from __future__ import annotations

from datetime import date

from vault.relocation.days import day_before, day_of, end_of_day, start_of_day

HOUR_S = 3600


def length_s(day: date) -> int:
    return end_of_day(day).seconds - start_of_day(day).seconds + 1


def test_a_day_begins_at_midnight_and_ends_in_its_last_second() -> None:
    assert start_of_day(date(2027, 2, 1)).text == "2027-02-01T00:00:00+01:00"
    assert end_of_day(date(2027, 6, 30)).text == "2027-06-30T23:59:59+02:00"


def test_the_days_on_which_the_clock_changes_are_shorter_and_longer() -> None:
    assert length_s(date(2027, 3, 27)) == 24 * HOUR_S
    assert length_s(date(2027, 3, 28)) == 23 * HOUR_S
    assert length_s(date(2027, 10, 31)) == 25 * HOUR_S


def test_no_second_lies_between_two_days() -> None:
    day = date(2027, 3, 28)
    assert end_of_day(day_before(day)).seconds + 1 == start_of_day(day).seconds


def test_a_moment_falls_on_the_day_that_it_is_in_amsterdam() -> None:
    day = date(2027, 7, 1)
    assert day_of(start_of_day(day).seconds) == day
    assert day_of(start_of_day(day).seconds - 1) == day_before(day)
