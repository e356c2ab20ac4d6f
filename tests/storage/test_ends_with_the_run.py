"""What a test run starts ends with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.servers import ending_with_parent, free_ports
from tests.support.waiting import wait_until

_STARTS_A_PROCESS = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)
print(child.stdin is not None and child.pid, flush=True)
sys.stdin.read()
"""
_STARTS_A_SERVER = """
import sys
from pathlib import Path
from tests.support.servers import RunningServer
server = RunningServer(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])).start()
print(*server.everyone(), flush=True)
sys.stdin.read()
"""


def _is_running(pid: str) -> bool:
    try:
        stat = Path("/proc", pid, "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Whoever inherits it may not have taken note of its end yet.
    return stat.rpartition(")")[2].split()[0] != "Z"


def _started_and_killed(program: str, arguments: Sequence[str]) -> list[str]:
    """The processes that a program says it started, after the program was killed."""
    parent = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        started = parent.stdout.readline().split()
        assert started
        assert all(map(_is_running, started))
        parent.kill()
    return started


def test_a_process_ends_when_the_run_that_started_it_is_killed() -> None:
    (child,) = _started_and_killed(_STARTS_A_PROCESS, ending_with_parent("tail", "-f", "/dev/null"))
    wait_until(lambda: not _is_running(child), 10)


@pytest.mark.sockets
@pytest.mark.timeout(300)
def test_a_server_and_all_its_processes_end_when_the_run_that_started_it_is_killed(tmp_path: Path) -> None:
    ports = map(str, free_ports(2))
    started = _started_and_killed(_STARTS_A_SERVER, [str(tmp_path / "data"), *ports])
    assert len(started) >= 5
    wait_until(lambda: not any(map(_is_running, started)), 30)
