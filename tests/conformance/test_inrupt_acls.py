"""The ACL functions of `@inrupt/solid-client`, unchanged: what they do right works, what they lose is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.node import Inrupt, inrupt_client
from tests.support.world import PLAN, PURPOSE, World, new_account, running_world

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
READ = {"read": True, "append": False, "write": False, "control": False}
WRITE = {"read": True, "append": True, "write": True, "control": False}
NOTHING = dict.fromkeys(READ, False)
VCARD = "http://www.w3.org/2006/vcard/ns#"


@dataclass(slots=True)
class Scene:
    """The world, with its owner, the worker and a friend signed in with the foreign client."""

    world: World
    client: Inrupt
    friend: str

    def add(self, path: str) -> str:
        """Write a document as the owner and give its URL."""
        url = f"{self.world.owner.pod}{path}"
        assert self.world.owner.put_turtle(url, PLAN).is_success
        return url

    def change(self, url: str, *changes: list[Any]) -> dict[str, Any]:
        """Change an ACL as the owner."""
        return self.client.do("changeAcl", session="owner", url=url, changes=list(changes))

    def status(self, session: str | None, url: str) -> int:
        """What somebody gets who reads."""
        return int(self.client.fetch(session, url, purpose=PURPOSE)["status"])


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with running_world(tmp_path_factory.mktemp("acls")) as world, inrupt_client() as client:
        friend = new_account(world.organisations, "Een Vriendin")
        for session, agent in (("owner", world.owner), ("worker", world.worker), ("friend", friend)):
            client.log_in(session, agent)
        yield Scene(world, client, friend.webid)


def test_an_agent_is_given_access_and_it_is_taken_away_again(scene: Scene) -> None:
    url = scene.add("plannen/een/plan")
    assert scene.status("friend", url) == 403
    assert scene.change(url, ["setAgentResourceAccess", scene.friend, READ]) == {"ok": True, "hasOwn": False}
    assert scene.status("friend", url) == 200
    agents = scene.client.must("aclOf", session="owner", url=url)["agents"]
    assert agents[scene.friend] == READ
    assert scene.change(url, ["setAgentResourceAccess", scene.friend, NOTHING]) == {
        "ok": True,
        "hasOwn": True,
    }
    assert scene.status("friend", url) == 403
    assert scene.status("owner", url) == 200


def test_everybody_is_given_access_and_the_acl_is_deleted(scene: Scene) -> None:
    url = scene.add("plannen/twee/plan")
    assert scene.change(url, ["setPublicResourceAccess", READ])["ok"]
    assert scene.status(None, url) == 200
    scene.client.must("deleteAcl", session="owner", url=url)
    assert scene.status(None, url) == 401
    assert scene.status("owner", url) == 200


def test_what_is_set_on_a_container_holds_for_what_lies_in_it(scene: Scene) -> None:
    url = scene.add("plannen/drie/plan")
    container = url.removesuffix("plan")
    given = scene.change(container, ["setAgentDefaultAccess", scene.friend, READ])
    assert given["ok"]
    assert scene.status("friend", url) == 200
    assert scene.status("friend", container) == 403


def test_a_group_is_given_access(scene: Scene) -> None:
    url, group = scene.add("plannen/vier/plan"), f"{scene.world.owner.pod}groepen/vriendinnen"
    members = f"<#wij> a <{VCARD}Group> ; <{VCARD}hasMember> <{scene.friend}> ."
    assert scene.world.owner.put_turtle(group, members).is_success
    assert scene.change(url, ["setGroupResourceAccess", f"{group}#wij", READ])["ok"]
    assert scene.status("friend", url) == 200
    assert scene.status("worker", url) == 403


def test_a_grant_survives_what_the_client_changes_for_another(scene: Scene) -> None:
    url = scene.add("plannen/vijf/plan")
    scene.world.give([url])
    assert scene.change(url, ["setAgentResourceAccess", scene.friend, READ])["ok"]
    assert (scene.status("worker", url), scene.status("friend", url)) == (200, 200)
    without_purpose = scene.client.fetch("worker", url)
    assert without_purpose["status"] == 403


@pytest.mark.parametrize("access", [READ, WRITE])
def test_giving_somebody_with_a_grant_more_by_hand_is_a_conflict(
    scene: Scene, access: dict[str, bool]
) -> None:
    url = scene.add(f"plannen/zes/{'w' if access['write'] else 'r'}")
    scene.world.give([url])
    refused = scene.change(url, ["setAgentResourceAccess", scene.world.worker.webid, access])
    assert (refused["ok"], refused["status"]) == (False, 409)
    assert scene.client.fetch("worker", url)["status"] == 403
    assert scene.status("worker", url) == 200


def test_copying_the_acl_above_loses_the_conditions_of_a_grant_and_is_a_conflict(scene: Scene) -> None:
    url = scene.add("plannen/zeven/diep/plan")
    scene.world.give([url.removesuffix("diep/plan")], kind="Container")
    assert scene.status("worker", url) == 200
    copied = scene.change(url, ["setAgentResourceAccess", scene.friend, READ])
    assert (copied["ok"], copied["status"]) == (False, 409)
    assert scene.status("friend", url) == 403
    assert scene.client.fetch("worker", url)["status"] == 403


def test_taking_the_access_of_a_grant_away_by_hand_ends_it(scene: Scene) -> None:
    url = scene.add("plannen/acht/plan")
    grant = scene.world.give([url])
    scene.client.must("deleteAcl", session="owner", url=url)
    assert scene.status("worker", url) == 403
    status = scene.world.owner.request("GET", grant).json()["status"]
    assert status == "Stopped"
