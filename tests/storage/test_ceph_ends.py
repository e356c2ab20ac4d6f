"""What a test run starts ends with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.ceph import ending_with_parent
from tests.support.waiting import wait_until

_PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)
print(child.stdin is not None and child.pid, flush=True)
sys.stdin.read()
"""


def _is_running(pid: str) -> bool:
    try:
        stat = Path("/proc", pid, "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    # Whoever inherits it may not have taken note of its end yet.
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_a_process_ends_when_the_run_that_started_it_is_killed() -> None:
    endless = ending_with_parent("tail", "-f", "/dev/null")
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, *endless], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        child = parent.stdout.readline().strip()
        assert _is_running(child)
        parent.kill()
    wait_until(lambda: not _is_running(child), 10)
