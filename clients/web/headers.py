"""Headers of every page: nothing from elsewhere, no scripts, nothing kept (`www.w3.org/TR/CSP3/`)."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
STATIC_PREFIX = "/vormgeving/"


def wire_headers(app: Flask) -> None:
    """Put the headers on every answer of an app; style sheets and fonts may be kept for a day."""

    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        is_static = request.path.startswith(STATIC_PREFIX) and response.status_code in {200, 304}
        response.headers["Cache-Control"] = "public, max-age=86400" if is_static else "no-store"
        return response

    app.after_request(add)
