"""Waiting longer each time something fails, so that a server that is down or does not want us is not hammered."""

from __future__ import annotations

import threading
from collections.abc import Collection

first_pause_s = 60
longest_pause_s = 3600


class BackOff:
    """When what failed may be tried again: after a minute, then after twice as long each time, an hour at most."""

    def __init__(self) -> None:
        self._failed: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def is_due(self, name: str, now_s: int) -> bool:
        """Whether it may be tried now: it did not fail, or long enough ago; a clock that was set back waits for nothing."""
        with self._lock:
            times, last_s = self._failed.get(name, (0, now_s))
        pause_s = first_pause_s << (times - 1) if times else 0
        return not 0 <= now_s - last_s < min(pause_s, longest_pause_s)

    def failed(self, name: str, now_s: int) -> None:
        """It failed once more."""
        with self._lock:
            times, _ = self._failed.get(name, (0, now_s))
            # More doublings than this make no difference.
            self._failed[name] = (min(times + 1, 10), now_s)

    def worked(self, name: str) -> None:
        """It worked: the next failure is a first one."""
        with self._lock:
            self._failed.pop(name, None)

    def forget_all_but(self, names: Collection[str]) -> None:
        """Forget what is not tried any more."""
        with self._lock:
            self._failed = {name: state for name, state in self._failed.items() if name in names}
