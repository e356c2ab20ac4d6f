"""Domain errors as problem details: the one place where a fact gets a status (`rfc-editor.org/rfc/rfc9457`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pod_server.http.responses import Response, allow
from vault.errors import (
    AccessRefused,
    Conflict,
    MalformedContent,
    MethodNotAllowed,
    NoSuchResource,
    NotAcceptable,
    NotSignedIn,
    PreconditionFailed,
    StalledContent,
    StorageFull,
    TooLarge,
    TooManyRequests,
    UnacceptableContent,
    Unavailable,
    UnsatisfiableRange,
    UnsupportedMediaType,
    VaultError,
)
from vocab.media_types import PATCH_TYPES, PROBLEM

_ACCEPT_PATCH = (b"accept-patch",)
_ACCEPT_WRITES = (b"accept-put", b"accept-post")

# The nearest class counts, so a subclass stands before its parent.
_STATUSES: tuple[tuple[type[VaultError], int], ...] = (
    (NotSignedIn, 401),
    (AccessRefused, 403),
    (NoSuchResource, 404),
    (MethodNotAllowed, 405),
    (NotAcceptable, 406),
    (StalledContent, 408),
    (Conflict, 409),
    (PreconditionFailed, 412),
    (TooLarge, 413),
    (UnsupportedMediaType, 415),
    (UnsatisfiableRange, 416),
    (UnacceptableContent, 422),
    (TooManyRequests, 429),
    (Unavailable, 503),
    (StorageFull, 507),
)
# Said the same whatever was found, so that a refusal tells nothing.
_FIXED = {
    401: "Sign in to do this.",
    403: "You may not do this here.",
    404: "There is nothing here.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, for people (`detail`) and programs."""

    status: int
    detail: str
    more: Mapping[str, Any]


def status_of(error: VaultError) -> int:
    """The status of a domain error."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 400)


def render_error(error: VaultError, trace_id: str) -> Response:
    """Answer with a domain error."""
    status = status_of(error)
    detail = _FIXED.get(status) or f"{str(error)[:1].upper()}{str(error)[1:]}."
    response = render_problem(Problem(status, detail, _more(error)), trace_id)
    if isinstance(error, MethodNotAllowed):
        response.headers.append(allow(error.allowed))
    if isinstance(error, UnsupportedMediaType) and error.accepted:
        accepted = ", ".join(error.accepted).encode()
        names = _ACCEPT_PATCH if error.accepted == PATCH_TYPES else _ACCEPT_WRITES
        response.headers += ((name, accepted) for name in names)
    if isinstance(error, UnsatisfiableRange):
        response.headers.append((b"content-range", f"bytes */{error.size}".encode()))
    if isinstance(error, TooManyRequests | Unavailable):
        response.headers.append((b"retry-after", str(error.retry_after_s).encode()))
    return response


def render_problem(problem: Problem, trace_id: str) -> Response:
    """Answer with a problem."""
    document = {
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **problem.more,
        "traceId": trace_id,
    }
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = [(b"content-type", PROBLEM.encode()), (b"content-length", str(len(body)).encode())]
    return Response(problem.status, headers, body)


def _more(error: VaultError) -> Mapping[str, Any]:
    match error:
        case MalformedContent(position=position) if position is not None:
            return {"line": position.line, "column": position.column}
        case UnacceptableContent(violations=violations) if violations:
            return {"violations": [{"field": v.field, "sentence": v.sentence} for v in violations]}
        case _:
            return {}
