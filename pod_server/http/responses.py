"""From what came of an operation to an HTTP answer (`solidproject.org/TR/protocol#reading-writing-resources`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache

from pod_server.http.conditions import etag, is_unchanged
from pod_server.http.cors import cors_headers
from pod_server.http.digests import sha256_field, wants_sha256
from pod_server.http.limits import Header
from pod_server.http.requests import Request
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.operation import methods_of
from vault.model.outcome import Access, Deleted, Found, Outcome, Written
from vault.model.representation import Span
from vocab.media_types import PATCH_TYPES, RDF_TYPES
from vocab.namespaces import ACL, LDP, PIM_SPACE, SOLID, WKT

_MODE_NAMES = {
    AccessMode.READ: "read",
    AccessMode.WRITE: "write",
    AccessMode.APPEND: "append",
    AccessMode.CONTROL: "control",
}
_RESOURCE_LINKS = (f'<{LDP.Resource}>; rel="type"',)
_CONTAINER_LINKS = tuple(
    f'<{kind}>; rel="type"' for kind in (LDP.Resource, LDP.Container, LDP.BasicContainer)
)
_CONDITION_LINKS = tuple(
    f'<{kind}>; rel="{ACL.condition}"'
    for kind in (
        ACL.ClientCondition,
        ACL.IssuerCondition,
        WKT.TimeCondition,
        WKT.PurposeCondition,
        WKT.OrganisationCondition,
    )
)
_RDF = ", ".join(RDF_TYPES).encode()
_PATCHES = ", ".join(PATCH_TYPES).encode()
_ANYTHING = b"*/*"
_ON_EVERY_ANSWER: tuple[Header, ...] = (
    (b"vary", b"Accept, Authorization, Origin, Purpose-Of-Use"),
    (b"cache-control", b"private, no-cache"),
    # What people stored is never to run or be guessed at in a browser.
    (b"content-security-policy", b"sandbox"),
    (b"x-content-type-options", b"nosniff"),
    # Otherwise the HTTP server in front names itself.
    (b"server", b"wijkkluis"),
)


@dataclass(slots=True)
class Response:
    """An answer: `links` become one Link header; `rest` follows the body, each piece perhaps after a while."""

    status: int
    headers: list[Header] = field(default_factory=list)
    body: bytes = b""
    rest: Iterator[bytes] | None = None
    links: tuple[str, ...] = ()


def finish(response: Response, request: Request, storage_url: str | None) -> Response:
    """Add what every answer carries; `storage_url` for anything that has the form of a URL in a storage."""
    links = response.links
    if storage_url is not None:
        links = (*links, f'<{storage_url}.well-known/solid>; rel="{SOLID.storageDescription}"')
    if links:
        response.headers.append((b"link", ", ".join(links).encode("latin-1")))
    response.headers += (
        *_ON_EVERY_ANSWER,
        (b"trace-id", request.trace_id.encode()),
        *cors_headers(request),
    )
    return response


def render(outcome: Outcome, request: Request, target: ResourceIdentifier, base_url: str) -> Response:
    """Answer with what came of an operation on a target."""
    match outcome:
        case Found():
            return _found(outcome, request, base_url)
        case Written():
            response = _written(outcome, base_url)
        case Deleted():
            response = Response(204)
    response.headers += capabilities(target)
    return response


def options(identifier: ResourceIdentifier) -> Response:
    """Answer what may be asked of a path, whether anything is there or not."""
    return Response(204, capabilities(identifier))


def capabilities(identifier: ResourceIdentifier) -> list[Header]:
    """The methods a path supports, and what may be sent with them."""
    methods = methods_of(identifier)
    found = [allow(methods)]
    if "PUT" in methods:
        takes_graphs = identifier.is_container or identifier.is_auxiliary
        found.append((b"accept-put", _RDF if takes_graphs else _ANYTHING))
    if "PATCH" in methods:
        found.append((b"accept-patch", _PATCHES))
    if "POST" in methods:
        found.append((b"accept-post", _ANYTHING))
    return found


@lru_cache(maxsize=64)
def allow(methods: tuple[str, ...]) -> Header:
    """The Allow header."""
    return b"allow", ", ".join(methods).encode()


def _found(found: Found, request: Request, base_url: str) -> Response:
    tag = etag(found.version, found.media_type)
    headers = capabilities(found.identifier)
    headers += ((b"etag", tag.encode()), (b"wac-allow", _wac_allow(found.access)))
    if found.modified_ms is not None:
        headers.append((b"last-modified", formatdate(found.modified_ms // 1000, usegmt=True).encode()))
    links = _links(found, base_url)
    if is_unchanged(request, tag, found.modified_ms):
        return Response(304, headers, links=links)
    headers.append((b"content-type", found.media_type.encode("latin-1")))
    if found.has_parts:
        headers.append((b"accept-ranges", b"bytes"))
    headers += _digests(found, request)
    if found.span is not None and request.method == "GET":
        return Response(
            206, [*headers, *_span_headers(found.span, found.size)], found.body, found.rest, links
        )
    if found.size is not None:
        headers.append((b"content-length", str(found.size).encode()))
    return Response(200, headers, found.body, found.rest, links)


def _digests(found: Found, request: Request) -> Iterator[Header]:
    """The digest of the bytes as they are kept, which is known; of their whole, and on demand of what is sent."""
    if found.sha256 is None:
        return
    if wants_sha256(request.joined("want-repr-digest"), unasked=True):
        yield b"repr-digest", sha256_field(found.sha256)
    if found.span is None and wants_sha256(request.joined("want-content-digest"), unasked=False):
        yield b"content-digest", sha256_field(found.sha256)


def _span_headers(span: Span, size: int | None) -> tuple[Header, Header]:
    content_range = f"bytes {span.start}-{span.end - 1}/{size}"
    return (b"content-range", content_range.encode()), (b"content-length", str(span.size).encode())


def _links(found: Found, base_url: str) -> tuple[str, ...]:
    identifier = found.identifier
    if identifier.is_acl:
        return (*_RESOURCE_LINKS, *_CONDITION_LINKS)
    if identifier.is_description:
        # The rules of what it describes are its own rules.
        subject = identifier.subject
        acl = f'<{subject.acl.url(base_url)}>; rel="acl"'
        return (acl, f'<{subject.url(base_url)}>; rel="describes"', *_RESOURCE_LINKS)
    auxiliary = (
        f'<{identifier.acl.url(base_url)}>; rel="acl"',
        f'<{identifier.description.url(base_url)}>; rel="describedby"',
    )
    if not identifier.is_container:
        return (*auxiliary, *_RESOURCE_LINKS)
    if not identifier.is_root:
        return (*auxiliary, *_CONTAINER_LINKS)
    storage = f'<{PIM_SPACE.Storage}>; rel="type"'
    return (*auxiliary, *_CONTAINER_LINKS, storage, f'<{found.owner}>; rel="{SOLID.owner}"')


def _written(written: Written, base_url: str) -> Response:
    headers: list[Header] = []
    if not written.identifier.is_container and not written.identifier.is_acl:
        headers.append((b"etag", etag(written.version, written.media_type).encode()))
    if not written.is_new:
        return Response(204, headers)
    headers += ((b"location", written.identifier.url(base_url).encode()), (b"content-length", b"0"))
    return Response(201, headers)


@lru_cache(maxsize=256)
def _wac_allow(access: Access) -> bytes:
    return f'user="{_names(access.user)}",public="{_names(access.public)}"'.encode()


def _names(modes: frozenset[AccessMode]) -> str:
    return " ".join(name for mode, name in _MODE_NAMES.items() if mode in modes)
