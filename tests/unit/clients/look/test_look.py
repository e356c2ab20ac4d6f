"""Dates in Dutch, texts, initials."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.look import dates
from clients.look.texts import load_catalogue
from clients.look.wire import initials, lines


def test_a_day_is_written_out_with_hard_spaces() -> None:
    assert dates.day(date(2026, 11, 24)) == "24\u00a0november\u00a02026"
    assert dates.short_day(date(2026, 11, 4)) == "4\u00a0november"
    assert dates.week_day(date(2026, 11, 24)) == "dinsdag 24\u00a0november\u00a02026"


def test_a_moment_is_told_in_dutch_time() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert (dates.day(late), dates.clock(late)) == ("25\u00a0november\u00a02026", "00.30\u00a0uur")


@pytest.mark.parametrize(
    ("day", "written"),
    [(date(2027, 3, 1), "2027-03-01T23:59:59+01:00"), (date(2027, 7, 31), "2027-07-31T23:59:59+02:00")],
)
def test_a_date_as_an_end_is_the_end_of_that_day_in_amsterdam(day: date, written: str) -> None:
    assert dates.end_of_day(day).isoformat() == written


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_end_of_a_day_is_that_day(day: date) -> None:
    assert dates.local_day(dates.end_of_day(day)) == day
    assert dates.parse_day(dates.numbers(day)) == day


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 24))
def test_months_later_never_skips_a_month(start: date, months: int) -> None:
    later = dates.months_later(start, months)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == months
    assert later.day <= start.day


@pytest.mark.parametrize("written", ["", "31-02-2027", "2027-02-01", "1-2", "morgen", "1-2-27"])
def test_what_is_no_day_is_none(written: str) -> None:
    assert dates.parse_day(written) is None


@pytest.mark.parametrize("written", ["01-02-2027", "1/2/2027", " 1.2.2027 ", "1 2 2027"])
def test_a_day_may_be_written_in_several_ways(written: str) -> None:
    assert dates.parse_day(written) == date(2027, 2, 1)


@pytest.mark.parametrize(
    ("name", "letters"), [("Marieke Bos", "MB"), ("Samira El Idrissi", "SI"), ("Rob", "R"), ("", "")]
)
def test_initials_are_of_the_first_and_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_lines_are_kept_and_markup_is_not() -> None:
    assert lines("een\n<b>twee</b>") == "een<br>&lt;b&gt;twee&lt;/b&gt;"


def test_a_text_is_filled_in_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "texts.toml"
    file.write_text(
        '[a]\nb = "Dag {naam}"\nstuk.een = "{n} stuk"\nstuk.meer = "{n} stukken"\n', encoding="utf-8"
    )
    texts = load_catalogue([file])
    assert texts.text("a.b", naam="Samira") == "Dag Samira"
    assert (texts.count("a.stuk", 1), texts.count("a.stuk", 0)) == ("1 stuk", "0 stukken")


def test_a_text_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "texts.toml"
    file.write_text('a = "x"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="twice"):
        load_catalogue([file, file])


def test_a_text_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        load_catalogue([]).text("a")
