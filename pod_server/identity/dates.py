"""Days and moments in words, in Dutch time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pod_server.identity.languages import text

HOME = ZoneInfo("Europe/Amsterdam")


def day(second: int) -> str:
    """The day of a second since the epoch: "24 november 2026", with hard spaces."""
    local = datetime.fromtimestamp(second, HOME)
    month = text("datum.maanden").split()[local.month - 1]
    return f"{local.day}\u00a0{month}\u00a0{local.year}"


def moment(second: int) -> str:
    """The day and the time: "24 november 2026, 10.20 uur"."""
    local = datetime.fromtimestamp(second, HOME)
    return text(
        "datum.moment", dag=day(second), tijd=text("datum.tijd", u=local.hour, m=f"{local.minute:02}")
    )
