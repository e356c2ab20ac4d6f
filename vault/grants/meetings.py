"""Meeting: a code that the citizen makes, somebody who enters it, and her "yes, this is she" (no directory of citizens)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from vault.admission import Asking, admit_owner, check_app, is_owner
from vault.context import Context
from vault.errors import Conflict, NoSuchResource, NotSignedIn, TooManyRequests
from vault.grants.known import (
    KnownInvitation,
    KnownMeeting,
    find_invitation,
    find_meeting,
    invitation_document,
    meeting_document,
    meetings_of_party,
    read_invitation,
)
from vault.grants.layout import storage_url
from vault.grants.lines import Happening, line
from vault.model.identifiers import StorageId
from vault.model.meeting import (
    Invitation,
    InvitationStatus,
    Meeting,
    Redeemer,
    invitation_lifetime_s,
    meeting_lifetime_s,
)
from vault.model.modes import AccessMode
from vault.model.records import StorageRecord
from vault.model.requester import Caller, Requester
from vault.organisations import resolve
from vault.stores.ports import CatalogueReader, CatalogueTransaction

SERVICE = "InvitationService"
INVITATIONS = ".well-known/wijkkluis/uitnodigingen/"
CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
code_length = 8
limit_period_s = 60 * 60
max_wrong_codes = 20
max_wrong_codes_of_server = 1000


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made now, with its code: that is told once and kept nowhere."""

    known: KnownInvitation
    code: str


def random_code() -> str:
    """Make a code that can be read aloud: no I, O, 0 or 1."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(code_length))


def plain_code(typed: str) -> str:
    """A code as it is kept, whatever case, spaces and dashes it was typed with."""
    return "".join(typed.split()).replace("-", "").upper()


def invite(context: Context, asking: Asking, new_code: Callable[[], str] = random_code) -> Invited:
    """Make an invitation that one person can use in the next 15 minutes."""
    now_s = context.clock().wall_s
    invitation = Invitation(context.new_id(), now_s, now_s + invitation_lifetime_s)
    known = KnownInvitation(asking.storage, invitation, 1)

    def change(tx: CatalogueTransaction) -> Invited:
        admit(context, tx, asking)
        code = next(made for made in iter(new_code, None) if tx.find_code(made) is None)
        tx.put_document(invitation_document(known, context.clock().wall_ms), code)
        tx.append_lines([line(context, tx, asking, _happening(context, known, "invite"))])
        return Invited(known, code)

    return context.catalogue.write(change)


def redeem(context: Context, caller: Caller, typed: str) -> None:
    """Make oneself known with a code; it tells nothing about whose it is.

    Raises:
        NotSignedIn: nobody is signed in.
        NoSuchResource: no such code, or not any more.
        TooManyRequests: too many wrong codes from here.
    """
    if not context.catalogue.write(lambda tx: _redeem(context, tx, caller, plain_code(typed))):
        raise NoSuchResource("no such code")


def confirm(context: Context, asking: Asking, id_: str) -> KnownInvitation:
    """Say "yes, this is she": from now on her organisation may ask for 30 days.

    Raises:
        Conflict: nobody used the code, or it is too long ago.
    """

    def change(tx: CatalogueTransaction) -> KnownInvitation:
        admit(context, tx, asking)
        now, known = context.clock(), _find(tx, asking.storage, id_)
        redeemer = known.invitation.redeemer
        if known.invitation.status_at(now.wall_s) is not InvitationStatus.REDEEMED or redeemer is None:
            raise Conflict("nobody waits for a yes with this code")
        until = now.policy_s + meeting_lifetime_s
        meeting = KnownMeeting(asking.storage, Meeting(id_, redeemer, until), 1)
        confirmed = replace(known.invitation, status=InvitationStatus.CONFIRMED, until=until)
        tx.put_document(meeting_document(meeting, now.wall_ms))
        tx.append_lines([line(context, tx, asking, _happening(context, known, "meet"))])
        return _keep(context, tx, known, confirmed)

    return context.catalogue.write(change)


def cancel(context: Context, asking: Asking, id_: str) -> None:
    """Make a code worthless, say that it is not she, or end a meeting."""

    def change(tx: CatalogueTransaction) -> None:
        admit(context, tx, asking)
        known = _find(tx, asking.storage, id_)
        meeting = find_meeting(tx, asking.storage, id_)
        if meeting is not None and not meeting.meeting.ended:
            ended = replace(
                meeting, meeting=replace(meeting.meeting, ended=True), version=meeting.version + 1
            )
            tx.put_document(meeting_document(ended, context.clock().wall_ms))
        _keep(context, tx, known, known.invitation.with_status(InvitationStatus.CANCELLED))
        tx.append_lines([line(context, tx, asking, _happening(context, known, "cancel"))])

    context.catalogue.write(change)


def admit(context: Context, view: CatalogueReader, asking: Asking) -> StorageRecord:
    """Let the owner in to her invitations; see `admit_owner`."""
    requester = resolve(view, asking.caller, context.clock())
    return admit_owner(view, asking.storage, requester, SERVICE)


def own_meetings(view: CatalogueReader, requester: Requester, policy_s: int) -> Iterator[KnownMeeting]:
    """The live meetings of somebody over all storages, as herself or for an organisation for which she still acts."""
    if requester.agent is None:
        raise NotSignedIn("only somebody who is signed in has meetings")
    for known in meetings_of_party(view, requester.agent):
        met = known.meeting.met
        is_she = met.issuer == requester.credentials.issuer
        acts = met.organisation is None or met.organisation in requester.organisations
        if is_she and acts and known.meeting.is_live(policy_s):
            yield known


def _redeem(context: Context, tx: CatalogueTransaction, caller: Caller, code: str) -> bool:
    now = context.clock()
    requester = resolve(tx, caller, now)
    redeemer = _redeemer(requester)
    check_app(requester, SERVICE)
    scopes, period = _scopes(redeemer), now.wall_s // limit_period_s
    if any(tx.attempts(scope, period) >= limit for scope, limit in scopes.items()):
        raise TooManyRequests("too many wrong codes", limit_period_s - now.wall_s % limit_period_s)
    found = tx.find_code(code)
    known = None if found is None else read_invitation(found)
    if known is None or not _may_redeem(tx, known, requester, now.wall_s):
        # Not raised here: what is raised undoes the counting.
        for scope in scopes:
            tx.count_attempt(scope, period)
        return False
    redeemed = replace(known.invitation, status=InvitationStatus.REDEEMED, redeemer=redeemer)
    happening = _happening(context, _keep(context, tx, known, redeemed), "redeem")
    tx.append_lines([line(context, tx, Asking(known.storage, caller), happening)])
    return True


def _redeemer(requester: Requester) -> Redeemer:
    credentials = requester.credentials
    if credentials.agent is None or credentials.issuer is None:
        raise NotSignedIn("only somebody who is signed in can enter a code")
    return Redeemer(credentials.agent, credentials.issuer, min(requester.organisations, default=None))


def _scopes(redeemer: Redeemer) -> dict[str, int]:
    """Who is counted when a code is wrong, and how many wrong ones in an hour are too many."""
    nearest = f"organisation {redeemer.organisation}" if redeemer.organisation else f"agent {redeemer.webid}"
    return {
        nearest: max_wrong_codes,
        f"issuer {redeemer.issuer}": max_wrong_codes_of_server // 5,
        "server": max_wrong_codes_of_server,
    }


def _may_redeem(view: CatalogueReader, known: KnownInvitation, requester: Requester, wall_s: int) -> bool:
    storage = view.find_storage(known.storage)
    is_open = known.invitation.status_at(wall_s) is InvitationStatus.OPEN
    return is_open and storage is not None and not is_owner(storage, requester)


def _find(view: CatalogueReader, storage: StorageId, id_: str) -> KnownInvitation:
    known = find_invitation(view, storage, id_)
    if known is None:
        raise NoSuchResource("no such invitation")
    return known


def _keep(
    context: Context, tx: CatalogueTransaction, known: KnownInvitation, changed: Invitation
) -> KnownInvitation:
    new = replace(known, invitation=changed, version=known.version + 1)
    tx.put_document(invitation_document(new, context.clock().wall_ms))
    return new


def _happening(context: Context, known: KnownInvitation, activity: str) -> Happening:
    redeemer = known.invitation.redeemer
    return Happening(
        activity,
        invitation_url(context, known),
        mode=AccessMode.APPEND if activity == "redeem" else AccessMode.CONTROL,
        organisation=redeemer.organisation if activity == "redeem" and redeemer else None,
    )


def invitation_url(context: Context, known: KnownInvitation) -> str:
    """The URL of an invitation."""
    return f"{storage_url(context, known.storage)}{INVITATIONS}{known.invitation.id}"
