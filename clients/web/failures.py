"""What people see when something goes wrong; nothing they typed is lost."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from clients.solid.errors import (
    Absent,
    Changed,
    Clash,
    LoginFailed,
    Refused,
    SignedOut,
    SolidError,
    TooOften,
)
from clients.web.signing_in import Entrance, P

logger = logging.getLogger(__name__)
max_places = 6


# What each refusal is called, and its status.
_MESSAGES: tuple[tuple[type[Exception] | int, str, int], ...] = (
    (Absent, "absent", 404),
    (Refused, "absent", 404),
    (404, "absent", 404),
    (405, "absent", 404),
    (Clash, "changed", 409),
    (Changed, "changed", 409),
    (TooOften, "too-often", 429),
)


def wire_failures(app: Flask, entrance: Entrance[P]) -> None:
    """Give every failure a page in plain words."""
    app.logger.disabled = True  # Flask would log messages of exceptions, which may hold names and addresses

    def signed_out(_: Exception) -> AnyResponse:
        return _signed_out(app, entrance)

    def too_large(_: Exception) -> Response:
        if not entrance.is_signed_in():
            return make_response(render_template("look/signed-out.html", late=True), 401)
        return make_response(render_template("look/too-large.html"), 413)

    app.register_error_handler(SignedOut, signed_out)
    app.register_error_handler(CSRFError, signed_out)
    app.register_error_handler(LoginFailed, _login_failed)
    app.register_error_handler(RequestEntityTooLarge, too_large)
    for kind, name, status in _MESSAGES:
        app.register_error_handler(kind, _message(name, status))
    app.register_error_handler(SolidError, _unable)
    app.register_error_handler(500, _unable)


def _message(name: str, status: int) -> Callable[[Exception], Response]:
    return lambda _: make_response(render_template(f"look/{name}.html"), status)


def _login_failed(error: LoginFailed) -> Response:
    logger.warning("sign-in failed: %s", error)
    return make_response(render_template("look/login-failed.html"), 400)


def _unable(error: Exception) -> Response:
    number = _help_number()
    logger.error("page failed, number %s: %s at %s", number, *_what(error))
    return make_response(render_template("look/unable.html", number=number), 503)


def _signed_out(app: Flask, entrance: Entrance[P]) -> AnyResponse:
    visit = entrance.visit()
    if request.method == "GET" and visit is None:
        visit = entrance.sessions.visits.begin()
        visit.return_to = request.full_path.rstrip("?")
        return entrance.sessions.remember(make_response(redirect("/inloggen")), visit)
    if request.method == "GET" and visit is not None and visit.webid is None:
        visit.return_to = request.full_path.rstrip("?")
        return redirect("/inloggen")
    if visit is not None:
        visit.person = None
        if request.method == "GET":
            visit.return_to = request.full_path.rstrip("?")
        elif visit.webid is not None:
            visit.keep_typed(page_of_form(app, request.path), request.form.copy())
    return make_response(render_template("look/signed-out.html", late=True), 401)


def page_of_form(app: Flask, path: str) -> str:
    """The page on which a form stands that is posted to a path: that path itself, or the nearest above it."""
    adapter = app.url_map.bind("")
    while path != "/":
        try:
            adapter.match(path, method="GET")
        except RequestRedirect:
            return path
        except HTTPException:
            path = path.rsplit("/", 1)[0] or "/"
        else:
            return path
    return "/"


def _help_number() -> str:
    digits = f"{secrets.randbelow(10**8):08d}"
    return f"{digits[:4]} {digits[4:]}"


def _what(error: Exception) -> tuple[str, str]:
    """The kind of failure and where in our code; a message could hold an address or a name."""
    cause = getattr(error, "original_exception", None) or error
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(cause.__traceback__)
    ]
    return type(cause).__name__, " ".join(places[-max_places:])
