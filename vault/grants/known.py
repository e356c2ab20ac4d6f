"""Grants, requests, invitations and meetings of a storage as values, and the documents that keep them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache

from vault.grants.written import dump_grant, dump_request, load_grant, load_request
from vault.model.grant import AccessRequest, Grant, GrantStatus
from vault.model.identifiers import StorageId
from vault.model.meeting import Invitation, InvitationStatus, Meeting, Redeemer
from vault.model.records import DocumentKind, ServiceDocument
from vault.stores.ports import CatalogueReader

# A grant is a value: the same bytes always are the same one, and a storage's grants are gone through again and again.
_load_grant = lru_cache(maxsize=4096)(load_grant)


@dataclass(frozen=True, slots=True)
class KnownGrant:
    """A grant with the version of the document that keeps it."""

    grant: Grant
    version: int

    @property
    def etag(self) -> str:
        """What names this state of the grant."""
        return f'"{self.grant.short_id}-{self.version}"'


@dataclass(frozen=True, slots=True)
class KnownRequest:
    """An access request with the version of the document that keeps it."""

    request: AccessRequest
    version: int


def known_grants(view: CatalogueReader, storage: StorageId, party: str | None = None) -> list[KnownGrant]:
    """Every grant of a storage whatever its status, oldest first; only of one receiver when given."""
    return [_known_grant(found) for found in view.documents(storage, DocumentKind.GRANT, party)]


def find_grant(view: CatalogueReader, storage: StorageId, id_: str) -> KnownGrant | None:
    """One grant by its short id."""
    found = view.find_document(storage, DocumentKind.GRANT, id_)
    return None if found is None else _known_grant(found)


def grants_of_party(view: CatalogueReader, party: str) -> list[KnownGrant]:
    """The grants of one receiver over all storages, oldest first."""
    return [_known_grant(found) for found in view.documents_of_party(DocumentKind.GRANT, party)]


def known_requests(view: CatalogueReader, storage: StorageId, party: str | None = None) -> list[KnownRequest]:
    """Every request at a storage, oldest first; only of one asker when given."""
    return [_known_request(found) for found in view.documents(storage, DocumentKind.REQUEST, party)]


def find_request(view: CatalogueReader, storage: StorageId, id_: str) -> KnownRequest | None:
    """One request by its short id."""
    found = view.find_document(storage, DocumentKind.REQUEST, id_)
    return None if found is None else _known_request(found)


def grant_document(storage: StorageId, known: KnownGrant, time_ms: int) -> ServiceDocument:
    """The document that keeps a grant; it is found by its receiver."""
    grant = known.grant
    status = GrantStatus.STOPPED if grant.stopped_at is not None else GrantStatus.ACTIVE
    return ServiceDocument(
        storage=storage,
        kind=DocumentKind.GRANT,
        id=grant.short_id,
        version=known.version,
        status=status.value,
        party=grant.terms.assignee,
        body=dump_grant(grant),
        time_ms=time_ms,
    )


def request_document(storage: StorageId, known: KnownRequest, time_ms: int) -> ServiceDocument:
    """The document that keeps a request; it is found by who asked."""
    request = known.request
    return ServiceDocument(
        storage=storage,
        kind=DocumentKind.REQUEST,
        id=request.short_id,
        version=known.version,
        status=request.status.value,
        party=request.requested_by,
        body=dump_request(request),
        time_ms=time_ms,
    )


@dataclass(frozen=True, slots=True)
class KnownInvitation:
    """An invitation with its storage and the version of the document that keeps it."""

    storage: StorageId
    invitation: Invitation
    version: int


@dataclass(frozen=True, slots=True)
class KnownMeeting:
    """A meeting with its storage and the version of the document that keeps it."""

    storage: StorageId
    meeting: Meeting
    version: int


def known_invitations(view: CatalogueReader, storage: StorageId) -> list[KnownInvitation]:
    """Every invitation of a storage, oldest first."""
    return [read_invitation(found) for found in view.documents(storage, DocumentKind.INVITATION)]


def find_invitation(view: CatalogueReader, storage: StorageId, id_: str) -> KnownInvitation | None:
    """One invitation."""
    found = view.find_document(storage, DocumentKind.INVITATION, id_)
    return None if found is None else read_invitation(found)


def known_meetings(view: CatalogueReader, storage: StorageId) -> list[KnownMeeting]:
    """Every meeting of a storage, ended ones too, oldest first."""
    return [_known_meeting(found) for found in view.documents(storage, DocumentKind.MEETING)]


def find_meeting(view: CatalogueReader, storage: StorageId, id_: str) -> KnownMeeting | None:
    """One meeting; it has the id of its invitation."""
    found = view.find_document(storage, DocumentKind.MEETING, id_)
    return None if found is None else _known_meeting(found)


def meetings_of_party(view: CatalogueReader, party: str) -> list[KnownMeeting]:
    """The meetings of one person over all storages, oldest first."""
    return [_known_meeting(found) for found in view.documents_of_party(DocumentKind.MEETING, party)]


def invitation_document(known: KnownInvitation, time_ms: int) -> ServiceDocument:
    """The document that keeps an invitation."""
    invitation = known.invitation
    return ServiceDocument(
        storage=known.storage,
        kind=DocumentKind.INVITATION,
        id=invitation.id,
        version=known.version,
        status=invitation.status.value,
        party=None,
        body=json.dumps(asdict(invitation)).encode(),
        time_ms=time_ms,
    )


def meeting_document(known: KnownMeeting, time_ms: int) -> ServiceDocument:
    """The document that keeps a meeting; it is found by whom she met."""
    meeting = known.meeting
    return ServiceDocument(
        storage=known.storage,
        kind=DocumentKind.MEETING,
        id=meeting.id,
        version=known.version,
        status="Ended" if meeting.ended else "Active",
        party=meeting.met.webid,
        body=json.dumps(asdict(meeting)).encode(),
        time_ms=time_ms,
    )


def read_invitation(document: ServiceDocument) -> KnownInvitation:
    """Read the document of an invitation."""
    fields = json.loads(document.body)
    fields["status"] = InvitationStatus(fields["status"])
    fields["redeemer"] = None if fields["redeemer"] is None else Redeemer(**fields["redeemer"])
    return KnownInvitation(document.storage, Invitation(**fields), document.version)


def _known_meeting(document: ServiceDocument) -> KnownMeeting:
    fields = json.loads(document.body)
    fields["met"] = Redeemer(**fields["met"])
    return KnownMeeting(document.storage, Meeting(**fields), document.version)


def _known_grant(document: ServiceDocument) -> KnownGrant:
    return KnownGrant(_load_grant(document.body), document.version)


def _known_request(document: ServiceDocument) -> KnownRequest:
    return KnownRequest(load_request(document.body), document.version)
