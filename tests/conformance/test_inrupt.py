"""`@inrupt/solid-client` from npm, unchanged, with client credentials: reads, writes, lists, throws away."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from tests.support.node import Inrupt, inrupt_client
from tests.support.servers import RunningServer, free_ports
from tests.support.world import new_account

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(180)]
TITLE = "http://purl.org/dc/terms/title"
NOTE = "http://purl.org/dc/terms/description"


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Inrupt, str]]:
    port, identity_port = free_ports(2)
    server = RunningServer(tmp_path_factory.mktemp("inrupt") / "data", port, identity_port).start()
    try:
        owner = new_account(server, "Samira El Idrissi")
        with inrupt_client() as client:
            client.log_in("owner", owner)
            yield client, owner.pod
    finally:
        server.stop()


def test_a_dataset_comes_back_as_it_was_saved(pod: tuple[Inrupt, str]) -> None:
    client, storage = pod
    url = f"{storage}plannen/van-buiten/plan"
    client.must("saveDataset", session="owner", url=url, strings={TITLE: "Rust in huis"})
    read = client.must("readDataset", session="owner", url=url, predicate=TITLE)
    assert read["value"] == "Rust in huis"


def test_a_dataset_that_was_read_is_changed_by_a_patch(pod: tuple[Inrupt, str]) -> None:
    client, storage = pod
    url = f"{storage}plannen/van-buiten/doel"
    client.must("saveDataset", session="owner", url=url, strings={TITLE: "Rust", NOTE: "blijft"})
    changed = client.must("changeDataset", session="owner", url=url, predicate=TITLE, value="Rust en ruimte")
    assert "PATCH" in changed["methods"]
    assert client.must("readDataset", session="owner", url=url, predicate=TITLE)["value"] == "Rust en ruimte"
    assert client.must("readDataset", session="owner", url=url, predicate=NOTE)["value"] == "blijft"


def test_a_file_keeps_its_bytes_type_and_slug(pod: tuple[Inrupt, str]) -> None:
    client, storage = pod
    data = base64.b64encode(b"%PDF-1.4 \x00\xff brief").decode()
    saved = client.must(
        "saveFile",
        session="owner",
        url=f"{storage}brieven/",
        slug="brief.pdf",
        type="application/pdf",
        base64=data,
    )
    read = client.must("readFile", session="owner", url=saved["url"])
    assert (read["base64"], read["type"]) == (data, "application/pdf")
    assert saved["url"].endswith("brief.pdf")


def test_a_container_lists_what_was_put_in_it(pod: tuple[Inrupt, str]) -> None:
    client, storage = pod
    container = client.must("createContainer", session="owner", url=f"{storage}bewijzen/map/")["url"]
    data = base64.b64encode(b"x").decode()
    for name in ("een", "twee"):
        client.must(
            "overwriteFile", session="owner", url=f"{container}{name}", type="text/plain", base64=data
        )
    listed = client.must("list", session="owner", url=container)["members"]
    assert sorted(listed) == [f"{container}een", f"{container}twee"]
    client.must("deleteFile", session="owner", url=f"{container}een")
    assert client.must("list", session="owner", url=container)["members"] == [f"{container}twee"]


def test_the_client_understands_what_the_owner_and_the_public_may(pod: tuple[Inrupt, str]) -> None:
    client, storage = pod
    card = client.must("effectiveAccess", session="owner", url=f"{storage}profiel/card")["access"]
    assert card["user"] == {"read": True, "append": True, "write": True}
    assert card["public"] == {"read": True, "append": False, "write": False}
    own = client.must("effectiveAccess", session="owner", url=f"{storage}plannen/")["access"]
    assert own["public"] == {"read": False, "append": False, "write": False}


def test_nobody_else_reads_a_private_dataset(pod: tuple[Inrupt, str]) -> None:
    client, storage = pod
    refused = client.do("readDataset", url=f"{storage}plannen/van-buiten/plan", predicate=TITLE)
    assert (refused["ok"], refused["status"]) == (False, 401)
