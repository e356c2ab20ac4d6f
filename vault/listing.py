"""A container as one reader sees it: the version of what she sees, and its members page by page, however many there are.

The catalogue is held for a page at a time, never while somebody reads. What does not fit on one page and changes
between two of them is cut off: a whole listing is always one state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from vault.authorize import Standing, sees_in, stand
from vault.errors import InvalidIdentifier, TooLarge, Unavailable
from vault.model.identifiers import ResourceIdentifier
from vault.model.records import Member, MemberMark, MemberPage, ResourceKind, ResourceRecord
from vault.operations.read import FindMembers, Representation, inline_bytes, own_triples
from vault.rdf.containment import MemberFacts
from vault.rdf.listing import ContainerFacts, write_listing
from vocab.media_types import essence

page_members = 16_384
triples_per_member = 6


@dataclass(slots=True)
class _Tally:
    """Which members a reader sees, and a running version of them."""

    container: ResourceRecord
    digest: hashlib._Hash = field(init=False)

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256(self.container.revision.encode())

    def read(self, standing: Standing, after: int) -> MemberPage:
        """Read a page in a view, counting what is seen of it."""
        is_seen = sees_in(standing, self.container)

        def is_listed(mark: MemberMark) -> bool:
            return is_seen(mark) and self.count(mark)

        return standing.view.member_page(self.container, after, page_members, is_listed)

    def count(self, mark: MemberMark) -> bool:
        """Count a member that is seen."""
        self.digest.update(f" {mark[0]} {mark[1]}".encode())
        return True

    @property
    def version(self) -> str:
        """The version of what was counted so far."""
        return self.digest.hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Listing:
    """A container of which the first page was read, in the view of `standing`."""

    standing: Standing
    container: ResourceRecord
    version: str
    first: MemberPage
    tally: _Tally


def version_seen(standing: Standing, record: ResourceRecord) -> str:
    """The version of a resource; of a container it changes with what the reader sees of it, and with nothing else."""
    if record.kind is not ResourceKind.CONTAINER:
        return record.revision
    return _version_in(standing, record)


def _version_in(standing: Standing, container: ResourceRecord) -> str:
    tally, is_seen = _Tally(container), sees_in(standing, container)
    for mark in standing.view.member_marks(container):
        if is_seen(mark):
            tally.count(mark)
    return tally.version


def open_listing(standing: Standing, container: ResourceRecord, version: str) -> Listing:
    """Read the first page of what a reader sees of a container whose version is known."""
    tally = _Tally(container)
    return Listing(standing, container, version, tally.read(standing, 0), tally)


def show_listing(listing: Listing, media_type: str) -> Representation:
    """Write a listing: whole when it is short, else its beginning and what follows.

    What follows raises Unavailable when the container changed before it was read to its end.
    """
    context, container = listing.standing.context, listing.container
    url = container.identifier.url(context.base_url)
    facts = ContainerFacts(url, container.modified_ms, own_triples(context, container))
    root = _root_url(listing.standing, container)
    members = (_facts(member, root) for member in _members(listing))
    chunks = write_listing(facts, members, media_type)
    body = next(chunks)
    if len(body) > inline_bytes:
        return Representation(body, chunks, None)
    body += b"".join(chunks)
    return Representation(body, None, len(body))


def members_seen(standing: Standing, container: ResourceRecord) -> FindMembers:
    """Make the search for members that somebody may see, as things are when it is done.

    What it finds of all is bounded, for it is held in memory: it raises TooLarge when the container has too many.
    """

    def find(named: Collection[str] | None) -> Iterator[MemberFacts]:
        context = standing.context
        with context.catalogue.view() as view:
            now = stand(context, view, container.identifier.storage, standing.caller)
            yield from _all_seen(now, container) if named is None else _named_seen(now, container, named)

    return find


def _all_seen(standing: Standing, container: ResourceRecord) -> Iterator[MemberFacts]:
    context, after = standing.context, 0
    root, left = _root_url(standing, container), context.limits.max_triples // triples_per_member
    while True:
        page = standing.view.member_page(container, after, page_members, sees_in(standing, container))
        for member in page.members:
            left -= 1
            if left < 0:
                raise TooLarge(
                    "the container has too many members to patch it: put its own triples as a whole"
                )
            yield _facts(member, root)
        if page.last is None:
            return
        after = page.last


def _named_seen(
    standing: Standing, container: ResourceRecord, named: Collection[str]
) -> Iterator[MemberFacts]:
    is_seen, root = sees_in(standing, container), _root_url(standing, container)
    above = container.identifier
    for url in named:
        path = url.removeprefix(root)
        name = path.removeprefix(above.path).removesuffix("/")
        if not url.startswith(root + above.path) or not name or "/" in name:
            continue
        record = _find(standing, path)
        if record is not None and is_seen((record.key, record.revision, record.acl_key)):
            is_container = record.kind is ResourceKind.CONTAINER
            size = record.stored.size if record.stored else 0
            yield _facts(Member(path, is_container, record.media_type, size, record.modified_ms), root)


def _find(standing: Standing, path: str) -> ResourceRecord | None:
    try:
        identifier = ResourceIdentifier(standing.storage.storage, path)
    except InvalidIdentifier:
        return None
    return None if identifier.is_auxiliary else standing.view.find_resource(identifier)


def _root_url(standing: Standing, container: ResourceRecord) -> str:
    url = container.identifier.url(standing.context.base_url)
    return url.removesuffix(container.identifier.path)


def _members(listing: Listing) -> Iterator[Member]:
    page = listing.first
    yield from page.members
    while page.last is not None:
        page = _next_page(listing, page.last)
        yield from page.members
    if listing.tally.version != listing.version:
        raise Unavailable("the container changed while it was listed", retry_after_s=1)


def _next_page(listing: Listing, after: int) -> MemberPage:
    before = listing.standing
    with before.context.catalogue.view() as view:
        if view.epochs(before.storage.storage) != before.epochs:
            raise Unavailable("who may see this changed while it was listed", retry_after_s=1)
        return listing.tally.read(replace(before, view=view), after)


def _facts(member: Member, root: str) -> MemberFacts:
    size = None if member.is_container else member.size
    return MemberFacts(
        root + member.path, member.is_container, essence(member.media_type), size, member.modified_ms
    )
