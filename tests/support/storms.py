"""Storms of readers and writers on a server whose processes are killed, and what must be true after them."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.agents import Agent
from tests.support.raw import RawClient
from tests.support.servers import RunningServer, run_command
from tests.support.waiting import wait_until

readers = writers = 16


@dataclass(slots=True)
class Storm:
    """What 32 threads did: answered requests with their moment, and per document what was acknowledged or in doubt."""

    owner: Agent
    base_url: str
    stopping: threading.Event = field(default_factory=threading.Event)
    answered: list[tuple[float, str, int]] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    attempted: dict[str, int] = field(default_factory=dict)

    def read(self, number: int) -> None:
        """Read one document again and again."""
        client = RawClient(self.owner, self.base_url)
        url = f"{self.owner.pod}brieven/lees-{number}"
        while not self.stopping.is_set():
            self._ask(client, "GET", url, None)
        client.close()

    def write(self, number: int) -> None:
        """Write new and existing documents, each body whole in itself."""
        client = RawClient(self.owner, self.base_url)
        version = 0
        while not self.stopping.is_set():
            version += 1
            url = f"{self.owner.pod}brieven/schrijf-{number}-{version % 40}"
            self.attempted[url] = version
            if self._ask(client, "PUT", url, body_of(url, version)):
                self.acknowledged[url] = version
        client.close()

    def _ask(self, client: RawClient, method: str, url: str, body: bytes | None) -> bool:
        headers = {"Content-Type": "application/octet-stream"} if body is not None else None
        try:
            answer = client.request(method, url, body, headers)
        except (OSError, http.client.HTTPException):
            self.unanswered.append(url)
            # Whoever finds nobody there tries again in a moment; the server needs the processor to come back.
            self.stopping.wait(0.05)
            return False
        self.answered.append((time.monotonic(), answer.trace_id, answer.status))
        return answer.status < 300


def body_of(url: str, version: int) -> bytes:
    """A body that proves itself whole: its version, filler, and a digest of all before."""
    text = f"{version} {url} ".encode() + b"x" * 2000
    return text + hashlib.sha256(text).hexdigest().encode()


def version_in(body: bytes) -> int:
    """The version of a whole body; fails for half a one."""
    text, digest = body[:-64], body[-64:]
    assert hashlib.sha256(text).hexdigest().encode() == digest, "a torn document"
    return int(text.split(b" ", 1)[0])


@contextmanager
def blowing(storm: Storm) -> Iterator[None]:
    """Let the readers and writers of a storm run."""
    for number in range(readers):
        made = storm.owner.put_turtle(f"{storm.owner.pod}brieven/lees-{number}", "<> a <#Brief> .")
        storm.answered.append((time.monotonic(), made.headers["Trace-Id"], made.status_code))
    threads = [threading.Thread(target=storm.read, args=(n,)) for n in range(readers)]
    threads += [threading.Thread(target=storm.write, args=(n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        storm.stopping.set()
        for thread in threads:
            thread.join(120)


def wait_for_wind(storm: Storm, least_answered: int) -> None:
    """Wait for a second with so many successes, with a token that lasts."""
    if time.time() > storm.owner.expires_at - 120:
        storm.owner.sign_in()
    wait_until(lambda: answered_lately(storm) >= least_answered, within_s=90)


def kill_one(server: RunningServer, role: str) -> None:
    """kill -9 of the newest process of a role; wait until there is a new one and all is ready."""
    before = server.processes(role)
    victim = before[-1]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: bool(set(server.processes(role)) - set(before)) and is_ready(server), within_s=60)


def answered_lately(storm: Storm) -> int:
    """Requests that got a success in the last second."""
    since = time.monotonic() - 1
    lately = 0
    for moment, _, status in reversed(storm.answered):
        if moment < since:
            break
        lately += status < 300
    return lately


def is_ready(server: RunningServer) -> bool:
    """Whether the storages say they are ready."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("GET", "/.health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def check_documents(storm: Storm) -> None:
    """Every acknowledged write is there, or a later one whose answer was lost; nothing is torn."""
    client = RawClient(storm.owner, storm.base_url)
    storm.owner.sign_in()
    assert storm.acknowledged
    for url, attempted in storm.attempted.items():
        answer = client.request("GET", url)
        storm.answered.append((time.monotonic(), answer.trace_id, answer.status))
        if url in storm.acknowledged:
            assert answer.status == 200, url
        if answer.status == 200:
            assert storm.acknowledged.get(url, 0) <= version_in(answer.body) <= attempted
    client.close()


def check_journal(server: RunningServer, storm: Storm, export: Path) -> None:
    """The chain is whole and holds exactly one line for every answered request."""
    answered = Counter(trace for _, trace, _ in storm.answered)
    assert max(answered.values()) == 1
    wait_until(lambda: not set(answered) - set(lines_of(server, storm.owner.pod, export)), within_s=30)
    lines = lines_of(server, storm.owner.pod, export)
    assert {trace: lines[trace] for trace in answered} == dict(answered)
    assert sum(lines.values()) - len(answered) <= len(storm.unanswered)
    assert "whole" in run_command("journal", "verify", str(export))


def lines_of(server: RunningServer, pod: str, export: Path) -> Counter[str]:
    """How many lines of reads and writes the journal holds for each trace id."""
    run_command("journal", "export", "--data", str(server.data), pod, str(export))
    found: Counter[str] = Counter()
    for row in export.read_text().splitlines():
        line = json.loads(row)
        if line.get("activity") in {"read", "create", "replace"}:
            found[line["traceId"]] += 1
    return found
