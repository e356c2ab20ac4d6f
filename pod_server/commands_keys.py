"""The operator's command that changes the keys with which tokens are signed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from pod_server.settings import SettingsError
from vault.errors import VaultError


@click.group()
def keys() -> None:
    """Keys of the OpenID provider."""


@keys.command("rotate-signing")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="the data folder")
@click.option("--at-once", is_flag=True, help="a key was stolen: withdraw it now, with all tokens it signed")
def rotate_signing(data: Path, *, at_once: bool) -> None:
    """Make new signing keys, also while the server runs; others get to know them before they sign."""
    # Imported here, as they take long to load and the other commands do without.
    from pod_server.identity.keys import make_keys, replace_at_once, rotate
    from pod_server.wiring import open_identity

    try:
        parts = open_identity(data)
        try:
            if at_once:
                replace_at_once(parts, make_keys())
                click.echo("new keys sign now; tokens that were signed before end within two minutes")
                return
            moment = datetime.fromtimestamp(rotate(parts, make_keys()), UTC)
        finally:
            parts.database.close()
    except (SettingsError, VaultError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"new keys sign from {moment:%Y-%m-%d %H:%M:%S} UTC; tokens that were signed before stay good")
