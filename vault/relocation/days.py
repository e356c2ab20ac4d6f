"""Days as the citizen means them: from midnight to the last second, Europe/Amsterdam."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vault.model.grant import Instant, instant

ZONE = ZoneInfo("Europe/Amsterdam")
_LAST_SECOND = time(23, 59, 59)


def start_of_day(day: date) -> Instant:
    """The first second of a day."""
    return instant(datetime.combine(day, time(), ZONE).isoformat())


def end_of_day(day: date) -> Instant:
    """The last second of a day: an end date means the end of that day."""
    return instant(datetime.combine(day, _LAST_SECOND, ZONE).isoformat())


def day_before(day: date) -> date:
    """The day before."""
    return day - timedelta(days=1)


def day_of(moment_s: int) -> date:
    """The day on which a moment (seconds since the epoch) falls."""
    return datetime.fromtimestamp(moment_s, ZONE).date()
