"""Changing ACL resources: a person's edit is judged against the grants, and they follow it in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyoxigraph import Triple

from vault.access.compile import compile_acl
from vault.access.groups import GroupSight, check_groups
from vault.access.guard import check_root_acl
from vault.access.required_modes import to_delete, to_replace
from vault.authorize import Standing, stand
from vault.context import Context
from vault.entries import Deed, entry_of_success
from vault.errors import ConcurrentChange, NoSuchResource
from vault.grants.foreign_edits import judge_edit
from vault.grants.keep import apply_verdict
from vault.grants.known import known_grants
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import AccessMode
from vault.model.operation import Delete, Patch, Replace
from vault.model.outcome import Deleted, Written
from vault.model.records import Removal, ResourceRecord
from vault.model.requester import Caller
from vault.model.rules import CompiledAcl
from vault.operations.access_rules import PreparedAcl, drop_acl, prepare_acl, put_acl
from vault.operations.content import read_rdf
from vault.operations.read import own_triples
from vault.permits import Permit, ask, version_of, writer
from vault.stores.ports import CatalogueReader, CatalogueTransaction

Graph = Sequence[Triple]


def put_rules(context: Context, operation: Replace, caller: Caller) -> Written:
    """Carry out a Replace on an ACL resource."""
    url = operation.target.url(context.base_url)

    def make(_: Graph) -> Graph:
        return read_rdf(operation.body, url, context.limits)[1]

    return change_rules(context, operation, caller, make, "replace")


def change_rules(
    context: Context,
    operation: Replace | Patch,
    caller: Caller,
    make: Callable[[Graph], Graph],
    activity: str,
) -> Written:
    """Let an ACL resource say what `make` makes of what it says; of an absent one it is given nothing.

    Raises:
        ConcurrentChange: somebody else changed the ACL at the same moment.
    """
    acl = operation.target
    with context.catalogue.view() as view:
        permit = ask(stand(context, view, acl.storage, caller), lambda _: to_replace(acl))
        _subject(view, acl)
        before = view.find_resource(acl)
        operation.preconditions.check(version_of(permit.standing, before))
    old = None if before is None else own_triples(context, before)
    after = make(old or ())
    compiled = compile_acl(after, acl.subject.url(context.base_url))
    if acl.subject.is_root:
        check_root_acl(compiled, permit.standing.storage.owner)
    _check_groups(context, acl.storage, compiled)
    compiled = compiled.written_with(caller.credentials.client)
    key = context.new_id() if before is None else before.key
    new = prepare_acl(context, acl, key, after, writer(permit.standing))

    def change(tx: CatalogueTransaction) -> Written:
        confirmed = permit.confirm(tx)
        subject, current = _subject(tx, acl), tx.find_resource(acl)
        operation.preconditions.check(version_of(confirmed.standing, current))
        _check_unchanged(before, current)
        _keep_line(confirmed, tx, acl, "create" if current is None else activity)
        put_acl(tx, subject, current, PreparedAcl(key, new, compiled))
        let_grants_follow(tx, confirmed.standing, acl, old, after)
        return Written(acl, new.revision, new.media_type, is_new=current is None)

    return context.catalogue.write(change)


def remove_rules(context: Context, operation: Delete, caller: Caller) -> Deleted:
    """Carry out a Delete on an ACL resource."""
    acl = operation.target
    with context.catalogue.view() as view:
        permit = ask(stand(context, view, acl.storage, caller), lambda _: to_delete(acl))
        before = _existing(view, acl)
        operation.preconditions.check(version_of(permit.standing, before))
    old = own_triples(context, before)

    def change(tx: CatalogueTransaction) -> Deleted:
        confirmed = permit.confirm(tx)
        subject, current = _subject(tx, acl), _existing(tx, acl)
        operation.preconditions.check(version_of(confirmed.standing, current))
        _check_unchanged(before, current)
        _keep_line(confirmed, tx, acl, "delete")
        removal = Removal(writer(confirmed.standing), context.clock().wall_ms)
        drop_acl(tx, subject, current, removal)
        let_grants_follow(tx, confirmed.standing, acl, old, None)
        return Deleted()

    return context.catalogue.write(change)


def _check_groups(context: Context, storage: StorageId, compiled: CompiledAcl) -> None:
    with context.catalogue.view() as view:
        sight = GroupSight(view, context.base_url, context.clock().wall_s)
        check_groups(sight, compiled, view.named_groups(storage), context.limits)


def _subject(view: CatalogueReader, acl: ResourceIdentifier) -> ResourceRecord:
    record = view.find_resource(acl.subject)
    if record is None:
        raise NoSuchResource("what the ACL would govern is not there")
    return record


def _existing(view: CatalogueReader, acl: ResourceIdentifier) -> ResourceRecord:
    record = view.find_resource(acl)
    if record is None:
        raise NoSuchResource("there is nothing here")
    return record


def _check_unchanged(before: ResourceRecord | None, current: ResourceRecord | None) -> None:
    if (before and before.revision) != (current and current.revision):
        raise ConcurrentChange("somebody else changed the ACL at the same moment")


def _keep_line(permit: Permit, tx: CatalogueTransaction, acl: ResourceIdentifier, activity: str) -> None:
    deed = Deed(activity, AccessMode.CONTROL, acl)
    tx.append_lines([entry_of_success(permit.standing, deed, permit.allowed)])


def let_grants_follow(
    tx: CatalogueTransaction,
    standing: Standing,
    acl: ResourceIdentifier,
    before: Graph | None,
    after: Graph | None,
) -> None:
    """Judge a change of an ACL that was made earlier in this transaction, and let the grants follow it.

    Raises:
        Conflict: an Authorization says more than its grant, or goes round it.
    """
    context, storage = standing.context, standing.storage
    grants = [known.grant for known in known_grants(tx, storage.storage)]
    url = acl.subject.url(context.base_url)
    verdict = judge_edit(url, before, after, grants, standing.now.policy_s)
    apply_verdict(tx, context, storage, verdict)
