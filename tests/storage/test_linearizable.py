"""Concurrent reads, writes, deletions and patches, with conditions and without, on two workers: as if there were one client."""

from __future__ import annotations

import http.client
import itertools
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.agents import Agent
from tests.support.histories import NOTHING, Event, is_linearizable, state_of
from tests.support.raw import RawAnswer, RawClient
from tests.support.servers import RunningServer, free_ports
from tests.support.storms import kill_one
from tests.support.world import new_account

# So many on so few that patches of one resource meet in one process, which carries them out together.
clients = 12
resources = 2
steps = 80
kills = 3

TURTLE, PATCH = {"Content-Type": "text/turtle"}, {"Content-Type": "text/n3"}
_FACT = re.compile(r"#(is|has)>|\"(\d+)\"")
methods = {"GET": 4, "PUT": 4, "DELETE": 2, "ADD": 8, "MOVE": 5}
conditions = {"always": 5, "same": 3, "absent": 1}

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(600)]


@dataclass(slots=True)
class Recorder:
    """What all clients did, per resource; every value is written once."""

    owner: Agent
    base_url: str
    seed: int
    history: defaultdict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    values: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)
    etags: dict[str, str] = field(default_factory=dict)
    pause: threading.Event = field(default_factory=threading.Event)

    def work(self, number: int) -> None:
        """Do one client's steps, until so many were answered."""
        chance = random.Random(f"{self.seed} {number}")
        client = RawClient(self.owner, self.base_url)
        left = steps
        while left:
            name = f"r{chance.randrange(resources)}"
            method = chance.choices([*methods], [*methods.values()])[0]
            condition = chance.choices([*conditions], [*conditions.values()])[0]
            if self._step(client, name, method, condition):
                left -= 1
            else:
                self.pause.wait(0.1)
        client.close()

    def _step(self, client: RawClient, name: str, method: str, condition: str) -> bool:
        known = None
        if condition == "same" and method != "GET":
            # One that was read just now, or it never holds.
            self._step(client, name, "GET", "always")
            known = self._known(name)
        is_create = condition == "absent" and method in {"PUT", "ADD"}
        headers = {} if known is None else {"If-Match": known[1]}
        if is_create:
            headers["If-None-Match"] = "*"
        value = f"{next(self.values)}" if method in {"PUT", "ADD", "MOVE"} else NOTHING
        began = time.monotonic()
        try:
            answer = self._ask(client, method, name, value, headers)
        except ConnectionRefusedError:
            # Nobody was there to do anything.
            return False
        read = read_state(answer.body) if answer and answer.status == 200 and method == "GET" else value
        event = Event(
            method,
            began,
            time.monotonic(),
            answer.status if answer else None,
            read,
            known[0] if known else None,
            is_create,
        )
        with self.lock:
            self.history[name].append(event)
            if answer and method == "GET" and answer.status == 200:
                self.etags[name] = f"{read} {answer.headers['etag']}"
        return answer is not None

    def _known(self, name: str) -> tuple[str, str] | None:
        """A value that somebody read, and its ETag."""
        with self.lock:
            value, _, etag = self.etags.get(name, "").partition(" ")
        return (value, etag) if etag else None

    def _ask(
        self, client: RawClient, method: str, name: str, value: str, headers: dict[str, str]
    ) -> RawAnswer | None:
        url = f"{self.owner.pod}samen/{name}"
        verb, body, kind = wire_of(method, value)
        try:
            answer = client.request(verb, url, body, headers | kind)
        except ConnectionRefusedError:
            raise
        except (OSError, http.client.HTTPException):
            return None
        assert answer.status < 500, answer.body
        return answer


def wire_of(method: str, value: str) -> tuple[str, bytes | None, dict[str, str]]:
    """The request that does it: method, body, and the header that says what the body is."""
    if method == "PUT":
        return method, f'<#it> <#is> "{value}" .'.encode(), TURTLE
    patch = f'solid:inserts {{ <#it> <#has> "{value}" }}'
    if method == "MOVE":
        old = "{ <#it> <#is> ?old }"
        patch = f'solid:where {old} ; solid:deletes {old} ; solid:inserts {{ <#it> <#is> "{value}" }}'
    if method in {"ADD", "MOVE"}:
        text = (
            f"@prefix solid: <http://www.w3.org/ns/solid/terms#> . _:p a solid:InsertDeletePatch ; {patch} ."
        )
        return "PATCH", text.encode(), PATCH
    return method, None, {}


def read_state(body: bytes) -> str:
    """What a document holds, whoever wrote it."""
    found: dict[str, list[str]] = {"is": [], "has": []}
    predicate = ""
    for name, value in _FACT.findall(body.decode()):
        predicate = name or predicate
        if value:
            found[predicate].append(value)
    assert len(found["is"]) <= 1, body
    return state_of(found["is"][0] if found["is"] else NOTHING, found["has"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    port, identity_port = free_ports(2)
    data: Path = tmp_path_factory.mktemp("linear") / "data"
    running = RunningServer(data, port, identity_port, options=("--workers", "2")).start()
    yield running
    running.stop()


@pytest.mark.parametrize("with_kills", [False, True])
def test_every_resource_is_as_if_its_requests_came_one_after_the_other(
    server: RunningServer, *, with_kills: bool
) -> None:
    owner = new_account(server, "Samira El Idrissi")
    owner.sign_in()
    recorder = Recorder(owner, server.base_url, seed=1)
    threads = [threading.Thread(target=recorder.work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for _ in range(kills if with_kills else 0):
        kill_one(server, "storages")
    for thread in threads:
        thread.join(300)
    events = [event for history in recorder.history.values() for event in history]
    assert len(events) >= clients * steps
    check_that_it_was_a_contest(events)
    for name, history in recorder.history.items():
        assert is_linearizable(history), f"{name}: {sorted(history, key=lambda one: one.began)}"


def check_that_it_was_a_contest(events: list[Event]) -> None:
    """Creations, replacements, deletions, patches, refused conditions and overlaps: all were there."""
    seen = {(event.method, event.status) for event in events}
    assert {("PUT", 201), ("PUT", 412), ("GET", 200), ("GET", 404), ("DELETE", 204)} <= seen
    assert {("ADD", 204), ("ADD", 412), ("MOVE", 204), ("MOVE", 412)} <= seen
    assert any(event.method in {"ADD", "MOVE"} and event.only_if and event.status == 204 for event in events)
    overlapping = sum(
        1
        for one, other in itertools.combinations(events, 2)
        if one.began < other.ended and other.began < one.ended
    )
    assert overlapping > len(events) // 2
