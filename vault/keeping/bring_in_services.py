"""Grants, requests and meetings of an archive, for looking back: none of them lets anybody in or ask any more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from vault.context import Context
from vault.errors import MalformedContent
from vault.grants.known import (
    KnownGrant,
    KnownMeeting,
    KnownRequest,
    grant_document,
    meeting_document,
    request_document,
)
from vault.grants.written import load_grant, load_request
from vault.keeping.archive import OpenedArchive
from vault.keeping.archive_manifest import Part
from vault.keeping.export import SERVICES
from vault.model.grant import AccessRequest, Grant, RequestStatus, instant_at
from vault.model.identifiers import StorageId
from vault.model.meeting import Meeting, Redeemer
from vault.model.records import DocumentKind, ServiceDocument
from vault.stores.ports import CatalogueTransaction

max_document_bytes = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Place:
    """From which storage (its URL) to which."""

    context: Context
    storage: StorageId
    old_url: str

    @property
    def url(self) -> str:
        return f"{self.context.base_url}{self.storage}/"

    def moved(self, url: str) -> str:
        """A URL of the old storage as it is in the new one; any other as it was."""
        return self.url + url[len(self.old_url) :] if url.startswith(self.old_url) else url


def bring_services(context: Context, storage: StorageId, opened: OpenedArchive) -> int:
    """Keep them in a storage, those that are there already as they are; how many came.

    Raises:
        MalformedContent: one cannot be read.
    """
    place = _Place(context, storage, opened.archive.storage)
    return sum(_keep(context, document) for document in _documents(place, opened))


def _documents(place: _Place, opened: OpenedArchive) -> Iterator[ServiceDocument]:
    read: dict[str, Callable[[_Place, Part, bytes], ServiceDocument]] = {
        SERVICES[DocumentKind.GRANT][0]: _grant,
        SERVICES[DocumentKind.REQUEST][0]: _request,
        SERVICES[DocumentKind.MEETING][0]: _meeting,
    }
    for part in opened.parts:
        folder = (part.file or "").partition("/")[0]
        if folder not in read or part.path is not None:
            continue
        if part.size > max_document_bytes:
            raise MalformedContent(f"{part.file} is too large for what it is")
        try:
            yield read[folder](place, part, b"".join(opened.read(part)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MalformedContent(f"{part.file} cannot be read") from error


def _grant(place: _Place, part: Part, body: bytes) -> ServiceDocument:
    old = load_grant(body)
    now_s = place.context.clock().policy_s
    policies = tuple(
        replace(policy, targets=tuple(place.moved(target) for target in policy.targets))
        for policy in old.terms.policies
    )
    grant: Grant = replace(
        old.with_policies(policies),
        id=place.moved(old.id),
        storage=place.url,
        in_response_to=old.in_response_to and place.moved(old.in_response_to),
        replaces=old.replaces and place.moved(old.replaces),
        exceptions=tuple(place.moved(url) for url in old.exceptions),
        stopped_at=old.stopped_at or instant_at(now_s),
    )
    return grant_document(place.storage, KnownGrant(grant, 1), _time(place, part))


def _request(place: _Place, part: Part, body: bytes) -> ServiceDocument:
    old = load_request(body)
    status = RequestStatus.CANCELLED if old.status is RequestStatus.WAITING else old.status
    request: AccessRequest = replace(old, id=place.moved(old.id), storage=place.url, status=status)
    return request_document(place.storage, KnownRequest(request, 1), _time(place, part))


def _meeting(place: _Place, part: Part, body: bytes) -> ServiceDocument:
    fields = json.loads(body)
    met = Redeemer(**fields["met"])
    meeting = Meeting(str(fields["id"]), met, int(fields["until"]), ended=True)
    return meeting_document(KnownMeeting(place.storage, meeting, 1), _time(place, part))


def _time(place: _Place, part: Part) -> int:
    return place.context.clock().wall_ms if part.from_ms is None else part.from_ms


def _keep(context: Context, document: ServiceDocument) -> int:
    def change(tx: CatalogueTransaction) -> int:
        if tx.find_document(document.storage, document.kind, document.id) is not None:
            return 0
        tx.put_document(document)
        return 1

    return context.catalogue.write(change)
