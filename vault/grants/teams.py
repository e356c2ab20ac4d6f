"""Teams that were given access and grow: pausing those that more than doubled, and the owner's yes to one.

What is kept of them: see `vault.stores.growth`. Pausing is told in the journal of each storage, so is the yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vault.admission import Asking, admit_owner
from vault.context import Context
from vault.errors import Conflict, InvalidIdentifier, NoSuchResource, NotSignedIn, TooManyRequests
from vault.grants.lines import Happening, line
from vault.keeping.lines import new_trace
from vault.model.groups import Group, Growth, document_of
from vault.model.identifiers import StorageId, identifier_from_url
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation, Worker
from vault.model.requester import Caller, Requester
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader, CatalogueTransaction

SERVICE = "AccessGrantService"
look_period_s, looks_in_period = 60, 6
PAUSED, CONFIRMED = "pause-team", "confirm-team"


def keep_workers(
    context: Context,
    tx: CatalogueTransaction,
    organisation: Organisation,
    workers: Sequence[Worker],
    asked_at: int,
) -> None:
    """Keep the workers of an organisation as fetched, and pause its group where it more than doubled."""
    paused = tx.put_workers(organisation.iri, workers, asked_at)
    tx.append_lines(_pauses(context, tx, paused, organisation.group, organisation.iri))


def keep_group(context: Context, tx: CatalogueTransaction, group: Group, asked_at: int) -> None:
    """Keep a group of another server as fetched, and pause it where it more than doubled."""
    paused = tx.put_group(group, asked_at)
    tx.append_lines(_pauses(context, tx, paused, group.iri, None))


def confirm_team(context: Context, asking: Asking, group: str, members: int) -> Growth:
    """Say yes to a team as it is now, with as many members as she saw: it is paused no more, and counted anew from here.

    Raises:
        NoSuchResource: no rule of hers names the group, or its members are not known.
        Conflict: it has another number of members by now.
    """

    def change(tx: CatalogueTransaction) -> Growth:
        now, storage = context.clock(), asking.storage
        admit_owner(tx, storage, resolve(tx, asking.caller, now), SERVICE)
        growth = tx.group_growth(storage, group)
        if growth is None:
            raise NoSuchResource("no such team was given access")
        if growth.members != members:
            raise Conflict("the team has another number of members by now")
        tx.accept_group(storage, group, now.wall_s)
        happening = Happening(CONFIRMED, group, organisation=_organisation_of(tx, group))
        tx.append_lines([line(context, tx, asking, happening)])
        return Growth(members, (), None, now.wall_s)

    return context.catalogue.write(change)


def admit_look(context: Context, caller: Caller, group: str) -> None:
    """Let somebody have a group looked at now: who acts for its organisation, or who gave it access in her storage.

    Raises:
        NotSignedIn: nobody is signed in.
        NoSuchResource: neither; the same whether there is such a group or not.
        AccessRefused: the owner, with an app that may not manage access.
        TooManyRequests: this group was looked at too often in this minute.
    """

    def change(tx: CatalogueTransaction) -> None:
        now = context.clock()
        requester = resolve(tx, caller, now)
        if requester.agent is None:
            raise NotSignedIn("only somebody who is signed in can ask this")
        if group not in requester.groups:
            _admit_giver(context, tx, requester, requester.agent, group)
        scope, period = f"look {group}", now.wall_s // look_period_s
        if tx.attempts(scope, period) >= looks_in_period:
            raise TooManyRequests(
                "the group was looked at just now", look_period_s - now.wall_s % look_period_s
            )
        tx.count_attempt(scope, period)

    context.catalogue.write(change)


def _admit_giver(
    context: Context, view: CatalogueReader, requester: Requester, agent: str, group: str
) -> None:
    try:
        storage = identifier_from_url(document_of(agent), context.base_url).storage
    except InvalidIdentifier as error:
        raise NoSuchResource("no such group for this agent") from error
    admit_owner(view, storage, requester, SERVICE)
    if group not in view.named_groups(storage):
        raise NoSuchResource("no such group for this agent")


def _organisation_of(view: CatalogueReader, group: str) -> str | None:
    return next((one.iri for one in view.register().organisations if one.group == group), None)


def _pauses(
    context: Context,
    view: CatalogueReader,
    storages: Iterable[StorageId],
    group: str,
    organisation: str | None,
) -> list[JournalEntry]:
    """A line for each storage that is in sight: nobody in particular did it."""
    return [
        JournalEntry(
            storage=storage,
            time_ms=context.clock().wall_ms,
            epoch=view.epochs(storage).storage,
            trace_id=new_trace(context),
            activity=PAUSED,
            resource=group,
            mode=AccessMode.CONTROL,
            organisation=organisation,
        )
        for storage in storages
        if view.find_storage(storage) is not None
    ]
