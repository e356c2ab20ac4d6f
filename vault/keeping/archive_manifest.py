"""The manifest of an archive: RDF as JSON-LD that carries its own context, so that anybody can read it without us.

Each part says which file it is, of which resource, its media type, size, SHA-256, by whom and from when until when; a part
without a file is a container or resource of which nothing but these facts was kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote, unquote

from vault.errors import MalformedContent
from vault.journal.lines import moment_ms, moment_text

NAME = "manifest.jsonld"
FORMAT = "1"
max_manifest_bytes = 256 * 1024 * 1024
_MOMENT = "http://www.w3.org/2001/XMLSchema#dateTime"
CONTEXT: Mapping[str, object] = {
    "id": "@id",
    "version": "https://schema.org/version",
    "title": "http://purl.org/dc/terms/title",
    "created": {"@id": "http://purl.org/dc/terms/created", "@type": _MOMENT},
    "storage": {"@id": "http://purl.org/dc/terms/source", "@type": "@id"},
    "owner": {"@id": "http://purl.org/dc/terms/creator", "@type": "@id"},
    "parts": "http://purl.org/dc/terms/hasPart",
    "resource": {"@id": "http://www.w3.org/ns/prov#specializationOf", "@type": "@id"},
    "life": {"@id": "http://purl.org/dc/terms/isVersionOf", "@type": "@id"},
    "mediaType": "http://purl.org/dc/terms/format",
    "size": "http://www.w3.org/ns/dcat#byteSize",
    "sha256": "https://schema.org/sha256",
    "state": "https://schema.org/position",
    "from": {"@id": "http://www.w3.org/ns/prov#generatedAtTime", "@type": _MOMENT},
    "until": {"@id": "http://www.w3.org/ns/prov#invalidatedAtTime", "@type": _MOMENT},
    "agent": {"@id": "http://www.w3.org/ns/prov#wasAttributedTo", "@type": "@id"},
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a state of a resource, or another file. Times in wall milliseconds.

    `file` is its name in the archive, None when there are no bytes. `path` is that of the resource within the storage,
    None for other files; `life` tells resources apart that stood at one path after each other. `state` counts the states
    of a resource; `until_ms` is None for what holds now.
    """

    file: str | None
    media_type: str
    size: int
    sha256: str
    path: str | None = None
    life: str = ""
    state: int = 0
    from_ms: int | None = None
    until_ms: int | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive is of: the storage's URL, its owner, how she is called, and when it was made."""

    storage: str
    owner: str
    title: str
    created_ms: int


def write_manifest(archive: Archive, parts: Iterator[Part]) -> Iterator[bytes]:
    """The manifest, a part a line."""
    head = {
        "@context": CONTEXT,
        "id": "",
        "version": FORMAT,
        "title": archive.title,
        "created": moment_text(archive.created_ms),
        "storage": archive.storage,
        "owner": archive.owner,
    }
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}").encode() + b',\n "parts": ['
    separator = b"\n"
    for number, part in enumerate(parts):
        yield separator + _dump(_part_document(archive, number, part))
        separator = b",\n"
    yield b"\n]}\n"


def read_manifest(file: IO[bytes]) -> tuple[Archive, tuple[Part, ...]]:
    """Read a manifest of this format.

    Raises:
        MalformedContent: it is none.
    """
    try:
        document = json.loads(file.read(max_manifest_bytes + 1))
        if document["version"] != FORMAT or document["@context"] != CONTEXT:
            raise MalformedContent("the manifest is of a format that this version does not know")
        storage = _text(document["storage"])
        archive = Archive(
            storage,
            _text(document["owner"]),
            _text(document["title"]),
            moment_ms(_text(document["created"])),
        )
        return archive, tuple(_read_part(storage, part) for part in document["parts"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedContent("the manifest cannot be read") from error


def _part_document(archive: Archive, number: int, part: Part) -> dict[str, object]:
    found: dict[str, object | None] = {
        "id": f"#{number}" if part.file is None else quote(part.file, safe="/~"),
        "resource": None if part.path is None else archive.storage + part.path,
        "life": f"#{part.life}" if part.life else None,
        "mediaType": part.media_type,
        "size": None if part.file is None else part.size,
        "sha256": None if part.file is None else part.sha256,
        "state": part.state or None,
        "from": None if part.from_ms is None else moment_text(part.from_ms),
        "until": None if part.until_ms is None else moment_text(part.until_ms),
        "agent": part.agent,
    }
    return {name: value for name, value in found.items() if value is not None}


def _read_part(storage: str, found: Mapping[str, Any]) -> Part:
    id_, resource = _text(found["id"]), found.get("resource")
    has_file = not id_.startswith("#")
    if resource is not None and not _text(resource).startswith(storage):
        raise ValueError("a resource of another storage")
    size = found["size"] if has_file else 0
    if type(size) is not int or size < 0:
        raise ValueError("not a size")
    return Part(
        file=unquote(id_, errors="strict") if has_file else None,
        media_type=_text(found["mediaType"]),
        size=size,
        sha256=_text(found["sha256"]) if has_file else "",
        path=None if resource is None else resource[len(storage) :],
        life=_text(found.get("life", "")).removeprefix("#"),
        state=int(found.get("state", 0)),
        from_ms=_moment(found.get("from")),
        until_ms=_moment(found.get("until")),
        agent=None if found.get("agent") is None else _text(found["agent"]),
    )


def _moment(text: object) -> int | None:
    return None if text is None else moment_ms(_text(text))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _dump(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
