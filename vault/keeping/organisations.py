"""Changing the register of organisations, with a line in the journal of every storage that the change touches.

It touches a storage that names the organisation or its workers' group in a rule, that met it and did not end that, or
that it asked and has not answered yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vault.context import Context
from vault.errors import Conflict, NoSuchResource
from vault.grants.known import known_grants, known_meetings, known_requests
from vault.keeping.lines import line_of_operator
from vault.model.grant import RequestStatus
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry
from vault.model.organisation import Organisation
from vault.model.rules import CompiledAcl, OrganisationCondition
from vault.stores.ports import CatalogueReader, CatalogueTransaction

ADDED, SUSPENDED, RESUMED, REMOVED = (
    "add-organisation",
    "suspend-organisation",
    "resume-organisation",
    "remove-organisation",
)


def add_organisation(context: Context, added: Organisation) -> None:
    """Add an organisation; what was given to one of this name and group before counts again.

    Raises:
        Conflict: it is in the register already.
    """
    named = _naming(context, added)

    def put(tx: CatalogueTransaction) -> None:
        if tx.register().find(added.iri) is not None:
            raise Conflict(f"{added.iri} is already in the register")
        tx.put_organisation(added)
        tx.append_lines(_lines(context, tx, added, ADDED, named))

    context.catalogue.write(put)


def suspend_organisation(context: Context, iri: str) -> None:
    """Let nobody act for an organisation any more, from this second; one that is suspended stays as it is.

    Raises:
        NoSuchResource: it is not in the register.
    """
    now_s = context.clock().wall_s
    _change(
        context,
        iri,
        lambda one: one if one.suspended_at is not None else replace(one, suspended_at=now_s),
        SUSPENDED,
    )


def resume_organisation(context: Context, iri: str) -> None:
    """End a suspension.

    Raises:
        NoSuchResource: it is not in the register.
    """
    _change(context, iri, lambda one: replace(one, suspended_at=None), RESUMED)


def remove_organisation(context: Context, iri: str) -> None:
    """Take an organisation out of the register; what was given to it stays written but gives nobody anything.

    Raises:
        NoSuchResource: it is not in the register.
    """
    named = _naming(context, _find_in_view(context, iri))

    def take_out(tx: CatalogueTransaction) -> None:
        removed = find_organisation(tx, iri)
        tx.append_lines(_lines(context, tx, removed, REMOVED, named))
        tx.remove_organisation(iri)

    context.catalogue.write(take_out)


def find_organisation(view: CatalogueReader, iri: str) -> Organisation:
    """One organisation of the register.

    Raises:
        NoSuchResource: it is not in it.
    """
    found = view.register().find(iri)
    if found is None:
        raise NoSuchResource(f"{iri} is not in the register")
    return found


_Named = dict[StorageId, tuple[int, bool]]


def _change(
    context: Context, iri: str, change: Callable[[Organisation], Organisation], activity: str
) -> None:
    named = _naming(context, _find_in_view(context, iri))

    def put(tx: CatalogueTransaction) -> None:
        before = find_organisation(tx, iri)
        after = change(before)
        # What changes nothing is no change, and needs no line.
        if after != before:
            tx.put_organisation(after)
            tx.append_lines(_lines(context, tx, after, activity, named))

    context.catalogue.write(put)


def _find_in_view(context: Context, iri: str) -> Organisation:
    with context.catalogue.view() as view:
        return find_organisation(view, iri)


def _naming(context: Context, organisation: Organisation) -> _Named:
    """Which storages name it in a rule, with the epoch of which that is true: looked up before the change, for no
    writer may wait for a walk through all rules."""
    policy_s = context.clock().policy_s
    with context.catalogue.view() as view:
        return {
            storage: (epoch, _names(view, storage, organisation, policy_s))
            for storage, epoch in _in_sight(view)
        }


def _lines(
    context: Context, tx: CatalogueTransaction, organisation: Organisation, activity: str, named: _Named
) -> list[JournalEntry]:
    policy_s, found = context.clock().policy_s, []
    for storage, epoch in _in_sight(tx):
        looked_at, is_named = named.get(storage, (None, False))
        if looked_at != epoch:
            is_named = _names(tx, storage, organisation, policy_s)
        if is_named or _deals_with(tx, storage, organisation.iri):
            line = line_of_operator(context, tx, storage, activity)
            found.append(replace(line, organisation=organisation.iri))
    return found


def _in_sight(view: CatalogueReader) -> list[tuple[StorageId, int]]:
    """Every storage with its epoch; one that is out of sight has no journal to write in."""
    found = list(view.storage_epochs())
    return [(storage, epoch) for storage, epoch in found if view.find_storage(storage) is not None]


def _names(view: CatalogueReader, storage: StorageId, organisation: Organisation, policy_s: int) -> bool:
    given = (known.grant for known in known_grants(view, storage))
    if any(one.organisation == organisation.iri and one.is_in_force(policy_s) for one in given):
        return True
    acls = (view.written_rules(storage, acl.acl_key) for acl in view.own_acls(storage))
    return any(_says(acl, organisation) for acl in acls)


def _says(acl: CompiledAcl, organisation: Organisation) -> bool:
    if organisation.group in acl.groups():
        return True
    conditions = (c for rule in (*acl.access_to, *acl.default) for c in rule.conditions)
    return any(
        isinstance(c, OrganisationCondition) and organisation.iri in c.organisations for c in conditions
    )


def _deals_with(view: CatalogueReader, storage: StorageId, iri: str) -> bool:
    met = (known.meeting for known in known_meetings(view, storage))
    asked = (known.request for known in known_requests(view, storage))
    return any(one.met.organisation == iri and not one.ended for one in met) or any(
        one.organisation == iri and one.status is RequestStatus.WAITING for one in asked
    )
