"""Signing in at the issuer, signing out, and leaving in a hurry."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, NoReturn, TypeVar

from flask import Blueprint, Flask, Response, jsonify, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from clients.solid.errors import LoginFailed, SignedOut
from clients.solid.issuers import Identity, Issuer, discover
from clients.solid.login import Client, PendingLogin
from clients.solid.session import Connection, Session, sign_in
from clients.web.visits import Visit, VisitSessions

P = TypeVar("P")
issuer_lifetime_s = 600


@dataclass(slots=True)
class Entrance(Generic[P]):
    """How people come into an app and leave it.

    `welcome` makes the app's person of a fresh session; `farewell` is called when she leaves. `neutral_site` is where
    "Snel weg" goes.
    """

    client: Client
    issuer_url: str
    connection: Connection
    sessions: VisitSessions[P]
    welcome: Callable[[Session, Identity], P]
    farewell: Callable[[P], None]
    neutral_site: str
    _issuer: tuple[int, Issuer] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issuer(self) -> Issuer:
        """The issuer's discovery document, read again after ten minutes."""
        now_s = self.connection.now()
        with self._lock:
            known = self._issuer
        if known is None or now_s - known[0] > issuer_lifetime_s:
            known = (now_s, discover(self.connection.http, self.issuer_url))
            with self._lock:
                self._issuer = known
        return known[1]

    def visit(self) -> Visit[P] | None:
        """The visit of the current request."""
        return self.sessions.find(request)

    def person(self) -> P:
        """Who is signed in.

        Raises:
            SignedOut: nobody.
        """
        visit = self.visit()
        if visit is None or visit.person is None:
            raise SignedOut("nobody is signed in")
        return visit.person

    def is_signed_in(self) -> bool:
        """Whether somebody is."""
        visit = self.visit()
        return visit is not None and visit.person is not None

    def leave(self) -> None:
        """End the visit here and at the issuer."""
        visit = self.visit()
        if visit is None:
            return
        self.sessions.visits.forget(visit)
        if visit.person is not None:
            self.farewell(visit.person)


def wire_entrance(app: Flask, entrance: Entrance[P], csrf: CSRFProtect) -> None:
    """Add the pages of coming and going to an app."""
    pages = Blueprint("entrance", __name__)

    @pages.get("/client-id")
    def client_id() -> Response:
        answer = jsonify(entrance.client.document())
        answer.content_type = "application/ld+json"
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    @pages.get("/inloggen")
    def start() -> AnyResponse:
        pending = PendingLogin(entrance.issuer())
        visit = entrance.visit() or entrance.sessions.visits.begin()
        visit.pending = pending
        return entrance.sessions.remember(
            make_response(redirect(pending.url(entrance.client, "login"))), visit
        )

    @pages.get("/terug")
    def back() -> AnyResponse:
        return _come_back(entrance)

    @pages.post("/uitloggen")
    def sign_out() -> Response:
        entrance.leave()
        return entrance.sessions.expire(make_response(render_template("look/signed-out.html", late=False)))

    @pages.post("/weg")
    def leave_quickly() -> Response:
        entrance.leave()
        page = make_response(render_template("look/gone.html", site=entrance.neutral_site))
        page.headers["Refresh"] = f"0; url={entrance.neutral_site}"
        page.headers["Clear-Site-Data"] = '"cache"'
        return entrance.sessions.expire(page)

    csrf.exempt(leave_quickly)
    app.register_blueprint(pages)


def _come_back(entrance: Entrance[P]) -> AnyResponse:
    visit = entrance.visit()
    if visit is None or visit.pending is None:
        _fail("no sign-in was begun here")
    pending, visit.pending = visit.pending, None
    session, identity = sign_in(entrance.connection, entrance.client, pending, request.args)
    fresh = entrance.sessions.visits.admit(entrance.welcome(session, identity), identity.webid)
    if visit.webid in {None, identity.webid}:
        fresh.typed = visit.typed
    entrance.sessions.visits.forget(visit)
    return entrance.sessions.remember(make_response(redirect(visit.return_to, 303)), fresh)


def _fail(message: str) -> NoReturn:
    raise LoginFailed(message)
