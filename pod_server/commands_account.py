"""The operator's command that makes accounts."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pod_server.settings import SettingsError
from vault.errors import VaultError

if TYPE_CHECKING:
    from pod_server.identity.accounts import Account
    from pod_server.identity.credentials import NewCredential
    from pod_server.identity.parts import IdentityParts


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
    click.echo(_written(made, as_json=as_json))


@account.command("credentials")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="the data folder")
@click.option("--webid", required=True, help="whose credentials: the WebID of an account here")
@click.option("--label", required=True, help="what the credentials are for")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def add_credentials(data: Path, webid: str, label: str, *, as_json: bool) -> None:
    """Make credentials for a program of an account that is there, also while the server runs."""
    from pod_server.identity import credentials
    from pod_server.identity.accounts import find_account_of
    from pod_server.wiring import open_identity

    try:
        parts = open_identity(data)
        found = find_account_of(parts, webid)
        if found is None:
            raise click.ClickException("no account here has this WebID")
        made = answer_of(parts, found) | credential_fields(credentials.create(parts, found, label))
    except (SettingsError, VaultError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(_written(made, as_json=as_json))


def _written(made: Mapping[str, str], *, as_json: bool) -> str:
    return json.dumps(made) if as_json else "\n".join(f"{field} {value}" for field, value in made.items())


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
        answer = answer_of(parts, made)
        if label is None:
            return answer
        return answer | credential_fields(credentials.create(parts, made, label))
    finally:
        parts.database.close()


def answer_of(parts: IdentityParts, account: Account) -> dict[str, str]:
    """What is told of an account."""
    pod = f"{parts.context.base_url}{account.storage}/"
    return {"webid": account.webid, "pod": pod, "issuer": parts.issuer}


def credential_fields(made: NewCredential) -> dict[str, str]:
    """What is told of new credentials, once."""
    return {"client_id": made.client_id, "client_secret": made.client_secret, "client": made.client}
