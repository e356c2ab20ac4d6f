"""A WebID that names two issuers: with the registered one she reads, with the other she gets what an absent URL gives."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.agents import Agent
from tests.support.servers import free_ports, run_json
from tests.support.tokens import Issuer, sign
from tests.support.world import PLAN, PURPOSE, World, meet, publish, running_world

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(180)]
CLIENT = "https://app.example/id"


def documents(origin: str, issuers: tuple[Issuer, ...]) -> dict[str, tuple[str, bytes]]:
    """What the small server serves by path: a card that names both issuers, and their configurations and keys."""
    card = "".join(f"<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{one.url}> .\n" for one in issuers)
    found = {"/card": ("text/turtle", card.encode())}
    for one in issuers:
        path = one.url.removeprefix(origin)
        configuration = {"issuer": one.url, "jwks_uri": f"{one.url}jwks"}
        found[f"{path}.well-known/openid-configuration"] = (
            "application/json",
            json.dumps(configuration).encode(),
        )
        found[f"{path}jwks"] = ("application/json", json.dumps({"keys": [one.jwk]}).encode())
    return found


def handler_of(served: Mapping[str, tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
    """A request handler that serves these documents and says nothing of it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            media_type, body = served.get(self.path, ("", b""))
            self.send_response(200 if media_type else 404)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


def agent_of(issuer: Issuer, webid: str) -> Agent:
    """Somebody with a token of this issuer."""
    agent, now_s = Agent({"webid": webid, "pod": ""}), int(time.time())
    claims: dict[str, Any] = {"iss": issuer.url, "aud": ["solid"], "webid": webid, "client_id": CLIENT}
    claims |= {"iat": now_s, "exp": now_s + 300, "cnf": {"jkt": agent.key.thumbprint()}}
    agent.token = sign({"typ": "at+jwt", "alg": "ES256", "kid": issuer.kid}, claims, issuer.key)
    agent.expires_at = now_s + 290
    return agent


@pytest.fixture
def world_and_agents(tmp_path: Path) -> Iterator[tuple[World, Agent, Agent]]:
    (port,) = free_ports(1)
    origin = f"http://localhost:{port}"
    known, other = Issuer(f"{origin}/a/"), Issuer(f"{origin}/b/", kid="key-2")
    server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(documents(origin, (known, other))))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with running_world(tmp_path, others=(origin,)) as world:
            webid = f"{origin}/card#me"
            agents = agent_of(known, webid), agent_of(other, webid)
            employ(world, agents[0], known.url)
            yield world, *agents
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def employ(world: World, worker: Agent, issuer: str) -> None:
    """A second organisation whose only worker signs in with the one issuer; the owner meets her."""
    world.group = f"{world.office.pod}groepen/anderen"
    world.write_group({worker.webid: "Rob Hendriks"})
    publish(world.office, world.group)
    run_json(
        *("organisation", "add", "--data", str(world.citizens.data), "--name", "Bewindkantoor De Balans"),
        *("--kind", "soort-bewind", "--number", "00000012", "--issuer", issuer),
        *("--group", world.group, "--client", CLIENT),
    )
    meet(world, worker)


def comparable(answer: httpx2.Response) -> tuple[int, dict[str, str], str]:
    """An answer without dates, trace id and the URL that was asked."""
    url, trace = str(answer.request.url), answer.headers["trace-id"]
    kept = {k: v.replace(url, "URL") for k, v in answer.headers.items() if k not in {"date", "trace-id"}}
    return answer.status_code, kept, answer.text.replace(trace, "TRACE").replace(url, "URL")


def test_the_other_issuer_of_the_same_webid_is_refused_like_an_absent_url(
    world_and_agents: tuple[World, Agent, Agent],
) -> None:
    world, known, other = world_and_agents
    plan = f"{world.owner.pod}plannen/rust/plan"
    assert world.owner.put_turtle(plan, PLAN).is_success
    world.give([plan], assignee=known.webid)
    assert known.request("GET", plan, purpose=PURPOSE).text == PLAN
    refused = other.request("GET", plan, purpose=PURPOSE)
    absent = other.request("GET", f"{world.owner.pod}plannen/rust/er-is-niets", purpose=PURPOSE)
    assert refused.status_code == 403
    assert comparable(refused) == comparable(absent)
    assert known.request("GET", plan, purpose=PURPOSE).status_code == 200
