"""Waiting for what other processes do, without guessing how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_look_every_s = 0.05


def wait_until(holds: Callable[[], bool], within_s: float) -> None:
    """Look again and again until it holds; fails when it does not in time."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(_look_every_s)
