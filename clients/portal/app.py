"""Mijn Kluis as a Flask app."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from flask import Flask, g
from flask_wtf.csrf import CSRFProtect

from clients.look.wire import Look, NavigationItem, wire_look
from clients.portal import (
    access,
    adding,
    documents,
    invitations,
    journal,
    more,
    relocation,
    requests,
    teams,
    today,
)
from clients.portal.here import Portal, Resident
from clients.solid.description import find_storage
from clients.solid.errors import SolidError
from clients.solid.issuers import Identity
from clients.solid.login import Client
from clients.solid.pieces import Memory
from clients.solid.session import Connection, Now, Session
from clients.web.failures import wire_failures
from clients.web.headers import wire_headers
from clients.web.references import References
from clients.web.serving import secret_key, worker_settings
from clients.web.signing_in import Entrance, wire_entrance
from clients.web.uploads import wire_uploads
from clients.web.visits import Visits, VisitSessions

HERE = Path(__file__).parent
max_upload_bytes = 32 * 1024 * 1024
answer_within_s = 20.0
NAVIGATION = (
    NavigationItem("/", "home", "balk.vandaag"),
    NavigationItem("/toegang", "eye", "balk.toegang"),
    NavigationItem("/logboek", "history", "balk.logboek"),
    NavigationItem("/stukken", "files", "balk.stukken"),
    NavigationItem("/meer", "dots", "balk.meer"),
)


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """Where the app, the issuer and the vault are; `url`, `issuer` and `vault` end in a slash."""

    url: str
    issuer: str
    vault: str
    secret: bytes
    neutral_site: str


def create_app(settings: PortalSettings, http: httpx2.Client, now: Now = lambda: int(time.time())) -> Flask:
    """Make the app; `http` and `now` (seconds since the epoch) are its way to the world."""
    app = Flask(__name__)
    app.secret_key = settings.secret
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    # Cookies know no ports: two portals on one host would take each other's.
    cookie = f"mijn-kluis-{urlsplit(settings.url).port or 0}"
    sessions: VisitSessions[Resident] = VisitSessions(Visits(now), cookie, settings.url.startswith("https:"))
    app.session_interface = sessions  # type: ignore[assignment]  # has all of SessionInterface that Flask calls
    client = Client(f"{settings.url}client-id", "Mijn Kluis", f"{settings.url}terug", settings.url)
    entrance = Entrance(
        client,
        settings.issuer,
        Connection(http, now, (settings.vault,)),
        sessions,
        lambda session, identity: _welcome(session, identity, settings.secret),
        lambda person: person.session.end(client.id, person.identity),
        settings.neutral_site,
    )
    wire_uploads(app, entrance, "/stukken/nieuw", max_upload_bytes)
    csrf = CSRFProtect(app)
    look = Look("wk-app--kluis", HERE / "texts_nl.toml", NAVIGATION, has_quick_exit=True)
    texts = wire_look(app, look, _waiting)
    app.extensions["portal"] = Portal(entrance, texts, lambda: datetime.fromtimestamp(now(), UTC))
    wire_entrance(app, entrance, csrf)
    wire_failures(app, entrance)
    wire_headers(app)
    for area in (today, access, teams, requests, invitations, journal, documents, adding, relocation, more):
        app.register_blueprint(area.pages)
    return app


def build() -> Flask:
    """Make the app in a worker process, from the settings of the command."""
    given = worker_settings()
    settings = PortalSettings(
        given["url"], given["issuer"], given["vault"], secret_key(Path(given["state"])), given["neutral_site"]
    )
    return create_app(settings, httpx2.Client(timeout=answer_within_s, trust_env=False))


def _welcome(session: Session, identity: Identity, secret: bytes) -> Resident:
    storage = find_storage(session, identity.webid)
    return Resident(session, identity, storage, Memory(), References(secret))


def _waiting() -> int:
    """How many requests wait; 0 when that cannot be told now, since every page has the bar."""
    if "waiting" not in g:
        try:
            g.waiting = len(access.waiting_requests())
        except SolidError:
            g.waiting = 0
    found: int = g.waiting
    return found
