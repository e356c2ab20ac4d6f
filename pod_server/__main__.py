"""The operator's command `wijkkluis`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from pod_server import __doc__ as about
from pod_server.commands_account import account
from pod_server.commands_journal import journal
from pod_server.commands_keeping import backup, erase, restore, resume
from pod_server.commands_keys import keys
from pod_server.commands_objects import storage
from pod_server.commands_organisation import organisation
from pod_server.commands_recovery import cancel_recovery, list_recoveries, recover
from pod_server.commands_storage import clock, inventory
from pod_server.commands_taking import export_command, import_command
from pod_server.logs import start_logging
from pod_server.object_stores import prepare_objects
from pod_server.settings import (
    RESOLVED,
    Settings,
    SettingsError,
    check_whole,
    fix_settings,
    load_settings,
    parse_settings,
)
from pod_server.supervisor import supervise

ROLES = ("storages", "identity", "keeper")


@click.group(help=about)
@click.version_option(package_name="wijkkluis")
def main() -> None:
    """Run and keep a server of vaults."""


@main.command()
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="the folder that holds everything"
)
@click.option("--port", required=True, type=int, help="port of the storages on 127.0.0.1")
@click.option("--identity-port", type=int, help="port of the OpenID provider; the next one if not given")
@click.option("--workers", type=int, help="worker processes for the storages")
@click.option("--base-url", help="URL of the storages as the outside sees it")
@click.option("--issuer-url", help="URL of the OpenID provider as the outside sees it")
@click.option(
    "--demo", is_flag=True, default=None, help="demo mode, only at the first start, only on this machine"
)
@click.option(
    "--demo-origin", "demo_origins", multiple=True, help="a loopback origin that may be fetched in demo mode"
)
@click.option(
    "--trusted-client", "trusted_clients", multiple=True, help="an app that gets its rights by configuration"
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    help="an address or network whose X-Forwarded-For counts",
)
@click.option("--root-key-file", help="the key that wraps all others, apart from the data")
@click.option(
    "--objects", help="where encrypted objects rest: s3://HOST:PORT/BUCKET; the data folder if not given"
)
@click.option("--s3-key-file", help="a JSON file with access_key and secret_key of the S3 service")
@click.option("--config", type=click.Path(path_type=Path, exists=True), help="a TOML file with settings")
def serve(config: Path | None, **given: Any) -> None:
    """Serve storages and identity until a signal; prints `ready URL`."""
    start_logging()
    given["data"] = str(given["data"])
    chosen = {name: value for name, value in given.items() if value != ()}
    try:
        settings = load_settings(chosen, config=config)
        check_whole(settings.folder)
        prepared, inherited_files = prepare_objects(settings)
        fix_settings(settings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(supervise(prepared, announce, inherited_files))


def announce(line: str) -> None:
    """Print a line that others wait for, at once."""
    click.echo(line)
    sys.stdout.flush()


@main.command(hidden=True)
@click.argument("role", type=click.Choice(ROLES))
def run(role: str) -> None:
    """Run one role with the settings that the supervisor hands over."""
    from pod_server import processes

    start_logging()
    settings = _handed_over()
    match role:
        case "storages":
            processes.run_storages(settings)
        case "identity":
            processes.run_identity(settings)
        case _:
            processes.run_keeper_process(settings)


def _handed_over() -> Settings:
    text = os.environ.get(RESOLVED)
    if text is None:
        raise click.ClickException("`run` is for `serve`, which hands over the settings")
    return parse_settings(text)


for _command in (recover, list_recoveries, cancel_recovery):
    account.add_command(_command)
main.add_command(account)
main.add_command(organisation)
main.add_command(keys)
main.add_command(journal)
main.add_command(storage)
main.add_command(inventory)
main.add_command(clock)
main.add_command(backup)
main.add_command(restore)
main.add_command(resume)
main.add_command(erase)
main.add_command(export_command)
main.add_command(import_command)

if __name__ == "__main__":
    main()
