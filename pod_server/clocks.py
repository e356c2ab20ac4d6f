"""The real clocks: wall time, and policy time that a demonstration may shift."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from vault.model.moments import Clock, Moment

OFFSET_FILE = "policy-offset"


def system_clock(data: Path, *, demo: bool, sealed_until_ms: Callable[[], int] = lambda: 0) -> Clock:
    """Make the clock of a process; policy time never goes below the last sealed journal line.

    Only in demo mode the file `policy-offset` in the data folder (whole seconds) shifts policy time.
    """

    def now() -> Moment:
        wall_ms = time.time_ns() // 1_000_000
        offset_s = read_offset(data) if demo else 0
        return Moment(wall_ms, max(wall_ms // 1000 + offset_s, sealed_until_ms() // 1000))

    return now


def read_offset(data: Path) -> int:
    """The shift of policy time in seconds, 0 when there is none."""
    try:
        return int((data / OFFSET_FILE).read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0


def write_offset(data: Path, offset_s: int) -> None:
    """Shift policy time for a demonstration, in one rename so that no reader sees half a number."""
    temporary = data / f"{OFFSET_FILE}.new"
    temporary.write_text(str(offset_s), encoding="ascii")
    temporary.replace(data / OFFSET_FILE)
