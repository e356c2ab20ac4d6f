"""What only the server may say of a receiver: her organisation, issuers and apps, from the register or from the meeting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vault.grants.known import known_grants, known_meetings
from vault.model.grant import AccessRequest, AssigneeKind, Grant
from vault.model.identifiers import StorageId
from vault.model.meeting import Redeemer
from vault.model.organisation import Organisation, Register
from vault.stores.ports import CatalogueReader


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets something, as a draft names her; `organisation` only when the sender says which one."""

    assignee: str
    kind: AssigneeKind
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Which issuers and apps count for a receiver. All empty for somebody the citizen never met."""

    organisation: Organisation | None = None
    issuers: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()


def find_standing(
    view: CatalogueReader, storage: StorageId, receiver: Receiver, request: AccessRequest | None
) -> Standing:
    """Find how a receiver stands: somebody the citizen met, who asked, or whom she gave something before.

    An organisation counts only while it is in the register and not suspended. Whoever was met for an organisation, or
    works for one of the register, never counts as a person: that would go round the register.
    """
    met = [known.meeting.met for known in known_meetings(view, storage)]
    register = view.register()
    if receiver.kind is AssigneeKind.PERSON:
        return _of_person(register, receiver, met)
    given = [known.grant for known in known_grants(view, storage, receiver.assignee)]
    asked = [] if request is None or request.terms.assignee != receiver.assignee else [request.organisation]
    for iri in (*asked, *_met_for(register, receiver, met), *_gave_to(receiver, given)):
        organisation = register.find(iri)
        is_named = receiver.organisation in {None, iri}
        if is_named and organisation is not None and organisation.suspended_at is None:
            return Standing(
                organisation, tuple(sorted(organisation.issuers)), tuple(sorted(organisation.clients))
            )
    return Standing()


def _of_person(register: Register, receiver: Receiver, met: list[Redeemer]) -> Standing:
    hers = [one for one in met if one.webid == receiver.assignee]
    works = any(members.worker(receiver.assignee) for members in register.memberships.values())
    if not hers or hers[-1].organisation is not None or works:
        return Standing()
    return Standing(issuers=(hers[-1].issuer,))


def _met_for(register: Register, receiver: Receiver, met: list[Redeemer]) -> Iterator[str]:
    """The organisations for which she met this worker, or anybody of this team, the last first."""
    for one in reversed(met):
        organisation = register.find(one.organisation or "")
        if organisation is None:
            continue
        is_she = one.webid == receiver.assignee
        if is_she if receiver.kind is AssigneeKind.WORKER else organisation.group == receiver.assignee:
            yield organisation.iri


def _gave_to(receiver: Receiver, given: list[Grant]) -> Iterator[str]:
    """The organisations for which she gave this receiver something before, the last first."""
    of_kind = (
        grant for grant in reversed(given) if grant.terms.assignee_kind.is_group == receiver.kind.is_group
    )
    return (grant.organisation for grant in of_kind if grant.organisation is not None)
