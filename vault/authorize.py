"""Deciding on one request: who asks, what she needs, and what she hears when she may not (`solidproject.org/TR/wac#authorization-evaluation`).

Refused equals absent: what is hidden from somebody answers as if nothing were there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vault.access.decide import allowed_modes, decide
from vault.access.groups import GroupSight, with_groups
from vault.access.required_modes import Need
from vault.access.rules import subject_of, subject_of_record
from vault.context import Context
from vault.errors import AccessRefused, NoSuchResource, NotSignedIn, VaultError
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import AccessMode
from vault.model.moments import Moment
from vault.model.outcome import Access
from vault.model.records import Epochs, MemberMark, ResourceRecord, StorageRecord
from vault.model.requester import ANONYMOUS, Caller, Requester
from vault.model.rules import Allowed, Decision, RefusalReason, Refused, Rule, Subject
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader

_EVERYBODY = Requester(ANONYMOUS)
_NOBODY = frozenset[AccessMode]()


class Denied(Exception):
    """A decision went against the requester: what she hears, and the reason that only the journal gets."""

    def __init__(self, error: VaultError, reason: RefusalReason) -> None:
        super().__init__(str(error))
        self.error = error
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands in one view of the catalogue; of use only while the view is open."""

    context: Context
    view: CatalogueReader
    caller: Caller
    storage: StorageRecord
    requester: Requester
    epochs: Epochs
    now: Moment

    def decide(self, mode: AccessMode, subject: Subject) -> Decision:
        """Decide on one mode; a token that ended since she was recognised allows nothing any more."""
        expires_at = self.caller.credentials.expires_at
        if expires_at is not None and self.now.wall_s >= expires_at:
            return Refused(RefusalReason.NOT_SIGNED_IN, frozenset({mode}))
        return decide(self.meeting(subject), mode, subject, self.now.policy_s)

    def meeting(self, subject: Subject) -> Requester:
        """The requester with the groups that count for her where this subject is governed."""
        sight = GroupSight(self.view, self.context.base_url, self.now.wall_s)
        return with_groups(sight, self.requester, subject)

    def allowed_modes(self, subject: Subject) -> frozenset[AccessMode]:
        """Every mode that she has on a subject."""
        return allowed_modes(self.meeting(subject), subject, self.now.policy_s)

    def subject(self, record: ResourceRecord) -> Subject:
        """What a decision about a resource that exists is about."""
        return subject_of_record(self.view, self.storage, record)

    def may_read(self, record: ResourceRecord) -> bool:
        """Whether she may know that a resource exists."""
        return isinstance(self.decide(AccessMode.READ, self.subject(record)), Allowed)

    def is_current(self, epochs: Epochs, now: Moment, valid_until: int | None) -> bool:
        """Whether a decision made here still counts; `valid_until` is policy time of that decision."""
        expires_at = self.caller.credentials.expires_at
        return (
            epochs == self.epochs
            and (valid_until is None or now.policy_s <= valid_until)
            and (expires_at is None or now.wall_s < expires_at)
        )


def stand(context: Context, view: CatalogueReader, storage: StorageId, caller: Caller) -> Standing:
    """Find out how a request stands in a view.

    Raises:
        NoSuchResource: there is no such storage.
    """
    record = view.find_storage(storage)
    if record is None:
        raise NoSuchResource("no such storage")
    now = context.clock()
    requester = resolve(view, caller, now)
    return Standing(context, view, caller, record, requester, view.epochs(storage), now)


def authorize(standing: Standing, needs: Sequence[Need], *, hides: bool = True) -> Allowed:
    """Decide on everything an operation needs: the rule of the last need, valid as long as all of them are.

    With `hides` the answer to a refusal is that of the same operation where everything hidden from her is absent;
    without, a refusal says no more than that she may not.

    Raises:
        Denied: something she needs is refused.
    """
    rule: Rule | None = None
    bounds = []
    for need in needs:
        decision = standing.decide(need.mode, subject_of(standing.view, standing.storage, need.identifier))
        if isinstance(decision, Refused):
            raise Denied(answer_to_refused(standing, needs, hides=hides), decision.reason)
        rule = decision.rule
        if decision.valid_until is not None:
            bounds.append(decision.valid_until)
    return Allowed(rule, min(bounds, default=None))


def answer_to_refused(standing: Standing, needs: Sequence[Need], *, hides: bool) -> VaultError:
    """What a refused requester hears: the same whether something hidden from her is there or not."""
    if hides and all(_would_be_allowed(standing, need) for need in needs):
        return NoSuchResource("there is nothing here")
    if standing.requester.agent is None:
        return NotSignedIn("this needs somebody who is signed in")
    return AccessRefused("this is not allowed")


def _would_be_allowed(standing: Standing, need: Need) -> bool:
    identifier = need.identifier.subject if need.identifier.is_auxiliary else need.identifier
    return isinstance(standing.decide(need.mode, _apparent_subject(standing, identifier)), Allowed)


def _apparent_subject(standing: Standing, identifier: ResourceIdentifier) -> Subject:
    """What governs a path, as far as it looks to somebody to whom everything she may not read is absent."""
    record = standing.view.find_resource(identifier)
    if record is not None and (identifier.is_root or standing.may_read(record)):
        return standing.subject(record)
    above = standing.view.nearest_container(identifier)
    while True:
        storage, acl = standing.storage, standing.view.rules(standing.storage.storage, above.acl_key)
        subject = Subject(identifier, storage.owner, storage.issuer, acl.default, acl.writer)
        governing = _governing(standing.view, above)
        if governing.identifier.is_root or _gives_anything(standing, subject, standing.subject(governing)):
            return subject
        # To her this container is not there either, so that what is above it governs.
        above = standing.view.nearest_container(governing.identifier)


def _gives_anything(standing: Standing, *subjects: Subject) -> bool:
    return any(standing.allowed_modes(subject) for subject in subjects)


def _governing(view: CatalogueReader, record: ResourceRecord) -> ResourceRecord:
    """The container whose ACL governs a container: itself or the nearest above it with one."""
    at: ResourceRecord = record
    while not at.has_own_acl and not at.identifier.is_root:
        at = view.nearest_container(at.identifier)
    return at


def access_of(standing: Standing, subject: Subject) -> Access:
    """Every mode on a subject: of the requester, and of everybody."""
    user = standing.allowed_modes(subject)
    is_shared = any(rule.everyone for rule in subject.rules)
    return Access(user, allowed_modes(_EVERYBODY, subject, standing.now.policy_s) if is_shared else _NOBODY)


def sees_in(standing: Standing, container: ResourceRecord) -> Callable[[MemberMark], bool]:
    """Make the test whether a member of a container may be listed; what is governed alike is decided once."""
    if sees_everything(standing, container):
        return lambda _: True
    named = _named_by_limit(standing, container)
    known: dict[tuple[str, str], bool] = {}

    def is_seen(mark: MemberMark) -> bool:
        key, _, acl_key = mark
        # Only what her app's limit names differs from its container in this: the others need not be named to decide.
        identifier = named.get(key, container.identifier)
        if acl_key == key:
            return _may_read_member(standing, identifier, acl_key, is_own=True)
        about = (acl_key, identifier.path)
        if about not in known:
            known[about] = _may_read_member(standing, identifier, acl_key, is_own=False)
        return known[about]

    return is_seen


def _may_read_member(
    standing: Standing, identifier: ResourceIdentifier, acl_key: str, *, is_own: bool
) -> bool:
    storage = standing.storage
    compiled = standing.view.rules(storage.storage, acl_key)
    rules = compiled.access_to if is_own else compiled.default
    subject = Subject(identifier, storage.owner, storage.issuer, rules, compiled.writer)
    return isinstance(standing.decide(AccessMode.READ, subject), Allowed)


def _named_by_limit(standing: Standing, container: ResourceRecord) -> dict[str, ResourceIdentifier]:
    """The members that the limit of her app names, by key."""
    limit = standing.requester.limit
    paths = () if limit is None or limit.containers is None else limit.containers
    above = container.identifier
    found = (
        standing.view.find_resource(ResourceIdentifier(above.storage, path))
        for path in paths
        if path.startswith(above.path) and path.count("/") == above.path.count("/") + 1
    )
    return {record.key: record.identifier for record in found if record is not None}


def sees_everything(standing: Standing, container: ResourceRecord) -> bool:
    """Whether no rule could hide a member from her: she reads as owner, with an app that may."""
    decision = standing.decide(AccessMode.READ, standing.subject(container))
    return isinstance(decision, Allowed) and decision.rule is None
