"""The operator's commands for somebody who lost every way in: start a way back, see which ones wait, stop one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pod_server.settings import SettingsError
from vault.errors import VaultError

if TYPE_CHECKING:
    from pod_server.identity.accounts import Account
    from pod_server.identity.parts import IdentityParts
    from pod_server.identity.recoveries import Recovery

_data = click.option("--data", required=True, type=click.Path(path_type=Path), help="the data folder")
_login = click.option("--login", help="the login name of the account")
_pod = click.option("--pod", help="the URL of its storage")
_json = click.option("--json", "as_json", is_flag=True, help="print JSON")
_ASK = "Did you check, with a valid identity document, that this is the owner?"


@click.command()
@_data
@_login
@_pod
@click.option("--checked", is_flag=True, help="you checked who it is; asked for when not given")
@_json
def recover(data: Path, login: str | None, pod: str | None, *, checked: bool, as_json: bool) -> None:
    """Start a way back in for an account: prints a code, once, that counts after 72 hours.

    Until then its owner sees on every page that this was asked, and can stop it; all that lets her in goes on working.
    """
    from pod_server.identity import recoveries

    with _opened(data) as parts:
        account = _find(parts, login, pod)
        if not checked:
            click.confirm(_ASK, abort=True, err=True)
        started = recoveries.start(parts, account)
        told = {"code": _written(started.code)} | _told(parts, account, started.recovery)
    click.echo(json.dumps(told) if as_json else _lines(told))


@click.command("recoveries")
@_data
@_json
def list_recoveries(data: Path, *, as_json: bool) -> None:
    """List the ways back that wait or can be used: storages and times, no names."""
    from pod_server.identity import recoveries
    from pod_server.identity.accounts import find_account

    with _opened(data) as parts:
        found = [(find_account(parts, one.account), one) for one in recoveries.all_pending(parts)]
        rows = [_told(parts, account, one) for account, one in found if account is not None]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo("  ".join(row.values()))


@click.command("cancel-recovery")
@_data
@_login
@_pod
def cancel_recovery(data: Path, login: str | None, pod: str | None) -> None:
    """Stop a way back that was started: its code then never counts."""
    from pod_server.identity import recoveries

    with _opened(data) as parts:
        if not recoveries.cancel(parts, _find(parts, login, pod), None):
            raise click.ClickException("no way back was started for this account, or its time is over")
    click.echo("stopped")


@contextmanager
def _opened(data: Path) -> Iterator[IdentityParts]:
    # Imported here, as it takes long to load and the other commands do without.
    from pod_server.wiring import open_identity

    try:
        parts = open_identity(data)
        try:
            yield parts
        finally:
            parts.database.close()
    except (SettingsError, VaultError) as error:
        raise click.ClickException(str(error)) from error


def _find(parts: IdentityParts, login: str | None, pod: str | None) -> Account:
    from pod_server.identity.accounts import find_account_by_login, find_account_of, webid_of
    from vault.model.identifiers import identifier_from_url

    if (login is None) == (pod is None):
        raise click.UsageError("give --login or --pod, and not both")
    if login is not None:
        found = find_account_by_login(parts, login)
    else:
        base_url = parts.context.base_url
        found = find_account_of(parts, webid_of(identifier_from_url(pod or "", base_url).storage, base_url))
    if found is None:
        raise click.ClickException("no account here has that")
    if found.login is None:
        raise click.ClickException("this account has no login name: only programs use it")
    return found


def _told(parts: IdentityParts, account: Account, recovery: Recovery) -> dict[str, str]:
    return {
        "pod": f"{parts.context.base_url}{account.storage}/",
        "started": _moment(recovery.started_s),
        "counts_from": _moment(recovery.opens_s),
        "counts_until": _moment(recovery.ends_s),
    }


def _lines(told: dict[str, str]) -> str:
    return "\n".join(f"{field} {value}" for field, value in told.items())


def _written(code: str) -> str:
    from pod_server.identity.written_codes import written

    return written(code)


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
