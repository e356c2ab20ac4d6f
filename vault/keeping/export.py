"""Taking a storage along: everything that is kept of it in one zip that anybody can read without us.

Documents stand in it byte for byte, in their own formats and under readable names; a manifest in RDF says what each file is.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import BinaryIO

from vault.context import Context
from vault.errors import NoSuchResource
from vault.journal.export import export as export_journal
from vault.journal.lines import moment_text
from vault.keeping.archive_manifest import NAME, Archive, Part, write_manifest
from vault.keeping.archive_names import NameBook, ending_of
from vault.keeping.lines import keep_line
from vault.model.identifiers import ACL_SUFFIX, META_SUFFIX, StorageId
from vault.model.records import (
    DocumentKind,
    RemovedRecord,
    ResourceKind,
    ResourceRecord,
    RevisionRecord,
    ServiceDocument,
)
from vault.stores.ports import CatalogueReader
from vocab.media_types import JSON, JSON_LD, TURTLE, essence

Progress = Callable[[int, int], None]
README = "LEESMIJ-README.txt"
DOCUMENTS, RULES, DESCRIPTIONS = "documenten", "toegangsregels", "beschrijvingen"
EARLIER, REMOVED = "vorige-versies", "verwijderd"
JOURNAL, JOURNAL_KEY = "logboek/logboek.jsonl", "logboek/sleutel.pem"
SERVICES = {
    DocumentKind.GRANT: ("toegang", JSON_LD),
    DocumentKind.REQUEST: ("verzoeken", JSON_LD),
    DocumentKind.MEETING: ("ontmoetingen", JSON),
    DocumentKind.INVITATION: ("uitnodigingen", JSON),
    DocumentKind.RELOCATION: ("verhuizingen", JSON),
}
_CONTAINER_NAME = "_map"
_squeezed = ("text/", "application/ld+json", "application/json", "application/n-triples", "image/svg")
_earliest = datetime(1980, 1, 1, tzinfo=UTC)
_big_bytes = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _State:
    """A state of a resource that goes into the archive, and the file it becomes."""

    of: ResourceRecord | RemovedRecord
    revision: RevisionRecord
    file: str | None
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What goes into the archive, as of one view."""

    archive: Archive
    states: tuple[_State, ...]
    services: tuple[ServiceDocument, ...]


def export(context: Context, storage: StorageId, public_key: bytes, out: BinaryIO, tell: Progress) -> int:
    """Write the archive of a storage; how many files are in it. The export is a line in its journal.

    `public_key` (PEM) is what the checkpoints in the journal are signed with.

    Raises:
        NoSuchResource: there is no such storage.
        Unavailable: a document cannot be read.
    """
    keep_line(context, storage, "export")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        parts: list[Part] = []
        with context.catalogue.view() as view:
            plan = _plan(context, view, storage)
            rows = export_journal(view, context.base_url, storage, moment_text(plan.archive.created_ms))
            parts.append(_add(target, Part(JOURNAL, JSON, 0, ""), rows, plan.archive.created_ms))
        for part, chunks in _others(plan, public_key):
            parts.append(_add(target, part, chunks, plan.archive.created_ms))
        for number, state in enumerate(plan.states, 1):
            parts.append(_add_state(context, target, state))
            tell(number, len(plan.states))
        manifest = Part(NAME, JSON_LD, 0, "")
        _add(target, manifest, write_manifest(plan.archive, iter(parts)), plan.archive.created_ms)
    return sum(1 for part in parts if part.file is not None) + 1


def _plan(context: Context, view: CatalogueReader, storage: StorageId) -> _Plan:
    record = view.find_storage(storage)
    if record is None:
        raise NoSuchResource("the storage went out of sight meanwhile")
    archive = Archive(f"{context.base_url}{storage}/", record.owner, record.name, context.clock().wall_ms)
    book = NameBook()
    states = [state for found in view.everything(storage) for state in _states(view, book, found)]
    gone = (found for found in view.removed(storage) if found.restored_ms is None)
    states += [state for found in gone for state in _removed_states(view, book, found)]
    services = tuple(document for kind in DocumentKind for document in view.documents(storage, kind))
    return _Plan(archive, tuple(states), services)


def _states(view: CatalogueReader, book: NameBook, found: ResourceRecord) -> Iterator[_State]:
    top, path, ending = _place(found)
    for revision in view.revisions(found):
        is_current = revision.id == found.revision
        file = None
        if revision.stored is not None:
            shown = ending or ending_of(revision.media_type)
            file = (
                book.file(top, path, shown) if is_current else _earlier(book, EARLIER, path, revision, shown)
            )
        yield _State(found, revision, file, revision.replaced_ms)


def _removed_states(view: CatalogueReader, book: NameBook, gone: RemovedRecord) -> Iterator[_State]:
    _, path, ending = _place(gone)
    for revision in view.revisions(gone):
        until = revision.replaced_ms or gone.removal.time_ms
        shown = ending or ending_of(revision.media_type)
        file = None if revision.stored is None else _earlier(book, REMOVED, path, revision, shown)
        yield _State(gone, revision, file, until)


def _place(found: ResourceRecord | RemovedRecord) -> tuple[str, str, str]:
    """Under which top folder a resource stands, its path there without a last slash, and how its name ends."""
    path = found.identifier.path
    if found.kind is ResourceKind.CONTAINER:
        return DOCUMENTS, path + _CONTAINER_NAME, ".ttl"
    for suffix, top in ((ACL_SUFFIX, RULES), (META_SUFFIX, DESCRIPTIONS)):
        if path.endswith(suffix):
            subject = path.removesuffix(suffix)
            shown = subject + _CONTAINER_NAME if subject.endswith("/") or not subject else subject
            return top, shown, f"{suffix}.ttl"
    return DOCUMENTS, path, ""


def _earlier(book: NameBook, top: str, path: str, revision: RevisionRecord, ending: str) -> str:
    stamp = moment_text(revision.modified_ms)[:19].replace(":", ".")
    return book.file(top, f"{path}~{stamp}", ending)


def _others(plan: _Plan, public_key: bytes) -> Iterator[tuple[Part, Iterable[bytes]]]:
    """The files beside the resources."""
    readme = files("vault.keeping").joinpath("leesmij.txt").read_bytes()
    yield Part(README, "text/plain", 0, ""), (readme,)
    yield Part(JOURNAL_KEY, "application/x-pem-file", 0, ""), (public_key,)
    for document in plan.services:
        folder, media_type = SERVICES[document.kind]
        file = f"{folder}/{document.id}{'.jsonld' if media_type == JSON_LD else '.json'}"
        yield Part(file, media_type, 0, "", from_ms=document.time_ms), (document.body,)


def _add_state(context: Context, target: zipfile.ZipFile, state: _State) -> Part:
    found, revision = state.of, state.revision
    is_graph = found.kind in {ResourceKind.ACL, ResourceKind.CONTAINER}
    part = Part(
        file=state.file,
        # Graphs are kept as sorted N-Triples, which is Turtle too.
        media_type=TURTLE if is_graph else revision.media_type,
        size=revision.stored.size if revision.stored else 0,
        sha256=revision.stored.sha256.hex() if revision.stored else "",
        path=found.identifier.path,
        life=found.key,
        state=revision.ordinal,
        from_ms=revision.modified_ms,
        until_ms=state.until_ms,
        agent=revision.agent,
    )
    if revision.stored is None:
        return part
    chunks = context.documents.read(found.identifier.storage, found.key, revision.id, revision.stored)
    return _add(target, part, chunks, revision.modified_ms)


def _add(target: zipfile.ZipFile, part: Part, chunks: Iterable[bytes], time_ms: int) -> Part:
    """Add a file, and give its part with the size and hash that were written."""
    assert part.file is not None
    moment = max(datetime.fromtimestamp(time_ms // 1000, UTC), _earliest)
    info = zipfile.ZipInfo(part.file, moment.timetuple()[:6])
    info.external_attr = 0o100600 << 16
    is_text = part.media_type.startswith(_squeezed) or essence(part.media_type) == TURTLE
    info.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
    size, digest = 0, hashlib.sha256()
    with target.open(info, "w", force_zip64=part.size > _big_bytes or part.file == JOURNAL) as file:
        for chunk in chunks:
            size += len(chunk)
            digest.update(chunk)
            file.write(chunk)
    return replace(part, size=size, sha256=digest.hexdigest())
