"""The two clocks as one value, injected everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """Now: `wall_ms` for stamps and token expiry, `policy_s` for conditions, end dates and moves."""

    wall_ms: int
    policy_s: int

    @property
    def wall_s(self) -> int:
        """Wall time in whole seconds since the epoch."""
        return self.wall_ms // 1000


Clock = Callable[[], Moment]
