"""The operator's commands that keep a server: backup, restore, resume, erase."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from pod_server.progress import make_progress
from pod_server.settings import SettingsError, open_settings
from vault.context import Context
from vault.errors import VaultError
from vault.model.identifiers import StorageId, identifier_from_url

_folder = click.Path(path_type=Path, file_okay=False)
_file = click.Path(path_type=Path, dir_okay=False, exists=True)
_data = click.option(
    "--data", required=True, type=click.Path(path_type=Path, exists=True), help="the data folder"
)
_yes = click.option("--yes", "is_sure", is_flag=True, help="do not ask")


@contextmanager
def saying_failures() -> Iterator[None]:
    """Let a failure end the command with its words."""
    try:
        yield
    except (SettingsError, VaultError, OSError) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@_data
@click.argument("folder", type=_folder)
@click.option("--keys", type=_folder, help="another folder, for the keys and the erasure list; keep it apart")
def backup(data: Path, folder: Path, keys: Path | None) -> None:
    """Bring the backup in FOLDER up to now, while the server runs; run it again when it was cut."""
    from pod_server.wiring_keeping import make_backup

    with saying_failures():
        made = make_backup(open_settings(data), folder, keys, make_progress("objects", sys.stderr))
    click.echo(
        f"backup of {made.base_url} as of {_written(made.time_ms // 1000)}: {made.count} objects in {folder}"
    )
    if keys is None:
        click.echo("the keys are not in it; without them it cannot be read: give --keys now and then")
    if made.missing:
        raise click.ClickException(f"{made.missing} objects that the catalogue names are lost on this server")


@click.command()
@click.option(
    "--data", required=True, type=_folder, help="the data folder: a new one, or with --at the one that runs"
)
@click.argument("source")
@click.option("--keys", type=click.Path(path_type=Path, exists=True), help="the folder with the keys")
@click.option(
    "--erasure-list", "erasures", type=_file, help="a newer list of what was erased since (keys/erased.list)"
)
@click.option("--root-key-file", type=_file, help="the root key, when it was kept outside the data folder")
@click.option("--objects", help="where the objects go (s3://…); the new data folder if not given")
@click.option(
    "--s3-key-file", type=_file, help="the keys of that service, when they are not in the environment"
)
@click.option(
    "--access-as-in-backup",
    "is_trusted",
    is_flag=True,
    help="let all rules and programs count at once: only if nothing was stopped or revoked since the backup",
)
@click.option(
    "--at", "moment", help="a moment with its zone (2026-11-20T09:00:00+01:00): SOURCE is then a storage"
)
@click.option("--dry-run", "is_dry", is_flag=True, help="with --at: only tell what would change")
def restore(data: Path, source: str, *, moment: str | None, is_dry: bool, **given: Any) -> None:
    """Restore the whole server in the folder SOURCE into an empty data folder, or undo a bad day for one storage.

    A server comes back for the owners of its storages only, until `wijkkluis resume`. With --at, SOURCE is the URL of a
    storage on the running server: its documents become as they were then, by new revisions; nobody gets to see more.
    """
    if moment is not None:
        with saying_failures():
            rewind_storage(data, source, _moment_ms(moment), is_dry=is_dry)
    elif given["keys"] is None or is_dry:
        raise click.UsageError("a whole server needs --keys; --dry-run goes with --at")
    else:
        _restore_server(data, Path(source), given)


def _restore_server(data: Path, folder: Path, given: dict[str, Any]) -> None:
    from pod_server.wiring_keeping import RestorePlan, restore_server

    names = ("root_key_file", "objects", "s3_key_file")
    changes = {name: "" if given[name] is None else str(given[name]) for name in names}
    plan = RestorePlan(folder, data, given["keys"], given["erasures"], changes, not given["is_trusted"])
    with saying_failures():
        done = restore_server(plan, make_progress("objects", sys.stderr))
    click.echo(f"{done.storages} storages are back, {done.erased} stay erased")
    if plan.is_paused:
        click.echo("nobody but the owners gets in yet: see `wijkkluis resume`")
    if done.missing:
        raise click.ClickException(f"{done.missing} objects are not in the backup")


@click.command()
@_data
@click.argument("pod")
@_yes
def resume(data: Path, pod: str, *, is_sure: bool) -> None:
    """Let the rules and grants of a restored storage (its URL) count again, after its owner looked at them."""
    from vault.keeping.restore import resume as let_count

    with saying_failures():
        context, storage = _open(data, pod)
        _ask(f"Does the owner of {pod} agree with what is shared there?", is_sure=is_sure)
        let_count(context, storage)
    click.echo("its rules and grants count again")


@click.command()
@_data
@click.argument("pod", required=False)
@click.option("--undo", "is_undone", is_flag=True, help="put it back in sight; possible for 14 days")
@click.option("--list", "is_listed", is_flag=True, help="tell which storages are out of sight")
@_yes
def erase(data: Path, pod: str | None, *, is_undone: bool, is_listed: bool, is_sure: bool) -> None:
    """Put a storage (its URL) out of sight of everybody at once; after 14 days its key and rows are destroyed."""
    if is_listed == (pod is not None) or (is_listed and is_undone):
        raise click.UsageError("give the URL of a storage, or --list alone")
    with saying_failures():
        if pod is None:
            _tell_hidden(data)
        elif is_undone:
            _with_storage(data, pod, _undo)
            click.echo("it is back in sight")
        else:
            _ask(f"Erase {pod} with its account and everything in it?", is_sure=is_sure)
            _with_storage(data, pod, _hide)


def _moment_ms(text: str) -> int:
    from vault.journal.lines import moment_ms

    try:
        return moment_ms(text)
    except ValueError as error:
        raise click.UsageError("--at needs a moment with its zone, as 2026-11-20T09:00:00+01:00") from error


def rewind_storage(data: Path, pod: str, time_ms: int, *, is_dry: bool) -> None:
    """Undo a bad day for one storage, and tell what was done.

    Raises:
        VaultError: there is no such storage.
    """
    from vault.keeping.rewind import plan_rewind, rewind

    context, storage = _open(data, pod)
    with context.catalogue.view() as view:
        steps = plan_rewind(view, storage, time_ms)
    if is_dry:
        for step in steps:
            click.echo(f"{step.deed} {step.identifier.path}")
        return
    failed = 0
    for done in rewind(context, storage, steps, make_progress("documents", sys.stderr)):
        told = f", not done: {done.why}" if done.why else ", for the owner only" if done.is_closed else ""
        click.echo(f"{done.step.deed} {done.step.identifier.path}{told}")
        failed += bool(done.why)
    if failed:
        raise click.ClickException(f"{failed} of {len(steps)} steps were not done")


def _hide(context: Context, storage: StorageId) -> None:
    from vault.keeping.erase import hide

    found = hide(context, storage)
    click.echo(f"out of sight; destroyed for good on {_written(found.erase_at_s)}, until then --undo helps")


def _undo(context: Context, storage: StorageId) -> None:
    from vault.keeping.erase import show

    show(context, storage)


def _tell_hidden(data: Path) -> None:
    from pod_server.wiring import open_context
    from vault.keeping.erase import hidden

    context = open_context(data)
    for found in hidden(context):
        click.echo(f"{context.base_url}{found.storage}/ is destroyed on {_written(found.erase_at_s)}")


def _with_storage(data: Path, pod: str, act: Callable[[Context, StorageId], None]) -> None:
    act(*_open(data, pod))


def _open(data: Path, pod: str) -> tuple[Context, StorageId]:
    from pod_server.wiring import open_context

    context = open_context(data)
    return context, identifier_from_url(pod, context.base_url).storage


def _ask(question: str, *, is_sure: bool) -> None:
    if is_sure:
        return
    if not is_terminal():
        raise click.UsageError("nobody is here to ask: give --yes")
    click.confirm(question, abort=True)


def is_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
