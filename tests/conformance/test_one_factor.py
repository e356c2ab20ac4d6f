"""A worker reads with `@inrupt/solid-client`; with one factor changed she gets exactly what an absent URL gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.agents import Agent
from tests.support.node import Inrupt, inrupt_client
from tests.support.servers import run_command, run_json
from tests.support.waiting import wait_until
from tests.support.world import PLAN, PURPOSE, World, new_account, running_world

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
_CHANGING = {"date", "trace-id"}


@dataclass(slots=True)
class Scene:
    """The world with a plan, a grant on it and the worker signed in with the foreign client."""

    world: World
    client: Inrupt
    plan: str
    grant: str = ""

    def read(self, session: str = "worker", purpose: str | None = PURPOSE, url: str = "") -> dict[str, Any]:
        """Read the plan, or another URL."""
        return self.client.fetch(session, url or self.plan, purpose=purpose)

    def control(self) -> None:
        """The same request with nothing changed passes."""
        answer = self.read()
        assert answer["status"] == 200, answer
        assert answer["body"] == PLAN

    def refused(self, session: str = "worker", purpose: str | None = PURPOSE) -> None:
        """Refused exactly like an absent URL."""
        absent = self.read(session, purpose, f"{self.world.owner.pod}plannen/rust/er-is-niets")
        answer = self.read(session, purpose)
        assert comparable(answer, self.plan) == comparable(
            absent, f"{self.world.owner.pod}plannen/rust/er-is-niets"
        )
        assert answer["status"] in {401, 403}
        assert PLAN not in answer["body"]


def comparable(answer: dict[str, Any], url: str) -> tuple[int, dict[str, str], str]:
    """An answer without dates, trace id and the URL that was asked."""
    trace = answer["headers"].get("trace-id", "-")
    headers = {k: v.replace(url, "URL") for k, v in answer["headers"].items() if k not in _CHANGING}
    return answer["status"], headers, answer["body"].replace(url, "URL").replace(trace, "TRACE")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with running_world(tmp_path_factory.mktemp("factor")) as world, inrupt_client() as client:
        plan = f"{world.owner.pod}plannen/rust/plan"
        assert world.owner.put_turtle(plan, PLAN).is_success
        client.log_in("worker", world.worker)
        made = Scene(world, client, plan)
        made.grant = world.give([plan])
        yield made


def test_another_client_is_refused(scene: Scene) -> None:
    scene.control()
    account = run_json(
        *("account", "credentials", "--data", str(scene.world.organisations.data)),
        *("--webid", scene.world.worker.webid, "--label", "andere app"),
    )
    scene.client.log_in("other-app", Agent(account))
    scene.refused("other-app")
    scene.control()


def test_another_person_of_the_same_server_is_refused(scene: Scene) -> None:
    scene.control()
    scene.client.log_in("stranger", new_account(scene.world.organisations, "Iemand Anders"))
    scene.refused("stranger")
    scene.control()


@pytest.mark.parametrize(
    "purpose", [None, "https://kluis.example/ns/wijk#doel-schuldhulp", "https://x.example/doel"]
)
def test_a_missing_or_other_purpose_is_refused(scene: Scene, purpose: str | None) -> None:
    scene.control()
    scene.refused(purpose=purpose)
    scene.control()


@pytest.mark.parametrize("day", ["2025-01-01", "2027-04-01"])
def test_before_and_after_the_time_is_refused(scene: Scene, day: str) -> None:
    world = scene.world
    plan = f"{world.owner.pod}plannen/later/plan"
    assert world.owner.put_turtle(plan, PLAN).is_success
    world.give([plan], start="2026-12-10T00:00:00+01:00")
    during = Scene(world, scene.client, plan)
    data = str(world.citizens.data)
    run_command("clock", "--data", data, "--date", "2026-12-15")
    try:
        during.control()
        run_command("clock", "--data", data, "--date", day) if day > "2026-12" else run_command(
            "clock", "--data", data, "--reset"
        )
        during.refused()
        run_command("clock", "--data", data, "--date", "2026-12-15")
        during.control()
    finally:
        run_command("clock", "--data", data, "--reset")


def test_a_suspended_organisation_is_refused_at_once(scene: Scene) -> None:
    data = ("--data", str(scene.world.citizens.data))
    scene.control()
    run_json("organisation", "suspend", *data, scene.world.organisation)
    scene.refused()
    run_json("organisation", "resume", *data, scene.world.organisation)
    scene.control()


def test_a_member_who_left_the_group_is_refused_within_a_minute(scene: Scene) -> None:
    world = scene.world
    scene.control()
    world.write_group({})
    wait_until(lambda: scene.read()["status"] == 403, within_s=60)
    scene.refused()
    world.write_group({world.worker.webid: "Marieke Bos"})
    world.refresh_groups()
    scene.control()


def test_a_stopped_grant_is_refused_and_the_other_one_still_works(scene: Scene) -> None:
    world = scene.world
    other = f"{world.owner.pod}plannen/ander/plan"
    assert world.owner.put_turtle(other, PLAN).is_success
    grant = world.give([other])
    stopped = Scene(world, scene.client, other)
    stopped.control()
    world.stop(grant)
    stopped.refused()
    scene.control()


def test_the_comparison_sees_a_difference() -> None:
    same: dict[str, Any] = {"status": 403, "headers": {"date": "a", "x": "1"}, "body": "b"}
    assert comparable(same, "u") == comparable(same | {"headers": {"date": "c", "x": "1"}}, "u")
    assert comparable(same, "u") != comparable(same | {"headers": {"x": "2"}}, "u")
    assert comparable(same, "u") != comparable(same | {"status": 404}, "u")
