"""The road of an operation on a resource: authorize, operate, keep; exactly one journal line for each that is answered."""

from __future__ import annotations

from collections.abc import Iterator

from vault.access.required_modes import Need, to_read
from vault.access.rules import subject_of
from vault.acl_changes import put_rules, remove_rules
from vault.authorize import (
    Denied,
    Standing,
    access_of,
    answer_to_refused,
    authorize,
    stand,
    visible_to,
)
from vault.bsn import holds_bsn
from vault.changes import add, put, remove
from vault.context import Context
from vault.entries import Deed, entry_of_failure, entry_of_success
from vault.errors import (
    MethodNotAllowed,
    NoSuchResource,
    NotAcceptable,
    NotSignedIn,
    Unavailable,
    UnacceptableContent,
    VaultError,
    Violation,
)
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.operation import Create, Delete, Operation, Read, Replace, methods_of
from vault.model.outcome import Found, Outcome
from vault.model.requester import Caller
from vault.model.rules import Allowed, RefusalReason, Refused
from vault.operations.read import Seen, available, look, represent

max_attempts = 5
recheck_bytes = 1024 * 1024


def perform(context: Context, operation: Operation, caller: Caller) -> Outcome:
    """Do what was asked, or say why not; on return the journal knows it.

    Raises:
        VaultError: it was not done. What is hidden from the requester raises the same as what is absent.
    """
    try:
        _check(operation)
        match operation:
            case Read():
                return _read(context, operation, caller)
            case Create():
                return add(context, operation, caller)
            case Replace():
                change = put_rules if operation.target.is_acl else put
                return change(context, operation, caller)
            case Delete():
                drop = remove_rules if operation.target.is_acl else remove
                return drop(context, operation, caller)
    except Denied as denied:
        note_failure(context, caller, _deed(operation), denied.reason)
        raise denied.error from None
    except VaultError:
        note_failure(context, caller, _deed(operation), None)
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
