"""The operator's commands about a storage: its inventory, and the clock of a demonstration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from pod_server.clocks import write_offset
from pod_server.settings import SettingsError, open_settings
from vault.context import Context
from vault.errors import VaultError
from vault.model.identifiers import ResourceIdentifier, identifier_from_url
from vault.model.records import ResourceKind

ZONE = ZoneInfo("Europe/Amsterdam")
_data = click.option(
    "--data", required=True, type=click.Path(path_type=Path, exists=True), help="the data folder"
)


@click.command()
@_data
@click.argument("pod")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def inventory(data: Path, pod: str, *, as_json: bool) -> None:
    """List URL, revision and object key of every document of a storage (ACLs, grants and journal excepted)."""
    from pod_server.wiring import open_context

    try:
        context = open_context(data)
        rows = list(documents_of(context, pod))
    except (SettingsError, VaultError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        click.echo(f"{row['url']} {row['revision']} {row['object']}")


def documents_of(context: Context, pod: str) -> Iterator[dict[str, str]]:
    """The documents of a storage by URL, with what proves that they were not copied: revision and object key.

    Raises:
        VaultError: no such storage.
    """
    storage = identifier_from_url(pod, context.base_url).storage
    with context.catalogue.view() as view:
        root = view.nearest_container(ResourceIdentifier(storage, "x"))
        for record in view.descendants(root):
            if record.kind is ResourceKind.DOCUMENT and record.stored is not None:
                url = record.identifier.url(context.base_url)
                yield {"url": url, "revision": record.revision, "object": record.stored.key}


@click.command()
@_data
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="the day on which policy time should be")
@click.option("--reset", is_flag=True, help="back to the real time")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def clock(data: Path, date: datetime | None, *, reset: bool, as_json: bool) -> None:
    """Shift the policy clock of a demonstration: conditions, end dates and moves follow it, stamps do not."""
    try:
        settings = open_settings(data)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if not settings.demo:
        raise click.ClickException(
            "only a data folder that was first started in demo mode has a clock to shift"
        )
    if reset == (date is not None):
        raise click.ClickException("give --date or --reset")
    offset_s = 0 if date is None else _offset_to(date)
    write_offset(data, offset_s)
    click.echo(
        json.dumps({"offset": offset_s}) if as_json else f"policy time is shifted by {offset_s} seconds"
    )


def _offset_to(date: datetime) -> int:
    now = datetime.now(ZONE)
    target = datetime.combine(date.date(), time(now.hour, now.minute, now.second), ZONE)
    return int(target.timestamp() - now.timestamp())
