"""A disk that is really full, by what people store and by somebody else: 507, nothing broken, and stopping still works."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pod_server.wiring import reserved_bytes
from tests.support.raw import RawAnswer, RawClient
from tests.support.servers import run_command
from tests.support.waiting import wait_until
from tests.support.world import PLAN, PURPOSE, World, running_world

MIB = 1024 * 1024
disk_mib = 192
# Small enough to be sent whole before a refusal ends the connection.
body_bytes = 512 * 1024

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


def as_root(*command: str) -> None:
    """Run a command that only root may; through sudo for others."""
    subprocess.run([*(() if os.geteuid() == 0 else ("sudo", "-n")), *command], check=True, timeout=30)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, where the citizens' server will look for its data folder."""
    place = tmp_path / "citizens"
    place.mkdir()
    as_root("mount", "-t", "tmpfs", "-o", f"size={disk_mib}m,mode=0777", "tmpfs", str(place))
    try:
        yield place
    finally:
        as_root("umount", "--lazy", str(place))


@pytest.fixture
def world(disk: Path) -> Iterator[World]:
    with running_world(disk.parent) as made:
        assert made.citizens.data == disk
        yield made


def free_bytes(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def body_of(number: int) -> bytes:
    return f"{number:08}".encode() * (body_bytes // 8)


def put(client: RawClient, number: int) -> RawAnswer:
    url = f"{client.agent.pod}brieven/{number}"
    return client.request("PUT", url, body_of(number), {"Content-Type": "application/octet-stream"})


def fill_with_documents(client: RawClient) -> list[int]:
    """Put documents until the server says that there is no room; those that it took."""
    kept: list[int] = []
    for number in range(disk_mib * MIB // body_bytes):
        answer = put(client, number)
        if answer.status == 507:
            assert answer.headers["content-type"] == "application/problem+json"
            return kept
        assert answer.status == 201
        kept.append(number)
    raise AssertionError("the disk never got full")


def fill_to_the_last_byte(path: Path) -> None:
    """What somebody else does to the disk."""
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(MIB)) == MIB:
                pass
        except OSError:
            return


def test_what_people_store_stops_in_time_and_stopping_access_works_on_a_disk_without_a_byte(
    world: World, disk: Path
) -> None:
    plan = f"{world.owner.pod}plannen/rust/plan"
    assert world.owner.put_turtle(plan, PLAN).is_success
    grants = [world.give([plan]) for _ in range(2)]
    world.owner.sign_in()
    world.worker.sign_in()
    owner = RawClient(world.owner, world.citizens.base_url)
    worker = RawClient(world.worker, world.citizens.base_url)
    kept = fill_with_documents(owner)
    assert len(kept) > 3
    assert free_bytes(disk) >= reserved_bytes - 2 * body_bytes
    world.stop(grants.pop())
    assert worker.request("GET", plan, purpose=PURPOSE).status == 200

    reserve = world.citizens.data / "reserve"
    fill_to_the_last_byte(disk / "somebody")
    wait_until(lambda: not reserve.exists(), within_s=20)
    world.stop(grants.pop())
    assert worker.request("GET", plan, purpose=PURPOSE).status == 403
    assert put(owner, 999).status == 507
    assert owner.request("GET", f"{owner.agent.pod}brieven/999").status == 404

    (disk / "somebody").unlink()
    for number in kept[: len(kept) // 2]:
        assert owner.request("DELETE", f"{owner.agent.pod}brieven/{number}").status < 300
    check_what_was_kept(world, owner, kept[len(kept) // 2 :])
    owner.close()
    worker.close()


def check_what_was_kept(world: World, owner: RawClient, kept: list[int]) -> None:
    """Every acknowledged byte is there, and the journal is whole."""
    for number in kept:
        answer = owner.request("GET", f"{owner.agent.pod}brieven/{number}")
        assert (answer.status, answer.body) == (200, body_of(number))
    export = world.citizens.data.parent / "journal.jsonl"
    run_command("journal", "export", "--data", str(world.citizens.data), owner.agent.pod, str(export))
    assert "whole" in run_command("journal", "verify", str(export))


def test_content_comes_in_again_by_itself_when_there_is_room(world: World, disk: Path) -> None:
    world.owner.sign_in()
    owner = RawClient(world.owner, world.citizens.base_url)
    fill_to_the_last_byte(disk / "somebody")
    wait_until(lambda: put(owner, 1).status == 507, within_s=20)
    (disk / "somebody").unlink()
    wait_until(lambda: put(owner, 2).status in {201, 204, 205}, within_s=20)
    assert owner.request("GET", f"{owner.agent.pod}brieven/2").body == body_of(2)
    owner.close()
