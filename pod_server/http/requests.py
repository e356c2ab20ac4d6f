"""From an HTTP request to values the vault understands (`solidproject.org/TR/protocol#http`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pod_server.http.digests import CONTENT, REPRESENTATION, Digest, DigestCheck, read_digests
from pod_server.http.limits import Header
from vault.errors import BadInput, TooLarge, UnsupportedMediaType
from vault.model.requester import Declared
from vocab.namespaces import LDP

max_purpose_length = 512
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f-\xff]+")
_ORIGIN = re.compile(r"null|[a-z][a-z0-9+.-]*://[A-Za-z0-9.\-_~\[\]:%]+")
_LINK = re.compile(r"<([^>]*)>([^<]*)")
_CONTAINERS = frozenset({LDP.Container, LDP.BasicContainer})


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request.

    `path` is the raw path below the base URL, `url` base URL and path as the client should have asked; a Host header
    has no say in it. Names of headers are in lower case. `address` is where it comes from.
    """

    method: str
    path: str
    url: str
    query: str
    headers: Mapping[str, tuple[str, ...]]
    trace_id: str
    address: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a header."""
        return self.headers.get(name, ())

    def one(self, name: str) -> str | None:
        """The value of a header that may stand once.

        Raises:
            BadInput: it was sent more than once.
        """
        found = self.headers.get(name)
        if found is None:
            return None
        if len(found) > 1:
            raise BadInput(f"the header {name} may be sent once only")
        return found[0]

    def joined(self, name: str) -> str | None:
        """The value of a header that is a list, however many lines it took."""
        found = self.headers.get(name)
        return None if found is None else ", ".join(found)

    @property
    def origin(self) -> str | None:
        """The Origin when it is a valid one."""
        found = self.headers.get("origin", ())
        return found[0] if len(found) == 1 and _ORIGIN.fullmatch(found[0]) else None

    @property
    def is_reading(self) -> bool:
        """Whether it asks to be shown something."""
        return self.method in {"GET", "HEAD"}

    @property
    def has_content(self) -> bool:
        """Whether a body comes with it."""
        return "transfer-encoding" in self.headers or self.content_length > 0

    @property
    def content_length(self) -> int:
        """The announced length of the body, 0 when there is none."""
        length = (self.headers.get("content-length") or ("0",))[0]
        return int(length) if length.isascii() and length.isdigit() else 0


def read_headers(lines: Iterable[Header]) -> Mapping[str, tuple[str, ...]]:
    """Collect header lines by name."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in lines:
        key, text = name.decode("latin-1"), value.decode("latin-1").strip()
        found[key] = (*found[key], text) if key in found else (text,)
    return found


def read_declared(request: Request, satisfied: Callable[[str], frozenset[str]]) -> Declared:
    """Read what a request says of itself: purpose and origin.

    Raises:
        BadInput: more than one purpose, or one that is no IRI.
    """
    purpose = request.one("purpose-of-use")
    if purpose is None:
        return Declared(origin=request.origin)
    if len(purpose) > max_purpose_length or "," in purpose or not _IRI.fullmatch(purpose):
        raise BadInput("Purpose-Of-Use is one IRI")
    return Declared(purpose, satisfied(purpose), request.origin)


def check_content(request: Request, max_bytes: int) -> str:
    """Check what a request says of its body, and give its media type ("" when there is no body).

    Raises:
        BadInput: content without a media type (`protocol#server-content-type-missing`), a part of a body, or a digest
            that is malformed, or not that of nothing where nothing comes.
        UnsupportedMediaType: the content is encoded.
        TooLarge: more is announced than is accepted.
    """
    media_type = request.one("content-type") or ""
    if request.has_content and not media_type:
        raise BadInput("content needs a Content-Type")
    if "content-range" in request.headers:
        raise BadInput("a part of a body cannot be written")
    if request.one("content-encoding") not in {None, "identity"}:
        raise UnsupportedMediaType("content is accepted without Content-Encoding only")
    if request.content_length > max_bytes:
        raise TooLarge(f"the body may be at most {max_bytes} bytes")
    _check_digests(request)
    return media_type


def _check_digests(request: Request) -> None:
    check = DigestCheck(sent_digests(request))
    if not request.has_content:
        check.finish()


def sent_digests(request: Request) -> tuple[Digest, ...]:
    """What a request says of its content; without codings and parts, content and representation are the same bytes.

    Raises:
        BadInput: a digest is malformed.
    """
    return tuple(
        digest
        for header in (CONTENT, REPRESENTATION)
        for digest in read_digests(header, request.joined(header.lower()))
    )


@lru_cache(maxsize=256)
def asks_for_container(link: str | None) -> bool:
    """Whether a Link header says that what is sent should become a container."""
    for target, parameters in _LINK.findall(link or ""):
        if target in _CONTAINERS and re.search(r';\s*rel\s*=\s*"?type"?\s*(?:[;,]|$)', parameters):
            return True
    return False
