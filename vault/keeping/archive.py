"""Opening an archive that came from outside: nothing in it is believed before everything was compared with its manifest."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vault.errors import MalformedContent, TooLarge
from vault.keeping.archive_manifest import NAME, Archive, Part, max_manifest_bytes, read_manifest

Progress = Callable[[int, int], None]
max_files = 1_000_000
_ENCRYPTED = 0x1
_local_head_bytes = 30
_read_bytes = 256 * 1024
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclass(frozen=True, slots=True)
class OpenedArchive:
    """An archive whose names and sizes fit its manifest; of use while the file is open."""

    archive: Archive
    parts: tuple[Part, ...]
    zip: zipfile.ZipFile

    def read(self, part: Part) -> Iterator[bytes]:
        """The bytes of a part, compared with its size and hash on the way.

        Raises:
            MalformedContent: they are not those of the manifest; raised before the last chunk was taken for the end.
        """
        size, digest = 0, hashlib.sha256()
        for chunk in self._chunks(part):
            # Never more than the size that was looked at on opening: `zipfile` stops there.
            size += len(chunk)
            digest.update(chunk)
            yield chunk
        if size != part.size or digest.hexdigest() != part.sha256:
            raise MalformedContent(f"{part.file} is not what the manifest says")

    def verify(self, tell: Progress) -> None:
        """Compare every file with its hash.

        Raises:
            MalformedContent: one is not what the manifest says.
        """
        for number, part in enumerate(self.parts, 1):
            if part.file is not None:
                for _ in self.read(part):
                    pass
            tell(number, len(self.parts))

    def _chunks(self, part: Part) -> Iterator[bytes]:
        assert part.file is not None
        try:
            with self.zip.open(part.file) as file:
                while chunk := file.read(_read_bytes):
                    yield chunk
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError) as error:
            raise MalformedContent(f"{part.file} cannot be unpacked") from error


def open_archive(file: Path, max_bytes: int) -> OpenedArchive:
    """Open an archive and look at every name and size in it; `max_bytes` is what it may hold unpacked.

    Raises:
        MalformedContent: no archive of a storage, or one that plays tricks; the message says which.
        TooLarge: it holds more than there is room for.
    """
    try:
        opened = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise MalformedContent(f"{file.name} is no zip file") from error
    try:
        members = _members(opened)
        if NAME not in members:
            raise MalformedContent(f"{NAME} is missing: this is no archive of a storage")
        if members[NAME].file_size > max_manifest_bytes:
            raise TooLarge(f"{NAME} is larger than {max_manifest_bytes} bytes")
        with opened.open(NAME) as manifest:
            archive, parts = read_manifest(manifest)
        _check_parts(members, parts, max_bytes)
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        opened.close()
        raise MalformedContent(f"{file.name} cannot be unpacked") from error
    except BaseException:
        opened.close()
        raise
    return OpenedArchive(archive, parts, opened)


def _members(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files in it by name, folders apart."""
    found = opened.infolist()
    if len(found) > max_files:
        raise TooLarge(f"more than {max_files} files in one archive")
    _check_overlap(found)
    for member in found:
        _check_member(member)
    files = [member for member in found if not member.is_dir()]
    twice = [name for name, count in Counter(m.filename for m in files).items() if count > 1]
    if twice:
        raise MalformedContent(f"{twice[0]} is in the archive twice")
    return {member.filename: member for member in files}


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.orig_filename
    parts = PurePosixPath(name).parts
    if not name or name.startswith("/") or "\\" in name or "\0" in name or ".." in parts or ":" in parts[0]:
        raise MalformedContent(f"{name!r} leads out of the archive")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise MalformedContent(f"{name} is a link or a device, not a file")
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise MalformedContent(f"{name} is encrypted, or packed in a way that is not read here")


def _check_overlap(found: list[zipfile.ZipInfo]) -> None:
    """Refuse files that share bytes: so a small archive would unpack to an enormous one."""
    end = 0
    for member in sorted(found, key=lambda one: one.header_offset):
        if member.header_offset < end:
            raise MalformedContent(f"{member.filename} overlaps another file of the archive")
        end = member.header_offset + _local_head_bytes + member.compress_size


def _check_parts(members: dict[str, zipfile.ZipInfo], parts: tuple[Part, ...], max_bytes: int) -> None:
    named = Counter(part.file for part in parts if part.file is not None)
    unknown, missing = set(members) - set(named) - {NAME}, set(named) - set(members)
    if unknown or missing:
        name = min(unknown | missing)
        raise MalformedContent(f"{name} is {'not named in the manifest' if unknown else 'missing'}")
    if NAME in named or max(named.values(), default=1) > 1:
        raise MalformedContent("the manifest names a file twice, or itself")
    if sum(part.size for part in parts) > max_bytes:
        raise TooLarge(f"the archive holds more than the {max_bytes} bytes that a storage may keep")
    for part in parts:
        if part.file is not None and members[part.file].file_size != part.size:
            raise MalformedContent(f"{part.file} is not of the size that the manifest says")
