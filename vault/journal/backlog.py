"""Whether lines are being sealed fast enough for more to be taken in (`docs/explanation/journal.md`)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from vault.errors import Unavailable
from vault.journal.heartbeat import last_pass_ms
from vault.model.moments import Clock

late_after_ms = 10_000
look_every_ms = 500


@dataclass(slots=True)
class Backlog:
    """What waits in the intake folder, looked at twice a second; `max_bytes` is for the files of all workers together."""

    folder: Path
    heartbeat: Path
    clock: Clock
    max_bytes: int
    _looked_ms: int = field(default=-look_every_ms, init=False)
    _fault: str | None = field(default=None, init=False)

    def check(self, now_ms: int) -> None:
        """Refuse a line (of this time) when those before it are not being sealed.

        Raises:
            Unavailable: nothing was sealed for ten seconds, or too much waits.
        """
        # By the line's own time: a clock that is asked for each line would cost more than the line.
        if abs(now_ms - self._looked_ms) >= look_every_ms:
            self._fault = self._look()
            self._looked_ms = now_ms
        if self._fault is not None:
            raise Unavailable(self._fault)

    def _look(self) -> str | None:
        passed_ms = last_pass_ms(self.heartbeat)
        if passed_ms is None or self.clock().wall_ms - passed_ms > late_after_ms:
            return "the journal is not being sealed"
        try:
            waiting = _bytes_in(self.folder)
        except OSError:
            return "nobody can tell how many lines of the journal wait to be sealed"
        return "too many lines of the journal wait to be sealed" if waiting > self.max_bytes else None


def _bytes_in(folder: Path) -> int:
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                total += entry.stat().st_size
            except FileNotFoundError:
                # The keeper removed it between both looks: it is sealed.
                continue
    return total
