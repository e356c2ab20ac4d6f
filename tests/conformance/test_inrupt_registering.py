"""`@inrupt/solid-client-authn-node` from npm, unchanged, as an app nobody knows: it registers itself and a person lets it in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.support.letting_in import LOGIN, PASSWORD, Person
from tests.support.node import Inrupt, inrupt_client
from tests.support.servers import RunningServer, free_ports, run_json

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(180)]
BACK = "http://localhost:9/terug"


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    port, identity_port = free_ports(2)
    server = RunningServer(tmp_path / "data", port, identity_port).start()
    try:
        arguments = ("--name", "Samira", "--email", LOGIN, "--password", PASSWORD)
        made = run_json("account", "create", "--data", str(tmp_path / "data"), *arguments)
        with httpx2.Client(base_url=made["issuer"]) as browser:
            yield Person(made["webid"], made["pod"], made["issuer"], browser)
    finally:
        server.stop()


@pytest.fixture
def app() -> Iterator[Inrupt]:
    with inrupt_client() as client:
        yield client


def test_an_app_that_nobody_knows_registers_and_reads_what_it_was_let_into(
    person: Person, app: Inrupt
) -> None:
    asked = app.must(
        "beginLogin", session="app", issuer=person.issuer, redirectUrl=BACK, clientName="Verre app"
    )
    page, back = person.let_in(asked["url"])
    assert "“Verre app”" in page
    assert "Een onbekende app wil in uw kluis kijken" in page
    assert app.must("finishLogin", session="app", url=back) == {
        "ok": True,
        "webId": person.webid,
        "isLoggedIn": True,
    }
    statuses = [
        app.must("fetch", session="app", url=f"{person.pod}{path}")["status"]
        for path in ("afspraken/", "geld/")
    ]
    assert statuses == [200, 403]
    person.browser.post("weg")
    assert app.must("fetch", session="app", url=f"{person.pod}afspraken/")["status"] == 403
