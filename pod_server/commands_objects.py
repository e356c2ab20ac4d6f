"""The operator's commands about where objects rest."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from pod_server.object_checks import Finding, Subject, Verdict, check_store, notes_on_service
from pod_server.object_stores import (
    FolderLocation,
    S3Location,
    find_keys,
    open_bucket,
    parse_location,
)
from pod_server.settings import SettingsError
from vault.errors import VaultError
from vault.stores.objects_folder import FolderStore

if TYPE_CHECKING:
    from vault.stores.objects_s3 import S3Store


@click.group()
def storage() -> None:
    """Look after where objects rest."""


@storage.command()
@click.argument("url")
@click.option(
    "--s3-key-file", default="", help="a JSON file with access_key and secret_key of the S3 service"
)
@click.option("--make-bucket", is_flag=True, help="make the bucket when it is not there")
def check(url: str, s3_key_file: str, *, make_bucket: bool) -> None:
    """Tell whether a folder or an S3 service does what the vault needs; ends with 1 when it does not.

    URL is s3://HOST:PORT/BUCKET (?secure=false without TLS, ?region=NAME) or file:///FOLDER. Nothing of what rests there
    is touched.
    """
    try:
        location = parse_location(url)
        if isinstance(location, FolderLocation):
            findings = check_store(_folder(location))
        else:
            store = open_bucket(location, find_keys(s3_key_file), "")
            findings = _check_bucket(location, store, make_bucket=make_bucket)
    except (SettingsError, VaultError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(_tell(findings))


def _tell(findings: Iterator[Finding]) -> int:
    is_bad = False
    for found in findings:
        is_bad = is_bad or found.verdict is Verdict.BAD
        click.echo(f"{found.verdict.value:4}  {found.sentence}")
    click.echo("This store cannot serve a vault." if is_bad else "This store meets what a vault needs.")
    return 1 if is_bad else 0


def _folder(location: FolderLocation) -> Subject:
    store = FolderStore(location.path)

    def listed(prefix: str) -> Iterator[tuple[str, int]]:
        return (found for found in store.keys() if found[0].startswith(prefix))  # noqa: SIM118 -- not a mapping

    return Subject(store, listed, str, lambda: int(time.time()))


def _check_bucket(location: S3Location, store: S3Store, *, make_bucket: bool) -> Iterator[Finding]:
    from vault.stores.objects_s3 import explain

    try:
        if not store.exists():
            if not make_bucket:
                yield Finding(
                    Verdict.BAD,
                    f"There is no bucket {location.bucket!r}: make it, or ask again with --make-bucket.",
                )
                return
            store.make_bucket()
            yield Finding(Verdict.GOOD, f"The bucket {location.bucket!r} was made.")
        yield from check_store(Subject(store, store.listed, explain, lambda: int(time.time())))
        yield from _whose(store)
        yield from notes_on_service(
            location, keeps_versions=store.keeps_versions(), has_lifecycle=store.has_lifecycle()
        )
    except VaultError as error:
        yield Finding(Verdict.BAD, f"The service does not do what was asked: {explain(error)}.")


def _whose(store: S3Store) -> Iterator[Finding]:
    owner = store.owner()
    if owner is not None:
        yield Finding(Verdict.NOTE, f"The bucket is in use by the vault at {owner}; no other may use it.")
