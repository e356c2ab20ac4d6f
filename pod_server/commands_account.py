"""The operator's command that makes accounts."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pod_server.settings import SettingsError
from vault.errors import VaultError


@click.group()
def account() -> None:
    """Accounts of people and programs."""


@account.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="the data folder")
@click.option("--name", required=True, help="how the person is called")
@click.option("--email", help="e-mail address or other name to sign in with; the name itself if not given")
@click.option("--password", help="a password, which others on this machine can see: prefer --password-stdin")
@click.option("--password-stdin", "is_on_stdin", is_flag=True, help="read the password from standard input")
@click.option("--client-credentials", "label", metavar="LABEL", help="make credentials for a program, too")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def create(data: Path, label: str | None, *, is_on_stdin: bool, as_json: bool, **given: Any) -> None:
    """Make an account with a storage, also while the server runs."""
    if is_on_stdin:
        if given["password"] is not None:
            raise click.UsageError("give --password or --password-stdin, not both")
        given["password"] = sys.stdin.read().rstrip("\r\n")
    try:
        made = make_account(data, given, label)
    except (SettingsError, VaultError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        json.dumps(made) if as_json else "\n".join(f"{field} {value}" for field, value in made.items())
    )


def make_account(data: Path, given: Mapping[str, str | None], label: str | None) -> dict[str, str]:
    """Make an account of name, email and password, and credentials when there is a label for them.

    Raises:
        SettingsError: the data folder cannot be used.
        VaultError: the account cannot be made like this.
    """
    # Imported here, as they take long to load and the other commands do without.
    from pod_server.identity import credentials
    from pod_server.identity.accounts import NewAccount, create_account
    from pod_server.wiring import open_identity

    parts = open_identity(data)
    try:
        name, password = given["name"] or "", given["password"]
        login = given["email"] or (None if password is None else name)
        made = create_account(parts, NewAccount(name, login, password))
        base_url = parts.context.base_url
        answer = {"webid": made.webid, "pod": f"{base_url}{made.storage}/", "issuer": parts.issuer}
        if label is not None:
            new = credentials.create(parts, made, label)
            answer |= {"client_id": new.client_id, "client_secret": new.client_secret, "client": new.client}
        return answer
    finally:
        parts.database.close()
