"""Malformed HTTP on the wire of a real server: refused, or taken in one way only, and it goes on answering."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.agents import Agent
from tests.support.raw import RawClient
from tests.support.servers import RunningServer, free_ports
from tests.support.world import new_account

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
_MIB = 1024 * 1024
silence_s = 5


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of its own."""
    ports = free_ports(2)
    running = RunningServer(tmp_path_factory.mktemp("wire") / "data", ports[0], ports[1]).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def owner(server: RunningServer) -> Agent:
    """A citizen."""
    return new_account(server, "Samira")


@contextmanager
def connected(server: RunningServer) -> Iterator[socket.socket]:
    """A connection on which anything can be said."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        yield line


def say(server: RunningServer, *parts: bytes) -> bytes:
    """Say something and listen until the other side hangs up, or has said nothing for a while."""
    heard = b""
    with connected(server) as line, contextlib.suppress(ConnectionError, TimeoutError):
        line.sendall(b"".join(parts))
        line.settimeout(silence_s)
        while piece := line.recv(65536):
            heard += piece
    return heard


def statuses(heard: bytes) -> list[int]:
    """The status of each answer."""
    return [int(part.split(b" ", 1)[0]) for part in heard.split(b"HTTP/1.1 ")[1:]]


def head(method: str, target: str, *lines: str, host: str = "localhost") -> bytes:
    """The head of a request."""
    hosts = [f"Host: {host}"] if host else []
    closing = [f"{method} {target} HTTP/1.1", *hosts, "Connection: close", *lines, "", ""]
    return "\r\n".join(closing).encode("latin-1")


@pytest.mark.parametrize(
    ("request_head", "expected"),
    [
        (head("GET", "/.health/live"), {200}),
        (head("GET", "/aaaaaaaaaaaaaaaa/x", host=""), {400}),
        (head("GET", "/aaaaaaaaaaaaaaaa/x", "Host: other"), {400}),
        (head("GET", f"/{'a' * 3000}"), {414}),
        (head("GET", f"/{'a' * 70_000}"), {414}),
        (head("GET", "/aaaaaaaaaaaaaaaa/x", *(f"X-{n}: y" for n in range(95))), {431}),
        (head("GET", "/aaaaaaaaaaaaaaaa/x", *(f"X-{n}: y" for n in range(300))), {431}),
        (head("GET", "/aaaaaaaaaaaaaaaa/x", f"X: {'y' * 40_000}"), {431}),
        (head("GET", "/aaaaaaaaaaaaaaaa/x", f"X: {'y' * 500_000}"), {431}),
        (head("POST", "/aaaaaaaaaaaaaaaa/x", "Content-Length: 1", "Content-Length: 2"), {400}),
        (head("POST", "/aaaaaaaaaaaaaaaa/x", "Content-Length: -1"), {400}),
        (head("GET", "/aaaaaaaaaaaaaaaa/x", "X : y"), {400}),
        (head("GET", "/aaaaaaaaaaaaaaaa/x y"), {400}),
        (head("GET", "*"), {400, 404}),
        (b"GARBAGE\r\n\r\n", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00", {400}),
    ],
)
def test_a_head_is_answered_once_and_as_it_should_be(
    server: RunningServer, request_head: bytes, expected: set[int]
) -> None:
    found = statuses(say(server, request_head))
    assert len(found) == 1
    assert set(found) <= expected


def test_two_lengths_do_not_smuggle_a_second_request(server: RunningServer) -> None:
    hidden = head("GET", "/.health/live")
    lines = (f"Content-Length: {len(hidden) + 5}", "Transfer-Encoding: chunked")
    found = statuses(say(server, head("POST", "/aaaaaaaaaaaaaaaa/x", *lines) + b"0\r\n\r\n" + hidden))
    assert found[0] == 400
    assert 200 not in found


@pytest.mark.parametrize(
    "rest",
    [b"5\r\nabc", b"zz\r\nabc\r\n0\r\n\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n", b"ffffffffffffffffff\r\nx\r\n"],
)
def test_chunks_that_are_none_leave_nothing(server: RunningServer, owner: Agent, rest: bytes) -> None:
    url = f"{owner.pod}brieven/kapot"
    proof = owner.headers("PUT", url)
    lines = (
        *(f"{k}: {v}" for k, v in proof.items()),
        "Content-Type: text/plain",
        "Transfer-Encoding: chunked",
    )
    heard = say(server, head("PUT", url.removeprefix(server.base_url[:-1]), *lines) + rest)
    assert not any(200 <= status < 300 for status in statuses(heard))
    assert owner.request("GET", url).status_code == 404


def test_a_name_of_a_header_in_utf_8_does_not_end_the_server(server: RunningServer, owner: Agent) -> None:
    url = f"{owner.pod}brieven/"
    assert owner.request("PUT", url).status_code in {201, 204}
    proof = owner.headers("POST", url)
    lines = (*(f"{k}: {v}" for k, v in proof.items()), "Content-Type: text/plain", "Content-Length: 1")
    slug = "Slug: br\u00e9f".encode()
    text = head("POST", url.removeprefix(server.base_url[:-1]), *lines)[:-2] + slug + b"\r\n\r\nx"
    assert statuses(say(server, text)) in ([201], [400])
    assert statuses(say(server, head("GET", "/.health/live"))) == [200]


def test_a_large_upload_and_download_take_no_memory(server: RunningServer, owner: Agent) -> None:
    owner.sign_in()
    client = RawClient(owner, server.base_url)
    url, piece, count = f"{owner.pod}brieven/film", bytes(range(256)) * 1024, 512
    before = _memory(server)
    headers = {"Content-Type": "video/mp4"}
    assert client.request("PUT", url, (piece for _ in range(count)), headers).status == 201
    answer = client.request("GET", url)
    assert len(answer.body) == len(piece) * count
    assert client.request("GET", url, headers={"Range": "bytes=-10"}).body == piece[-10:]
    client.close()
    assert _memory(server) - before < 40 * _MIB


def _memory(server: RunningServer) -> int:
    """The most memory that any worker of the storages has had."""
    peaks = []
    for pid in server.processes("storages"):
        status = Path(f"/proc/{pid}/status").read_text()
        peaks += [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")]
    return max(peaks)
