"""Seeding through public interfaces only: the operator's command for accounts, Solid itself for everything else."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pyshacl
import pytest
from rdflib import RDF, SH, Graph, URIRef

import vocab
from clients.demo.people import CITIZENS, EMPLOYERS, PAPERS, PASSWORD, WORKERS, Person
from clients.demo.processes import Addresses, DemoError
from clients.demo.seed import Folders, command, random_name, seed
from vocab.concepts import document_kinds, organisation_kinds
from vocab.namespaces import ACL, DCT, FOAF, PROV, VCARD, WK

ADDRESSES = Addresses(40000)
FOLDERS = Folders(Path("citizens"), Path("organisations"))
SHAPES = Path(vocab.__file__).parent / "domain" / "shapes.ttl"


@dataclass
class FakeServers:
    """Both servers: what the operator's command was asked, and what was put where over HTTP."""

    commands: list[tuple[str, ...]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    put: dict[str, Graph] = field(default_factory=dict)

    def run(self, arguments: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Act as the operator's command."""
        words = tuple(arguments[3:])
        self.commands.append(words)
        self.typed.append(options["input"])
        server = ADDRESSES.citizens if self.option(words, "--data") == "citizens" else ADDRESSES.organisations
        pod = f"{server}{len(self.commands):016d}/"
        made = {"pod": pod, "webid": f"{pod}profiel/card#me", "client_id": pod, "client_secret": "s"}
        return subprocess.CompletedProcess(arguments, 0, json.dumps(made), "")

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Act as either server."""
        url = str(request.url)
        issuer = f"http://{request.url.netloc.decode()}/"
        if url.endswith("openid-configuration"):
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            return httpx2.Response(200, json={"issuer": issuer} | dict.fromkeys(names, f"{issuer}token"))
        if url.endswith("/token"):
            return httpx2.Response(200, json={"token_type": "DPoP", "access_token": "a", "expires_in": 300})
        assert (request.method, request.headers["If-None-Match"]) == ("PUT", "*")
        assert request.headers["Authorization"].startswith("DPoP ")
        self.put[url] = Graph().parse(data=request.content, format="turtle", publicID=url)
        return httpx2.Response(201)

    def asked(self, *words: str) -> list[tuple[str, ...]]:
        """The commands that begin with these words."""
        return [given for given in self.commands if given[: len(words)] == words]

    @staticmethod
    def option(words: tuple[str, ...], name: str) -> str:
        """The value of an option of a command."""
        return words[words.index(name) + 1]


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> FakeServers:
    """Both servers after seeding."""
    fake, client = FakeServers(), httpx2.Client
    monkeypatch.setattr("clients.demo.seed.subprocess.run", fake.run)
    transport = httpx2.MockTransport(fake.answer)
    monkeypatch.setattr("clients.demo.seed.httpx2.Client", lambda **_: client(transport=transport))
    seed(ADDRESSES, FOLDERS)
    return fake


def documents(servers: FakeServers) -> dict[str, Graph]:
    """What was put into the citizens' vaults."""
    return {url: graph for url, graph in servers.put.items() if url.startswith(ADDRESSES.citizens)}


def broken_rules(url: str, graph: Graph) -> list[str]:
    """The sentences of the domain's shapes that a document does not keep."""
    shapes = Graph().parse(SHAPES, format="turtle")
    kind = graph.value(URIRef(url), RDF.type)
    shapes.add((URIRef(f"{kind}Shape"), SH.targetNode, URIRef(url)))
    assert (URIRef(f"{kind}Shape"), RDF.type, SH.NodeShape) in shapes
    conforms, _, report = pyshacl.validate(graph, shacl_graph=shapes, inference="none")
    return [] if conforms else [str(report)]


def test_everybody_gets_an_account_and_the_password_is_typed_never_an_argument(servers: FakeServers) -> None:
    made = [servers.option(words, "--name") for words in servers.asked("account", "create")]
    wanted = [person.name for person in (*WORKERS, *CITIZENS)] + [employer.name for employer in EMPLOYERS]
    assert sorted(made) == sorted(wanted)
    assert servers.typed.count(PASSWORD) == len(wanted)
    assert PASSWORD not in {word for words in servers.commands for word in words}


def test_citizens_and_workers_live_on_servers_of_their_own(servers: FakeServers) -> None:
    made = servers.asked("account", "create")
    citizens = {servers.option(words, "--email") for words in made if "citizens" in words}
    assert citizens == {person.login for person in CITIZENS}


def test_every_organisation_is_in_the_register_with_its_group_issuer_and_app(servers: FakeServers) -> None:
    added = servers.asked("organisation", "add")
    assert [servers.option(words, "--name") for words in added] == [employer.name for employer in EMPLOYERS]
    for words in added:
        assert servers.option(words, "--data") == "citizens"
        assert servers.option(words, "--group") in servers.put
        assert servers.option(words, "--issuer") == ADDRESSES.organisations_issuer
        assert servers.option(words, "--client") == f"{ADDRESSES.professional}client-id"


def test_a_group_names_its_members_with_name_and_role_and_everybody_can_read_it(servers: FakeServers) -> None:
    for words in servers.asked("organisation", "add"):
        url = servers.option(words, "--group")
        group, rules = servers.put[url], servers.put[f"{url}.acl"]
        members = list(group.objects(URIRef(url), URIRef(VCARD.hasMember)))
        assert len(members) == 1
        assert str(group.value(members[0], URIRef(VCARD.fn))) in {worker.name for worker in WORKERS}
        assert group.value(members[0], URIRef(VCARD.role)) is not None
        public = rules.value(predicate=URIRef(ACL.agentClass), object=URIRef(FOAF.Agent))
        assert list(rules.objects(public, URIRef(ACL.mode))) == [URIRef(ACL.Read)]


def test_every_document_keeps_the_shapes_of_the_domain(servers: FakeServers) -> None:
    found = documents(servers)
    assert len(found) == len(PAPERS)
    assert [broken for url, graph in found.items() for broken in broken_rules(url, graph)] == []


def test_the_shapes_refuse_a_document_that_lacks_its_title(servers: FakeServers) -> None:
    url, graph = next(iter(documents(servers).items()))
    graph.remove((URIRef(url), URIRef(DCT.title), None))
    assert "titel" in "".join(broken_rules(url, graph))


def test_every_document_lies_where_its_kind_belongs_and_is_written_by_samira(servers: FakeServers) -> None:
    homes = {concept.iri: concept.container_path for concept in document_kinds()}
    for url, graph in documents(servers).items():
        storage = url[: len(ADDRESSES.citizens) + 17]
        kind = str(graph.value(URIRef(url), URIRef(DCT.type)))
        assert url.startswith(storage + homes[kind]), url
        assert str(graph.value(URIRef(url), URIRef(PROV.wasAttributedTo))) == f"{storage}profiel/card#me"


def test_the_address_of_a_document_has_a_random_part_and_nothing_of_its_title(servers: FakeServers) -> None:
    for url in documents(servers):
        path = url.split("/")[4:]
        assert [len(part) for part in path if part not in {"hulpvraag", "plannen", "plan", "mijn"}] == [16]
    assert len({random_name() for _ in range(50)}) == 50


def test_kinds_and_numbers_of_employers_are_known_and_clearly_invented() -> None:
    kinds = {concept.iri for concept in organisation_kinds()}
    for employer in EMPLOYERS:
        assert WK[employer.kind] in kinds
        assert len(employer.number) in {8, 20}
        assert employer.number.startswith("000000")
    assert {worker.organisation for worker in WORKERS} == {employer.key for employer in EMPLOYERS}


def test_logins_are_there_once() -> None:
    people: list[Person] = [*CITIZENS, *WORKERS]
    logins = [person.login for person in people] + [employer.key for employer in EMPLOYERS]
    assert len(set(logins)) == len(logins)


def test_a_command_that_fails_says_which_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.CompletedProcess([], 1, "", "Error: this name is taken\n")
    monkeypatch.setattr("clients.demo.seed.subprocess.run", lambda *_, **__: done)
    with pytest.raises(DemoError, match=r"`wijkkluis account create` failed: Error: this name is taken$"):
        command("account", "create", typed="secret")


def test_a_command_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("wijkkluis", 60)

    monkeypatch.setattr("clients.demo.seed.subprocess.run", hang)
    with pytest.raises(DemoError, match="`wijkkluis clock` did not end in time"):
        command("clock", "--data", "x")
