"""How much memory the processes of a server take, watched while something happens."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

_MIB = 1024
_look_every_s = 0.02


def resident_kib(pid: int) -> int:
    """The resident memory of a process, shared pages included; 0 when it is gone."""
    return _field(Path(f"/proc/{pid}/status"), "VmRSS")


def share_kib(pid: int) -> int:
    """The resident memory of a process, with its part of what it shares; sums of these count nothing twice."""
    return _field(Path(f"/proc/{pid}/smaps_rollup"), "Pss")


def _field(path: Path, name: str) -> int:
    try:
        found = re.search(rf"^{name}:\s+(\d+) kB", path.read_text(), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(found.group(1)) if found else 0


@dataclass
class Watcher:
    """Watches processes as long as its `with` runs."""

    pids: list[int]
    _resident: dict[int, int] = field(default_factory=dict)
    _total: int = 0
    _before: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Watcher:
        self._before = sum(map(share_kib, self.pids))
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None
        self._stopping.set()
        self._thread.join()

    @property
    def largest_mib(self) -> int:
        """The most that one process had resident."""
        return max(self._resident.values()) // _MIB

    @property
    def growth_mib(self) -> int:
        """By how much all of them together grew at most."""
        return (self._total - self._before) // _MIB

    def report(self) -> str:
        """What was seen, in words."""
        return (
            f"largest process {self.largest_mib} MiB, all together {self._before // _MIB} MiB before"
            f" and at most {self._total // _MIB} MiB"
        )

    def _watch(self) -> None:
        while True:
            for pid in self.pids:
                self._resident[pid] = max(self._resident.get(pid, 0), resident_kib(pid))
            self._total = max(self._total, sum(map(share_kib, self.pids)))
            if self._stopping.wait(_look_every_s):
                return
