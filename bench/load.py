"""A client that costs little itself: requests are built and signed beforehand, then sent over kept connections."""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.support.raw import RawClient

read_bytes = 1024 * 1024
patience_s = 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A request as bytes, and what its answer must be: the status, and whether a body is the right one."""

    wire: bytes
    status: int
    is_right: Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Storm:
    """What a run did: seconds on the wall, seconds to each first byte, and the trace id of every answer."""

    wall_s: float
    first_bytes_s: tuple[float, ...]
    trace_ids: tuple[str, ...]


@dataclass(slots=True)
class _Connection:
    """One connection, with the answer that is coming in on it."""

    socket: socket.socket
    sample: Sample
    sent_at: float = 0.0
    first_byte_s: float = 0.0
    outgoing: memoryview = field(default_factory=lambda: memoryview(b""))
    incoming: bytearray = field(default_factory=bytearray)

    def begin(self, sample: Sample) -> None:
        self.sample, self.sent_at, self.first_byte_s = sample, time.perf_counter(), 0.0
        self.outgoing, self.incoming = memoryview(sample.wire), bytearray()


def signed(
    client: RawClient,
    method: str,
    url: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Build a request of the client's agent, with a proof of its own."""
    parts = urlsplit(url)
    lines = {**client.headers(method, url), **dict(headers or {}), "Host": parts.netloc}
    if body or method in {"PUT", "POST", "PATCH"}:
        lines["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {parts.path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def send_all(port: int, samples: Iterable[Sample], connections: int) -> Storm:
    """Send every request, so many at a time, and check each answer.

    Raises:
        AssertionError: an answer is not what it must be, or does not come.
    """
    waiting, answered = deque(samples), list[tuple[float, str]]()
    selector = selectors.DefaultSelector()
    for _ in range(min(connections, len(waiting))):
        connection = _Connection(_connect(port), waiting[0])
        connection.begin(waiting.popleft())
        selector.register(connection.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, connection)
    started = time.perf_counter()
    while selector.get_map():
        ready = selector.select(patience_s)
        assert ready, "no answer comes"
        for key, events in ready:
            _move(selector, key.data, events, waiting, answered)
    wall_s = time.perf_counter() - started
    selector.close()
    return Storm(wall_s, tuple(first for first, _ in answered), tuple(trace for _, trace in answered))


def _connect(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setblocking(False)
    return made


def _move(
    selector: selectors.BaseSelector,
    connection: _Connection,
    events: int,
    waiting: deque[Sample],
    answered: list[tuple[float, str]],
) -> None:
    if events & selectors.EVENT_WRITE and connection.outgoing:
        connection.outgoing = connection.outgoing[connection.socket.send(connection.outgoing) :]
        if not connection.outgoing:
            selector.modify(connection.socket, selectors.EVENT_READ, connection)
    if not events & selectors.EVENT_READ or not _receive(connection):
        return
    answered.append((connection.first_byte_s, _check(connection)))
    if waiting:
        connection.begin(waiting.popleft())
        selector.modify(connection.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, connection)
    else:
        selector.unregister(connection.socket)
        connection.socket.close()


def _receive(connection: _Connection) -> bool:
    """Take what came in; whether the answer is whole now."""
    piece = connection.socket.recv(read_bytes)
    assert piece, "the server closed the connection"
    if not connection.first_byte_s:
        connection.first_byte_s = time.perf_counter() - connection.sent_at
    connection.incoming += piece
    end = connection.incoming.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = _head(connection)
    if head.get("transfer-encoding") == "chunked":
        return connection.incoming.endswith(b"\r\n0\r\n\r\n")
    return len(connection.incoming) - end - 4 >= int(head.get("content-length", "0"))


def _head(connection: _Connection) -> dict[str, str]:
    text = bytes(connection.incoming[: connection.incoming.find(b"\r\n\r\n")]).decode("latin-1")
    pairs = (line.split(": ", 1) for line in text.split("\r\n")[1:])
    return {name.lower(): value for name, value in pairs}


def _check(connection: _Connection) -> str:
    head, data = _head(connection), bytes(connection.incoming)
    status, body = int(data[9:12]), data[data.find(b"\r\n\r\n") + 4 :]
    if head.get("transfer-encoding") == "chunked":
        body = _dechunked(body)
    assert status == connection.sample.status, (
        f"{status} instead of {connection.sample.status}: {body[:300]!r}"
    )
    assert connection.sample.is_right(body), f"not the right body: {body[:300]!r}"
    return head["trace-id"]


def _dechunked(body: bytes) -> bytes:
    whole, at = bytearray(), 0
    while size := int(body[at : (end := body.index(b"\r\n", at))], 16):
        whole += body[end + 2 : end + 2 + size]
        at = end + 2 + size + 2
    return bytes(whole)
