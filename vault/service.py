"""The road of an operation on a resource: authorize, operate, keep; exactly one journal line for each that is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vault.access.required_modes import to_read
from vault.access.rules import subject_of
from vault.acl_changes import put_rules, remove_rules
from vault.authorize import (
    Denied,
    Standing,
    access_of,
    answer_to_refused,
    authorize,
    stand,
)
from vault.bsn import holds_bsn
from vault.changes import add, put, remove
from vault.context import Context
from vault.entries import Deed, entry_of_call, entry_of_failure, entry_of_success
from vault.errors import (
    AccessRefused,
    MethodNotAllowed,
    NoSuchResource,
    NotAcceptable,
    NotSignedIn,
    UnacceptableContent,
    Unavailable,
    VaultError,
    Violation,
)
from vault.listing import Listing, open_listing, show_listing, version_seen
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.operation import Create, Delete, Operation, Patch, Read, Replace, State, methods_of
from vault.model.outcome import Access, Found, Outcome
from vault.model.records import ResourceKind
from vault.model.representation import Span
from vault.model.requester import Caller
from vault.model.rules import Allowed, RefusalReason, Refused
from vault.operations.read import Representation, Seen, available, candidate, modified_ms, represent
from vault.patches import patch

max_attempts = 5
recheck_bytes = 1024 * 1024


def perform(context: Context, operation: Operation, caller: Caller) -> Outcome:
    """Do what was asked, or say why not; on return the journal knows it.

    Raises:
        VaultError: it was not done. What is hidden from the requester raises the same as what is absent.
    """
    try:
        _check(operation)
        return _carry_out(context, operation, caller)
    except Denied as denied:
        note_failure(context, caller, _deed(context, operation), denied.reason)
        raise denied.error from None
    except VaultError as error:
        refusal = RefusalReason.NO_GRANT if isinstance(error, AccessRefused) else None
        note_failure(context, caller, _deed(context, operation), refusal)
        raise


def note_failure(context: Context, caller: Caller, deed: Deed, refusal: RefusalReason | None) -> None:
    """Tell the journal of a request that was refused, or (no reason) allowed without anything happening.

    Nothing is told of a storage that does not exist, nor of anonymous reading that came to nothing.

    Raises:
        Unavailable: the journal cannot keep it, so the request must not be answered otherwise.
    """
    if refusal is None and caller.credentials.agent is None and deed.mode is AccessMode.READ:
        return
    with context.catalogue.view() as view:
        try:
            standing = stand(context, view, deed.target.storage, caller)
        except NoSuchResource:
            return
        entry = entry_of_failure(standing, deed, refusal)
    context.intake.append(entry)


def note_call(context: Context, caller: Caller, deed: Deed, error: VaultError | None) -> None:
    """Tell the journal of an answered call of a service that did not do so itself; `error` is what it raised.

    Raises:
        Unavailable: the journal cannot keep it, so the call must not be answered otherwise.
    """
    with context.catalogue.view() as view:
        try:
            standing = stand(context, view, deed.target.storage, caller)
        except NoSuchResource:
            return
        refusal = _refusal_of_call(standing, error)
        entry = entry_of_call(standing, deed, refusal, failed=error is not None and refusal is None)
    context.intake.append(entry)


def _refusal_of_call(standing: Standing, error: VaultError | None) -> RefusalReason | None:
    """Why a call was refused; to anybody but the owner what is not hers is not there either."""
    agent = standing.caller.credentials.agent
    is_owner = agent == standing.storage.owner
    if not isinstance(error, AccessRefused | NotSignedIn) and (
        is_owner or not isinstance(error, NoSuchResource)
    ):
        return None
    if agent is None:
        return RefusalReason.NOT_SIGNED_IN
    return RefusalReason.OTHER_CLIENT if is_owner else RefusalReason.NO_GRANT


def _carry_out(context: Context, operation: Operation, caller: Caller) -> Outcome:
    if isinstance(operation, Read):
        return _read(context, operation, caller)
    if isinstance(operation, Create):
        return add(context, operation, caller)
    if isinstance(operation, Patch):
        return patch(context, operation, caller)
    is_acl = operation.target.is_acl
    if isinstance(operation, Replace):
        return put_rules(context, operation, caller) if is_acl else put(context, operation, caller)
    return remove_rules(context, operation, caller) if is_acl else remove(context, operation, caller)


def _check(operation: Operation) -> None:
    """Refuse what no decision is needed for: it follows from the path alone, so it tells nothing."""
    target = operation.target
    wish = operation.slug if isinstance(operation, Create) else None
    if holds_bsn(target.path) or holds_bsn(wish or ""):
        violation = Violation("path", "Gebruik geen burgerservicenummer in een adres.")
        raise UnacceptableContent("a path may not hold a citizen service number", (violation,))
    # Adding to what is no container waits: whether there is anything decides what to answer.
    is_late = isinstance(operation, Create) and not (target.is_auxiliary or target.is_well_known)
    if not is_late and _METHODS[type(operation)] not in methods_of(target):
        raise MethodNotAllowed("this path does not support the method", methods_of(target))


def _deed(context: Context, operation: Operation) -> Deed:
    target = operation.target
    activity, mode = _DEEDS[type(operation)]
    if isinstance(operation, Read) and target.is_container:
        activity = "list"
    if isinstance(operation, Replace | Patch):
        with context.catalogue.view() as view:
            activity = "create" if view.find_resource(target) is None else activity
    return Deed(activity, AccessMode.CONTROL if target.is_acl else mode, target)


_METHODS: Mapping[type[Operation], str] = {
    Read: "GET",
    Create: "POST",
    Replace: "PUT",
    Patch: "PATCH",
    Delete: "DELETE",
}
_DEEDS: Mapping[type[Operation], tuple[str, AccessMode]] = {
    Read: ("read", AccessMode.READ),
    Create: ("create", AccessMode.APPEND),
    Replace: ("replace", AccessMode.WRITE),
    Patch: ("change", AccessMode.WRITE),
    Delete: ("delete", AccessMode.WRITE),
}


def _read(context: Context, operation: Read, caller: Caller) -> Found:
    for _ in range(max_attempts):
        with context.catalogue.view() as view:
            standing = stand(context, view, operation.target.storage, caller)
            sight = _see(standing, operation)
            line = entry_of_success(standing, _deed(context, operation), sight.allowed)
        shown = _show(context, sight)
        if _still_stands(standing, sight.allowed):
            if caller.credentials.agent is None:
                context.public_reads.count(line)
            else:
                context.intake.append(line)
            return _found(standing, sight, shown)
    raise Unavailable("who may see this keeps changing", retry_after_s=1)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What was decided on a read: what is seen, how and how much of it is shown, and why it may be."""

    seen: Seen
    media_type: str
    span: Span | None
    has_parts: bool
    listing: Listing | None
    access: Access
    allowed: Allowed


def _see(standing: Standing, operation: Read) -> _Sight:
    target, view = operation.target, standing.view
    record = view.find_resource(target)
    is_plain = record is not None and not target.is_auxiliary
    subject = standing.subject(record) if record and is_plain else subject_of(view, standing.storage, target)
    need = to_read(target)[0]
    decision = standing.decide(need.mode, subject)
    if isinstance(decision, Refused):
        raise Denied(answer_to_refused(standing, (need,), hides=True), decision.reason)
    if record is None:
        raise NoSuchResource("there is nothing here")
    media_type = operation.select(available(record))
    if media_type is None:
        raise NotAcceptable("the resource cannot be shown in any of the media types that were asked for")
    seen = Seen(record, version_seen(standing, record))
    shown = candidate(seen, media_type)
    operation.preconditions.check(State(lambda: shown.version, shown.modified_ms))
    span = operation.wanted(shown)
    is_listed = record.kind is ResourceKind.CONTAINER and span is None
    return _Sight(
        seen=seen,
        media_type=media_type,
        span=span,
        has_parts=shown.size is not None,
        listing=open_listing(standing, record, seen.version) if is_listed else None,
        access=access_of(standing, subject),
        allowed=decision,
    )


def _show(context: Context, sight: _Sight) -> Representation:
    if sight.listing is not None:
        return show_listing(sight.listing, sight.media_type)
    return represent(context, sight.seen, sight.media_type, sight.span)


def _found(standing: Standing, sight: _Sight, shown: Representation) -> Found:
    record = sight.seen.record
    return Found(
        identifier=record.identifier,
        version=sight.seen.version,
        media_type=sight.media_type,
        access=sight.access,
        body=shown.body,
        rest=None if shown.rest is None else _guarded(standing, sight.allowed, shown.rest, record.identifier),
        size=shown.size,
        modified_ms=modified_ms(record),
        owner=standing.storage.owner if record.identifier.is_root else None,
        span=sight.span,
        has_parts=sight.has_parts,
        sha256=record.stored.sha256 if record.stored and sight.has_parts else None,
    )


def _still_stands(standing: Standing, allowed: Allowed) -> bool:
    context = standing.context
    epochs = context.catalogue.epochs(standing.storage.storage)
    return standing.is_current(epochs, context.clock(), allowed.valid_until)


def _guarded(
    standing: Standing, allowed: Allowed, chunks: Iterator[bytes], target: ResourceIdentifier
) -> Iterator[bytes]:
    """Pass bytes on as long as she may have them; asked again per `recheck_bytes`."""
    sent = recheck_bytes
    for chunk in chunks:
        if sent >= recheck_bytes:
            sent = 0
            standing, allowed = _recheck(standing, allowed, target)
        sent += len(chunk)
        yield chunk


def _recheck(standing: Standing, allowed: Allowed, target: ResourceIdentifier) -> tuple[Standing, Allowed]:
    context = standing.context
    if _still_stands(standing, allowed):
        return standing, allowed
    if target.is_container:
        # Which of its members she may see was decided for what was before.
        raise Unavailable("who may see this changed while it was listed", retry_after_s=1)
    with context.catalogue.view() as view:
        again = stand(context, view, target.storage, standing.caller)
        try:
            return again, authorize(again, to_read(target))
        except Denied as denied:
            raise denied.error from None
