"""The reference server and ours, both running: people of each read and write at the other what was shared with them, with their own tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from tests.support.agents import Agent
from tests.support.letting_in import LOGIN, PASSWORD, Person
from tests.support.node import inrupt_client
from tests.support.reference import ReferenceServer, reference_server
from tests.support.servers import RunningServer, free_ports, run_json
from tests.support.world import new_account

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
ACL = "http://www.w3.org/ns/auth/acl#"
PLAN = '<> <http://purl.org/dc/terms/title> "Rust in huis"@nl .'
_INSERT = (
    "@prefix solid: <http://www.w3.org/ns/solid/terms#> . "
    "_:p a solid:InsertDeletePatch ; solid:inserts { <#it> <#bij> 1 } ."
)
BACK = "http://localhost:9/terug"
N3 = {"Content-Type": "text/n3"}


@dataclass(slots=True)
class Scene:
    """Somebody with a storage here, somebody with one at the reference server, and a stranger of each."""

    person: Person
    reference: ReferenceServer
    ours: Agent
    theirs: Agent
    stranger_here: Agent
    stranger_there: Agent


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("reference")
    port, identity_port, their_port = free_ports(3)
    origin = f"http://localhost:{their_port}"
    with reference_server(their_port, folder / "reference.log") as reference:
        options = ("--demo", "--demo-origin", origin)
        server = RunningServer(folder / "data", port, identity_port, options=options).start()
        try:
            arguments = ("--name", "Samira", "--email", LOGIN, "--password", PASSWORD)
            made = run_json("account", "create", "--data", str(server.data), *arguments)
            with httpx2.Client(base_url=made["issuer"], trust_env=False) as browser:
                yield Scene(
                    Person(made["webid"], made["pod"], made["issuer"], browser),
                    reference,
                    new_account(server, "Samira El Idrissi"),
                    reference.new_account("wouter"),
                    new_account(server, "Kevin Peters"),
                    reference.new_account("vreemd"),
                )
        finally:
            server.stop()


def share(owner: Agent, url: str, friend: str, *modes: str) -> None:
    """Let somebody do this with a document, or with a container and what lies in it."""
    scope = f"<{ACL}accessTo> <{url}>" + (f" ; <{ACL}default> <{url}>" if url.endswith("/") else "")
    rules = "".join(
        f"<#{name}> a <{ACL}Authorization> ; <{ACL}agent> <{agent}> ; {scope} ; "
        f"<{ACL}mode> {', '.join(f'<{ACL}{mode}>' for mode in given)} .\n"
        for name, agent, given in (
            ("owner", owner.webid, ("Read", "Write", "Control")),
            ("friend", friend, modes),
        )
    )
    answer = owner.put_turtle(f"{url}.acl", rules)
    assert answer.is_success, answer.text


def document(owner: Agent, path: str, friend: Agent, *modes: str) -> str:
    """Write a document and share it."""
    url = f"{owner.pod}{path}"
    assert owner.put_turtle(url, PLAN).is_success
    share(owner, url, friend.webid, *modes)
    return url


def statuses(agent: Agent, url: str) -> dict[str, int]:
    """What somebody gets for each thing that can be done with a document; the last one overwrites it."""
    return {
        "GET": agent.request("GET", url).status_code,
        "PATCH": agent.request("PATCH", url, content=_INSERT.encode(), headers=N3).status_code,
        "PUT": agent.put_turtle(url, PLAN).status_code,
    }


def test_one_of_theirs_reads_here_what_is_shared_and_nothing_else(scene: Scene) -> None:
    url = document(scene.ours, "plannen/lezen", scene.theirs, "Read")
    answer = scene.theirs.request("GET", url)
    assert (answer.status_code, answer.text) == (200, PLAN)
    assert 'user="read"' in answer.headers["WAC-Allow"]
    assert statuses(scene.theirs, url) == {"GET": 200, "PATCH": 403, "PUT": 403}
    assert scene.theirs.request("GET", f"{scene.ours.pod}plannen/").status_code == 403
    assert scene.stranger_there.request("GET", url).status_code == 403


def test_one_of_theirs_appends_and_writes_here_where_that_is_given(scene: Scene) -> None:
    appended = document(scene.ours, "plannen/erbij", scene.theirs, "Read", "Append")
    assert statuses(scene.theirs, appended) == {"GET": 200, "PATCH": 204, "PUT": 403}
    written = document(scene.ours, "plannen/schrijven", scene.theirs, "Read", "Write")
    assert statuses(scene.theirs, written) == {"GET": 200, "PATCH": 204, "PUT": 204}
    assert scene.theirs.request("GET", f"{written}.acl").status_code == 403


def test_one_of_theirs_adds_to_a_container_here(scene: Scene) -> None:
    container = f"{scene.ours.pod}brieven/van-wouter/"
    assert scene.ours.request("PUT", container).status_code == 201
    share(scene.ours, container, scene.theirs.webid, "Append")
    turtle = {"Content-Type": "text/turtle"}
    made = scene.theirs.request("POST", container, content=PLAN.encode(), headers=turtle)
    assert made.status_code == 201
    assert scene.theirs.request("GET", made.headers["Location"]).status_code == 403
    assert scene.ours.request("GET", made.headers["Location"]).text == PLAN


def test_a_token_of_theirs_is_worth_nothing_where_nothing_is_shared_or_with_another_key(scene: Scene) -> None:
    url = f"{scene.ours.pod}plannen/van-mij"
    assert scene.ours.put_turtle(url, PLAN).is_success
    assert scene.theirs.request("GET", url).status_code == 403
    stolen = {**scene.theirs.headers("GET", url), "DPoP": scene.stranger_there.proof("GET", url)}
    assert scene.ours.http.get(url, headers=stolen).status_code == 401


def test_one_of_ours_reads_there_what_is_shared_and_nothing_else(scene: Scene) -> None:
    url = document(scene.theirs, "lezen", scene.ours, "Read")
    answer = scene.ours.request("GET", url)
    assert answer.status_code == 200
    assert "Rust in huis" in answer.text
    assert statuses(scene.ours, url) == {"GET": 200, "PATCH": 403, "PUT": 403}
    closed = f"{scene.theirs.pod}dicht"
    assert scene.theirs.put_turtle(closed, PLAN).is_success
    assert scene.ours.request("GET", closed).status_code == 403
    assert scene.stranger_here.request("GET", url).status_code == 403


def test_one_of_ours_writes_there_where_that_is_given(scene: Scene) -> None:
    url = document(scene.theirs, "schrijven", scene.ours, "Read", "Write")
    assert statuses(scene.ours, url) == {"GET": 200, "PATCH": 205, "PUT": 205}
    assert scene.ours.request("GET", f"{url}.acl").status_code == 403


def test_a_foreign_client_goes_both_ways(scene: Scene) -> None:
    here = document(scene.ours, "plannen/beide", scene.theirs, "Read")
    there = document(scene.theirs, "beide", scene.ours, "Read")
    with inrupt_client() as client:
        for name, agent, url in (("theirs", scene.theirs, here), ("ours", scene.ours, there)):
            client.log_in(name, agent)
            answer = client.fetch(name, url)
            assert answer["status"] == 200
            assert "Rust in huis" in answer["body"]
        assert client.fetch("theirs", scene.ours.pod)["status"] == 403


def test_an_app_that_one_of_ours_let_in_reads_there(scene: Scene) -> None:
    here = f"{scene.person.pod}geld/"
    there = f"{scene.theirs.pod}voor-samira"
    assert scene.theirs.put_turtle(there, PLAN).is_success
    share(scene.theirs, there, scene.person.webid, "Read")
    with inrupt_client() as app:
        asked = app.must(
            "beginLogin", session="app", issuer=scene.person.issuer, redirectUrl=BACK, clientName="App"
        )
        app.must("finishLogin", session="app", url=scene.person.let_in(asked["url"])[1])
        assert "Rust in huis" in app.fetch("app", there)["body"]
        assert app.fetch("app", f"{scene.theirs.pod}niet-voor-samira")["status"] == 403
        assert app.fetch("app", here)["status"] == 403, "she did not let it in there"


def test_an_app_that_one_of_theirs_let_in_reads_here(scene: Scene) -> None:
    url = document(scene.ours, "plannen/voor-een-app", scene.theirs, "Read")
    with inrupt_client() as app:
        asked = app.must(
            "beginLogin", session="app", issuer=scene.reference.base_url, redirectUrl=BACK, clientName="App"
        )
        back = scene.reference.let_in(asked["url"], "wouter", scene.theirs.webid)
        assert app.must("finishLogin", session="app", url=back)["webId"] == scene.theirs.webid
        assert app.fetch("app", url)["body"] == PLAN
        assert app.fetch("app", f"{scene.ours.pod}plannen/")["status"] == 403
