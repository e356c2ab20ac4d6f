"""rdflib and Comunica from npm, and curl that streams: they read, write, change and list with the owner's authenticated fetch."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.agents import Agent
from tests.support.node import Inrupt, inrupt_client
from tests.support.servers import RunningServer, free_ports
from tests.support.world import new_account

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(180)]
TITLE = "http://purl.org/dc/terms/title"
FRIEND = "https://friend.example/card#me"
mib = 1024 * 1024


@dataclass(slots=True)
class Pod:
    """A storage, its owner, and the foreign clients with her session."""

    client: Inrupt
    owner: Agent

    @property
    def url(self) -> str:
        """URL of the storage."""
        return self.owner.pod

    def write(self, path: str, title: str) -> str:
        """Write a document with a title, without any foreign client."""
        url = self.url + path
        answer = self.owner.put_turtle(url, f'<#it> <{TITLE}> "{title}" .')
        assert answer.is_success, answer.text
        return url

    def titles(self, url: str) -> list[str]:
        """The titles in a document, as rdflib reads them."""
        read = self.client.must("rdflibRead", session="owner", url=url, subject=f"{url}#it", predicate=TITLE)
        found: list[str] = read["values"]
        return found


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    port, identity_port = free_ports(2)
    server = RunningServer(tmp_path_factory.mktemp("foreign") / "data", port, identity_port).start()
    try:
        owner = new_account(server, "Samira El Idrissi")
        with inrupt_client() as client:
            client.log_in("owner", owner)
            yield Pod(client, owner)
    finally:
        server.stop()


def test_rdflib_reads_what_it_put(pod: Pod) -> None:
    url = f"{pod.url}plannen/met-rdflib"
    put = pod.client.must("rdflibPut", session="owner", url=url, body=f'<#it> <{TITLE}> "Rust" .')
    assert put["status"] == 201
    assert pod.titles(url) == ["Rust"]


def test_the_update_manager_of_rdflib_patches_a_value(pod: Pod) -> None:
    url = pod.write("plannen/te-veranderen", "Rust")
    made = pod.client.must(
        "rdflibReplace",
        session="owner",
        url=url,
        subject=f"{url}#it",
        predicate=TITLE,
        value="Rust in huis",
    )
    assert made["editable"] in {"SPARQL", "N3PATCH"}
    assert pod.titles(url) == ["Rust in huis"]


def test_rdflib_makes_lists_and_removes_containers(pod: Pod) -> None:
    made = pod.client.must("rdflibMakeContainer", session="owner", url=f"{pod.url}bewijzen/", name="map")
    assert (made["status"], made["location"]) == (201, f"{pod.url}bewijzen/map/")
    parent = {"session": "owner", "url": f"{pod.url}bewijzen/", "subject": f"{pod.url}bewijzen/"}
    contains = "http://www.w3.org/ns/ldp#contains"
    assert made["location"] in pod.client.must("rdflibRead", **parent, predicate=contains)["values"]
    assert pod.client.must("rdflibDelete", session="owner", url=made["location"])["status"] == 204
    assert made["location"] not in pod.client.must("rdflibRead", **parent, predicate=contains)["values"]


def test_rdflib_adds_somebody_to_an_acl_and_takes_her_out(pod: Pod) -> None:
    url = pod.write("plannen/met-eigen-acl", "Rust")
    acl, namespace = f"{url}.acl", "http://www.w3.org/ns/auth/acl#"
    rules = "".join(
        f"<#{name}> a <{namespace}Authorization> ; <{namespace}agent> <{agent}> ; <{namespace}accessTo> <{url}> ; "
        f"<{namespace}mode> <{namespace}Read>, <{namespace}{more}> .\n"
        for name, agent, more in (("owner", pod.owner.webid, "Control"), ("friend", FRIEND, "Append"))
    )
    assert pod.client.must("rdflibPut", session="owner", url=acl, body=rules)["status"] == 201
    agents = {
        "session": "owner",
        "url": acl,
        "subject": f"{acl}#friend",
        "predicate": f"{namespace}agent",
    }
    assert pod.client.must("rdflibRead", **agents)["values"] == [FRIEND]
    assert pod.client.must("rdflibDelete", session="owner", url=acl)["status"] == 204


def test_comunica_selects_over_several_documents(pod: Pod) -> None:
    sources = [pod.write(f"plannen/bron-{number}", f"Doel {number}") for number in (1, 2)]
    query = f"SELECT ?value WHERE {{ ?it <{TITLE}> ?value }}"
    found = pod.client.must("comunicaSelect", session="owner", sources=sources, query=query)
    assert found["values"] == ["Doel 1", "Doel 2"]


def test_comunica_changes_a_document_by_an_update(pod: Pod) -> None:
    url = pod.write("plannen/bij-te-werken", "Rust")
    query = f'INSERT DATA {{ <{url}#it> <{TITLE}> "Ruimte" }}'
    pod.client.must("comunicaUpdate", session="owner", url=url, query=query)
    assert sorted(pod.titles(url)) == ["Ruimte", "Rust"]


@pytest.mark.parametrize("command", ["rdflibRead", "comunicaSelect"])
def test_nobody_else_reads_with_these_clients_either(pod: Pod, command: str) -> None:
    url = pod.write("plannen/van-haar", "Rust")
    query = f"SELECT ?value WHERE {{ ?it <{TITLE}> ?value }}"
    refused = pod.client.do(
        command, url=url, subject=f"{url}#it", predicate=TITLE, sources=[url], query=query
    )
    assert not refused["ok"]


def curl(pod: Pod, url: str, body: bytes, *options: str) -> str:
    """Send a body that curl does not know the length of, as the owner; gives the status."""
    headers = pod.owner.headers("PUT", url) | {"Content-Type": "application/octet-stream"}
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["curl", "--silent", "--show-error", "-o", "/dev/null", "-w", "%{http_code}", "-T", "-", *given]
    run = subprocess.run([*command, *options, url], input=body, capture_output=True, check=False)
    return run.stdout.decode()


def test_curl_streams_an_upload_in_chunks(pod: Pod) -> None:
    url, body = f"{pod.url}bewijzen/film", bytes(range(256)) * (8 * mib // 256)
    assert curl(pod, url, body) == "201"
    assert pod.owner.request("GET", url).content == body


def test_a_stream_that_curl_breaks_off_leaves_nothing(pod: Pod) -> None:
    url = f"{pod.url}bewijzen/afgebroken"
    status = curl(pod, url, bytes(8 * mib), "--limit-rate", "1M", "--max-time", "1")
    assert status in {"000", "100"}, "no final answer came"
    assert pod.owner.request("GET", url).status_code == 404
