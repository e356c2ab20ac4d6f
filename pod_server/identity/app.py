"""The identity application: an OpenID provider with the pages for accounts, on an origin of its own."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from pod_server.identity.account_page import account_pages
from pod_server.identity.browsers import STATIC_PREFIX, add_headers, attach, cookies_for, trace_id
from pod_server.identity.change_pages import change_pages
from pod_server.identity.consent_pages import consent_pages
from pod_server.identity.dates import day, moment
from pod_server.identity.erasing_pages import erasing_pages
from pod_server.identity.fresh_proof import proof_pages
from pod_server.identity.languages import (
    current_language,
    keep_language,
    language_links,
    language_pages,
    text,
)
from pod_server.identity.oauth import Provider
from pod_server.identity.pages import leave_quickly, pages
from pod_server.identity.parts import IdentityParts
from pod_server.identity.passkey_pages import passkey_pages, ways_of_her
from pod_server.identity.protocol import add_cors, endpoints
from pod_server.identity.recovery_pages import recovery_pages, recovery_that_waits
from pod_server.identity.sessions import lifetime_s
from pod_server.settings import SettingsError
from vault.errors import Unavailable

logger = logging.getLogger(__name__)
max_body_bytes = 64 * 1024
_INSECURE = "AUTHLIB_INSECURE_TRANSPORT"


def create_app(parts: IdentityParts, environment: Mapping[str, str] = os.environ) -> Flask:
    """Make the application.

    Raises:
        SettingsError: the environment tells Authlib to let plain http through.
    """
    if _INSECURE in environment:
        raise SettingsError(f"{_INSECURE} must not be set, whatever its value: it lets plain http through")
    # At DEBUG it writes tokens into the log.
    logging.getLogger("authlib").setLevel(logging.WARNING)
    app = Flask(__name__, static_url_path=STATIC_PREFIX)
    _configure(app, parts)
    attach(app, Provider(parts))
    app.after_request(add_cors)
    app.after_request(add_headers)
    app.after_request(keep_language)
    csrf = CSRFProtect(app)
    csrf.exempt(endpoints)
    csrf.exempt(leave_quickly)
    for blueprint in (
        endpoints,
        pages,
        consent_pages,
        language_pages,
        proof_pages,
        account_pages,
        passkey_pages,
        change_pages,
        erasing_pages,
        recovery_pages,
    ):
        app.register_blueprint(blueprint)
    _handle_errors(app)
    return app


def _configure(app: Flask, parts: IdentityParts) -> None:
    names = cookies_for(parts.issuer)
    app.config.update(
        # Made of the server key, so that all processes sign alike and nothing more is kept.
        SECRET_KEY=parts.cipher.lookup_hash(None, "identity forms", ""),
        SESSION_COOKIE_NAME=names.form,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=names.is_secure,
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=max_body_bytes,
        MAX_FORM_MEMORY_SIZE=max_body_bytes,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=lifetime_s,
        # It wants a Referer, which our own policy never sends.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        t=text,
        house=parts.settings.display_name,
        current_language=current_language,
        language_links=language_links,
        day=day,
        moment=moment,
        ways_of_her=ways_of_her,
        recovery_that_waits=recovery_that_waits,
    )


def _handle_errors(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda _: _message("oud", 400))
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Unavailable, _on_unavailable)
    # The one boundary of this application: whatever is left is ours, and is told to nobody.
    app.register_error_handler(Exception, _on_failure)


def _on_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    words = {404: "weg", 413: "te_groot"}.get(status, "oud" if status < 500 else "even_niet")
    response = _message(words, status)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _on_unavailable(error: Unavailable) -> Response:
    response = _message("even_niet", 503)
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _on_failure(error: Exception) -> Response:
    logger.error("request failed", exc_info=error, extra={"trace_id": trace_id(), "method": request.method})
    return _message("even_niet", 500)


def _message(words: str, status: int) -> Response:
    if request.path.startswith("/."):
        return make_response(
            jsonify(error="temporarily_unavailable" if status >= 500 else "invalid_request"), status
        )
    page = render_template("message.html", words=words, trace_id=trace_id(), status=status)
    return make_response(page, status)
