"""Telling how far a long command is: one moving line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

_shown_every_s = 0.1
_lines_in_all = 10


def make_progress(what: str, out: TextIO) -> Callable[[int, int], None]:
    """Make the function that is told how many of how many are done."""
    return _moving(what, out) if out.isatty() else _plain(what, out)


def _moving(what: str, out: TextIO) -> Callable[[int, int], None]:
    shown = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if done < total and now - shown < _shown_every_s:
            return
        shown = now
        end = "\n" if done >= total else ""
        out.write(f"\r{what}: {done} of {total}{end}")
        out.flush()

    return tell


def _plain(what: str, out: TextIO) -> Callable[[int, int], None]:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        step = done * _lines_in_all // total if total else _lines_in_all
        if step > told or done >= total:
            told = step
            out.write(f"{what}: {done} of {total}\n")
            out.flush()

    return tell
