"""The demonstration as a process, for tests that look at it as people do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clients.demo.processes import Addresses
from tests.support.servers import clean_environment, ending_with_parent, free_ports, is_free

ready_within_s = 400


@dataclass(slots=True)
class Demo:
    """A running demonstration: where everything is, and its state folder."""

    addresses: Addresses
    state: Path
    process: subprocess.Popen[str]
    page: str

    @property
    def citizens_data(self) -> str:
        """The data folder of the citizens' server."""
        return str(self.state / "citizens")


def free_row_of_ports(length: int = 7) -> int:
    """The first of some ports in a row that are free now."""
    while True:
        (port,) = free_ports(1)
        if all(is_free(one) for one in range(port, port + length)):
            return port


@contextmanager
def running_demo(state: Path, port: int | None = None) -> Iterator[Demo]:
    """Start `python -m clients.demo` and stop it as Ctrl-C would; a state folder stays with its port."""
    port = port or free_row_of_ports()
    command = (sys.executable, "-m", "clients.demo", "--port", str(port), "--state", str(state))
    process = subprocess.Popen(
        # Not killed: it has to stop its servers.
        ending_with_parent(*command, by="TERM"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean_environment(),
        start_new_session=True,
    )
    try:
        yield Demo(Addresses(port), state, process, _printed(process, f"demo ready http://localhost:{port}/"))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _printed(process: subprocess.Popen[str], wanted: str) -> str:
    stream, lines = process.stdout, list[str]()
    assert stream is not None
    done = threading.Event()

    def read() -> None:
        for line in stream:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        done.set()

    threading.Thread(target=read, daemon=True).start()
    done.wait(ready_within_s)
    assert lines, "the demonstration said nothing"
    assert lines[0].rstrip() == wanted, "".join(lines)
    return "".join(lines)


def kill_server(demo: Demo, name: str) -> None:
    """kill -9 of every process of one server of the demonstration."""
    data = str(demo.state / name)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _serves(entry, data):
            os.killpg(int(entry.name), signal.SIGKILL)
            return
    raise AssertionError("the server does not run")


def _serves(entry: Path, data: str) -> bool:
    try:
        line = (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"serve" in line and data.encode() in line
