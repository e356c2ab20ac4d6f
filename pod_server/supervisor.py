"""The parent process of `serve`: starts storages, identity and keeper, restarts what falls, stops all on a signal."""

from __future__ import annotations

import ctypes
import http.client
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pod_server.settings import RESOLVED, Settings

logger = logging.getLogger(__name__)
ROLES = ("storages", "identity", "keeper")
ready_within_s = 120.0
stop_within_s = 10.0
shortest_life_s = 1.0
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Let the kernel end this process when its parent ends, also by kill -9 (otherwise it would hold the port)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Children:
    """The running child of each role, and when it was started (monotonic seconds)."""

    start: Callable[[str], subprocess.Popen[bytes]]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    started_at: dict[str, float] = field(default_factory=dict)

    def ensure(self, role: str, now: float) -> None:
        """Start the role's process unless it runs; one that fell at once waits a moment first."""
        child = self.running.get(role)
        if child is not None and child.poll() is None:
            return
        if child is not None and now - self.started_at[role] < shortest_life_s:
            return
        if child is not None:
            logger.warning(
                "process ended, starting it again", extra={"role": role, "status": child.returncode}
            )
        self.running[role] = self.start(role)
        self.started_at[role] = now

    def stop(self) -> None:
        """End all children: a signal, a while, then kill."""
        for child in self.running.values():
            child.terminate()
        deadline = time.monotonic() + stop_within_s
        for child in self.running.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def child_starter(
    settings: Settings, environment: Mapping[str, str], inherited_files: Sequence[int] = ()
) -> Callable[[str], subprocess.Popen[bytes]]:
    """Make the function that starts a role as a process of its own, with these descriptors and no others."""
    inherited = {name: value for name, value in environment.items() if not name.startswith("WIJKKLUIS_")}

    def start(role: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            [sys.executable, "-m", "pod_server", "run", role],
            env=inherited | {RESOLVED: settings.dump()},
            stdin=subprocess.DEVNULL,
            pass_fds=inherited_files,
        )

    return start


def is_ready(settings: Settings) -> bool:
    """Whether storages (with a working keeper) and identity both answer."""
    return _answers(settings.port, "/.health/ready") and _answers(
        settings.identity_port, "/.well-known/openid-configuration"
    )


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def supervise(
    settings: Settings, announce: Callable[[str], None], inherited_files: Sequence[int] = ()
) -> int:
    """Run until SIGTERM or SIGINT; announce `ready URL` once. Returns the exit status."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    children = Children(child_starter(settings, os.environ, inherited_files))
    announced, since = False, time.monotonic()
    try:
        while not stopping.is_set():
            for role in ROLES:
                children.ensure(role, time.monotonic())
            if not announced and is_ready(settings):
                announce(f"ready {settings.base_url}")
                announced = True
            if not announced and time.monotonic() - since > ready_within_s:
                logger.error("not ready in time", extra={"port": settings.port})
                return 1
            stopping.wait(0.5 if announced else 0.1)
    finally:
        children.stop()
    return 0
