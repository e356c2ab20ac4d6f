"""The keeper's sign of life: a file whose content is the time of the last sealed line, and whose own time is the last pass."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When the keeper last had everything sealed, and the time of the newest sealed line; wall milliseconds."""

    passed_ms: int
    sealed_until_ms: int


def write_heartbeat(path: Path, beat: Heartbeat) -> None:
    """Replace the file in one rename, so that no reader sees half of it."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(str(beat.sealed_until_ms), encoding="ascii")
    os.utime(temporary, ns=(beat.passed_ms * 1_000_000, beat.passed_ms * 1_000_000))
    temporary.replace(path)


def read_heartbeat(path: Path) -> Heartbeat | None:
    """The last sign of life; None when there never was one, or a power cut left nothing of it."""
    passed_ms = last_pass_ms(path)
    try:
        return None if passed_ms is None else Heartbeat(passed_ms, int(path.read_text(encoding="ascii")))
    except ValueError:
        return None


def last_pass_ms(path: Path) -> int | None:
    """Only when the keeper last had everything sealed; None when it never had."""
    try:
        return os.stat(path).st_mtime_ns // 1_000_000
    except FileNotFoundError:
        return None
