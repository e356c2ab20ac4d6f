"""Running an app under granian: one process with threads, since visits live in its memory."""

from __future__ import annotations

import ctypes
import http.client
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces

SETTINGS = "WIJKKLUIS_APP_SETTINGS"
ready_within_s = 120
threads = 16


def serve(target: str, port: int, url: str, settings: dict[str, Any]) -> None:
    """Serve the app that `target` ("module:factory") builds until SIGTERM or SIGINT; print `ready URL` once."""
    os.environ[SETTINGS] = json.dumps(settings)
    _announce_when_ready(port, url)
    Granian(
        target,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        factory=True,
        workers=1,
        blocking_threads=threads,
        backpressure=threads,
        workers_kill_timeout=5,
        # It would write to standard output, where others wait for `ready`.
        log_enabled=False,
    ).serve()


def worker_settings() -> dict[str, Any]:
    """The settings that `serve` was given, read in the worker; the worker ends with its parent."""
    die_with_parent()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    found: dict[str, Any] = json.loads(os.environ.pop(SETTINGS))
    return found


def die_with_parent() -> None:
    """Let the kernel end this process when its parent ends, also by kill -9 (otherwise it would hold the port)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def secret_key(state: Path) -> bytes:
    """The app's own secret, made at the first start; only this user may read it."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = state / "secret"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(32))
    return path.read_bytes()


def _announce_when_ready(port: int, url: str) -> None:
    """Print `ready URL` as soon as the app answers, from a process of its own.

    Not from a thread: the workers are forked, and a lock that a thread holds at that moment stays locked in them.
    """
    if os.fork() == 0:
        die_with_parent()
        if _is_answered(port):
            os.write(sys.stdout.fileno(), f"ready {url}\n".encode())
        os._exit(0)


def _is_answered(port: int) -> bool:
    deadline = time.monotonic() + ready_within_s
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/client-id")
            if connection.getresponse().status == 200:
                return True
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    return False
