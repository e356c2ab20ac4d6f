"""Putting the Wijkteam-app together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from flask import Flask
from flask_wtf.csrf import CSRFProtect

from clients.look.wire import Look, NavigationItem, wire_look
from clients.professional.here import Team, Worker
from clients.professional.views import pages
from clients.solid.description import find_server
from clients.solid.issuers import Identity
from clients.solid.login import Client
from clients.solid.pieces import Memory
from clients.solid.session import Connection, Session
from clients.web.failures import wire_failures
from clients.web.headers import wire_headers
from clients.web.references import References
from clients.web.serving import secret_key, worker_settings
from clients.web.signing_in import Entrance, wire_entrance
from clients.web.visits import Visits, VisitSessions

TEXTS = Path(__file__).parent / "texts_nl.toml"
NAVIGATION = (NavigationItem("/", "users", "menu.inwoners"), NavigationItem("/nieuw", "ticket", "menu.nieuw"))
max_form_bytes = 256 * 1024
request_timeout_s = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the app and the servers are: URLs that end in a slash, and its own folder."""

    url: str
    issuer: str
    vault: str
    state: Path
    neutral_site: str = "https://www.buienradar.nl/"


def create_app(settings: Settings, http: httpx2.Client, now: Callable[[], datetime]) -> Flask:
    """Build the app; `http` and `now` are injected."""
    app = Flask(__name__, static_folder=None)
    secret = secret_key(settings.state)
    app.secret_key = secret
    app.config.update(MAX_CONTENT_LENGTH=max_form_bytes, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    connection = Connection(http, lambda: int(now().timestamp()), (settings.vault, settings.issuer))

    def welcome(session: Session, identity: Identity) -> Worker:
        return Worker(session, identity, find_server(http, settings.vault), Memory(), References(secret))

    def farewell(worker: Worker) -> None:
        worker.session.end(client.id, worker.identity)

    client = Client(f"{settings.url}client-id", "Wijkteam-app", f"{settings.url}terug", settings.url)
    # Cookies know no ports: two apps on one host would take each other's.
    cookie = f"wijkteam-{urlsplit(settings.url).port or 0}"
    sessions: VisitSessions[Worker] = VisitSessions(
        Visits(connection.now), cookie, settings.url.startswith("https:")
    )
    entrance = Entrance(
        client, settings.issuer, connection, sessions, welcome, farewell, settings.neutral_site
    )
    app.session_interface = sessions  # type: ignore[assignment]  # Flask asks for its own base class
    csrf = CSRFProtect(app)
    texts = wire_look(app, Look("wk-app--team", TEXTS, NAVIGATION), lambda: 0)
    app.extensions["team"] = Team(entrance, texts, now)
    app.context_processor(lambda: {"me": entrance.person() if entrance.is_signed_in() else None})
    wire_headers(app)
    wire_failures(app, entrance)
    wire_entrance(app, entrance, csrf)
    app.register_blueprint(pages)
    return app


def application() -> Flask:
    """Build the app in the worker from what the parent handed over."""
    given = worker_settings()
    settings = Settings(given["url"], given["issuer"], given["vault"], Path(given["state"]))
    http = httpx2.Client(timeout=request_timeout_s, trust_env=False)
    return create_app(settings, http, lambda: datetime.fromtimestamp(time.time(), UTC))
