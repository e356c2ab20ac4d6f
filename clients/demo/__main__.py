"""`python -m clients.demo --port 8000 --state DIR`: start everything, say where it is, stop everything on a signal."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import click

from clients.demo.people import CITIZENS, PASSWORD, WORKERS
from clients.demo.processes import Addresses, DemoError, Processes, server_arguments, stopping
from clients.demo.seed import Folders, seed

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
    trusted_citizens, trusted_organisations = (
        f"{addresses.portal}client-id",
        f"{addresses.professional}client-id",
    )
    processes.start(
        "citizens",
        server_arguments(folders.citizens, addresses.port + 1, origins=origins, trusted=[trusted_citizens]),
    )
    processes.start(
        "organisations",
        server_arguments(
            folders.organisations, addresses.port + 3, origins=origins, trusted=[trusted_organisations]
        ),
    )
    marker = state / "seeded"
    if not marker.exists():
        seed(addresses, folders)
        marker.touch()
    _start_apps(processes, addresses, state)


def _start_apps(processes: Processes, addresses: Addresses, state: Path) -> None:
    processes.start(
        "portal",
        [
            *("clients.portal", "--port", str(addresses.port + 5), "--url", addresses.portal),
            *(
                "--issuer",
                addresses.citizens_issuer,
                "--vault",
                addresses.citizens,
                "--state",
                str(state / "portal"),
            ),
        ],
    )
    processes.start(
        "professional",
        [
            *("clients.professional", "--port", str(addresses.port + 6), "--url", addresses.professional),
            *("--issuer", addresses.organisations_issuer, "--vault", addresses.citizens),
            *("--state", str(state / "professional")),
        ],
    )
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
