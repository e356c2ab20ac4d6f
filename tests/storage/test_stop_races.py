"""Stopping wins: a request that starts after the stop's answer gets no content and leaves no revision, 1,000 races."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support.agents import Agent
from tests.support.raw import RawClient
from tests.support.servers import run_json
from tests.support.world import PLAN, PURPOSE, World, running_world

races = 1000
readers = 4

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(2400)]


@dataclass(slots=True)
class Watch:
    """Threads of the worker that read all the time; each keeps when it started and what came back."""

    worker: Agent
    base_url: str
    url: str
    stopping: threading.Event = field(default_factory=threading.Event)
    seen: list[tuple[float, int]] = field(default_factory=list)

    def read(self) -> None:
        """Read until told to stop."""
        client = RawClient(self.worker, self.base_url)
        while not self.stopping.is_set():
            started = time.monotonic()
            try:
                answer = client.request("GET", self.url, purpose=PURPOSE)
            except (OSError, http.client.HTTPException):
                continue
            self.seen.append((started, answer.status))
        client.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("races")) as made:
        yield made


def slow_put(client: RawClient, url: str, half: threading.Event, go_on: threading.Event) -> int:
    """A PUT whose first half is sent before a stop and whose second half after it; the status, 0 when cut off."""

    def body() -> Iterator[bytes]:
        yield b'<> <http://purl.org/dc/terms/title> "te laat" .\n' + b"#" * 4096
        half.set()
        go_on.wait(20)
        yield b"\n# end\n"

    try:
        return client.request("PUT", url, body(), {"Content-Type": "text/turtle"}, PURPOSE).status
    except (OSError, http.client.HTTPException):
        return 0


def revision_of(world: World, url: str) -> str:
    """The current revision of a document."""
    rows = run_json("inventory", "--data", str(world.citizens.data), world.owner.pod)
    return str(next(row["revision"] for row in rows if row["url"] == url))


def test_no_request_after_the_answer_of_a_stop_gets_in_over_a_thousand_races(world: World) -> None:
    url = f"{world.owner.pod}plannen/rust/plan"
    assert world.owner.put_turtle(url, PLAN).is_success
    world.worker.sign_in()
    watch = Watch(world.worker, world.citizens.base_url, url)
    threads = [threading.Thread(target=watch.read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    try:
        allowed = [one_race(world, watch) for _ in range(races)]
    finally:
        watch.stopping.set()
        for thread in threads:
            thread.join(30)
    assert sum(allowed) > races * 0.9, "the control: before the stop the worker could read"


def one_race(world: World, watch: Watch) -> bool:
    """Give, start reading and a slow write, stop, and look at what came after; whether the control read passed."""
    if time.time() > world.worker.expires_at:
        world.worker.sign_in()
    grant = world.give([watch.url], action=["read", "modify"])
    client = RawClient(world.worker, world.citizens.base_url)
    control = client.request("GET", watch.url, purpose=PURPOSE).status == 200
    half, go_on, statuses = threading.Event(), threading.Event(), list[int]()
    writer = threading.Thread(target=lambda: statuses.append(slow_put(client, watch.url, half, go_on)))
    writer.start()
    half.wait(20)
    seen_before = len(watch.seen)
    world.stop(grant)
    stopped = time.monotonic()
    late = RawClient(world.worker, world.citizens.base_url)
    refused = [late.request("GET", watch.url, purpose=PURPOSE).status for _ in range(2)]
    refused.append(
        late.request("PUT", watch.url, PLAN.encode(), {"Content-Type": "text/turtle"}, PURPOSE).status
    )
    go_on.set()
    writer.join(30)
    late.close()
    client.close()
    assert set(refused) == {403}, refused
    assert statuses[0] in {0, 403}, statuses
    assert [s for started, s in watch.seen[seen_before:] if started > stopped and s != 403] == []
    return control


def test_nothing_of_the_late_writes_was_kept(world: World) -> None:
    url = f"{world.owner.pod}plannen/laat/plan"
    assert world.owner.put_turtle(url, PLAN).is_success
    before = revision_of(world, url)
    world.worker.sign_in()
    one_race(world, Watch(world.worker, world.citizens.base_url, url))
    assert revision_of(world, url) == before
    assert b"te laat" not in world.owner.request("GET", url).content
