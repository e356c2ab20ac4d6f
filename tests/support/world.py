"""A small world of real servers: a citizen, an organisation with a worker on a second server, a meeting and grants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.agents import Agent
from tests.support.servers import RunningServer, free_ports, run_json

WK = "https://kluis.example/ns/wijk#"
LD_JSON = "application/ld+json"
PURPOSE = f"{WK}doel-samenwerken-plan"
CONTEXT = ["https://www.w3.org/ns/lws/v1", "https://kluis.example/ns/toegang.context.jsonld"]
PLAN = '<> <http://purl.org/dc/terms/title> "Rust in huis"@nl .'
_VCARD = "http://www.w3.org/2006/vcard/ns#"


@dataclass(slots=True)
class World:
    """Two running servers and the people of the story; `organisation` is its IRI in the citizens' register."""

    citizens: RunningServer
    organisations: RunningServer
    owner: Agent
    office: Agent
    worker: Agent
    organisation: str = ""
    group: str = ""
    services: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, service: str, body: Mapping[str, Any] | None = None, rest: str = "") -> Any:
        """Call a service of the owner's storage as the owner, and read its answer."""
        url = self.services[service] + rest
        answer = self.owner.request(
            method, url, json=body, headers={"Content-Type": LD_JSON, "Accept": LD_JSON}
        )
        assert answer.is_success, f"{method} {service}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def draft(
        self, targets: list[str], *, end: str = "2027-03-31T23:59:59+02:00", **changes: Any
    ) -> dict[str, Any]:
        """A grant for the worker on some addresses, as the owner's app would write it."""
        policy = {
            "type": ["AccessPolicy"],
            "action": changes.pop("action", ["read"]),
            "assignee": changes.pop("assignee", self.worker.webid),
            "target": {"type": changes.pop("kind", "DataResource"), "value": targets},
            "constraint": [
                {"leftOperand": "purpose", "operator": "eq", "rightOperand": PURPOSE},
                *([_time("gteq", changes.pop("start"))] if "start" in changes else []),
                _time("lteq", end),
            ],
        }
        return {
            "@context": CONTEXT,
            "type": ["AccessGrant"],
            "storage": self.owner.pod,
            "assigneeKind": changes.pop("assigneeKind", "Worker"),
            "access": [policy],
            "legalBasis": ["https://w3id.org/dpv/legal/eu/gdpr#A6-1-e"],
            "reason": "Samen het plan bijwerken na elk gesprek.",
            **changes,
        }

    def give(self, targets: list[str], **changes: Any) -> str:
        """Preview a grant, give it, and return its IRI."""
        draft = self.draft(targets, **changes)
        preview = self.call("POST", "PreviewService", draft)
        digests = [entry["digest"] for entry in preview["visible"]]
        return str(self.call("POST", "AccessGrantService", draft | {"previewed": digests})["id"])

    def stop(self, grant: str) -> None:
        """Stop a grant."""
        answer = self.owner.request("DELETE", grant)
        assert answer.status_code == 204, answer.text

    def write_group(self, members: Mapping[str, str]) -> None:
        """Write the workers' group of the organisation on its own server: WebIDs with names."""
        lines = [f"<> a <{_VCARD}Group> ."]
        for webid, name in members.items():
            lines.append(f"<> <{_VCARD}hasMember> <{webid}> .")
            lines.append(f'<{webid}> <{_VCARD}fn> "{name}" ; <{_VCARD}role> <{WK}rol-aanbieder> .')
        answer = self.office.put_turtle(self.group, "\n".join(lines))
        assert answer.is_success, answer.text

    def refresh_groups(self) -> None:
        """Let the citizens' server fetch the group now."""
        data, environment = str(self.citizens.data), self.citizens.environment
        run_json("organisation", "refresh", "--data", data, self.organisation, environment=environment)


def _time(operator: str, moment: str) -> dict[str, str]:
    return {"leftOperand": "dateTime", "operator": operator, "rightOperand": moment}


def new_account(server: RunningServer, name: str) -> Agent:
    """Make an account with client credentials through the operator's command."""
    made = run_json(
        "account",
        "create",
        "--data",
        str(server.data),
        "--name",
        name,
        "--client-credentials",
        "test",
        environment=server.environment,
    )
    return Agent(made)


def two_servers(
    folder: Path, *, environment: Mapping[str, str] | None = None, others: tuple[str, ...] = ()
) -> tuple[RunningServer, RunningServer]:
    """A citizens' and an organisations' server in demo mode, not started yet, that may fetch from each other."""
    ports = free_ports(4)
    origins = [*(f"http://localhost:{port}" for port in ports), *others]
    options = ("--demo", *(part for origin in origins for part in ("--demo-origin", origin)))
    extra = dict(environment or {})
    return (
        RunningServer(folder / "citizens", ports[0], ports[1], environment=extra, options=options),
        RunningServer(folder / "organisations", ports[2], ports[3], environment=extra, options=options),
    )


@contextmanager
def running_world(
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    others: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
) -> Iterator[World]:
    """Start the world, introduce the worker to the owner, and stop everything at the end; `options` are the citizens'."""
    citizens, organisations = two_servers(folder, environment=environment, others=others)
    citizens.options += options
    citizens.start()
    try:
        organisations.start()
        try:
            yield _settle(citizens, organisations)
        finally:
            organisations.stop()
    finally:
        if citizens.process is not None and citizens.process.poll() is None:
            citizens.stop()


def _settle(citizens: RunningServer, organisations: RunningServer) -> World:
    world = World(
        citizens,
        organisations,
        new_account(citizens, "Samira El Idrissi"),
        new_account(organisations, "Stichting Samen Verder"),
        new_account(organisations, "Marieke Bos"),
    )
    world.services = world.owner.services(world.owner.pod)
    world.group = f"{world.office.pod}groepen/medewerkers"
    world.write_group({world.worker.webid: "Marieke Bos"})
    publish(world.office, world.group)
    register(world, [str(world.worker.account["client"])])
    meet(world, world.worker)
    return world


def publish(agent: Agent, url: str) -> None:
    """Let everybody read a resource."""
    acl = (
        f"<#owner> a <http://www.w3.org/ns/auth/acl#Authorization> ; "
        f"<http://www.w3.org/ns/auth/acl#agent> <{agent.webid}> ; "
        f"<http://www.w3.org/ns/auth/acl#accessTo> <{url}> ; "
        f"<http://www.w3.org/ns/auth/acl#mode> <http://www.w3.org/ns/auth/acl#Control>, "
        f"<http://www.w3.org/ns/auth/acl#Read>, <http://www.w3.org/ns/auth/acl#Write> .\n"
        f"<#all> a <http://www.w3.org/ns/auth/acl#Authorization> ; "
        f"<http://www.w3.org/ns/auth/acl#agentClass> <http://xmlns.com/foaf/0.1/Agent> ; "
        f"<http://www.w3.org/ns/auth/acl#accessTo> <{url}> ; "
        f"<http://www.w3.org/ns/auth/acl#mode> <http://www.w3.org/ns/auth/acl#Read> ."
    )
    answer = agent.put_turtle(f"{url}.acl", acl)
    assert answer.is_success, answer.text


def register(world: World, clients: list[str]) -> None:
    """Put the organisation into the citizens' register, with the apps of its workers."""
    arguments = [
        *(
            "--data",
            str(world.citizens.data),
            "--name",
            "Stichting Samen Verder",
            "--kind",
            "soort-jeugdhulp",
        ),
        *("--number", "00000011", "--municipality", "Nijmegen", "--issuer", world.organisations.issuer),
        *("--group", world.group),
    ]
    for client in clients:
        arguments += ["--client", client]
    world.organisation = str(
        run_json("organisation", "add", *arguments, environment=world.citizens.environment)["id"]
    )


def meet(world: World, worker: Agent) -> None:
    """Invite, redeem, and say that this is the person."""
    code = world.call("POST", "InvitationService", {})["code"]
    address = f"{world.citizens.base_url}.well-known/wijkkluis/uitnodiging"
    answer = worker.request("POST", address, json={"code": code}, headers={"Content-Type": LD_JSON})
    assert answer.status_code == 202, answer.text
    waiting = [i for i in world.call("GET", "InvitationService")["items"] if i["status"] == "Redeemed"]
    world.call("POST", "InvitationService", {"confirmed": True}, rest=waiting[-1]["id"].rsplit("/", 1)[-1])
