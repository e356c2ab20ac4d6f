"""The operator's commands about a journal: write it out, check what was written out, take values away from a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from pod_server.settings import SettingsError
from vault.context import Context
from vault.errors import VaultError
from vault.journal.lines import REDACTABLE
from vault.journal.redact import REASONS, ask_redaction
from vault.keeping.lines import keep_line
from vault.model.identifiers import identifier_from_url

_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def journal() -> None:
    """Write out the journal of a storage, check one that was written out, and take values away from it."""


@journal.command("export")
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True), help="the data folder")
@click.argument("pod")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
def export_command(data: Path, pod: str, file: Path) -> None:
    """Write the whole journal of a storage (its URL), with the newest checkpoint, to a file."""
    from pod_server.wiring import open_context

    try:
        count = write_journal(open_context(data), pod, file)
    except (SettingsError, VaultError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count} lines in {file}")


def write_journal(context: Context, pod: str, file: Path) -> int:
    """Write the journal of a storage to a file, wholly or not at all; how many lines it has. The owner sees that it was.

    Raises:
        VaultError: there is no such storage.
        OSError: the file cannot be written.
    """
    # The operator's other commands need none of this.
    from vault.journal.export import export
    from vault.journal.lines import moment_text

    storage = identifier_from_url(pod, context.base_url).storage
    # Before anything is written: nothing leaves that no line tells of.
    keep_line(context, storage, "export-journal")
    part = file.with_name(f"{file.name}.part")
    with context.catalogue.view() as view:
        rows = export(view, context.base_url, storage, moment_text(context.clock().wall_ms))
        count = view.journal_head(storage).sequence
        _write(part, rows)
    part.replace(file)
    return count


def _write(part: Path, rows: Iterable[bytes]) -> None:
    # It tells who read what: for the operator's eyes alone.
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        with part.open("wb") as out:
            out.writelines(rows)
    except BaseException:
        part.unlink()
        raise


@journal.command("redact")
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True), help="the data folder")
@click.option(
    "--field",
    "fields",
    multiple=True,
    required=True,
    type=click.Choice(REDACTABLE),
    help="what is taken away; may be given more than once",
)
@click.option("--reason", required=True, type=click.Choice(REASONS), help="why; it stays in the journal")
@click.argument("pod")
@click.argument("sequence", type=click.IntRange(min=1))
def redact_command(data: Path, pod: str, sequence: int, **given: Any) -> None:
    """Take values away from one line of the journal of a storage (its URL); a line of its own says so, for ever."""
    from pod_server.wiring import open_context

    try:
        context = open_context(data)
        storage = identifier_from_url(pod, context.base_url).storage
        ask_redaction(context, storage, sequence, given["fields"], given["reason"])
    except (SettingsError, VaultError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"asked: from line {sequence} goes {', '.join(sorted(set(given['fields'])))}, within a second while the server "
        "runs, and else when it starts"
    )


@journal.command("checkpoint")
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True), help="the data folder")
def checkpoint_command(data: Path) -> None:
    """Sign the state of all journals now; prints what may be given to anybody: time, size, root and signature (JSON)."""
    from pod_server.wiring import DataFolder, open_context
    from vault.journal.checkpoints import open_signer
    from vault.journal.demand import sign_checkpoint

    try:
        context = open_context(data)
        document = sign_checkpoint(context, open_signer(DataFolder(data).signing_key))
    except (SettingsError, VaultError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if document is None:
        raise click.ClickException("there are no storages yet")
    made = json.loads(document)
    shown = {"time": made["time"], "treeSize": len(made["leaves"]), "root": made["root"]}
    click.echo(json.dumps(shown | {"signature": made["signature"]}))


@journal.command("verify")
@click.argument("file", type=_file)
@click.option("--key", type=_file, help="the public key of the server that signs checkpoints (PEM)")
@click.option(
    "--checkpoint",
    "earlier",
    type=_file,
    multiple=True,
    help="a checkpoint that was kept from earlier, or an earlier export that holds one",
)
@click.pass_context
def verify_command(command: click.Context, file: Path, key: Path | None, earlier: tuple[Path, ...]) -> None:
    """Check an export without the server; says what was checked, what not, and what is wrong. Exits 0 only when whole."""
    from vault.journal.verify import read_checkpoints, verify

    checkpoints = []
    for path in earlier:
        try:
            checkpoints += read_checkpoints(path)
        except (ValueError, OSError) as error:
            raise click.ClickException(f"{path}: {error}") from error
    try:
        report = verify(file, None if key is None else key.read_bytes(), checkpoints)
    except (ValueError, OSError) as error:
        raise click.ClickException(f"the key or the file cannot be read: {error}") from error
    _tell("checked", report.checked)
    _tell("not checked", report.not_checked)
    _tell("WRONG", report.faults)
    if not report.ok:
        click.echo(f"broken: do not rely on {file}")
        command.exit(1)
    click.echo(f"whole: {report.count} lines of {report.storage}, as far as it was checked")


def _tell(word: str, sentences: Iterable[str]) -> None:
    for sentence in sentences:
        click.echo(f"{word}: {sentence}")
