"""What stands in the folder of a backup: a marker, encrypted objects, and a manifest that names one catalogue and one list.

The manifest comes last and in one rename: until then the folder is the backup that it was before.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vault.errors import BadInput, MalformedContent
from vault.stores.files import sync_folder

FORMAT = 1
MANIFEST = "manifest.json"
MARKER = "WIJKKLUIS-BACKUP"
OBJECTS = "objects"
PART = ".part"
UNFINISHED = "restore.unfinished"
_MARK = """Dit is een reservekopie van een Wijkkluis. Alles hierin is versleuteld; de sleutels liggen ergens anders.
This is a backup of a Wijkkluis server. Everything in it is encrypted; the keys rest elsewhere. Do not change it by hand.
"""
_LINE = re.compile(r"([a-z][a-z2-9]{15}) (\d+) ([0-9a-f]{64})\n")
read_bytes = 1024 * 1024


@dataclass(frozen=True, slots=True, order=True)
class KeptObject:
    """An object of a backup: its key, its size and the SHA-256 of its encrypted bytes, in hexadecimal."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is: of which server, as of when (wall milliseconds), and which two files say the rest.

    `missing` counts objects that the catalogue named and the server had lost. `settings` is for whoever sets up a server.
    """

    time_ms: int
    base_url: str
    issuer_url: str
    schema: str
    catalogue: str
    catalogue_sha256: str
    objects: str
    objects_sha256: str
    count: int
    bytes: int
    missing: int
    settings: Mapping[str, Any]
    format: int = FORMAT


def mark(folder: Path) -> None:
    """Make a folder the place of a backup, or find that it is.

    Raises:
        BadInput: there is something else in it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / MARKER).exists():
        return
    # A run that was killed in its first moment leaves the marker half-made.
    if any(path.name != MARKER + PART for path in folder.iterdir()):
        raise BadInput(f"{folder} holds something else than a backup: give an empty folder")
    write_whole(folder / MARKER, _MARK.encode())


def object_path(folder: Path, key: str) -> Path:
    """Where an object rests in a backup."""
    return folder / OBJECTS / key[:2] / key


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Let a backup be this one from now on, and drop what only earlier ones named."""
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n"
    write_whole(folder / MANIFEST, text.encode())
    named = {MANIFEST, MARKER, OBJECTS, manifest.catalogue, manifest.objects}
    for path in folder.iterdir():
        if path.name not in named and path.is_file():
            path.unlink()
    _drop_objects(folder, (kept.key for kept in read_objects(folder / manifest.objects)))


def read_manifest(folder: Path) -> Manifest:
    """Read what a backup is, and check the two files that it names.

    Raises:
        BadInput: there is no finished backup.
        MalformedContent: it is damaged.
    """
    path = folder / MANIFEST
    if not path.exists():
        raise BadInput(f"{folder} holds no finished backup")
    try:
        manifest = Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise MalformedContent("the manifest of the backup cannot be read") from error
    if manifest.format != FORMAT:
        raise MalformedContent(f"the backup is of format {manifest.format}, which this version does not know")
    for name, digest in (
        (manifest.catalogue, manifest.catalogue_sha256),
        (manifest.objects, manifest.objects_sha256),
    ):
        if Path(name).name != name or not (folder / name).is_file() or file_sha256(folder / name) != digest:
            raise MalformedContent(f"{name} of the backup was changed or is missing")
    return manifest


def read_objects(path: Path) -> Iterator[KeptObject]:
    """The objects on a list, in the order of their keys; a line that was cut off is none."""
    with path.open(encoding="ascii") as lines:
        for line in lines:
            found = _LINE.fullmatch(line)
            if found:
                yield KeptObject(found[1], int(found[2]), found[3])


def write_object_line(kept: KeptObject) -> str:
    """A line of the list."""
    return f"{kept.key} {kept.size} {kept.sha256}\n"


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    for chunk in file_chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def file_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file."""
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(read_bytes):
            yield chunk


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place that only its owner may read: wholly and durably, or not at all."""
    write_stream(path, (content,))


def write_stream(path: Path, chunks: Iterable[bytes]) -> None:
    """Put a file in place, from chunks; what they raise passes on, and nothing is left."""
    part = path.with_name(path.name + PART)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _drop_objects(folder: Path, keep: Iterator[str]) -> None:
    """Remove the objects that are not named any more; both run in the order of their keys."""
    following = next(keep, None)
    for sub in sorted(path for path in (folder / OBJECTS).glob("*") if path.is_dir()):
        for path in sorted(sub.iterdir()):
            while following is not None and following < path.name:
                following = next(keep, None)
            if following != path.name:
                path.unlink()
