"""Backup, erase and restore of real servers: objects on disk and on S3, while written to, cut by kill -9, on a new machine."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pod_server.settings import open_settings
from pod_server.wiring import erasing_parts, open_stores
from tests.storage.conftest import OWNER, open_store
from tests.support.agents import Agent
from tests.support.ceph import Ceph
from tests.support.servers import COMMAND, RunningServer, clean_environment, free_ports, run_command, run_json
from tests.support.waiting import wait_until
from tests.support.world import PLAN, PURPOSE, World, new_account, publish, running_world
from vault.keeping.erase import erase_due, out_of_sight_s
from vault.model.moments import Moment

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


@dataclass(slots=True)
class Place:
    """Where a server's backups and keys go; `objects` are the options that say where those of a restored one rest."""

    server: RunningServer
    folder: Path
    objects: Callable[[str], tuple[str, ...]] = lambda _: ()

    @property
    def data(self) -> tuple[str, str]:
        return ("--data", str(self.server.data))

    def run(self, *arguments: str, check: bool = True) -> str:
        return run_command(*arguments, environment=self.server.environment, check=check)

    def back_up(self) -> str:
        return self.run(
            "backup", *self.data, str(self.folder / "backup"), "--keys", str(self.folder / "keys")
        )

    def restore(self, data: Path, *options: str, check: bool = True) -> str:
        arguments = ("--data", str(data), str(self.folder / "backup"), "--keys", str(self.folder / "keys"))
        return self.run("restore", *arguments, *self.objects(data.name), *options, check=check)

    def restarted(self, data: Path) -> RunningServer:
        """The same server from another data folder, which says itself where its objects rest."""
        old = self.server
        options = [*old.options]
        if "--objects" in options:
            del options[(at := options.index("--objects")) : at + 2]
        return RunningServer(data, old.port, old.identity_port, old.environment, tuple(options)).start()


@dataclass(slots=True)
class Rest:
    """Where objects rest: in data folders, or each server's in a bucket of its own."""

    ceph: Ceph | None
    environment: dict[str, str] = field(default_factory=dict)
    prefix: str = ""

    def of(self, name: str) -> tuple[str, ...]:
        """The options of a server; its bucket is made."""
        if self.ceph is None:
            return ()
        store = open_store(self.url_of(name))
        if not store.exists():
            store.make_bucket()
        return ("--objects", self.url_of(name))

    def keys(self, data: Path) -> set[str]:
        """The keys of the objects of a server."""
        if self.ceph is None:
            return {path.name for path in (data / "objects").rglob("*") if path.is_file()}
        return dict(open_store(self.url_of(data.name)).keys()).keys() - {OWNER}

    def url_of(self, name: str) -> str:
        """The bucket for the objects of a server whose data folder has this name."""
        assert self.ceph is not None
        return self.ceph.url_of(f"{self.prefix}-{name}")


@pytest.fixture(params=["folder", "s3"])
def rest(request: pytest.FixtureRequest) -> Rest:
    if request.param == "folder":
        return Rest(None)
    ceph: Ceph = request.getfixturevalue("ceph")
    return Rest(ceph, ceph.environment, f"b{os.urandom(4).hex()}")


@pytest.fixture
def world(tmp_path: Path, rest: Rest) -> Iterator[World]:
    with running_world(tmp_path, environment=rest.environment, options=rest.of("citizens")) as made:
        yield made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    yield from running(tmp_path, Rest(None))


@pytest.fixture
def server_anywhere(tmp_path: Path, rest: Rest) -> Iterator[RunningServer]:
    yield from running(tmp_path, rest)


def running(folder: Path, rest: Rest) -> Iterator[RunningServer]:
    port, identity_port = free_ports(2)
    made = RunningServer(folder / "data", port, identity_port, rest.environment, rest.of("data")).start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


def again(server: RunningServer, agent: Agent) -> Agent:
    """The same person with new credentials: those of before a restore are gone."""
    who = ("--data", str(server.data), "--webid", agent.webid, "--label", "opnieuw")
    return Agent(run_json("account", "credentials", *who, environment=server.environment))


def inventory_of(place: Place, data: Path, pod: str) -> list[dict[str, str]]:
    """The objects of a storage, one row a resource."""
    rows: list[dict[str, str]] = run_json(
        "inventory", "--data", str(data), pod, environment=place.server.environment
    )
    return rows


def journal_of(place: Place, data: Path, pod: str, file: Path) -> list[str]:
    """The lines of a journal, checked."""
    place.run("journal", "export", "--data", str(data), pod, str(file))
    place.run("journal", "verify", str(file))
    return [line for line in file.read_text().splitlines() if line.startswith('{"sequence"')]


def state_of(agent: Agent, urls: list[str]) -> dict[str, tuple[int, bytes]]:
    """What is at some URLs, byte for byte."""
    answers = {url: agent.request("GET", url) for url in urls}
    return {url: (answer.status_code, answer.content) for url, answer in answers.items()}


def test_a_restored_server_has_every_byte_rule_grant_and_line(
    world: World, rest: Rest, tmp_path: Path
) -> None:
    owner, server = world.owner, world.citizens
    place = Place(server, tmp_path, rest.of)
    plan, letter = f"{owner.pod}plannen/rust/plan", f"{owner.pod}brieven/brief"
    assert owner.put_turtle(plan, PLAN).is_success
    # More than one part of an upload to S3.
    assert owner.request(
        "PUT", letter, content=os.urandom(6_000_000), headers={"Content-Type": "image/x-raw"}
    ).is_success
    publish(owner, letter)
    grant = world.give([plan])
    wait_until(lambda: world.worker.request("GET", plan, purpose=PURPOSE).status_code == 200, within_s=60)
    urls = [owner.pod, plan, f"{plan}.acl", letter, f"{letter}.acl", f"{owner.pod}.acl", owner.webid, grant]
    place.back_up()
    before, inventory = state_of(owner, urls), inventory_of(place, server.data, owner.pod)
    assert {status for status, _ in before.values()} == {200}
    server.stop()
    place.restore(tmp_path / "new")
    lines = journal_of(place, tmp_path / "new", owner.pod, tmp_path / "lines")
    old = journal_of(place, server.data, owner.pod, tmp_path / "old")
    assert {row["object"] for row in inventory} <= rest.keys(tmp_path / "new")
    restored = place.restarted(tmp_path / "new")
    try:
        owner = again(restored, owner)
        assert state_of(owner, urls) == before
        assert inventory_of(place, restored.data, owner.pod) == inventory
        assert lines[: len(lines)] == old[: len(lines)]
        assert len(lines) >= 10
        refused = world.worker.request("GET", plan, purpose=PURPOSE)
        assert refused.status_code in {401, 403}
        assert owner.http.get(letter).status_code == 401, "what was public waits for the owner too"
        place.run("resume", "--data", str(restored.data), owner.pod, "--yes")
        assert owner.http.get(letter).status_code == 200
        place.run("organisation", "refresh", "--data", str(restored.data), world.organisation)
        wait_until(lambda: world.worker.request("GET", plan, purpose=PURPOSE).status_code == 200, within_s=60)
    finally:
        restored.stop()


def test_a_backup_under_write_load_is_one_moment(server: RunningServer, tmp_path: Path) -> None:
    place, stopping = Place(server, tmp_path), threading.Event()
    owner = new_account(server, "Samira")
    written: list[int] = []

    def write() -> None:
        writer = again(server, owner)
        number = 0
        while not stopping.is_set():
            number += 1
            # Two documents in order: a moment never shows the second without the first.
            for name in ("eerst", "dan"):
                if not writer.put_turtle(
                    f"{owner.pod}brieven/{name}-{number}", f"<> a <#N{number}> ."
                ).is_success:
                    return
            written.append(number)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        wait_until(lambda: len(written) > 20, within_s=60)
        for _ in range(3):
            sure = len(written)
            place.back_up()
    finally:
        stopping.set()
        thread.join(30)
    assert len(written) > sure
    server.stop()
    place.restore(tmp_path / "new")
    rows = run_json("inventory", "--data", str(tmp_path / "new"), owner.pod)
    names = {row["url"].rsplit("/", 1)[-1] for row in rows}
    assert {f"eerst-{n}" for n in range(1, sure + 1)} <= names
    assert all(f"eerst-{name.removeprefix('dan-')}" in names for name in names if name.startswith("dan-"))


def test_what_was_erased_stays_erased_on_a_new_machine(
    server_anywhere: RunningServer, rest: Rest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = server_anywhere
    place = Place(server, tmp_path, rest.of)
    gone, stays = new_account(server, "Weg"), new_account(server, "Blijft")
    for agent in (gone, stays):
        assert agent.put_turtle(f"{agent.pod}brieven/a", PLAN).is_success
    objects = [
        {row["object"] for row in inventory_of(place, server.data, agent.pod)} for agent in (gone, stays)
    ]
    place.back_up()
    place.run("erase", *place.data, gone.pod, "--yes")
    assert gone.request("GET", f"{gone.pod}brieven/a").status_code == 404
    server.stop()
    for name, value in rest.environment.items():
        monkeypatch.setenv(name, value)
    erase_now(server.data)
    newest = server.data / "keys" / "erased.list"
    assert gone.pod.rstrip("/").rsplit("/", 1)[-1] in newest.read_text()
    place.restore(tmp_path / "new", "--erasure-list", str(newest))
    assert not list((tmp_path / "new" / "keys" / "wrapped").glob(f"{newest.read_text().strip()}*"))
    assert place.run("inventory", "--data", str(tmp_path / "new"), gone.pod, check=False) == ""
    assert len(inventory_of(place, tmp_path / "new", stays.pod)) == 2
    there = rest.keys(tmp_path / "new")
    assert objects[1] <= there
    assert not objects[0] & there
    place.restore(tmp_path / "second", "--erasure-list", str(newest))
    assert place.run("erase", "--data", str(tmp_path / "second"), "--list") == ""


def erase_now(data: Path) -> None:
    """Let fourteen days pass for the keeper's job."""
    settings = open_settings(data, {})
    stores = open_stores(settings)
    now = stores.clock()
    later = Moment(now.wall_ms + (out_of_sight_s + 1) * 1000, now.policy_s)
    parts = erasing_parts(settings, stores)
    assert erase_due(replace(parts, context=replace(parts.context, clock=lambda: later))) == 1
    stores.catalogue.close()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_run_that_is_killed_again_and_again_is_finished_by_the_last(
    server: RunningServer, tmp_path: Path, command: str
) -> None:
    place, owner = Place(server, tmp_path), new_account(server, "Samira")
    bodies = {f"{owner.pod}brieven/{n}": os.urandom(300_000) for n in range(20)}
    for url, body in bodies.items():
        assert owner.request("PUT", url, content=body, headers={"Content-Type": "image/x-raw"}).is_success
    if command == "restore":
        place.back_up()
    server.stop()
    target = str(tmp_path / "new")
    data = place.data if command == "backup" else ("--data", target)
    arguments = [command, *data, str(tmp_path / "backup"), "--keys", str(tmp_path / "keys")]
    for delay in (0.4, 0.5, 0.6, 0.7):
        killed_after(arguments, delay)
    if command == "backup":
        place.back_up()
    if not (tmp_path / "new" / "settings.json").exists():
        place.restore(tmp_path / "new")
    restored = place.restarted(tmp_path / "new")
    try:
        reader = again(restored, owner)
        assert {url: reader.request("GET", url).content for url in bodies} == bodies
    finally:
        restored.stop()


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


def test_a_half_restored_folder_cannot_be_served(server: RunningServer, tmp_path: Path) -> None:
    server.stop()
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "restore.unfinished").touch()
    done = subprocess.run(
        [*COMMAND, "serve", "--data", str(folder), "--port", str(server.port)],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "was cut" in done.stderr


def test_a_restore_without_any_erasure_list_is_refused(server: RunningServer, tmp_path: Path) -> None:
    place = Place(server, tmp_path)
    place.back_up()
    (tmp_path / "keys" / "erased.list").unlink()
    place.restore(tmp_path / "new", check=False)
    assert not (tmp_path / "new").exists()
