"""A lived-in storage, its archive, an archive made to order, and an empty storage to bring one into."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.backups import quiet
from tests.support.people import People, make_people
from vault.context import Context
from vault.keeping.archive_manifest import CONTEXT, FORMAT, NAME
from vault.keeping.export import export
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.operation import Body, Delete, Read, Replace
from vault.model.outcome import Found
from vault.service import perform

KEY = b"-----BEGIN PUBLIC KEY-----\n"
PLAN = b'@prefix dct: <http://purl.org/dc/terms/> . <> dct:title "Rust in huis"@nl .\n'
NOTE = '{"@id": "", "http://purl.org/dc/terms/title": "Aantekening één"}\n'.encode()
PICTURE = bytes(range(256)) * 400
ELSEWHERE = "https://old.example/oabcdefghjkmnpqr/"


def write(people: People, path: str, body: bytes, media_type: str = "text/turtle") -> None:
    """Write a document, container or ACL as the owner."""
    target = ResourceIdentifier(people.storage.storage, path)
    perform(people.context, Replace(target, Body(media_type, iter((body,)))), people.owner)
    people.clock.forward(1)


def remove(people: People, path: str) -> None:
    """Remove something as the owner."""
    perform(people.context, Delete(ResourceIdentifier(people.storage.storage, path)), people.owner)


def read(people: People, path: str) -> tuple[str, bytes]:
    """Media type and bytes of what the owner gets, as it was stored."""
    operation = Read(ResourceIdentifier(people.storage.storage, path), lambda types: types[0])
    found = perform(people.context, operation, people.owner)
    assert isinstance(found, Found)
    return found.media_type, found.body + b"".join(found.rest or ())


def lived_in(folder: Path) -> People:
    """A storage with documents of three kinds, earlier states, something removed, rules, a grant, a request, a meeting."""
    folder.mkdir(exist_ok=True)
    people = make_people(folder)
    write(people, "plannen/rust/plan", b"<> a <#Eerste> .")
    write(people, "plannen/rust/plan", PLAN)
    write(people, "gesprekken/aantekening%20een", NOTE, "application/ld+json")
    write(people, "brieven/foto.png", PICTURE, "image/png")
    write(people, "brieven/weg", b"<> a <#Weg> .")
    remove(people, "brieven/weg")
    write(people, "brieven/", b'<> <http://purl.org/dc/terms/title> "Post" .')
    write(people, "plannen/rust/plan.meta", b'<plan> <http://purl.org/dc/terms/type> "plan" .')
    share(people, "brieven/foto.png")
    people.meet()
    people.give(f"{people.url}plannen/rust/plan")
    people.ask(f"{people.url}plannen/")
    return people


def share(people: People, path: str) -> None:
    """Let everybody read a resource."""
    url = people.url + path
    rule = "a acl:Authorization ; acl:accessTo <{0}> ; ".replace("{0}", url)
    text = (
        "@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
        f"<#owner> {rule} acl:agent <{people.storage.owner}> ; acl:mode acl:Read, acl:Write, acl:Control .\n"
        f"<#all> {rule} acl:agentClass foaf:Agent ; acl:mode acl:Read .\n"
    )
    write(people, f"{path}.acl", text.encode())


def archive_of(context: Context, storage: StorageId) -> bytes:
    """The archive of a storage."""
    out = io.BytesIO()
    export(context, storage, KEY, out, quiet)
    return out.getvalue()


def files_in(archive: bytes) -> dict[str, bytes]:
    """The files of an archive by name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        return {name: found.read(name) for name in found.namelist()}


def manifest_in(archive: bytes) -> dict[str, Any]:
    """The manifest of an archive as JSON."""
    document: dict[str, Any] = json.loads(files_in(archive)[NAME])
    return document


def part(file: str, body: bytes, path: str | None = None, **changes: Any) -> dict[str, Any]:
    """What a manifest says of a file."""
    found: dict[str, Any] = {
        "id": file,
        "mediaType": "text/turtle",
        "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    if path is not None:
        found |= {"resource": ELSEWHERE + path, "state": 1, "from": "2026-01-02T03:04:05.678Z"}
    return {name: value for name, value in (found | changes).items() if value is not None}


def made_archive(
    place: Path, files: Mapping[str, bytes], named: list[dict[str, Any]], **changes: Any
) -> Path:
    """A zip with these files, and a manifest with these parts, made to order."""
    manifest = {
        "@context": CONTEXT,
        "id": "",
        "version": FORMAT,
        "title": "Samira",
        "created": "2026-11-01T00:00:00.000Z",
        "storage": ELSEWHERE,
        "owner": f"{ELSEWHERE}profiel/card#me",
        "parts": named,
    } | changes
    with zipfile.ZipFile(place, "w") as out:
        for name, body in files.items():
            out.writestr(name, body)
        out.writestr(NAME, json.dumps(manifest))
    return place
