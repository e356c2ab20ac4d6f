"""A server whose objects rest on S3: what it answers when the service is there, away, and back; and where no key is."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.conftest import open_store
from tests.support.agents import Agent
from tests.support.ceph import ACCESS_KEY, SECRET_KEY, Ceph
from tests.support.raw import RawAnswer, RawClient
from tests.support.servers import RunningServer, free_ports, run_json
from tests.support.waiting import wait_until
from tests.support.world import new_account
from vault.stores.objects_s3 import OWNER

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def url(ceph: Ceph) -> str:
    url = ceph.url_of("serving")
    open_store(url).make_bucket()
    return url


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, ceph: Ceph, url: str) -> Iterator[RunningServer]:
    port, identity_port = free_ports(2)
    data, options = tmp_path_factory.mktemp("s3") / "data", ("--objects", url)
    running = RunningServer(data, port, identity_port, environment=ceph.environment, options=options)
    yield running.start()
    running.stop()


@pytest.fixture(scope="module")
def owner(server: RunningServer) -> Agent:
    return new_account(server, "Samira El Idrissi")


@pytest.fixture
def client(server: RunningServer, owner: Agent) -> Iterator[RawClient]:
    owner.sign_in()
    client = RawClient(owner, server.base_url)
    yield client
    client.close()


def put(client: RawClient, name: str, body: bytes) -> RawAnswer:
    return client.request("PUT", f"{client.agent.pod}brieven/{name}", body, OCTETS)


def get(client: RawClient, name: str) -> RawAnswer:
    return client.request("GET", f"{client.agent.pod}brieven/{name}")


def test_documents_rest_encrypted_in_the_bucket_and_nothing_in_the_data_folder(
    server: RunningServer, client: RawClient, url: str
) -> None:
    store = open_store(url)
    bodies = {"klein": b"onvindbaar " * 10, "groot": secrets.token_bytes(1000) + b"onvindbaar" * 1_500_000}
    for name, body in bodies.items():
        assert put(client, name, body).status == 201
    for name, body in bodies.items():
        assert get(client, name).body == body
    kept = {key: b"".join(store.get(key)) for key in dict(store.listed("")) if key != OWNER}
    assert len(kept) >= len(bodies)
    assert not any(b"onvindbaar" in body for body in kept.values())
    assert not (server.data / "objects").exists()
    rows = run_json("inventory", "--data", str(server.data), client.agent.pod, environment=server.environment)
    assert {row["object"] for row in rows} <= kept.keys()


def test_while_the_service_is_away_all_is_503_with_a_time_and_then_by_itself_well_again(
    ceph: Ceph, client: RawClient
) -> None:
    assert put(client, "oud", b"hier").status == 201
    ceph.kill("rgw")
    try:
        for answer in (put(client, "nieuw", b"x"), get(client, "oud"), put(client, "oud", b"anders")):
            assert answer.status == 503
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"
            assert str(ceph.port).encode() not in answer.body
    finally:
        ceph.start_gateway()
    wait_until(lambda: get(client, "oud").status == 200, within_s=20)
    assert get(client, "oud").body == b"hier"
    assert get(client, "nieuw").status == 404
    assert put(client, "nieuw", b"x").status == 201


def test_the_keys_stand_in_no_log_no_file_and_no_environment_of_a_child(
    server: RunningServer, client: RawClient
) -> None:
    assert put(client, "brief", b"x").status == 201
    children = {pid for role in ("storages", "identity", "keeper") for pid in server.processes(role)}
    assert len(children) >= 4
    shown = [server.log.read_bytes()]
    for pid in children:
        shown += [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline")]
    shown += [path.read_bytes() for path in server.data.rglob("*") if path.is_file()]
    for secret in (SECRET_KEY, ACCESS_KEY):
        assert not any(secret.encode() in text for text in shown)
