"""A vault with a citizen and a worker of a registered organisation, and calls of services as each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pod_server.storages import grants, invitations, previews, requests
from pod_server.storages.calls import ServiceAnswer, ServiceCall
from tests.support.grants import CLIENT, GROUP, ISSUER, LEGAL_BASIS, ORGANISATION, PURPOSE, REASON, WORKER
from tests.support.vaults import TestClock, add_resource, keyring_of, make_context
from vault.access.decide import decide
from vault.access.rules import subject_of
from vault.context import Context
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.journal import JournalEntry
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation, Worker
from vault.model.records import StorageRecord
from vault.model.requester import Caller, Credentials, Declared
from vault.model.rules import Allowed, Decision
from vault.operations.card import CARD_PATH
from vault.operations.provision import create_storage, prepare_storage
from vault.organisations import resolve
from vocab.concepts import satisfied_purposes
from vocab.contexts import SERVICE_CONTEXT
from vocab.media_types import JSON_LD
from vocab.namespaces import WK

COLLEAGUE = "https://organisations.example/dilek/card#me"
STRANGER = "https://elsewhere.example/rob/card#me"
END = "2027-03-31T23:59:59+02:00"
Json = dict[str, Any]
Handler = Callable[[Context, ServiceCall], ServiceAnswer]


@dataclass(slots=True)
class People:
    """A vault with its people; the owner uses a trusted app."""

    context: Context
    clock: TestClock
    storage: StorageRecord

    @property
    def url(self) -> str:
        """The URL of the storage."""
        return f"{self.context.base_url}{self.storage.storage}/"

    @property
    def owner(self) -> Caller:
        """The owner with the app that has its rights by configuration."""
        credentials = Credentials(
            self.storage.owner, "https://portal.example/client-id", self.context.issuer_url, None, True, True
        )
        return Caller(credentials, Declared(), "f" * 32)

    def pause(self) -> None:
        """Let nobody but the owner in, except to her card, as after a whole restore."""
        with self.context.catalogue.view() as view:
            card = view.find_resource(ResourceIdentifier(self.storage.storage, CARD_PATH))
        assert card is not None
        self.context.catalogue.write(lambda tx: tx.pause_storage(self.storage.storage, card.key))

    def add(self, path: str, body: bytes = b"<> a <#Plan> .") -> str:
        """Add a document (or container) and give its URL."""
        identifier = ResourceIdentifier(self.storage.storage, path)
        add_resource(self.context, identifier, None if identifier.is_container else body)
        return self.url + path

    def call(
        self,
        handler: Handler,
        method: str,
        body: object = None,
        *,
        rest: str = "",
        by: Caller | None = None,
        **more: Any,
    ) -> ServiceAnswer:
        """Call a service of the storage, as the owner unless somebody else is named."""
        media_type = "application/merge-patch+json" if method == "PATCH" else JSON_LD
        call = ServiceCall(
            method=method,
            storage=self.storage.storage,
            rest=rest,
            query={},
            media_type=media_type,
            body=b"" if body is None else json.dumps(body).encode(),
            if_match=None,
            caller=by or self.owner,
        )
        return handler(self.context, replace(call, **more))

    def meet(self, caller: Caller | None = None) -> str:
        """Invite somebody, let her enter the code, and say yes; gives the id."""
        made = document_of(self.call(invitations.handle, "POST"))
        code = {"code": made["code"]}
        self.call(invitations.handle_server, "POST", code, by=caller or worker(), storage=None)
        id_ = str(made["id"]).rsplit("/", 1)[-1]
        self.call(invitations.handle, "POST", {"confirmed": True}, rest=id_)
        return id_

    def draft(self, *targets: str, **changes: Any) -> Json:
        """A grant to the worker as the owner's app would write it."""
        return document("AccessGrant", self.url, targets, **changes)

    def question(self, *targets: str, **changes: Any) -> Json:
        """A request of the worker as her app would write it."""
        asked = {"consequenceOfRefusal": "Dan praten we er samen nog een keer over."}
        return document("AccessRequest", self.url, targets, **(asked | changes))

    def preview(self, draft: Json) -> Json:
        """What the receiver of a draft would see."""
        return document_of(self.call(previews.handle, "POST", draft))

    def give(self, *targets: str, **changes: Any) -> Json:
        """Preview a draft and give it."""
        draft = self.draft(*targets, **changes)
        digests = [entry["digest"] for entry in self.preview(draft)["visible"]]
        return document_of(self.call(grants.handle, "POST", draft | {"previewed": digests}))

    def ask(self, *targets: str, **changes: Any) -> Json:
        """Ask as the worker."""
        return document_of(
            self.call(requests.handle, "POST", self.question(*targets, **changes), by=worker())
        )

    def stop(self, grant: Mapping[str, Any]) -> None:
        """Stop a grant."""
        self.call(grants.handle, "DELETE", rest=short(grant))

    def decision(self, caller: Caller, url: str, mode: AccessMode = AccessMode.READ) -> Decision:
        """What the vault decides for a caller now."""
        path = url.removeprefix(self.url)
        with self.context.catalogue.view() as view:
            requester = resolve(view, caller, self.clock())
            subject = subject_of(view, self.storage, ResourceIdentifier(self.storage.storage, path))
        return decide(requester, mode, subject, self.clock().policy_s)

    def may(self, caller: Caller, url: str, mode: AccessMode = AccessMode.READ) -> bool:
        """Whether the vault lets a caller do something now."""
        return isinstance(self.decision(caller, url, mode), Allowed)

    def lines(self) -> list[JournalEntry]:
        """The journal lines that were kept with changes."""
        return self.context.catalogue.write(lambda tx: [line.entry for line in tx.pending_lines(1000)])

    def acl(self, path: str) -> bool:
        """Whether a path has an ACL of its own."""
        with self.context.catalogue.view() as view:
            return view.find_resource(ResourceIdentifier(self.storage.storage, path).acl) is not None


def make_people(folder: Path) -> People:
    """Make the vault: one storage as every citizen gets it, one organisation with two workers."""
    clock = TestClock()
    context = make_context(folder, clock=clock)
    prepared = prepare_storage(context, StorageId(context.new_id()), "Samira", keyring_of(context).create)
    context.catalogue.write(lambda tx: create_storage(tx, prepared))
    people = People(context, clock, prepared.record)
    register(people)
    return people


def register(people: People, **changes: Any) -> None:
    """Put the organisation into the register, or change it there, with its workers fetched just now."""
    organisation = Organisation(
        iri=ORGANISATION,
        name="Stichting Samen Verder",
        kind=WK["soort-jeugdhulp"],
        number_kind="KvK",
        number="00000011",
        municipality="Nijmegen",
        issuers=frozenset({ISSUER}),
        clients=frozenset({CLIENT}),
        group=GROUP,
        verified_by="Beheerder",
        verified_at=1_700_000_000,
    )
    members = (Worker(WORKER, "Marieke Bos", WK["rol-aanbieder"]), Worker(COLLEAGUE, "Dilek Kaya"))

    def change(tx: Any) -> None:
        tx.put_organisation(replace(organisation, **changes))
        tx.put_workers(ORGANISATION, members, people.clock().wall_s)

    people.context.catalogue.write(change)


def worker(webid: str = WORKER, purpose: str | None = PURPOSE, **changes: Any) -> Caller:
    """A worker with the organisation's app; `changes` are of her credentials."""
    declared = Declared(purpose, satisfied_purposes(purpose) if purpose else frozenset())
    return Caller(replace(Credentials(webid, CLIENT, ISSUER), **changes), declared, "e" * 32)


def stranger() -> Caller:
    """Somebody of another server whom nobody knows."""
    return Caller(
        Credentials(STRANGER, "https://app.example/", "https://id.elsewhere.example/"), Declared(), "d" * 32
    )


def short(document: Mapping[str, Any]) -> str:
    """The last part of a document's IRI."""
    return str(document["id"]).rsplit("/", 1)[-1]


def document_of(answer: ServiceAnswer) -> Json:
    """The document of an answer."""
    assert answer.document is not None
    return dict(answer.document)


def document(kind: str, storage: str, targets: tuple[str, ...], **changes: Any) -> Json:
    """A grant or request as an app writes it."""
    policy = {
        "type": ["AccessPolicy"],
        "action": changes.pop("action", ["read"]),
        "assignee": changes.pop("assignee", WORKER),
        "target": {"type": changes.pop("target_kind", "StorageResource"), "value": list(targets)},
        "constraint": [
            {"leftOperand": "purpose", "operator": "eq", "rightOperand": changes.pop("purpose", PURPOSE)},
            *([_bound("gteq", changes.pop("start"))] if "start" in changes else []),
            _bound("lteq", changes.pop("end", END)),
        ],
    }
    return {
        "@context": list(SERVICE_CONTEXT),
        "type": [kind],
        "storage": storage,
        "assigneeKind": "Worker",
        "access": [policy],
        "legalBasis": [LEGAL_BASIS],
        "reason": REASON,
        **changes,
    }


def _bound(operator: str, moment: str) -> Json:
    return {"leftOperand": "dateTime", "operator": operator, "rightOperand": moment}
