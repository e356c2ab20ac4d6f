"""Who may use the services of a storage; to everybody else a storage is as one that does not exist."""

from __future__ import annotations

from dataclasses import dataclass

from vault.errors import AccessRefused, NoSuchResource, NotSignedIn
from vault.grants.known import known_meetings
from vault.model.identifiers import StorageId
from vault.model.records import StorageRecord
from vault.model.requester import Caller, Requester
from vault.stores.ports import CatalogueReader


@dataclass(frozen=True, slots=True)
class Asking:
    """A call of a service of one storage: which storage, and who calls."""

    storage: StorageId
    caller: Caller


@dataclass(frozen=True, slots=True)
class AdmittedWorker:
    """A storage that a worker may ask, and for which of her organisations she may."""

    storage: StorageRecord
    organisations: frozenset[str]


def is_owner(storage: StorageRecord, requester: Requester) -> bool:
    """Whether the requester owns the storage: her WebID, signed in at the storage's own issuer."""
    credentials = requester.credentials
    return credentials.agent == storage.owner and credentials.issuer == storage.issuer


def admit_owner(
    view: CatalogueReader, storage: StorageId, requester: Requester, service: str
) -> StorageRecord:
    """Let the owner in, through an app that she let use this service.

    Raises:
        NotSignedIn: nobody is signed in.
        NoSuchResource: somebody else, or no such storage.
        AccessRefused: the owner, with an app that may not use this service.
    """
    record = find_storage(view, storage, requester)
    if not is_owner(record, requester):
        raise NoSuchResource("no such storage for this agent")
    check_app(requester, service)
    return record


def admit_worker(
    view: CatalogueReader, storage: StorageId, requester: Requester, policy_s: int
) -> AdmittedWorker:
    """Let a worker in who acts for an organisation that the owner met and has not sent away.

    Raises:
        NotSignedIn: nobody is signed in.
        NoSuchResource: no meeting, or no such storage.
    """
    record = find_storage(view, storage, requester)
    if record.is_paused:
        raise NoSuchResource("nobody but the owner gets in now")
    live = (known.meeting for known in known_meetings(view, storage) if known.meeting.is_live(policy_s))
    met = {meeting.met.organisation for meeting in live}
    organisations = frozenset(iri for iri in requester.organisations if iri in met)
    if not organisations:
        raise NoSuchResource("no meeting with this organisation")
    return AdmittedWorker(record, organisations)


def find_storage(view: CatalogueReader, storage: StorageId, requester: Requester) -> StorageRecord:
    """Find a storage for somebody who is signed in.

    Raises:
        NotSignedIn: nobody is signed in, whether there is such a storage or not.
        NoSuchResource: no such storage.
    """
    if requester.agent is None:
        raise NotSignedIn("this service needs somebody who is signed in")
    record = view.find_storage(storage)
    if record is None:
        raise NoSuchResource("no such storage")
    return record


def check_app(requester: Requester, service: str) -> None:
    """Refuse an app that its user did not let use a service; agents of other issuers have no limit here.

    Raises:
        AccessRefused: the app may not.
    """
    if requester.limit is not None and service not in requester.limit.services:
        raise AccessRefused(f"the app may not use {service}")
