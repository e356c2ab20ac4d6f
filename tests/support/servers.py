"""Real servers for tests: `wijkkluis serve` as a process group on free ports of 127.0.0.1, and the operator's command."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "pod_server")
ready_within_s = 150
# Outgoing connections begin at 32768: a port from there can be taken between looking and listening.
_our_ports = (20_000, 32_000)


def free_ports(count: int) -> tuple[int, ...]:
    """Ports that nobody listens on, below those that the system gives to outgoing connections."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(*_our_ports)
        if port not in found and is_free(port):
            found.append(port)
    return tuple(found)


def is_free(port: int) -> bool:
    """Whether a port can be listened on now."""
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without settings of another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WIJKKLUIS_")}
    return kept | dict(extra or {})


def ending_with_parent(*command: str, by: str = "KILL") -> list[str]:
    """A command to which the kernel sends a signal when the thread that starts it ends, also by kill -9.

    What the command starts itself has to end with it.
    """
    # By a program that becomes the command: code of our own between fork and exec is not safe beside threads.
    return ["setpriv", "--pdeathsig", by, *command] if sys.platform == "linux" else [*command]


def run_command(*arguments: str, environment: Mapping[str, str] | None = None, check: bool = True) -> str:
    """Run the operator's command and give what it printed."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        env=clean_environment(environment),
        timeout=120,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{arguments[:2]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def run_json(*arguments: str, environment: Mapping[str, str] | None = None) -> Any:
    """Run the operator's command with `--json` and read its answer."""
    return json.loads(run_command(*arguments, "--json", environment=environment))


@dataclass(slots=True)
class RunningServer:
    """One `wijkkluis serve` with all its processes; what it logged is kept in `log`."""

    data: Path
    port: int
    identity_port: int
    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None
    log: Path = Path()

    @property
    def base_url(self) -> str:
        """Base URL of the storages."""
        return f"http://localhost:{self.port}/"

    @property
    def issuer(self) -> str:
        """URL of the OpenID provider."""
        return f"http://localhost:{self.identity_port}/"

    def start(self) -> RunningServer:
        """Start and wait for `ready URL`."""
        self.log = self.data.with_suffix(".log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ending_with_parent(*self._arguments()),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=clean_environment(self.environment),
                start_new_session=True,
            )
        line = self._first_line()
        assert line == f"ready {self.base_url}\n", f"{line!r}: {self.log.read_text()[-3000:]}"
        return self

    def _arguments(self) -> list[str]:
        ports = ("--port", str(self.port), "--identity-port", str(self.identity_port))
        return [*COMMAND, "serve", "--data", str(self.data), *ports, *self.options]

    def _first_line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        found: list[str] = []
        reader = threading.Thread(target=lambda: found.append(self.process.stdout.readline()), daemon=True)  # type: ignore[union-attr]  # just asserted
        reader.start()
        reader.join(ready_within_s)
        return found[0] if found else "(nothing)"

    def stop(self) -> int:
        """Stop in order; the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status

    def kill_everything(self) -> None:
        """kill -9 of every process of this server at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def everyone(self) -> list[int]:
        """Process ids of the server with all that it started."""
        assert self.process is not None
        return [self.process.pid, *_descendants(self.process.pid)]

    def processes(self, role: str) -> list[int]:
        """Process ids of a role ("storages", "identity", "keeper") with what it started, oldest first."""
        assert self.process is not None
        mine = [pid for pid in _children(self.process.pid) if f"run {role}" in _command_line(pid)]
        return sorted({below for pid in mine for below in (pid, *_descendants(pid))})


def _children(pid: int) -> list[int]:
    text = "".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children") if path.exists())
    return [int(number) for number in text.split()]


def _descendants(pid: int) -> list[int]:
    found = []
    for child in _children(pid):
        found += [child, *_descendants(child)]
    return found


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""
