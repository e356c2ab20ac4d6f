"""Putting an old version in place again: the old bytes become a new revision, and nobody sees what she could not see.

What was seen then by others than those who may see it now stays unseen by them; whoever may see it now but could not see
that version then does not get to see it either, unless it comes back for the owner only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Triple

from vault.access.compile import compile_acl
from vault.access.rules import subject_of
from vault.access.within import are_within, holding_at, not_over_at
from vault.acl_changes import change_rules
from vault.admission import Asking
from vault.authorize import Denied
from vault.context import Context
from vault.entries import Deed, entry_of_success
from vault.errors import ConcurrentChange, Conflict, NoSuchResource, PreconditionFailed
from vault.history.admission import Admitted, admit, enter
from vault.history.closing import close
from vault.history.copying import copy_state
from vault.history.past import subject_at
from vault.history.versions import existing
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.operation import Body, Preconditions, Replace
from vault.model.outcome import Written
from vault.model.records import NewRevision, ResourceKind, ResourceRecord, RevisionRecord
from vault.model.rules import Rule, groups_in
from vault.operations.card import check_card, is_card
from vault.operations.read import own_triples
from vault.permits import writer
from vault.stores.ports import CatalogueTransaction
from vocab.media_types import TURTLE

max_attempts = 5
_READ = frozenset({AccessMode.READ})


@dataclass(frozen=True, slots=True)
class Wish:
    """Which version of what is wanted back; `for_owner_only` closes the document for everybody else."""

    target: ResourceIdentifier
    version: str
    for_owner_only: bool = False


def restore(context: Context, asking: Asking, wish: Wish) -> Written:
    """Make an old version of a resource current again. Durable on return.

    Raises:
        NotSignedIn, NoSuchResource, AccessRefused: see `enter` and `admit`, or there is no such version.
        Conflict: it is current already, it would let somebody in, or it changes what only the account page may.
        StorageFull: there is no room for it.
    """
    for _ in range(max_attempts - 1):
        try:
            return _attempt(context, asking, wish)
        except ConcurrentChange:
            continue
    return _attempt(context, asking, wish)


@dataclass(frozen=True, slots=True)
class _Back:
    """What was decided: the resource as it is, the version wanted back, and on which standing."""

    admitted: Admitted
    record: ResourceRecord
    old: RevisionRecord


def _attempt(context: Context, asking: Asking, wish: Wish) -> Written:
    with context.catalogue.view() as view:
        admitted = admit(enter(context, view, asking), wish.target, AccessMode.WRITE)
        record = existing(admitted, wish.target)
        old = view.find_revision(record, wish.version)
        if old is None:
            raise NoSuchResource("there is no such version")
        if old.id == record.revision:
            raise Conflict("this version is the current one already")
        back = _Back(admitted, record, old)
        if wish.target.is_acl:
            graph = _narrower_acl(back)
        else:
            _check_audience(back, for_owner_only=wish.for_owner_only)
            _check_group(back)
    if wish.target.is_acl:
        return _put_acl(context, asking, record, graph)
    new = _copy(context, back)
    return context.catalogue.write(lambda tx: _put_back(tx, asking, wish, back, new))


def _put_back(tx: CatalogueTransaction, asking: Asking, wish: Wish, back: _Back, new: NewRevision) -> Written:
    before, target = back.admitted.standing, wish.target
    admitted = admit(enter(before.context, tx, asking), target, AccessMode.WRITE)
    if admitted.standing.epochs != before.epochs:
        raise ConcurrentChange("who may see it was changed at the same moment")
    written = tx.replace_resource(back.record, new)
    deed = Deed("put-back", AccessMode.WRITE, target)
    tx.append_lines([entry_of_success(admitted.standing, deed, admitted.allowed)])
    if wish.for_owner_only:
        close(tx, admitted.standing, written)
    return Written(target, new.revision, new.media_type, is_new=False)


def _copy(context: Context, back: _Back) -> NewRevision:
    """Make the old bytes durable as a revision of now."""
    record, old = back.record, back.old
    if is_card(record.identifier):
        check_card(own_triples(context, record), own_triples(context, record.in_state(old)))
    return copy_state(context, record.in_state(old), writer(back.admitted.standing))


def _check_audience(back: _Back, *, for_owner_only: bool) -> None:
    """Refuse when somebody may see the resource now who could not see that version.

    Raises:
        Conflict: so it is.
    """
    if for_owner_only:
        if back.record.kind is not ResourceKind.DOCUMENT:
            raise Conflict("only a document is closed this way: change the access rules first")
        return
    standing, record = back.admitted.standing, back.record
    now = subject_of(standing.view, standing.storage, record.identifier)
    readers = _that_read(not_over_at(now.rules, standing.now.policy_s))
    bounds = _that_read(_readers_then(back, now.writer))
    if not are_within(readers, bounds, standing.storage.owner):
        raise Conflict(
            'somebody may see this now who could not see that version then: restore it with "audience": "owner", '
            "or change the access rules first"
        )


def _check_group(back: _Back) -> None:
    """Refuse to bring old members back into a group that access rules name.

    Raises:
        Conflict: they name one in this document.
    """
    standing, target = back.admitted.standing, back.record.identifier
    if standing.view.names_group_document(target.url(standing.context.base_url)):
        raise Conflict("access rules name a group in this document: write its members anew")


def _readers_then(back: _Back, writer_now: str | None) -> tuple[Rule, ...]:
    """The rules by which the version was last seen, in the moment before it was replaced."""
    standing, record = back.admitted.standing, back.record
    assert back.old.replaced_ms is not None, "it is not the current one"
    then_ms = back.old.replaced_ms - 1
    if then_ms < record.created_ms:
        # From before it was removed and brought back: then it was perhaps elsewhere.
        return ()
    storage = standing.storage
    then = subject_at(standing.context, standing.view, storage, record.identifier.subject, then_ms)
    is_same = (then.writer or storage.owner) == (writer_now or storage.owner)
    return _bounds(holding_at(then.rules, then_ms // 1000), groups_count=is_same)


def _bounds(rules: Iterable[Rule], *, groups_count: bool) -> tuple[Rule, ...]:
    """Rules as bounds: a group counts as far as the writer of its ACL may read it, so only for the same writer."""
    return tuple(rule for rule in rules if groups_count or not groups_in(rule))


def _that_read(rules: Iterable[Rule]) -> Iterator[Rule]:
    return (replace(rule, modes=_READ) for rule in rules if AccessMode.READ in rule.modes)


def _narrower_acl(back: _Back) -> tuple[Triple, ...]:
    """The graph of an old ACL, when it lets nobody do what she may not now.

    Raises:
        Conflict: it would.
    """
    standing, record = back.admitted.standing, back.record
    context, storage = standing.context, standing.storage
    subject = record.identifier.subject
    triples = own_triples(context, record.in_state(back.old))
    old = compile_acl(triples, subject.url(context.base_url))
    now = standing.view.rules(storage.storage, record.acl_key)
    is_same = (now.writer or storage.owner) == writer(standing)
    for then, known in ((old.access_to, now.access_to), (old.default, now.default)):
        bounds = _bounds(known, groups_count=is_same)
        if not are_within(not_over_at(then, standing.now.policy_s), bounds, storage.owner):
            raise Conflict(
                "these access rules let somebody in who may not now: write them anew to give that access"
            )
    return tuple(triples)


def _put_acl(context: Context, asking: Asking, current: ResourceRecord, triples: Sequence[Triple]) -> Written:
    """Write the ACL as a person does, so that grants follow it."""
    unchanged = Preconditions(match=frozenset({current.revision}))
    operation = Replace(current.identifier, Body(TURTLE), unchanged)
    try:
        return change_rules(context, operation, asking.caller, lambda _: triples, "put-back")
    except Denied as denied:
        raise NoSuchResource("there is nothing here") from denied
    except PreconditionFailed as error:
        raise ConcurrentChange("the ACL was changed at the same moment") from error
