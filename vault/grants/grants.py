"""Giving, narrowing and stopping access: each is one transaction, and works when it returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from vault.admission import Asking, admit_owner
from vault.context import Context
from vault.errors import Conflict, NoSuchResource, PreconditionFailed
from vault.grants.documents import complete, read_sent_grant, without
from vault.grants.forms import check_grant_form
from vault.grants.giving import BESIDE, check_targets_exist, place_of, read_draft
from vault.grants.keep import Change, apply_changes, stopped
from vault.grants.known import (
    KnownGrant,
    KnownInvitation,
    KnownRequest,
    find_grant,
    grants_of_party,
    invitation_document,
    known_grants,
    known_invitations,
    known_requests,
    request_document,
)
from vault.grants.layout import GrantChange, storage_url
from vault.grants.lines import Happening, line
from vault.grants.place import GRANTS, reaches
from vault.grants.preview import preview_grant
from vault.grants.written import write_grant
from vault.model.grant import Grant, RequestStatus
from vault.model.identifiers import StorageId, identifier_from_url
from vault.model.meeting import InvitationStatus
from vault.model.records import ServiceDocument, StorageRecord
from vault.model.requester import Requester
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader

Json = dict[str, Any]
SERVICE = "AccessGrantService"
_OPEN = frozenset({InvitationStatus.OPEN, InvitationStatus.REDEEMED})


def give(context: Context, asking: Asking, sent: Json, previewed: Sequence[str]) -> KnownGrant:
    """Give what a draft says, exactly as it was previewed; a request it answers is accepted with it.

    Raises:
        UnacceptableContent: the draft is against a rule.
        Conflict: the receiver would see something else than was previewed, or the request was answered already.
    """

    def make(view: CatalogueReader) -> Change:
        storage = admit(context, view, asking)
        draft = read_draft(context, view, storage, sent)
        if preview_grant(context, view, storage, draft.grant).digests() != frozenset(previewed):
            raise Conflict("what the receiver would see is not what was previewed")
        happening = Happening("give", draft.grant.id, grant=draft.grant)
        return Change(
            GrantChange(new=(draft.grant,)),
            tuple(_answer(context, asking.storage, draft.answers, RequestStatus.ACCEPTED)),
            (line(context, view, asking, happening),),
        )

    return apply_changes(context, asking.storage, make)[0]


def narrow(context: Context, asking: Asking, id_: str, sent: Json, if_match: str | None) -> KnownGrant:
    """Replace a grant by a narrower or shorter one; longer or wider is a new grant.

    Raises:
        PreconditionFailed: `if_match` does not name the grant as it is now.
        Conflict: not narrower, or not in force any more.
    """

    def make(view: CatalogueReader) -> Change:
        admit(context, view, asking)
        known = _find(view, asking.storage, id_)
        if not _matches(if_match, known.etag):
            raise PreconditionFailed("the grant was changed, or If-Match does not name it")
        grant = _read_narrower(context, view, known.grant, sent)
        happening = Happening("narrow", grant.id, grant=grant)
        return Change(GrantChange(replaced=(grant,)), (), (line(context, view, asking, happening),))

    return apply_changes(context, asking.storage, make)[0]


def stop(context: Context, asking: Asking, id_: str) -> None:
    """Stop a grant; no request that starts after this returns gets anything through it."""

    def make(view: CatalogueReader) -> Change:
        admit(context, view, asking)
        grant = _find(view, asking.storage, id_).grant
        replaced = () if grant.stopped_at is not None else (stopped(grant, context.clock()),)
        happening = Happening("stop", grant.id, grant=grant)
        return Change(GrantChange(replaced=replaced), (), (line(context, view, asking, happening),))

    apply_changes(context, asking.storage, make)


def stop_all(context: Context, asking: Asking) -> None:
    """Stop every grant and what was set by hand for others, refuse waiting requests, cancel open invitations."""

    def make(view: CatalogueReader) -> Change:
        admit(context, view, asking)
        now, storage = context.clock(), asking.storage
        in_force = (known.grant for known in known_grants(view, storage))
        replaced = tuple(stopped(grant, now) for grant in in_force if grant.is_in_force(now.policy_s))
        waiting = (known for known in known_requests(view, storage) if _is_waiting(known))
        refused = (d for known in waiting for d in _answer(context, storage, known, RequestStatus.REFUSED))
        cancelled = (
            _cancelled(known, now.wall_ms) for known in known_invitations(view, storage) if _is_open(known)
        )
        happening = Happening("stop-all", f"{storage_url(context, storage)}{GRANTS}")
        return Change(
            GrantChange(replaced=replaced, only_owner=True),
            (*refused, *cancelled),
            (line(context, view, asking, happening),),
        )

    apply_changes(context, asking.storage, make)


def admit(context: Context, view: CatalogueReader, asking: Asking) -> StorageRecord:
    """Let the owner in to her grants; see `admit_owner`."""
    requester = resolve(view, asking.caller, context.clock())
    return admit_owner(view, asking.storage, requester, SERVICE)


def received_in(
    view: CatalogueReader, storage: StorageId, requester: Requester, policy_s: int
) -> list[KnownGrant]:
    """What somebody was given in a storage and may use, now or later; stopped, ended and paused ones are gone."""
    home = view.find_storage(storage)
    if home is None or home.is_paused:
        return []
    found = (known for party in _parties(requester) for known in known_grants(view, storage, party))
    return [known for known in found if _is_received(known.grant, requester, policy_s)]


def received_anywhere(view: CatalogueReader, requester: Requester, policy_s: int) -> list[KnownGrant]:
    """What somebody was given in any storage of this server and may use, now or later."""
    found = (known for party in _parties(requester) for known in grants_of_party(view, party))
    return [known for known in found if _is_received(known.grant, requester, policy_s)]


def _parties(requester: Requester) -> tuple[str, ...]:
    return (*([requester.agent] if requester.agent else []), *sorted(requester.groups))


def _is_received(grant: Grant, requester: Requester, policy_s: int) -> bool:
    credentials, clients = requester.credentials, grant.terms.clients
    return (
        grant.is_in_force(policy_s)
        and credentials.issuer in grant.issuers
        and (not clients or credentials.client in clients)
        and (grant.organisation is None or grant.organisation in requester.organisations)
    )


def _find(view: CatalogueReader, storage: StorageId, id_: str) -> KnownGrant:
    known = find_grant(view, storage, id_)
    if known is None:
        raise NoSuchResource("no such grant")
    return known


def _matches(if_match: str | None, etag: str) -> bool:
    wanted = [] if if_match is None else [part.strip() for part in if_match.split(",")]
    return "*" in wanted or etag in wanted


def _read_narrower(context: Context, view: CatalogueReader, old: Grant, sent: Json) -> Grant:
    check_grant_form(sent)
    now = context.clock()
    beside: Json = {
        "status": old.status_at(now.policy_s).value,
        "exceptions": list(old.exceptions),
        "giverName": old.giver_name,
    }
    said = {name: value for name, value in (write_grant(old) | beside).items() if name != "access"}
    completed = complete(without(sent, BESIDE), said, old.terms.clients)
    storage = identifier_from_url(old.storage, context.base_url).storage
    grant = read_sent_grant(without(completed, beside), place_of(context, storage))
    if not old.is_in_force(now.policy_s) or not _is_narrower(grant, old):
        raise Conflict("not narrower or shorter: that is a new grant")
    check_targets_exist(context, view, grant)
    return replace(grant, exceptions=old.exceptions, giver_name=old.giver_name)


def _is_narrower(grant: Grant, old: Grant) -> bool:
    same = (grant.terms.assignee, grant.terms.purpose) == (old.terms.assignee, old.terms.purpose)
    return (
        same
        and grant.terms.period.is_within(old.terms.period)
        and all(_gives(old, grant, target) for target in grant.terms.targets())
    )


def _gives(old: Grant, grant: Grant, target: str) -> bool:
    """Whether the old grant gave as much on a target: itself, or through a container above."""
    actions = grant.terms.actions_on(target)
    above = (one for one in old.terms.targets() if one == target or reaches(old, one, target))
    return any(actions <= old.terms.actions_on(one) for one in above)


def _answer(
    context: Context, storage: StorageId, known: KnownRequest | None, status: RequestStatus
) -> Iterator[ServiceDocument]:
    if known is not None:
        answered = KnownRequest(replace(known.request, status=status), known.version + 1)
        yield request_document(storage, answered, context.clock().wall_ms)


def _is_waiting(known: KnownRequest) -> bool:
    return known.request.status is RequestStatus.WAITING


def _is_open(known: KnownInvitation) -> bool:
    return known.invitation.status in _OPEN


def _cancelled(known: KnownInvitation, time_ms: int) -> ServiceDocument:
    cancelled = known.invitation.with_status(InvitationStatus.CANCELLED)
    return invitation_document(replace(known, invitation=cancelled, version=known.version + 1), time_ms)
