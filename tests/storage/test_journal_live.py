"""The journal of a running server: floods, a keeper that stands still, checkpoints on demand, and what is taken away."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.agents import Agent
from tests.support.raw import RawClient
from tests.support.servers import RunningServer, free_ports, run_command
from tests.support.waiting import wait_until
from tests.support.world import new_account

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
sealed_within_s = 10


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    port, identity_port = free_ports(2)
    running = RunningServer(tmp_path_factory.mktemp("live") / "data", port, identity_port).start()
    yield running
    running.stop()


@pytest.fixture
def owner(server: RunningServer) -> Agent:
    return new_account(server, "Samira El Idrissi")


def lines(owner: Agent, **filters: str) -> list[dict[str, Any]]:
    """The newest lines of the journal, by its service."""
    answer = owner.request("GET", f"{owner.pod}logboek/", params=filters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["lines"]
    return found


def checkpoint(owner: Agent) -> dict[str, Any]:
    """The newest checkpoint with the owner's leaf; empty when it is older than the storage."""
    answer = owner.request("GET", f"{owner.pod}logboek/ijkpunt")
    return dict(answer.json()) if answer.status_code == 200 else {}


def everywhere(owner: Agent, url: str, status: int) -> bool:
    """Whether every worker answers so; each looks at the keeper by itself, twice a second."""
    return all(owner.request("GET", url).status_code == status for _ in range(20))


def test_a_flood_of_refusals_leaves_few_lines_and_counts_all(server: RunningServer, owner: Agent) -> None:
    stranger = new_account(server, "Kevin Peters")
    stranger.sign_in()
    client, asked = RawClient(stranger, server.base_url), 400
    for number in range(asked):
        answer = client.request("GET", f"{owner.pod}verzonnen/{number}/pad")
        assert answer.status in {403, 404}
    client.close()

    def refused() -> list[dict[str, Any]]:
        return lines(owner, agent=stranger.webid, outcome="refused")

    wait_until(lambda: sum(line["count"] for line in refused()) == asked, sealed_within_s)
    assert len(refused()) < asked / 4
    assert {line["resource"] for line in refused()} == {owner.pod}


def test_a_checkpoint_on_demand_covers_what_was_sealed_before(owner: Agent) -> None:
    owner.put_turtle(f"{owner.pod}brieven/a", "<> a <#Brief> .")
    wait_until(lambda: lines(owner, activity="create") != [], sealed_within_s)
    wanted = lines(owner, activity="create")[0]["sequence"]
    answer = owner.request("POST", f"{owner.pod}logboek/ijkpunt")
    assert (answer.status_code, answer.headers["Location"]) == (202, f"{owner.pod}logboek/ijkpunt")
    wait_until(lambda: checkpoint(owner).get("leaf", {}).get("sequence", 0) >= wanted, sealed_within_s)


def test_what_the_operator_takes_away_shows_and_exports_of_before_and_after_verify(
    server: RunningServer, owner: Agent, tmp_path: Path
) -> None:
    owner.put_turtle(f"{owner.pod}brieven/a", "<> a <#Brief> .")
    wait_until(lambda: lines(owner, activity="create") != [], sealed_within_s)
    number = lines(owner, activity="create")[0]["sequence"]
    data, key = ("--data", str(server.data)), tmp_path / "key.pem"
    key.write_bytes(owner.http.get(f"{server.base_url}.well-known/wijkkluis/ijksleutel").content)
    signed = json.loads(run_command("journal", "checkpoint", *data))
    run_command("journal", "export", *data, owner.pod, str(tmp_path / "before"))
    given = ("--field", "resource", "--field", "agent", "--reason", "third-party")
    run_command("journal", "redact", *data, *given, owner.pod, str(number))
    wait_until(lambda: lines(owner, activity="redact") != [], sealed_within_s)
    (less,) = (line for line in lines(owner) if line["sequence"] == number)
    assert less["takenAway"] == ["agent", "resource"]
    run_command("journal", "export", *data, owner.pod, str(tmp_path / "after"))
    assert b"brieven/a" in (tmp_path / "before").read_bytes()
    assert b"brieven/a" not in (tmp_path / "after").read_bytes()
    for name in ("before", "after"):
        told = run_command(
            "journal",
            "verify",
            str(tmp_path / name),
            "--key",
            str(key),
            "--checkpoint",
            str(tmp_path / "before"),
        )
        assert "whole" in told
    assert signed["root"].startswith("sha256:")


def test_while_the_keeper_stands_still_nothing_is_read_and_then_it_goes_on(
    server: RunningServer, owner: Agent
) -> None:
    url = f"{owner.pod}brieven/a"
    assert owner.put_turtle(url, "<> a <#Brief> .").status_code == 201
    stopped = server.processes("keeper")
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: everywhere(owner, url, 503), within_s=30)
        refused = owner.request("GET", url)
        assert b"Brief" not in refused.content
        assert refused.headers["Retry-After"]
        assert owner.put_turtle(url, "<> a <#Ander> .").status_code == 204
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: everywhere(owner, url, 200), within_s=30)
    wait_until(lambda: lines(owner, activity="replace") != [], sealed_within_s)


def test_reading_what_is_public_is_counted_and_told_at_the_latest_when_the_server_ends(
    server: RunningServer, owner: Agent
) -> None:
    card = owner.webid.partition("#")[0]
    asked = 25
    for _ in range(asked):
        assert httpx2.get(card, trust_env=False).status_code == 200
    server.stop()
    server.start()
    owner.sign_in()

    def told() -> list[dict[str, Any]]:
        return [line for line in lines(owner) if line["activity"] == "public-reads"]

    wait_until(lambda: sum(line["count"] for line in told()) == asked, sealed_within_s)
    assert all("resource" not in line and "agent" not in line for line in told())
