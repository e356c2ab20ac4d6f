"""The processes of the demonstration: where each listens, how it is started, and how all are stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ready_within_s = 150.0
stop_within_s = 15.0


class DemoError(Exception):
    """The demonstration cannot go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Every origin of the demonstration, counted from the port of its start page."""

    port: int

    def origin(self, offset: int) -> str:
        """The URL of the process that listens `offset` ports further."""
        return f"http://localhost:{self.port + offset}/"

    @property
    def start_page(self) -> str:
        """The start page."""
        return self.origin(0)

    @property
    def citizens(self) -> str:
        """Storages of the citizens' server."""
        return self.origin(1)

    @property
    def citizens_issuer(self) -> str:
        """OpenID provider of the citizens' server."""
        return self.origin(2)

    @property
    def organisations(self) -> str:
        """Storages of the organisations' server."""
        return self.origin(3)

    @property
    def organisations_issuer(self) -> str:
        """OpenID provider of the organisations' server."""
        return self.origin(4)

    @property
    def portal(self) -> str:
        """Mijn Kluis."""
        return self.origin(5)

    @property
    def professional(self) -> str:
        """The Wijkteam-app."""
        return self.origin(6)


@dataclass(slots=True)
class Processes:
    """The running processes of the demonstration, in the order in which they were started."""

    logs: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start a process and wait until it prints a line that begins with `ready`.

        Raises:
            DemoError: it ended, or was not ready in time.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 -- our own interpreter and modules
                [sys.executable, "-m", *arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
                env=clean_environment(),
            )
        self.running.append(process)
        line = first_line(process, ready_within_s)
        if not line.startswith("ready"):
            raise DemoError(f"{name} did not start; its log is {self.logs / f'{name}.log'}")

    def ended(self) -> bool:
        """Whether one of the processes has ended by itself."""
        return any(process.poll() is not None for process in self.running)

    def stop(self) -> None:
        """Stop all, the last started first."""
        for process in reversed(self.running):
            process.terminate()
        for process in reversed(self.running):
            try:
                process.wait(stop_within_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def stopping(processes: Processes) -> Iterator[Processes]:
    """Stop all processes at the end, whatever happens."""
    try:
        yield processes
    finally:
        processes.stop()


def clean_environment() -> dict[str, str]:
    """The environment without settings that were meant for another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WIJKKLUIS_")}


def first_line(process: subprocess.Popen[str], within_s: float) -> str:
    """The first line that a process prints, "" when it prints none in time."""
    found: list[str] = []
    stream = process.stdout
    if stream is None:
        return ""
    reader = threading.Thread(target=lambda: found.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(within_s)
    return found[0] if found else ""


def server_arguments(data: Path, port: int, *, origins: Sequence[str], trusted: Sequence[str]) -> list[str]:
    """The command line of a server in demo mode; identity listens on the next port."""
    arguments = ["pod_server", "serve", "--data", str(data), "--port", str(port), "--demo"]
    for origin in origins:
        arguments += ["--demo-origin", origin]
    for client in trusted:
        arguments += ["--trusted-client", client]
    return arguments


def app_arguments(addresses: Addresses, name: str, url: str, issuer: str) -> list[str]:
    """The command line of an app for the citizens' vaults, without its own folder."""
    where = ("--port", url.rsplit(":", 1)[1].rstrip("/"), "--url", url)
    return [f"clients.{name}", *where, "--issuer", issuer, "--vault", addresses.citizens]
