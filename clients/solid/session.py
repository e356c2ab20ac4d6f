"""A signed-in session: requests with proof of possession, tokens renewed in time, safe requests tried twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from clients.solid.errors import ForeignAddress, SignedOut, Unreachable, check
from clients.solid.issuers import Identity, Issuer
from clients.solid.login import (
    Client,
    Credentials,
    PendingLogin,
    TokenRequest,
    Tokens,
    finish,
    renew,
    with_credentials,
)
from clients.solid.proofs import ProofKey

renew_before_s = 30
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Now = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Connection:
    """How a session reaches the world.

    `now` gives seconds since the epoch. Tokens go only to URLs that begin with one of `servers`: what a document of a
    stranger names never gets one.
    """

    http: httpx2.Client
    now: Now
    servers: tuple[str, ...]


@dataclass(slots=True)
class Session:
    """One person (or program) signed in with one app. Threads may share it."""

    connection: Connection
    issuer: Issuer
    key: ProofKey
    tokens: Tokens
    renewal: Callable[[TokenRequest, Tokens], Tokens]
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def request(self, method: str, url: str, **more: Any) -> httpx2.Response:
        """Ask as the signed-in person; `more` as httpx2 takes it, and `purpose` for `Purpose-Of-Use`.

        Raises:
            SolidError: as its tree says; a refusal is always an exception.
        """
        if not url.startswith(self.connection.servers):
            raise ForeignAddress("the session may not speak to this server")
        headers: dict[str, str] = dict(more.pop("headers", None) or {})
        purpose = more.pop("purpose", None)
        if purpose is not None:
            headers["Purpose-Of-Use"] = purpose
        response = self._send(method, url, headers, more)
        if response.status_code == 401:
            self._renew(self.tokens)
            response = self._send(method, url, headers, more)
        return check(response)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], more: Mapping[str, Any]
    ) -> httpx2.Response:
        attempts = 2 if method in _SAFE else 1
        for attempt in range(attempts):
            try:
                return self.connection.http.request(
                    method, url, headers=self._prove(method, url, headers), **more
                )
            except httpx2.TransportError as error:
                if attempt == attempts - 1:
                    raise Unreachable("the server does not answer") from error
        raise AssertionError("unreachable")

    def _prove(self, method: str, url: str, headers: Mapping[str, str]) -> dict[str, str]:
        tokens = self.tokens
        now_s = self.connection.now()
        if tokens.expires_at_s - renew_before_s <= now_s:
            tokens = self._renew(tokens)
        proof = self.key.prove(method, url, now_s, tokens.access)
        return {**headers, "Authorization": f"DPoP {tokens.access}", "DPoP": proof}

    def _renew(self, seen: Tokens) -> Tokens:
        with self._lock:
            if self.tokens is seen:
                request = TokenRequest(self.connection.http, self.issuer, self.key, self.connection.now())
                self.tokens = self.renewal(request, seen)
            return self.tokens

    def end(self, client_id: str, identity: Identity | None) -> None:
        """Tell the issuer that the session is over, as far as it can be told; never fails."""
        calls: list[tuple[str | None, dict[str, str]]] = []
        if self.tokens.refresh is not None:
            calls.append(
                (self.issuer.revocation_endpoint, {"token": self.tokens.refresh, "client_id": client_id})
            )
        if identity is not None:
            calls.append(
                (self.issuer.end_session_endpoint, {"id_token_hint": identity.token, "client_id": client_id})
            )
        for endpoint, form in calls:
            if endpoint is not None:
                _tell(self.connection.http, endpoint, form)


def _tell(http: httpx2.Client, endpoint: str, form: dict[str, str]) -> None:
    try:
        http.post(endpoint, data=form, timeout=2)
    except httpx2.TransportError:
        return


def sign_in(
    connection: Connection, client: Client, pending: PendingLogin, answer: Mapping[str, str]
) -> tuple[Session, Identity]:
    """Finish a sign-in in the browser.

    Raises:
        LoginFailed, Unreachable: see `clients.solid.login.finish`.
    """
    identity, tokens = finish(connection.http, client, pending, answer, connection.now())

    def renewal(request: TokenRequest, seen: Tokens) -> Tokens:
        if seen.refresh is None:
            raise SignedOut("the session cannot be renewed")
        fresh = renew(request, client.id, seen.refresh)
        return fresh if fresh.refresh is not None else Tokens(fresh.access, fresh.expires_at_s, seen.refresh)

    return Session(connection, pending.issuer, pending.key, tokens, renewal), identity


def sign_in_with_credentials(connection: Connection, issuer: Issuer, credentials: Credentials) -> Session:
    """Sign a program in with client credentials.

    Raises:
        LoginFailed: the issuer does not take them.
    """
    key = ProofKey()

    def renewal(request: TokenRequest, _: Tokens) -> Tokens:
        return with_credentials(request, credentials)

    tokens = with_credentials(TokenRequest(connection.http, issuer, key, connection.now()), credentials)
    return Session(connection, issuer, key, tokens, renewal)
