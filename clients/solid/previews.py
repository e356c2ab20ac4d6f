"""Previews: what a receiver would see, what somebody sees, who sees a resource (PreviewService)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from clients.solid.description import LD_JSON, Storage
from clients.solid.parties import Parties, read_parties
from clients.solid.session import Session
from clients.solid.teams import Team, read_team
from clients.solid.values import Document, flag, maybe_text, moment, objects, read_document, text, texts

SERVICE = "PreviewService"


@dataclass(frozen=True, slots=True)
class VisibleResource:
    """One resource that can be seen; `digest` proves which state of it was shown."""

    url: str
    media_type: str | None
    modified: datetime | None
    digest: str | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a receiver sees, and which fixed containers are not shared with her (the same for everybody's vault)."""

    visible: tuple[VisibleResource, ...]
    invisible: tuple[str, ...]
    parties: Parties

    def digests(self) -> tuple[str, ...]:
        """The proofs of what was shown, for giving exactly this."""
        return tuple(found.digest for found in self.visible if found.digest is not None)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who can see a resource: with which grants, and whether by what was set by hand, with which apps."""

    id: str
    grants: tuple[str, ...]
    is_set_by_hand: bool = False
    apps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetByHand:
    """What an access rule lets somebody do without a grant, and with which app (None: not known) it was written."""

    agent: str
    resource: str
    modes: tuple[str, ...]
    app: str | None
    team: Team | None = None


def preview_draft(session: Session, storage: Storage, draft: Mapping[str, Any]) -> Preview:
    """What the receiver would see if this draft of a grant were given.

    Raises:
        Unacceptable: the draft is against a rule.
    """
    answer = session.request(
        "POST", storage.endpoint(SERVICE), json=dict(draft), headers={"Content-Type": LD_JSON}
    )
    return read_preview(read_document(answer))


def what_sees(session: Session, storage: Storage, agent: str) -> Preview:
    """What somebody sees now, by her WebID or the IRI of a group."""
    return read_preview(_ask(session, storage, agent=agent))


def who_sees(session: Session, storage: Storage, resource: str) -> tuple[tuple[Viewer, ...], Parties]:
    """Who can see a resource now, besides the owner."""
    document = _ask(session, storage, resource=resource)
    return tuple(_read_viewer(entry) for entry in objects(document, "agents")), read_parties(document)


def set_by_hand(session: Session, storage: Storage) -> tuple[tuple[SetByHand, ...], Parties]:
    """What was written into access rules without a grant and lets others than the owner in."""
    document = _ask(session, storage)
    return read_set_by_hand(document), read_parties(document)


def read_set_by_hand(document: Document) -> tuple[SetByHand, ...]:
    """Read the rules without a grant that an answer lists."""
    return tuple(
        SetByHand(
            text(entry, "agent"),
            text(entry, "resource"),
            texts(entry, "modes"),
            maybe_text(entry, "app"),
            read_team(entry),
        )
        for entry in objects(document, "setByHand")
    )


def read_preview(document: Document) -> Preview:
    """Read a preview."""
    visible = tuple(_read_visible(entry) for entry in objects(document, "visible"))
    return Preview(visible, _invisible(document), read_parties(document))


def _ask(session: Session, storage: Storage, **query: str) -> Document:
    asked = f"?{urlencode(query)}" if query else ""
    url = f"{storage.endpoint(SERVICE)}{asked}"
    return read_document(session.request("GET", url, headers={"Accept": LD_JSON}))


def _read_visible(entry: Document) -> VisibleResource:
    return VisibleResource(
        text(entry, "id"),
        maybe_text(entry, "mediaType"),
        moment(entry, "modified"),
        maybe_text(entry, "digest"),
        flag(entry, "isNew"),
    )


def _read_viewer(entry: Document) -> Viewer:
    return Viewer(text(entry, "id"), texts(entry, "grants"), flag(entry, "setByHand"), texts(entry, "apps"))


def _invisible(document: Document) -> tuple[str, ...]:
    found = document.get("invisible", [])
    return tuple(str(one["id"]) if isinstance(one, dict) else str(one) for one in found)
