"""Sessions for tests of the SDK: signed in at a fake issuer."""

from __future__ import annotations

from clients.solid.issuers import Identity, discover
from clients.solid.login import Client, PendingLogin
from clients.solid.session import Connection, Session, sign_in
from tests.unit.clients.fake_vault import APP, BASE, ISSUER, FakeVault

CLIENT = Client(f"{APP}client-id", "Mijn Kluis", f"{APP}terug", APP)


def connect(vault: FakeVault) -> Connection:
    """The way to a fake vault."""
    return Connection(vault.http(), lambda: vault.now_s, (BASE,))


def begin(vault: FakeVault) -> PendingLogin:
    """A sign-in that waits for its answer."""
    pending = PendingLogin(discover(vault.http(), ISSUER))
    vault.nonce = pending.nonce
    return pending


def finish(vault: FakeVault, pending: PendingLogin, **answer: str) -> tuple[Session, Identity]:
    """Come back from the issuer with its right answer, but for what a test changes."""
    right = {"code": "c0de", "state": pending.state, "iss": ISSUER}
    return sign_in(connect(vault), CLIENT, pending, right | answer)


def session_of(vault: FakeVault) -> Session:
    """A session of the vault's owner."""
    return finish(vault, begin(vault))[0]
