"""Real connections for `outbound`: to one given address, with the name of the host checked in its certificate."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import Answer, Connector, Outbound, OutboundPolicy, Request
from pod_server.authentication.uris import origin_of
from pod_server.settings import Settings

connect_within_s = 3.0
_chunk_bytes = 16 * 1024
_DEFAULT_PORTS = {"http": 80, "https": 443}
Dial = Callable[[str, int, float], socket.socket]


def system_outbound(settings: Settings) -> Outbound:
    """Make the way out of a process by its settings; demo origins count in demo mode only."""
    origins = settings.demo_origins if settings.demo else ()
    policy = OutboundPolicy(
        demo_origins=frozenset("{}://{}:{}".format(*origin_of(origin)) for origin in origins),
        allowed_hosts=frozenset(host.lower() for host in settings.outbound_allowed_hosts),
    )
    return Outbound(policy, resolve, connector(dial, ssl.create_default_context()))


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a host by the system's resolver, IPv4 first.

    Raises:
        CannotFetch: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CannotFetch("the host has no address") from error
    in_order = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    return list(dict.fromkeys(str(entry[4][0]) for entry in in_order))


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """Connect to an address, never to a name. Raises OSError."""
    return socket.create_connection((address, port), timeout=seconds)


def connector(dial_: Dial, tls: ssl.SSLContext) -> Connector:
    """Make a connector that ends every exchange when its time is over, however slowly the other side sends."""

    @contextmanager
    def connect(request: Request) -> Iterator[Answer]:
        try:
            raw = dial_(request.address, request.target.port, min(request.seconds, connect_within_s))
            with ExitStack() as stack:
                stack.enter_context(closing(raw))
                stack.enter_context(_cut_after(raw, request.seconds))
                sock = stack.enter_context(closing(_secured(raw, request, tls)))
                yield _answer(stack.enter_context(closing(_ask(sock, request))))
        except (OSError, http.client.HTTPException) as error:
            raise CannotFetch("the server cannot be reached, or its answer breaks off") from error

    return connect


@contextmanager
def _cut_after(raw: socket.socket, seconds: float) -> Iterator[None]:
    """Shut a connection down after a time: a timeout of the socket starts again with each byte."""
    with closing(raw.dup()) as handle:
        timer = threading.Timer(seconds, _shut_down, (handle,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _shut_down(handle: socket.socket) -> None:
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


def _secured(raw: socket.socket, request: Request, tls: ssl.SSLContext) -> socket.socket:
    if request.target.scheme == "https":
        return tls.wrap_socket(raw, server_hostname=request.target.host)
    return raw


def _ask(sock: socket.socket, request: Request) -> http.client.HTTPResponse:
    target = request.target
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock
    host = f"[{target.host}]" if ":" in target.host else target.host
    port = "" if target.port == _DEFAULT_PORTS[target.scheme] else f":{target.port}"
    headers = {
        "Host": host + port,
        "Accept": request.accept,
        "Connection": "close",
        "User-Agent": "wijkkluis",
    }
    connection.request("GET", target.path, headers=headers)
    return connection.getresponse()


def _answer(response: http.client.HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, _chunks(response))


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    # A body that ends with the connection cannot be told from one that was cut.
    if response.length is None and not response.chunked:
        raise CannotFetch("the document does not say where it ends")
    while chunk := response.read1(_chunk_bytes):
        yield chunk
    if response.length:
        raise CannotFetch("the document breaks off")
