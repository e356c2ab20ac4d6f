"""What a browser keeps and may do: the session's cookie, and the headers of every page (`www.w3.org/TR/CSP3/`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

from pod_server.identity import sessions
from pod_server.identity.accounts import Account, find_account
from pod_server.identity.clients import origin_text
from pod_server.identity.oauth import Provider
from pod_server.identity.sessions import Session

STATIC_PREFIX = "/vormgeving"
_extension = "wijkkluis-identity"


@dataclass(frozen=True, slots=True)
class Cookies:
    """Names of our cookies; on plain http (this machine only) they carry the port, for ports share them."""

    session: str
    form: str
    language: str
    is_secure: bool


def cookies_for(issuer: str) -> Cookies:
    """The cookies of an issuer."""
    parts = urlsplit(issuer)
    if parts.scheme == "https":
        return Cookies("__Host-wijkkluis", "__Host-wijkkluis-form", "__Host-wijkkluis-taal", is_secure=True)
    port = parts.port or 80
    session = f"wijkkluis-identity-{port}"
    return Cookies(session, f"{session}-form", f"{session}-taal", is_secure=False)


def attach(app: Flask, provider: Provider) -> None:
    """Make the provider known to the pages of an app."""
    app.extensions[_extension] = (provider, cookies_for(provider.parts.issuer))


def the_provider() -> Provider:
    """The provider of the running app."""
    provider: Provider = current_app.extensions[_extension][0]
    return provider


def the_cookies() -> Cookies:
    """The cookies of the running app."""
    names: Cookies = current_app.extensions[_extension][1]
    return names


def trace_id() -> str:
    """The number by which this request is known in journal and logs."""
    if "trace_id" not in g:
        g.trace_id = secrets.token_hex(16)
    known: str = g.trace_id
    return known


def current_session() -> Session | None:
    """The session of this browser."""
    return sessions.find(the_provider().parts, request.cookies.get(the_cookies().session))


def current_account() -> tuple[Session, Account] | None:
    """The session of this browser, and who is signed in."""
    session = current_session()
    account = None if session is None else find_account(the_provider().parts, session.account)
    return None if session is None or account is None else (session, account)


def remember(response: Response, cookie: str) -> Response:
    """Give the browser the cookie of a new session."""
    names = the_cookies()
    response.set_cookie(
        names.session, cookie, path="/", httponly=True, samesite="Lax", secure=names.is_secure
    )
    return response


def expire(response: Response) -> Response:
    """Take our own session cookie away; those of others on this host stay."""
    names = the_cookies()
    response.delete_cookie(names.session, path="/", httponly=True, samesite="Lax", secure=names.is_secure)
    return response


def let_forms_lead_to(redirect_uri: str) -> None:
    """Let a form of this page end at an app: Chromium holds `form-action` against redirects too, and against where the
    app itself then redirects to on its own origin."""
    g.form_target = origin_text(redirect_uri)


def let_script_run() -> str:
    """Let the script of passkeys run on this page: the only one there is, and it must name this value."""
    if "script_nonce" not in g:
        g.script_nonce = secrets.token_urlsafe(16)
    nonce: str = g.script_nonce
    return nonce


def add_headers(response: Response) -> Response:
    """Put on every answer: nothing from elsewhere, no scripts but that of passkeys where it is let, no frames, nothing
    kept but style sheets, fonts and that script."""
    policy = (
        f"default-src 'none'; {_script_source()}style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"form-action {' '.join(_form_targets())}; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Trace-Id"] = trace_id()
    is_static = request.path.startswith(f"{STATIC_PREFIX}/") and response.status_code in {200, 304}
    if is_static:
        response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _script_source() -> str:
    nonce: Any = g.get("script_nonce")
    return "" if nonce is None else f"script-src 'nonce-{nonce}'; "


def _form_targets() -> list[str]:
    target: Any = g.get("form_target")
    return ["'self'"] if target is None else ["'self'", str(target)]
