"""Thousands of requests, valid ones and what becomes of them: never a fault of our own, never what is somebody else's.

No answer has a header either that an app of another origin may not read.

20,000 requests, half a minute; `FUZZ_REQUESTS` and `FUZZ_SEED` say otherwise.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pod_server.http.gate import Gate
from pod_server.http.limits import Limits
from pod_server.storages import grants, invitations, journal, previews, relocation, requests
from tests.security.fuzzing import Sent, mutated, valid_requests
from tests.support.asgi import BOB, Answer, Home, make_home, who
from tests.support.vaults import ISSUER_URL, keyring_of
from vault.model.identifiers import StorageId
from vault.operations.provision import create_storage, prepare_storage

COUNT = int(os.environ.get("FUZZ_REQUESTS", "20000"))
SEED = int(os.environ.get("FUZZ_SEED", "20261129"))
ORIGIN = {"Origin": "https://app.example"}
CANARY = "kanarie-7f3a"
SERVICES = {
    "verzoeken/": requests.handle,
    "toegang/": grants.handle,
    "logboek/": journal.handle,
    ".well-known/wijkkluis/voorbeeld/": previews.handle,
    ".well-known/wijkkluis/uitnodigingen/": invitations.handle,
    ".well-known/wijkkluis/verhuizingen/": relocation.handle,
}
SERVER_SERVICES = {
    ".well-known/wijkkluis/uitnodiging": invitations.handle_server,
    ".well-known/wijkkluis/ontmoetingen/": invitations.handle_server,
    ".well-known/wijkkluis/toegang/": grants.handle_server,
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A storage whose services all work, with a container in which Bob may write and everybody read."""
    unlimited = Limits(max_refusals_per_minute=10**9)
    home = make_home(
        tmp_path,
        services=SERVICES,
        server_services=SERVER_SERVICES,
        limits=unlimited,
        gate=Gate(unlimited, lambda: 0.0),
    )
    for number in range(30):
        home.put(f"werk/doc{number}")
    home.let("werk/", "Read", "Write")
    home.put("open/brief")
    home.let("open/", "Read", agent="everyone")
    return home


def neighbour_of(home: Home) -> Home:
    """The storage of somebody else on the same server, with secrets in documents, names and rules."""
    storage = StorageId(home.context.new_id())
    prepared = prepare_storage(home.context, storage, f"Naam {CANARY}", keyring_of(home.context).create)
    home.context.catalogue.write(lambda tx: create_storage(tx, prepared))
    other = Home(home.context, storage, home.parts)
    other.put("dossier/verslag", f'<> <#tekst> "{CANARY}" .')
    other.put("dossier/scan.pdf", f"%PDF {CANARY}", "application/pdf")
    other.put(f"dossier/{CANARY}/in")
    other.let("dossier/", "Read", agent=f"https://{CANARY}.example/#me")
    return other


@pytest.mark.timeout(1500)
def test_no_request_finds_a_fault_or_what_is_somebody_elses(
    home: Home, record_property: Callable[[str, object], None]
) -> None:
    other = neighbour_of(home)
    people = [who(home.owner, issuer=ISSUER_URL), who(BOB), {}, who("wrong")]
    # The names of the neighbour are known to whoever asks: what they lead to may not be.
    paths = [
        *(
            f"{other.storage}/{path}"
            for path in ("", "dossier/", "dossier/verslag", "dossier/scan.pdf", ".acl")
        ),
        *(f"{other.storage}/{path}" for path in ("logboek/", "toegang/", "verzoeken/", "profiel/card")),
        f"{other.storage}/dossier/.acl",
        *(f"{home.storage}/{path}" for path in ("", "open/", "open/brief", "mijn/", "werk/.acl")),
        *SERVER_SERVICES,
        ".well-known/wijkkluis/",
        ".health/ready",
        "",
    ]
    statuses = asyncio.run(_send_all(home, people, paths))
    record_property("statuses", str(sorted(statuses.items())))
    total, well = sum(statuses.values()), sum(n for s, n in statuses.items() if 200 <= s < 300)
    sys.stdout.write(f"\n{total} requests, {well / total:.0%} 2xx: {dict(sorted(statuses.items()))}\n")
    assert (total, max(statuses) < 500) == (COUNT, True)
    assert well / total >= 0.30
    assert len(statuses) >= 12, "the requests are not of one kind"
    assert CANARY in other.as_owner("GET", "dossier/verslag").text, "untouched, and the search can find"
    assert CANARY in other.as_owner("GET", "dossier/").text


async def _send_all(home: Home, people: list[dict[str, str]], paths: list[str]) -> Counter[int]:
    dice, statuses = random.Random(SEED), Counter[int]()
    for number in range(COUNT):
        sent = mutated(valid_requests(home.storage.value, len(people), dice), paths, dice)
        answer = await _send(home, people, sent)
        _check(answer, sent, number)
        statuses[answer.status] += 1
    return statuses


async def _send(home: Home, people: list[dict[str, str]], sent: Sent) -> Answer:
    headers = {name: value for name, value in sent.headers.items() if name != "Host"}
    hosts = ("vault.example", sent.headers["Host"]) if "Host" in sent.headers else ("vault.example",)
    for name in ("Content-Length", "Transfer-Encoding"):
        if sent.body is not None or sent.parts is not None:
            # The server in front would not let two lengths through.
            headers.pop(name, None)
    body = sent.parts if sent.parts is not None else sent.body
    url = home.context.base_url + sent.path.encode().decode("latin-1")
    return await home.client.exchange(
        sent.method, url, {**ORIGIN, **headers, **people[sent.who % len(people)]}, body, hosts=hosts
    )


def _check(answer: Answer, sent: Sent, number: int) -> None:
    shown = f"request {number} of seed {SEED}: {replace(sent, body=(sent.body or b'')[:200])}"
    assert answer.status < 500, shown
    seen = answer.body + str(answer.headers).encode()
    assert CANARY.encode() not in seen, shown
    assert "trace-id" in answer.headers, shown
    if "access-control-expose-headers" in answer.headers:
        exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
        used = {name for name in answer.headers if not name.startswith("access-control-")}
        assert used <= set(exposed), shown
    if answer.status >= 400 and answer.body:
        problem = json.loads(answer.body)
        assert {"title", "status", "detail", "traceId"} <= problem.keys(), shown
