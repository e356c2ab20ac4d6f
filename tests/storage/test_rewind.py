"""A bad day is undone for one storage while its server runs; another storage does not notice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.servers import RunningServer, free_ports, run_command, run_json
from tests.support.world import PLAN, new_account

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    port, identity_port = free_ports(2)
    made = RunningServer(tmp_path / "data", port, identity_port).start()
    yield made
    made.stop()


def test_a_bad_day_is_undone_for_one_storage(server: RunningServer) -> None:
    owner, other = new_account(server, "Samira"), new_account(server, "Jan")
    for agent in (owner, other):
        assert agent.put_turtle(f"{agent.pod}plannen/plan", PLAN).is_success
        assert agent.put_turtle(f"{agent.pod}brieven/weg", PLAN).is_success
    moment = datetime.fromtimestamp(time.time(), UTC).isoformat()
    for agent in (owner, other):
        assert agent.put_turtle(f"{agent.pod}plannen/plan", "<> a <#Kapot> .").is_success
        assert agent.request("DELETE", f"{agent.pod}brieven/weg").is_success
        assert agent.put_turtle(f"{agent.pod}rommel/ding", PLAN).is_success
    before = run_json("inventory", "--data", str(server.data), other.pod)
    back = ("restore", "--data", str(server.data), owner.pod, "--at", moment)
    assert "restore plannen/plan" in run_command(*back, "--dry-run")
    assert owner.request("GET", f"{owner.pod}plannen/plan").text != PLAN
    run_command(*back)
    assert owner.request("GET", f"{owner.pod}plannen/plan").text == PLAN
    assert owner.request("GET", f"{owner.pod}brieven/weg").text == PLAN
    assert owner.request("GET", f"{owner.pod}rommel/").status_code == 404
    assert run_json("inventory", "--data", str(server.data), other.pod) == before
    assert run_command(*back) == "", "there is nothing left to do"
