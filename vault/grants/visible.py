"""Who sees what, by the one decision over compiled rules: what is so now, and what would be so after a change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from vault.access.compile import compile_acl
from vault.access.decide import decide
from vault.access.groups import GroupSight, with_groups
from vault.context import Context
from vault.grants.layout import Layout
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.records import MemberMark, ResourceRecord, StorageRecord
from vault.model.requester import Requester
from vault.model.rules import Allowed, CompiledAcl, Subject
from vault.stores.ports import CatalogueReader

_CARD = "profiel/"


@dataclass(frozen=True, slots=True)
class Visible:
    """One resource that somebody sees; `is_new` says that she would not without the change that is looked at."""

    url: str
    record: ResourceRecord
    is_new: bool

    @property
    def digest(self) -> str:
        """What proves which state of which resource was shown."""
        content = self.record.stored.sha256.hex() if self.record.stored else ""
        state = hashlib.sha256(f"{self.url} {content}".encode())
        return f"sha256:{state.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Rules:
    """Every ACL of a storage, compiled, by URL of its subject.

    `subjects` are the subjects by their keys, where the rules are those that the catalogue has in force.
    """

    storage: StorageRecord
    base_url: str
    acls: Mapping[str, CompiledAcl]
    subjects: Mapping[str, ResourceIdentifier] = field(default_factory=dict)
    _nearest: dict[str, str | None] = field(default_factory=dict)

    def subject(self, identifier: ResourceIdentifier) -> Subject:
        """What a decision about a resource is about."""
        governing = self.governing(identifier)
        acl = CompiledAcl() if governing is None else self.acls[governing]
        return self._subject(identifier, acl, is_own=governing == identifier.url(self.base_url))

    def subject_below(self, governing: ResourceIdentifier, *, is_own: bool) -> Subject:
        """What a decision is about for whatever inherits from this resource, or for itself."""
        return self._subject(governing, self.acls[governing.url(self.base_url)], is_own=is_own)

    def _subject(self, identifier: ResourceIdentifier, acl: CompiledAcl, *, is_own: bool) -> Subject:
        rules = acl.access_to if is_own else acl.default
        return Subject(identifier, self.storage.owner, self.storage.issuer, rules, acl.writer)

    def governing(self, identifier: ResourceIdentifier) -> str | None:
        """The URL of the resource whose ACL governs this one."""
        url = identifier.url(self.base_url)
        if url not in self._nearest:
            parent = identifier.parent
            above = None if parent is None else self.governing(parent)
            self._nearest[url] = url if url in self.acls else above
        return self._nearest[url]


def rules_now(context: Context, view: CatalogueReader, storage: StorageRecord) -> Rules:
    """The rules as they stand."""
    subjects = {acl.acl_key: acl.identifier.subject for acl in view.own_acls(storage.storage)}
    acls = {
        subject.url(context.base_url): view.rules(storage.storage, key) for key, subject in subjects.items()
    }
    return Rules(storage, context.base_url, acls, subjects)


def rules_of(context: Context, storage: StorageRecord, layout: Layout) -> Rules:
    """The rules as a layout would have them."""
    acls = {
        url: replace(compile_acl(triples, url), writer=layout.writer_of(url))
        for url, triples in layout.wanted.items()
    }
    return Rules(storage, context.base_url, acls)


def resources_of(
    view: CatalogueReader, storage: StorageRecord, may_see: Callable[[MemberMark], bool]
) -> Iterator[ResourceRecord]:
    """Every document and container that may be seen, the root first; but her card, which is public for everybody."""
    root = view.nearest_container(ResourceIdentifier(storage.storage, ""))
    yield root
    found = view.descendants(root, may_see)
    yield from (record for record in found if not record.identifier.path.startswith(_CARD))


@dataclass(slots=True)
class Eyes:
    """What some requesters see together under some rules; decisions about equal subjects are made once."""

    rules: Rules
    requesters: tuple[Requester, ...]
    policy_s: int
    sight: GroupSight
    _known: dict[tuple[str | None, bool], bool] = field(default_factory=dict)
    _possible: dict[tuple[str, bool], bool] = field(default_factory=dict)

    def see(self, record: ResourceRecord) -> bool:
        """Whether one of them may read a resource."""
        identifier = record.identifier
        governing = self.rules.governing(identifier)
        key = (governing, governing == identifier.url(self.rules.base_url))
        if key not in self._known:
            self._known[key] = self._decide(self.rules.subject(identifier))
        return self._known[key]

    def may_see(self, mark: MemberMark) -> bool:
        """Whether one of them might read a resource, by what the catalogue says governs it: `see` decides.

        It tells without her path what nobody needs to decrypt; of rules that are not in force it knows nothing.
        """
        key, _, acl_key = mark
        governing = self.rules.subjects.get(acl_key)
        if governing is None:
            return True
        place = (acl_key, key == acl_key)
        if place not in self._possible:
            self._possible[place] = self._decide(self.rules.subject_below(governing, is_own=place[1]))
        return self._possible[place]

    def _decide(self, subject: Subject) -> bool:
        meeting = (with_groups(self.sight, one, subject) for one in self.requesters)
        return any(may_read(one, subject, self.policy_s) for one in meeting)


def may_read(requester: Requester, subject: Subject, policy_s: int) -> bool:
    """Whether a requester may read, by `decide`."""
    return isinstance(decide(requester, AccessMode.READ, subject, policy_s), Allowed)


def look(resources: Iterable[ResourceRecord], now: Eyes, then: Eyes) -> tuple[Visible, ...]:
    """What is seen then, with what is not seen now marked as new."""
    base_url = then.rules.base_url
    return tuple(
        Visible(record.identifier.url(base_url), record, is_new=not now.see(record))
        for record in resources
        if then.see(record)
    )
