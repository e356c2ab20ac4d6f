"""Joiner, mover and leaver on two real servers: the organisation changes its own documents, and nothing else is done.

The citizens' server runs with its own settings: the minute in which a leaver is out is a real one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.agents import Agent
from tests.support.servers import run_command, run_json
from tests.support.waiting import wait_until
from tests.support.world import LD_JSON, PLAN, PURPOSE, World, meet, new_account, publish, running_world

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(400)]
a_minute_s = 60.0
_VCARD = "http://www.w3.org/2006/vcard/ns#"


@dataclass(slots=True)
class Teams:
    """The world with two teams of one organisation's server, and people who work in them."""

    world: World
    people: dict[str, Agent]
    group: dict[str, str]
    organisation: dict[str, str]

    def write(self, team: str, *names: str) -> None:
        """Say on the organisations' server who is in a team."""
        lines = [f"<> a <{_VCARD}Group> ."]
        for name in names:
            webid = self.people[name].webid
            lines.append(f'<> <{_VCARD}hasMember> <{webid}> . <{webid}> <{_VCARD}fn> "{name}" .')
        answer = self.world.office.put_turtle(self.group[team], "\n".join(lines))
        assert answer.is_success, answer.text

    def status(self, name: str, url: str) -> int:
        """How somebody's next click is answered."""
        return self.people[name].request("GET", url, purpose=PURPOSE).status_code

    def becomes(self, status: int, name: str, url: str) -> float:
        """Wait at most a minute until the next click is answered so; after how many seconds it was."""
        before = time.monotonic()
        wait_until(lambda: self.status(name, url) == status, a_minute_s)
        return time.monotonic() - before

    def document(self, path: str, team: str) -> str:
        """A document that a team may read."""
        url = f"{self.world.owner.pod}{path}"
        assert self.world.owner.put_turtle(url, PLAN).is_success
        self.world.give([url], assignee=self.group[team], assigneeKind="Team")
        return url

    def now(self, by: Agent, team: str) -> None:
        """Press "nu meteen"."""
        server = by.http.get(f"{self.world.citizens.base_url}.well-known/wijkkluis/").json()
        body = {"group": self.group[team]}
        answer = by.request("POST", server["groups"], json=body, headers={"Content-Type": LD_JSON})
        assert answer.status_code == 204, answer.text

    def team(self, team: str) -> dict[str, Any]:
        """What the citizen sees of a team."""
        grants = self.world.call("GET", "AccessGrantService")["items"]
        found = [one["team"] for one in grants if one["access"][0]["assignee"] == self.group[team]]
        return dict(found[0])

    def told(self, *activities: str) -> None:
        """Wait until the citizen's journal tells of these."""

        def are_told() -> bool:
            lines = self.world.call("GET", "JournalService")["lines"]
            return set(activities) <= {line["activity"] for line in lines}

        wait_until(are_told, 10)


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    with running_world(tmp_path_factory.mktemp("teams")) as world:
        run_json("organisation", "remove", "--data", str(world.citizens.data), world.organisation)
        names = ("Dilek", "Femke", "Tom")
        people = {name: new_account(world.organisations, name) for name in names} | {"Marieke": world.worker}
        group = {"noord": world.group, "zuid": f"{world.office.pod}groepen/zuid"}
        made = Teams(world, people, group, {})
        made.write("noord", "Marieke")
        made.write("zuid", "Femke")
        publish(world.office, group["zuid"])
        for team in ("noord", "zuid"):
            made.organisation[team] = register(made, team)
        meet(world, people["Marieke"])
        meet(world, people["Femke"])
        yield made


def register(teams: Teams, team: str) -> str:
    """Put a team into the citizens' register, with the apps of everybody who may ever work there."""
    world = teams.world
    clients = [part for agent in teams.people.values() for part in ("--client", str(agent.account["client"]))]
    added = run_json(
        *("organisation", "add", "--data", str(world.citizens.data), "--name", f"Wijkteam {team}"),
        *("--kind", "soort-wijkteam", "--number", "00000011", "--issuer", world.organisations.issuer),
        *("--group", teams.group[team], *clients),
    )
    assert added["problem"] is None
    return str(added["id"])


def test_joiner_mover_and_leaver(teams: Teams) -> None:
    north, south = teams.document("plannen/noord/plan", "noord"), teams.document("plannen/zuid/plan", "zuid")
    assert (teams.status("Marieke", north), teams.status("Marieke", south)) == (200, 403)
    assert teams.status("Dilek", north) == 403
    # She joins.
    teams.write("noord", "Marieke", "Dilek")
    assert teams.becomes(200, "Dilek", north) <= a_minute_s
    assert teams.status("Dilek", south) == 403
    assert (teams.team("noord")["members"], len(teams.team("noord")["joined"])) == (2, 1)
    # She moves to the other team.
    teams.write("noord", "Marieke")
    teams.write("zuid", "Femke", "Dilek")
    assert teams.becomes(403, "Dilek", north) <= a_minute_s
    assert teams.becomes(200, "Dilek", south) <= a_minute_s
    assert teams.team("noord")["joined"] == []
    # She leaves, and her organisation says: now.
    teams.write("zuid", "Femke")
    teams.now(teams.people["Femke"], "zuid")
    assert teams.status("Dilek", south) == 403, "her next click"
    assert teams.status("Femke", south) == 200
    assert teams.team("zuid") | {"confirmed": None} == {
        "members": 1,
        "joined": [],
        "paused": None,
        "confirmed": None,
    }


def test_the_citizen_too_says_now(teams: Teams) -> None:
    url = teams.document("plannen/zuid/brief", "zuid")
    teams.write("zuid", "Femke", "Dilek")
    teams.now(teams.world.owner, "zuid")
    assert teams.status("Dilek", url) == 200
    teams.write("zuid", "Femke")
    teams.now(teams.world.owner, "zuid")
    assert teams.status("Dilek", url) == 403


def test_a_team_that_more_than_doubled_waits_for_her_yes(teams: Teams) -> None:
    url = teams.document("plannen/noord/brief", "noord")
    teams.write("noord", "Marieke", "Dilek", "Tom")
    teams.now(teams.people["Marieke"], "noord")
    assert (teams.status("Marieke", url), teams.status("Tom", url)) == (403, 403)
    assert teams.team("noord")["paused"] is not None
    (received, *_) = teams.people["Marieke"].request("GET", grants_of_server(teams)).json()["items"]
    assert received["paused"] is True
    body = {"type": "TeamConfirmation", "group": teams.group["noord"], "members": 3}
    teams.world.call("POST", "AccessGrantService", body)
    assert (teams.status("Marieke", url), teams.status("Tom", url)) == (200, 200)
    teams.told("pause-team", "confirm-team")


def test_a_suspended_team_is_out_from_that_second_on_and_the_journal_says_so(teams: Teams) -> None:
    url = teams.document("plannen/zuid/plan2", "zuid")
    assert teams.status("Femke", url) == 200
    data = ("--data", str(teams.world.citizens.data))
    run_command("organisation", "suspend", *data, teams.organisation["zuid"])
    assert teams.status("Femke", url) == 403
    run_command("organisation", "resume", *data, teams.organisation["zuid"])
    assert teams.status("Femke", url) == 200
    teams.told("suspend-organisation", "resume-organisation")


def grants_of_server(teams: Teams) -> str:
    """Where a worker finds what she was given."""
    return f"{teams.world.citizens.base_url}.well-known/wijkkluis/toegang/"
