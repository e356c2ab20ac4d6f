"""The operator's commands by which a storage is taken along: export and import."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from pod_server.commands_account import make_account
from pod_server.commands_keeping import saying_failures
from pod_server.progress import make_progress
from vault.errors import NoSuchResource
from vault.model.identifiers import StorageId, identifier_from_url

_data = click.option(
    "--data", required=True, type=click.Path(path_type=Path, exists=True), help="the data folder"
)


@click.command("export")
@_data
@click.argument("pod")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
def export_command(data: Path, pod: str, file: Path) -> None:
    """Write everything of a storage (its URL) to FILE.zip, readable without us. It is not encrypted: keep it safe."""
    with saying_failures():
        count = write_archive(data, pod, file)
    click.echo(f"{count} files in {file}")


def write_archive(data: Path, pod: str, file: Path) -> int:
    """Write the archive of a storage to a file, wholly or not at all; how many files it holds.

    Raises:
        SettingsError: the data folder cannot be used.
        VaultError: there is no such storage, or a document cannot be read.
        OSError: the file cannot be written.
    """
    # Imported here, as they take long to load and the other commands do without.
    from pod_server.settings import open_settings
    from pod_server.wiring import NoIntake, make_context, open_stores
    from vault.journal.checkpoints import open_signer
    from vault.keeping.export import export
    from vault.stores.files import sharing_lock, sync_folder

    settings = open_settings(data)
    stores = open_stores(settings)
    context = make_context(settings, stores, NoIntake())
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        storage = identifier_from_url(pod, context.base_url).storage
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        # As with a backup: nothing that is named may be deleted before it was copied.
        with open(descriptor, "w+b") as out, sharing_lock(stores.folder.backup_lock):
            public_key = open_signer(stores.folder.signing_key).public_pem
            count = export(context, storage, public_key, out, make_progress("documents", sys.stderr))
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        stores.catalogue.close()
    sync_folder(file.absolute().parent)
    return count


@click.command("import")
@_data
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--account", "webid", metavar="WEBID", help="an account that is here; without it one is made")
@click.option("--name", help="how the person of a new account is called")
@click.option("--email", help="e-mail address or other name to sign in with; the name itself if not given")
@click.option("--password-stdin", "is_on_stdin", is_flag=True, help="read the password from standard input")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def import_command(
    data: Path, file: Path, webid: str | None, *, is_on_stdin: bool, as_json: bool, **given: Any
) -> None:
    """Bring an archive into a storage: documents with their revisions, and nothing of what was shared."""
    if (webid is None) == (given["name"] is None):
        raise click.UsageError("give --account for an account that is here, or --name for a new one")
    with saying_failures():
        if webid is None:
            password = sys.stdin.read().rstrip("\r\n") if is_on_stdin else None
            webid = make_account(data, given | {"password": password}, None)["webid"]
            click.echo(f"made {webid}; if this is cut, run it again with --account", err=True)
        done = read_archive(data, webid, file)
    click.echo(json.dumps(done) if as_json else "\n".join(f"{name} {value}" for name, value in done.items()))


def read_archive(data: Path, webid: str, file: Path) -> dict[str, str | int]:
    """Bring an archive into the storage of an account; what came of it.

    Raises:
        SettingsError: the data folder cannot be used.
        VaultError: there is no such account, or the archive is not what it must be.
    """
    from pod_server.wiring import open_context
    from vault.keeping.archive import open_archive
    from vault.keeping.bring_in import bring_in

    context = open_context(data)
    storage = _storage_of(context.base_url, webid)
    opened = open_archive(file, context.limits.quota_bytes)
    with opened.zip:
        done = bring_in(context, storage, opened, make_progress("documents", sys.stderr))
    pod = f"{context.base_url}{storage}/"
    return {
        "webid": webid,
        "pod": pod,
        "imported": done.made,
        "present": done.present,
        "note": pod + done.note,
    }


def _storage_of(base_url: str, webid: str) -> StorageId:
    path, hash_, fragment = webid.partition("#")
    if fragment != "me" or not hash_:
        raise NoSuchResource("no account here has this WebID")
    return identifier_from_url(path, base_url).storage
