"""The only way out: fetching documents of other servers without being led into our own network (`owasp.org/www-community/attacks/Server_Side_Request_Forgery`)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from pod_server.authentication.addresses import is_loopback_address, is_private_network, is_public
from pod_server.authentication.errors import CannotFetch, ForbiddenUrl
from pod_server.authentication.uris import origin_of

max_url_length = 2048
max_addresses = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """What was fetched: the URL that answered in the end, its media type without parameters, and the bytes."""

    url: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """One request: where to, and the path with query to ask for."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers: header names in lower case, the body in chunks that are read on demand."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Request:
    """A target at one of its addresses, what is accepted, and the seconds left for everything."""

    target: Target
    address: str
    accept: str
    seconds: float


Resolver = Callable[[str, int], Sequence[str]]
Connector = Callable[[Request], AbstractContextManager[Answer]]


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """Where fetches may go, and their limits.

    `demo_origins` (`http://localhost:8001`) are the only loopback origins and the only ones that may be plain http; empty
    unless in demo mode. `allowed_hosts` may lie in a private network; they must be https as all others.
    """

    demo_origins: frozenset[str] = frozenset()
    allowed_hosts: frozenset[str] = frozenset()
    max_redirects: int = 3
    total_s: float = 8.0
    max_at_once: int = 8

    def target(self, url: str) -> Target:
        """Read a URL that may be fetched.

        Raises:
            ForbiddenUrl: not https, not canonical enough to be sure of, or with credentials in it.
        """
        try:
            scheme, host, port = origin_of(url)
        except ValueError as error:
            raise ForbiddenUrl("the URL is not a plain http(s) URL") from error
        if len(url) > max_url_length or not _HOST.fullmatch(host):
            raise ForbiddenUrl("the URL is too long, or its host is no host name")
        target = Target(scheme, host, port, _path_of(url))
        if scheme != "https" and not self._is_demo(target):
            raise ForbiddenUrl("the URL is not https")
        return target

    def allows(self, target: Target, address: str) -> bool:
        """Whether the target may be fetched from this address."""
        if self._is_demo(target):
            return is_loopback_address(address)
        return is_public(address) or (target.host in self.allowed_hosts and is_private_network(address))

    def _is_demo(self, target: Target) -> bool:
        return f"{target.scheme}://{target.host}:{target.port}" in self.demo_origins


class Outbound:
    """Fetches documents within a policy; resolver and connector are given, so that the rules need no network to be tested."""

    def __init__(
        self,
        policy: OutboundPolicy,
        resolve: Resolver,
        connect: Connector,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._connect = connect
        self._timer = timer
        self._turns = threading.BoundedSemaphore(policy.max_at_once)

    def fetch(self, url: str, accept: str, max_bytes: int) -> FetchedDocument:
        """Fetch a document whose media type is one of those that `accept` (as the header) names.

        The time limit is over all redirects and the whole body; the system's resolver has its own.

        Raises:
            ForbiddenUrl: the URL, or one it redirects to, is never fetched.
            CannotFetch: it cannot be had: unreachable, refused, too large, too slow, or of another media type.
        """
        if not self._turns.acquire(timeout=self._policy.total_s):
            raise CannotFetch("too many documents are being fetched")
        try:
            return self._follow(url, accept, max_bytes)
        finally:
            self._turns.release()

    def _follow(self, url: str, accept: str, max_bytes: int) -> FetchedDocument:
        deadline = self._timer() + self._policy.total_s
        for _ in range(self._policy.max_redirects + 1):
            target = self._policy.target(url)
            with ExitStack() as stack:
                answer = self._open(stack, target, accept, deadline)
                if answer.status not in _REDIRECTS:
                    media_type = _accepted_type(answer, accept)
                    return FetchedDocument(url, media_type, self._read(answer, max_bytes, deadline))
                url = urljoin(url.partition("#")[0], answer.headers.get("location", ""))
        raise CannotFetch("the document redirects too often")

    def _open(self, stack: ExitStack, target: Target, accept: str, deadline: float) -> Answer:
        failure = CannotFetch("the host has no address")
        for address in self._addresses(target):
            try:
                request = Request(target, address, accept, self._left(deadline))
                return stack.enter_context(self._connect(request))
            except CannotFetch as error:
                failure = error
        raise failure

    def _addresses(self, target: Target) -> Sequence[str]:
        addresses = self._resolve(target.host, target.port)
        if not all(self._policy.allows(target, address) for address in addresses):
            raise CannotFetch("the host is not on the open internet")
        return addresses[:max_addresses]

    def _read(self, answer: Answer, max_bytes: int, deadline: float) -> bytes:
        body = bytearray()
        for chunk in answer.chunks:
            body += chunk
            if len(body) > max_bytes:
                raise CannotFetch(f"the document is larger than {max_bytes} bytes")
            self._left(deadline)
        self._left(deadline)
        return bytes(body)

    def _left(self, deadline: float) -> float:
        left = deadline - self._timer()
        if left <= 0:
            raise CannotFetch("the document takes too long to come")
        return left


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _accepted_type(answer: Answer, accept: str) -> str:
    if answer.status != 200:
        raise CannotFetch(f"the server answers with status {answer.status}")
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise CannotFetch("the document is compressed, which was not asked for")
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {part.partition(";")[0].strip().lower() for part in accept.split(",")}:
        raise CannotFetch("the document has another media type")
    return media_type
