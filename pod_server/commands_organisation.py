"""The operator's commands for the register of verified organisations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pod_server.organisation_entries import Entry, describe, read_entry
from pod_server.settings import SettingsError, open_settings
from vault.context import Context
from vault.errors import VaultError
from vault.keeping.organisations import (
    add_organisation,
    find_organisation,
    remove_organisation,
    resume_organisation,
    suspend_organisation,
)
from vault.model.organisation import Organisation

_data = click.option(
    "--data", required=True, type=click.Path(path_type=Path, exists=True), help="the data folder"
)
_json = click.option("--json", "as_json", is_flag=True, help="print JSON")
_id = click.argument("organisation")


@click.group()
def organisation() -> None:
    """Keep the register of verified organisations."""


@organisation.command()
@_data
@click.option("--name", required=True, help="the name that citizens see")
@click.option(
    "--kind", required=True, help="a concept of Organisatiesoorten, or its last part: soort-wijkteam"
)
@click.option("--number", required=True, help="KvK number (8 digits) or OIN (20 digits)")
@click.option(
    "--number-kind", type=click.Choice(["KvK", "OIN"]), help="found from the number's length if not given"
)
@click.option("--municipality", default="", help="where it works")
@click.option("--issuer", "issuers", required=True, multiple=True, help="an OpenID provider of its workers")
@click.option(
    "--client", "clients", required=True, multiple=True, help="an app of its workers, as tokens name it"
)
@click.option("--group", required=True, help="URL of its workers' group (vcard:Group)")
@click.option("--id", "id_", help="its IRI; one of this server's own if not given")
@click.option(
    "--verified-by", default="Beheerder van deze server", show_default=True, help="who verified all this"
)
@_json
def add(data: Path, id_: str | None, *, as_json: bool, **given: Any) -> None:
    """Add an organisation that you verified, and fetch its workers' group."""
    with _opened(data) as context:
        own = f"{context.base_url}.well-known/wijkkluis/organisaties/{context.new_id()}"
        added = read_entry(Entry(id=id_ or own, **given), context.clock().wall_s)
        add_organisation(context, added)
        _show(context, added.iri, _fetch_group(context, data, added), as_json=as_json)


@organisation.command("list")
@_data
@_json
def list_(data: Path, *, as_json: bool) -> None:
    """List the register."""
    with _opened(data) as context:
        with context.catalogue.view() as view:
            register = view.register()
        rows = [describe(one, register.membership(one.iri)) for one in register.organisations]
        if as_json:
            click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
            return
        for row in rows:
            state = "suspended" if row["suspendedAt"] else "active"
            click.echo(
                f"{row['id']}  {row['name']}  {row['numberKind']} {row['number']}  {row['workers']} workers  {state}"
            )


@organisation.command()
@_data
@_id
@_json
def suspend(data: Path, organisation: str, *, as_json: bool) -> None:
    """Let nobody act for an organisation any more, from this second; every storage it touches has a line of it."""
    with _opened(data) as context:
        suspend_organisation(context, organisation)
        _show(context, organisation, None, as_json=as_json)


@organisation.command()
@_data
@_id
@_json
def resume(data: Path, organisation: str, *, as_json: bool) -> None:
    """End a suspension."""
    with _opened(data) as context:
        resume_organisation(context, organisation)
        _show(context, organisation, None, as_json=as_json)


@organisation.command()
@_data
@_id
@_json
def remove(data: Path, organisation: str, *, as_json: bool) -> None:
    """Take an organisation out of the register; what was given to it stays written but gives nobody anything."""
    with _opened(data) as context:
        remove_organisation(context, organisation)
        click.echo(json.dumps({"id": organisation}) if as_json else f"removed {organisation}")


@organisation.command()
@_data
@_id
@_json
def refresh(data: Path, organisation: str, *, as_json: bool) -> None:
    """Fetch an organisation's workers' group now, so that who left is out at once."""
    with _opened(data) as context:
        with context.catalogue.view() as view:
            found = find_organisation(view, organisation)
        _show(context, organisation, _fetch_group(context, data, found), as_json=as_json)


@contextmanager
def _opened(data: Path) -> Iterator[Context]:
    from pod_server.wiring import open_context

    try:
        yield open_context(data)
    except (SettingsError, VaultError) as error:
        raise click.ClickException(str(error)) from error


def _fetch_group(context: Context, data: Path, organisation: Organisation) -> str | None:
    """Fetch the group; why it could not be had, None when it was."""
    from pod_server.authentication.errors import CannotFetch
    from pod_server.group_documents import refresh_workers
    from pod_server.wiring import make_outbound

    try:
        refresh_workers(context, organisation, make_outbound(open_settings(data)).fetch)
    except (CannotFetch, VaultError) as error:
        return str(error)
    return None


def _show(context: Context, iri: str, problem: str | None, *, as_json: bool) -> None:
    with context.catalogue.view() as view:
        register = view.register()
        shown = describe(find_organisation(view, iri), register.membership(iri)) | {"problem": problem}
    if as_json:
        click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
        return
    click.echo(f"{shown['name']}: {iri}")
    if shown["suspendedAt"]:
        click.echo(f"suspended since {shown['suspendedAt']}")
    if problem:
        click.echo(f"the group of workers could not be fetched: {problem}", err=True)
    click.echo(f"{shown['workers']} workers")
