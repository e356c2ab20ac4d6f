"""Devices that keep passkeys, as Chromium itself plays them (`chromedevtools.github.io/devtools-protocol/tot/WebAuthn`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page


@dataclass(frozen=True, slots=True)
class Device:
    """A device at a page, which knows its holder unless told otherwise."""

    session: CDPSession
    id: str

    def credentials(self) -> list[dict[str, object]]:
        """The passkeys on it."""
        found: list[dict[str, object]] = self._send("WebAuthn.getCredentials")["credentials"]
        return found

    def put(self, credential: dict[str, object]) -> None:
        """Put a passkey on it."""
        self._send("WebAuthn.addCredential", credential=credential)

    def forget_all(self) -> None:
        """Take every passkey off it."""
        self._send("WebAuthn.clearCredentials")

    def know_holder(self, *, yes: bool) -> None:
        """Recognise who holds it, or not."""
        self._send("WebAuthn.setUserVerified", isUserVerified=yes)

    def _send(self, method: str, **more: object) -> dict[str, list[dict[str, object]]]:
        answer: dict[str, list[dict[str, object]]] = self.session.send(
            method, {"authenticatorId": self.id, **more}
        )
        return answer


@contextmanager
def a_device(page: Page) -> Iterator[Device]:
    """A phone at this page, with its own passkeys, as long as it lasts."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    try:
        yield Device(session, made["authenticatorId"])
    finally:
        session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
        session.detach()
