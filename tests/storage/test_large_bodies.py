"""Bodies far larger than the memory that a server may take, in and out, on a folder and on S3; slow readers are held back."""

from __future__ import annotations

import hashlib
import http.client
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from tests.storage.conftest import open_store
from tests.support.ceph import Ceph
from tests.support.memory import Watcher
from tests.support.raw import RawClient
from tests.support.servers import RunningServer, free_ports
from tests.support.world import new_account

logger = logging.getLogger(__name__)
MIB = 1024 * 1024
most_resident_mib = 200
# Beside what the server takes idle: pieces on their way, and for S3 one part of 5 MiB with its copies.
most_growth_mib = 64
slow_readers = 8

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def size(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--large-mib", 256)) * MIB


@pytest.fixture(scope="module", params=["folder", "s3"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, ceph: Ceph
) -> Iterator[RunningServer]:
    port, identity_port = free_ports(2)
    environment = ceph.environment | {"WIJKKLUIS_MAX_BODY_BYTES": str(4096 * MIB)}
    options: tuple[str, ...] = ()
    if request.param == "s3":
        open_store(ceph.url_of("large")).make_bucket()
        options = ("--objects", ceph.url_of("large"))
    data = tmp_path_factory.mktemp("large") / "data"
    running = RunningServer(data, port, identity_port, environment=environment, options=options).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def client(server: RunningServer) -> Iterator[RawClient]:
    owner = new_account(server, "Samira El Idrissi")
    owner.sign_in()
    client = RawClient(owner, server.base_url, timeout_s=120)
    yield client
    client.close()


@dataclass
class Stream:
    """A body made while it is sent, each MiB another; remembers what it was."""

    size: int
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def __iter__(self) -> Iterator[bytes]:
        filler = hashlib.shake_256(b"large").digest(MIB - 16)
        for number in range(self.size // MIB):
            piece = f"{number:016}".encode() + filler
            self.digest.update(piece)
            yield piece


def upload(client: RawClient, url: str, size: int) -> bytes:
    """Send a body of this size; its digest."""
    stream = Stream(size)
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    answer = client.request("PUT", url, stream, headers)
    assert answer.status in {201, 204, 205}, answer.body
    return stream.digest.digest()


def begin_download(
    client: RawClient, url: str
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """Ask for a body and read nothing of it yet."""
    place = urlsplit(client.base_url)
    connection = http.client.HTTPConnection("127.0.0.1", place.port or 80, timeout=120)
    connection.request("GET", urlsplit(url).path, None, client.headers("GET", url) | {"Host": place.netloc})
    answer = connection.getresponse()
    assert answer.status == 200
    return connection, answer


def digest_of(answer: http.client.HTTPResponse) -> bytes:
    """Read a body to its end."""
    found = hashlib.sha256()
    while piece := answer.read(MIB):
        found.update(piece)
    return found.digest()


def test_a_large_body_goes_in_and_out_in_bounded_memory(
    server: RunningServer, client: RawClient, size: int
) -> None:
    url = f"{client.agent.pod}groot"
    with Watcher(server.everyone()) as watcher:
        sent = upload(client, url, size)
        connection, answer = begin_download(client, url)
        assert answer.getheader("Content-Length") == str(size)
        assert digest_of(answer) == sent
        connection.close()
    logger.info("%d MiB in and out: %s", size // MIB, watcher.report())
    assert watcher.largest_mib < most_resident_mib
    assert watcher.growth_mib < most_growth_mib


def test_readers_that_stand_still_are_held_back_not_buffered_for(
    server: RunningServer, client: RawClient, size: int
) -> None:
    url = f"{client.agent.pod}traag"
    sent = upload(client, url, min(size, 256 * MIB))
    with Watcher(server.everyone()) as watcher:
        readers = [begin_download(client, url) for _ in range(slow_readers)]
        # Nobody reads: whatever is taken from the store now is held somewhere.
        threading.Event().wait(2)
        assert digest_of(readers[0][1]) == sent
    for connection, _ in readers:
        connection.close()
    logger.info("%d readers that stand still: %s", slow_readers, watcher.report())
    assert watcher.largest_mib < most_resident_mib
    assert watcher.growth_mib < most_growth_mib
