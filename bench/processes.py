"""CPU time and memory of a running server's processes, as the kernel counts them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import RunningServer

ROLES = ("storages", "identity", "keeper")
_ticks_per_s = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds by role since the processes started."""

    cpu_s: Mapping[str, float]

    @property
    def total_s(self) -> float:
        """Of all processes together."""
        return sum(self.cpu_s.values())

    def since(self, before: Usage) -> Usage:
        """What was used after an earlier look."""
        return Usage({role: used - before.cpu_s[role] for role, used in self.cpu_s.items()})


def usage(server: RunningServer) -> Usage:
    """Look at all processes now."""
    return Usage({role: sum(map(_cpu_s, server.processes(role))) for role in ROLES})


def resident_mib(server: RunningServer) -> float:
    """Memory that the processes hold now, shared pages counted once for each (MiB)."""
    assert server.process is not None
    pids = [server.process.pid, *(pid for role in ROLES for pid in server.processes(role))]
    return sum(_resident_kib(pid) for pid in pids) / 1024


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _ticks_per_s


def _resident_kib(pid: int) -> int:
    """The proportional share of shared pages, so that forked workers are not counted double."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("Pss:"))
