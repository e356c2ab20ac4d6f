"""A storage is taken from one running server to another, through kill -9; and a bad day is undone on a running one."""

from __future__ import annotations

import os
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.agents import Agent
from tests.support.servers import COMMAND, RunningServer, clean_environment, free_ports, run_command, run_json
from tests.support.world import PLAN, new_account, publish

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[RunningServer, RunningServer]]:
    ports = free_ports(4)
    old = RunningServer(tmp_path / "old", ports[0], ports[1]).start()
    try:
        new = RunningServer(tmp_path / "new", ports[2], ports[3]).start()
        try:
            yield old, new
        finally:
            new.stop()
    finally:
        old.stop()


def killed_after(arguments: list[str], delay_s: float) -> None:
    """Start a command, and kill it when so much time has passed or it is done."""
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment()
    ) as process:
        try:
            process.wait(delay_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait(10)


def test_everything_arrives_on_another_server_whatever_is_killed_and_nobody_else_sees_it(
    servers: tuple[RunningServer, RunningServer], tmp_path: Path
) -> None:
    old, new = servers
    owner, archive = new_account(old, "Samira"), tmp_path / "kluis.zip"
    bodies = {f"brieven/{number}": os.urandom(200_000) for number in range(12)}
    for path, body in bodies.items():
        sent = owner.request("PUT", owner.pod + path, content=body, headers={"Content-Type": "image/x-raw"})
        assert sent.is_success
    assert owner.put_turtle(f"{owner.pod}plannen/plan", "<> a <#Eerst> .").is_success
    assert owner.put_turtle(f"{owner.pod}plannen/plan", PLAN).is_success
    publish(owner, f"{owner.pod}plannen/plan")
    export = ["export", "--data", str(old.data), owner.pod, str(archive)]
    for delay in (0.4, 0.6, 0.8):
        killed_after(export, delay)
        assert not archive.exists() or zipfile.is_zipfile(archive)
    run_command(*export)
    account = new_account(new, "Samira")
    bring = ["import", "--data", str(new.data), str(archive), "--account", account.webid]
    for delay in (0.5, 0.7, 0.9):
        killed_after(bring, delay)
    run_json(*bring)
    for path, body in bodies.items():
        assert account.request("GET", account.pod + path).content == body
    assert account.request("GET", f"{account.pod}plannen/plan").text == PLAN
    assert account.http.get(f"{account.pod}plannen/plan").status_code == 401
    note = run_json(*bring)["note"]
    assert "plannen/plan: iedereen: lezen" in account.request("GET", f"{note}wat-was-gedeeld.txt").text


def test_an_import_makes_an_account_that_can_be_used(
    servers: tuple[RunningServer, RunningServer], tmp_path: Path
) -> None:
    old, new = servers
    owner, archive = new_account(old, "Samira"), tmp_path / "kluis.zip"
    assert owner.put_turtle(f"{owner.pod}plannen/plan", PLAN).is_success
    run_command("export", "--data", str(old.data), owner.pod, str(archive))
    made = run_json("import", "--data", str(new.data), str(archive), "--name", "Samira El Idrissi")
    credentials = ("--webid", made["webid"], "--label", "test")
    agent = Agent(run_json("account", "credentials", "--data", str(new.data), *credentials))
    assert agent.request("GET", f"{agent.pod}plannen/plan").text == PLAN
