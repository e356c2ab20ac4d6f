"""Makes a data folder that later versions must open: `python -m tests.support.make_data_fixture VERSION`.

Everything in it comes from the operator's commands and over HTTP, and its server ends by kill -9, so that lines wait in the
intake and rows in the log. Beside it a JSON document says what must be found. Run it once for each version that is
tagged, with the code of that version, and keep what it made unchanged.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2

from tests.support.agents import Agent
from tests.support.servers import run_command
from tests.support.waiting import wait_until
from tests.support.world import PLAN, PURPOSE, World, new_account, publish, running_world

FIXTURES = Path(__file__).parents[1] / "fixtures"
LETTER = b"Beste mevrouw,\r\n\r\nTot donderdag.\r\n" + bytes(range(256))
NOTE = '{"@id": "", "http://purl.org/dc/terms/title": "Aantekening \u00e9\u00e9n"}\n'
# The kernel's share of the log, and what every start makes anew.
_LEFT_OUT = ("catalogue.sqlite-shm", "replay.bin", "keeper.alive")
Found = dict[str, Any]


def make_fixture(version: str) -> None:
    """Make the folder and say what is in it."""
    FIXTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_world(Path(folder)) as world:
        urls = _write(world)
        grant = world.give([urls["plan"]], action=["read", "modify"])
        stopped = world.give([urls["note"]])
        world.stop(stopped)
        _visit(world, urls)
        # In order: the newest checkpoint is signed on the way out.
        world.citizens.stop()
        world.citizens.start()
        _visit(world, urls)
        found = _found(world, urls, grant)
        world.citizens.kill_everything()
        _pack(world.citizens.data, FIXTURES / f"data-{version}.tar.gz")
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
    (FIXTURES / f"data-{version}.json").write_text(text + "\n", encoding="utf-8")


def _write(world: World) -> dict[str, str]:
    pod = world.owner.pod
    urls = {
        "plan": f"{pod}plannen/rust/plan",
        "replaced": f"{pod}plannen/rust/doelen",
        "note": f"{pod}gesprekken/aantekening",
        "letter": f"{pod}brieven/brief.bin",
        "public": f"{pod}brieven/open",
        "gone": f"{pod}brieven/weg",
        "home": f"{new_account(world.citizens, 'Jan de Vries').pod}brieven/",
    }
    for name in ("plan", "replaced", "public", "gone"):
        _put(world.owner, urls[name], "text/turtle", PLAN.encode())
    _put(world.owner, urls["replaced"], "text/turtle", b"<#doel> a <#Doel> .\n")
    _put(world.owner, urls["note"], "application/ld+json", NOTE.encode())
    _put(world.owner, urls["letter"], "application/octet-stream", LETTER)
    assert world.owner.request("DELETE", urls["gone"]).is_success
    publish(world.owner, urls["public"])
    return urls


def _put(agent: Agent, url: str, media_type: str, body: bytes) -> None:
    answer = agent.request("PUT", url, content=body, headers={"Content-Type": media_type})
    assert answer.is_success, answer.text


def _visit(world: World, urls: dict[str, str]) -> None:
    """Let the worker read what she may and what she may not."""
    wait_until(lambda: _status(world, urls["plan"]) == 200, within_s=60)
    assert _status(world, urls["note"]) == 403


def _status(world: World, url: str) -> int:
    world.worker.sign_in()
    return int(world.worker.request("GET", url, purpose=PURPOSE).status_code)


def _found(world: World, urls: dict[str, str], grant: str) -> Found:
    owner, here = world.owner, ("--data", str(world.citizens.data))
    rows = json.loads(run_command("inventory", *here, owner.pod, "--json"))
    export = world.citizens.data.parent / "journal"
    run_command("journal", "export", *here, owner.pod, str(export))
    lines = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    sealed = [line for line in lines if "sequence" in line and "hash" in line]
    return {
        "time_ms": int(time.time() * 1000),
        "base_url": world.citizens.base_url,
        "issuer_url": world.citizens.issuer,
        "pod": owner.pod,
        "accounts": [dict(owner.account)],
        "documents": [_document(owner, row["url"]) for row in rows],
        "acls": {url: owner.request("GET", f"{url}.acl").text for url in (owner.pod, urls["public"])},
        "absent": [urls["gone"]],
        "containers": [urls["home"]],
        "grants": world.call("GET", "AccessGrantService")["items"],
        "active_grant": grant,
        "organisation": world.organisation,
        "journal": {"sequence": sealed[-1]["sequence"], "hash": sealed[-1]["hash"]},
        "decisions": _decisions(world, urls),
    }


def _document(owner: Agent, url: str) -> Found:
    head = owner.request("HEAD", url)
    answer = owner.request("GET", url, headers={"Accept": head.headers["Content-Type"]})
    assert answer.status_code == 200, answer.text
    return {
        "url": url,
        "media_type": answer.headers["Content-Type"],
        "size": len(answer.content),
        "sha256": hashlib.sha256(answer.content).hexdigest(),
    }


def _decisions(world: World, urls: dict[str, str]) -> list[Found]:
    """What each of some people was answered, with what the vault knew of her."""
    worker, pod = world.worker, world.owner.pod
    people: dict[str, Agent | None] = {"owner": world.owner, "worker": worker, "nobody": None}
    asked = [(who, agent, url) for who, agent in people.items() for url in (pod, *urls.values())]
    found = []
    for who, agent, url in asked:
        answer = agent.request("GET", url, purpose=PURPOSE) if agent else httpx2.get(url, trust_env=False)
        asker = None if agent is None else {n: agent.account[n] for n in ("webid", "issuer", "client")}
        found.append({"who": who, "asker": asker, "url": url, "allowed": answer.status_code in {200, 404}})
    return [one | {"purpose": PURPOSE} for one in found if one["url"] != urls["gone"]]


def _pack(data: Path, file: Path) -> None:
    """Pack a folder so that the same bytes give the same file."""
    with (
        file.open("wb") as out,
        gzip.GzipFile("", "wb", 9, out, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(data.rglob("*")):
            if path.name not in _LEFT_OUT:
                tar.add(path, str(path.relative_to(data)), recursive=False, filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    make_fixture(sys.argv[1])
