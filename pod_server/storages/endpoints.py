"""Where the services of a storage are, what they can be asked, and the journal's word for each call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vocab.media_types import JSON, JSON_LD, TURTLE


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service: its type in the storage description, its methods on itself and on an item, and words by method.

    `media_types` are those of its answers; of more than one the client chooses.
    """

    type: str
    on_itself: tuple[str, ...]
    on_item: tuple[str, ...]
    activities: Mapping[str, str]
    media_types: tuple[str, ...] = (JSON_LD,)

    def methods(self, rest: str) -> tuple[str, ...]:
        """The methods that the service supports at an address; `rest` is the path after its endpoint."""
        own = self.on_itself if rest == "" else self.on_item
        return ("GET", "HEAD", "OPTIONS", *own)

    def activity(self, method: str) -> str:
        """The journal's word for a call that did not get as far as saying it itself."""
        return self.activities.get(method, "read")


ENDPOINTS: Mapping[str, Endpoint] = {
    "verzoeken/": Endpoint(
        "AccessRequestService",
        ("POST",),
        ("PATCH", "DELETE"),
        {"POST": "ask", "PATCH": "refuse", "DELETE": "withdraw"},
    ),
    "toegang/": Endpoint(
        "AccessGrantService",
        ("POST", "DELETE"),
        ("PUT", "DELETE"),
        {"POST": "give", "PUT": "narrow", "DELETE": "stop"},
    ),
    ".well-known/wijkkluis/voorbeeld/": Endpoint(
        "PreviewService", ("POST",), (), {"GET": "preview", "HEAD": "preview", "POST": "preview"}
    ),
    ".well-known/wijkkluis/uitnodigingen/": Endpoint(
        "InvitationService", ("POST",), ("POST", "DELETE"), {"POST": "invite", "DELETE": "cancel"}
    ),
    ".well-known/wijkkluis/verhuizingen/": Endpoint(
        "RelocationService",
        ("POST",),
        ("PUT", "POST"),
        {"POST": "announce", "PUT": "choose"},
    ),
    ".well-known/wijkkluis/versies/": Endpoint(
        "VersionService", ("POST",), (), {"GET": "look-back", "HEAD": "look-back", "POST": "put-back"}
    ),
    "logboek/": Endpoint(
        "JournalService",
        (),
        ("POST",),
        {"GET": "consult-journal", "HEAD": "consult-journal", "POST": "sign-checkpoint"},
        (JSON_LD, TURTLE, JSON),
    ),
}
