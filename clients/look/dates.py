"""Dates and times as Dutch words; a date as an end means the end of that day in Europe/Amsterdam."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_HARD_SPACE = "\u00a0"
_WRITTEN = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")


def local_day(moment: datetime | date) -> date:
    """The day in Amsterdam of a moment; a date is itself."""
    return moment.astimezone(AMSTERDAM).date() if isinstance(moment, datetime) else moment


def day(moment: datetime | date) -> str:
    """Write as "24 november 2026", with hard spaces."""
    return _written(moment, "d MMMM y")


def short_day(moment: datetime | date) -> str:
    """Write as "24 november"."""
    return _written(moment, "d MMMM")


def week_day(moment: datetime | date) -> str:
    """Write as "dinsdag 24 november 2026"."""
    return f"{_written(moment, 'EEEE')} {day(moment)}"


def clock(moment: datetime) -> str:
    """Write as "10.20 uur"."""
    return f"{moment.astimezone(AMSTERDAM):%H.%M}{_HARD_SPACE}uur"


def end_of_day(last: date) -> datetime:
    """The last whole second of a day in Amsterdam."""
    return datetime.combine(last, time(23, 59, 59), AMSTERDAM)


def start_of_day(first: date) -> datetime:
    """The first second of a day in Amsterdam."""
    return datetime.combine(first, time(), AMSTERDAM)


def months_later(start: date, months: int) -> date:
    """The same day some months later; the last of that month where it has no such day."""
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(start.day, last))


def parse_day(written: str) -> date | None:
    """Read a day as people write it: 01-02-2027, 1/2/2027, 1.2.2027; None when it is none."""
    found = _WRITTEN.fullmatch(written.strip())
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def numbers(moment: date) -> str:
    """Write as "01-02-2027", the way a field wants it."""
    return f"{moment:%d-%m-%Y}"


def _written(moment: datetime | date, pattern: str) -> str:
    return format_date(local_day(moment), pattern, locale="nl").replace(" ", _HARD_SPACE)
