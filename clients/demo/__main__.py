"""`python -m clients.demo --port 8000 --state DIR`: start everything, say where it is, stop everything on a signal."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import click

from clients.demo.people import CITIZENS, PASSWORD, WORKERS
from clients.demo.processes import (
    Addresses,
    DemoError,
    Processes,
    app_arguments,
    server_arguments,
    stopping,
)
from clients.demo.seed import Folders, seed
from clients.solid.errors import SolidError

_look_every_s = 0.5


@click.command()
@click.option(
    "--port", type=int, default=8000, show_default=True, help="port of the start page; the others follow it"
)
@click.option("--state", type=click.Path(path_type=Path), required=True, help="where everything is kept")
def main(port: int, state: Path) -> None:
    """Run the demonstration until Ctrl-C."""
    interrupted = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: interrupted.set())
    addresses = Addresses(port)
    with stopping(Processes(state / "logs")) as processes:
        try:
            start(processes, addresses, state)
        except DemoError as error:
            raise click.ClickException(str(error)) from error
        click.echo(page(addresses))
        sys.stdout.flush()
        while not interrupted.wait(_look_every_s):
            if processes.ended():
                raise click.ClickException(f"a process ended; the logs are in {processes.logs}")


def start(processes: Processes, addresses: Addresses, state: Path) -> None:
    """Start the servers, seed them the first time, then start the apps.

    Raises:
        DemoError: something did not start, or could not be made.
    """
    folders = Folders(state / "citizens", state / "organisations")
    origins = [addresses.origin(offset).rstrip("/") for offset in range(1, 7)]
    _check_port(state / "seeded", addresses.port)
    for name, data, offset, app in (
        ("citizens", folders.citizens, 1, addresses.portal),
        ("organisations", folders.organisations, 3, addresses.professional),
    ):
        trusted = [f"{app}client-id"]
        processes.start(
            name, server_arguments(data, addresses.port + offset, origins=origins, trusted=trusted)
        )
    _seed_once(addresses, folders, state / "seeded")
    _start_apps(processes, addresses, state)


def _check_port(marker: Path, port: int) -> None:
    known = marker.read_text("ascii") if marker.exists() else ""
    if known not in {"", str(port)}:
        raise DemoError(f"this state was made for port {known}; use that port, or another folder")


def _seed_once(addresses: Addresses, folders: Folders, marker: Path) -> None:
    if marker.exists():
        return
    try:
        seed(addresses, folders)
    except (DemoError, SolidError) as error:
        raise DemoError(f"{error}; empty {marker.parent} (`make demo-reset`) and try again") from error
    marker.write_text(str(addresses.port), "ascii")


def _start_apps(processes: Processes, addresses: Addresses, state: Path) -> None:
    portal = app_arguments(addresses, "portal", addresses.portal, addresses.citizens_issuer)
    professional = app_arguments(
        addresses, "professional", addresses.professional, addresses.organisations_issuer
    )
    processes.start("portal", [*portal, "--state", str(state / "portal")])
    processes.start("professional", [*professional, "--state", str(state / "professional")])
    arguments = ["clients.demo.serve_start_page", "--port", str(addresses.port)]
    for name in ("citizens", "organisations"):
        arguments += ["--data", str(state / name)]
    processes.start("start-page", arguments)


def page(addresses: Addresses) -> str:
    """What is printed: the start page first, then every login."""
    rows = [f"demo ready {addresses.start_page}", ""]
    rows += ["Mijn Kluis".ljust(20) + addresses.portal]
    rows += [f"  {person.name.ljust(22)} {person.login.ljust(10)} {PASSWORD}" for person in CITIZENS]
    rows += ["Wijkteam-app".ljust(20) + addresses.professional]
    rows += [f"  {person.name.ljust(22)} {person.login.ljust(10)} {PASSWORD}" for person in WORKERS]
    rows += ["", f"storages {addresses.citizens}  issuer {addresses.citizens_issuer}"]
    rows += [f"organisations {addresses.organisations}  issuer {addresses.organisations_issuer}"]
    return "\n".join(
        [*rows, "", "Ctrl-C stops everything; what you did is kept. `make demo-reset` starts over."]
    )


if __name__ == "__main__":
    main()
