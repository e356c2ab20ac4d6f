"""Bringing an archive into a storage: documents byte for byte with their revisions, and nothing of what was shared.

No ACL of the archive comes into force: everything inherits from the storage's own root. Grants arrive stopped, requests
withdrawn, meetings ended. What had been shared is told in a note that only the owner reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from vault.bsn import holds_bsn
from vault.context import Context
from vault.errors import Conflict, InvalidIdentifier, MalformedContent, NoSuchResource
from vault.journal.lines import moment_text
from vault.keeping.archive import OpenedArchive
from vault.keeping.archive_manifest import Part
from vault.keeping.bring_in_services import bring_services
from vault.keeping.export import JOURNAL, JOURNAL_KEY
from vault.keeping.lines import keep_line
from vault.keeping.note import note_of
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.operation import Body
from vault.model.records import NewRevision, ResourceKind, ResourceRecord
from vault.operations.card import CARD_PATH, is_card, owner_of
from vault.operations.content import check_media_type, is_rdf, keep, keep_nothing, read_rdf
from vault.operations.create import is_reserved
from vault.stores.ports import CatalogueReader, CatalogueTransaction
from vocab.media_types import TURTLE

Progress = Callable[[int, int], None]
HOME = "mijn/meegenomen/"


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import did: how many resources came, and how many were there already."""

    made: int
    present: int
    note: str


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A resource of the archive that holds now, with its states in order."""

    identifier: ResourceIdentifier
    states: tuple[Part, ...]


def bring_in(context: Context, storage: StorageId, opened: OpenedArchive, tell: Progress) -> Brought:
    """Import an archive into a storage of this server; repeat it when it was cut.

    Every file is compared with its hash before anything is written.

    Raises:
        NoSuchResource: there is no such storage.
        MalformedContent, BadInput: the archive is not whole, or holds what no storage may.
        Conflict: something else stands at one of its paths.
    """
    incoming = _incoming(storage, opened)
    with context.catalogue.view() as view:
        if view.find_storage(storage) is None:
            raise NoSuchResource("there is no such storage")
        _check_free(view, incoming)
    opened.verify(lambda _done, _total: None)
    for one in incoming:
        _check_content(context, opened, one)
    keep_line(context, storage, "import")
    made = 0
    for number, one in enumerate(incoming, 1):
        made += _bring(context, opened, one)
        tell(number, len(incoming))
    bring_services(context, storage, opened)
    note = _leave_note(context, storage, opened)
    return Brought(made, len(incoming) - made, note)


def _incoming(storage: StorageId, opened: OpenedArchive) -> list[_Incoming]:
    """The resources that hold now, containers before what lies in them; rules and the card stay behind."""
    states: defaultdict[str, list[Part]] = defaultdict(list)
    for part in opened.parts:
        if part.path is not None:
            states[part.path].append(part)
    found = []
    for path, parts in states.items():
        current = [part for part in parts if part.until_ms is None]
        identifier = _identifier(storage, path)
        if len(current) > 1:
            raise MalformedContent(f"{path} has two states that hold now")
        if identifier.is_description and identifier.subject.path not in states:
            raise MalformedContent(f"{path} describes nothing that is there")
        if current and not (identifier.is_acl or is_card(identifier)):
            # Not those of what stood here before, and was removed.
            own = [part for part in parts if part.life == current[0].life]
            found.append(_Incoming(identifier, _in_order(path, own)))
    return sorted(found, key=lambda one: (one.identifier.is_auxiliary, one.identifier.path))


def _identifier(storage: StorageId, path: str) -> ResourceIdentifier:
    try:
        identifier = ResourceIdentifier(storage, path)
    except InvalidIdentifier as error:
        raise MalformedContent(f"{path!r} names no possible resource") from error
    plain = identifier.subject if identifier.is_auxiliary else identifier
    above = [plain, *plain.ancestors()]
    if holds_bsn(path) or any(is_reserved(one.name) for one in above if not one.is_root):
        raise MalformedContent(f"{path!r} may not be a path here")
    return identifier


def _in_order(path: str, parts: list[Part]) -> tuple[Part, ...]:
    ordered = sorted(parts, key=lambda part: part.state)
    is_container = path == "" or path.endswith("/")
    if ordered[-1].until_ms is not None or any(part.from_ms is None for part in ordered):
        raise MalformedContent(f"the states of {path} are in no order")
    if not is_container and any(part.file is None for part in ordered):
        raise MalformedContent(f"{path} has no content")
    return tuple(ordered)


def _check_free(view: CatalogueReader, incoming: list[_Incoming]) -> None:
    """Refuse to write over anything: what is there must be what the archive has, from an import that was cut."""
    for one in incoming:
        found = view.find_resource(one.identifier)
        if view.slash_twin_exists(one.identifier) or (found is not None and not _is_same(found, one)):
            raise Conflict(
                f"{one.identifier.path} is there already and differs: import into an account of its own"
            )


def _is_same(found: ResourceRecord, incoming: _Incoming) -> bool:
    last = incoming.states[-1]
    if found.kind is ResourceKind.CONTAINER and (found.stored is None or last.file is None):
        return True
    return found.stored is not None and found.stored.sha256.hex() == last.sha256


def _check_content(context: Context, opened: OpenedArchive, incoming: _Incoming) -> None:
    """Refuse linked data that nobody could read afterwards."""
    url = incoming.identifier.url(context.base_url)
    for part in incoming.states:
        is_graph = is_rdf(check_media_type(part.media_type)) or incoming.identifier.is_description
        if part.file is not None and is_graph:
            read_rdf(Body(part.media_type, opened.read(part)), url, context.limits)


def _bring(context: Context, opened: OpenedArchive, incoming: _Incoming) -> int:
    """Make a resource with its states; 0 when it is there."""
    identifier = incoming.identifier
    with context.catalogue.view() as view:
        found = view.find_resource(identifier)
    if found is not None:
        return _complete(context, opened, incoming, found)
    key = context.new_id()
    revisions = [_revision(context, opened, identifier, key, part) for part in incoming.states]

    def change(tx: CatalogueTransaction) -> None:
        _make_above(context, tx, identifier)
        record = tx.create_resource(identifier, _kind_of(identifier), revisions[0], key)
        for revision in revisions[1:]:
            record = tx.replace_resource(record, revision)

    context.catalogue.write(change)
    return 1


def _complete(context: Context, opened: OpenedArchive, incoming: _Incoming, found: ResourceRecord) -> int:
    """Give a container that every storage has what it said of itself; anything else is there already."""
    last = incoming.states[-1]
    if last.file is None or found.stored is not None:
        return 0
    new = _revision(context, opened, found.identifier, found.key, last)
    context.catalogue.write(lambda tx: tx.replace_resource(found, new))
    return 1


def _kind_of(identifier: ResourceIdentifier) -> ResourceKind:
    if identifier.is_description:
        return ResourceKind.DESCRIPTION
    return ResourceKind.CONTAINER if identifier.is_container else ResourceKind.DOCUMENT


def _make_above(context: Context, tx: CatalogueTransaction, identifier: ResourceIdentifier) -> None:
    """Make the containers that the archive does not name, as any write would."""
    for above in reversed(identifier.ancestors()):
        if tx.find_resource(above) is None:
            empty = keep_nothing(context, TURTLE, None)
            tx.create_resource(above, ResourceKind.CONTAINER, empty, context.new_id())


def _revision(
    context: Context, opened: OpenedArchive, identifier: ResourceIdentifier, key: str, part: Part
) -> NewRevision:
    """Keep the bytes of a state, with its own moment and agent; who owned the old storage owns the new one."""
    assert part.from_ms is not None, "checked with their order"
    if part.file is None:
        made = keep_nothing(context, TURTLE, None)
    else:
        made = keep(context, identifier, key, Body(part.media_type, opened.read(part)), None)
    owner = owner_of(ResourceIdentifier(identifier.storage, "").url(context.base_url))
    return replace(
        made, time_ms=part.from_ms, agent=owner if part.agent == opened.archive.owner else part.agent
    )


def _leave_note(context: Context, storage: StorageId, opened: OpenedArchive) -> str:
    """Keep beside the documents what did not come into force: the note, the old journal and the old card."""
    folder = f"{HOME}{moment_text(opened.archive.created_ms)[:10]}/"
    texts = {"wat-was-gedeeld.txt": ("text/plain;charset=utf-8", iter((note_of(opened),)))}
    for name, file in (("logboek.jsonl", JOURNAL), ("logboek-sleutel.pem", JOURNAL_KEY)):
        part = next((one for one in opened.parts if one.file == file), None)
        if part is not None:
            texts[name] = (part.media_type, opened.read(part))
    for part in opened.parts:
        if part.path == CARD_PATH and part.until_ms is None and part.file is not None:
            texts["kaart.ttl"] = (part.media_type, opened.read(part))
    for name, (media_type, chunks) in texts.items():
        _keep_text(context, ResourceIdentifier(storage, folder + name), Body(media_type, chunks))
    return folder


def _keep_text(context: Context, identifier: ResourceIdentifier, body: Body) -> None:
    with context.catalogue.view() as view:
        if view.find_resource(identifier) is not None:
            return
    key = context.new_id()
    new = keep(context, identifier, key, body, None)

    def change(tx: CatalogueTransaction) -> None:
        _make_above(context, tx, identifier)
        tx.create_resource(identifier, ResourceKind.DOCUMENT, new, key)

    context.catalogue.write(change)
