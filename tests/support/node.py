"""The foreign Solid client `@inrupt/solid-client`, held on a leash: one JSON command a line, one answer a line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.agents import Agent
from tests.support.servers import ending_with_parent

FOLDER = Path(__file__).parents[1] / "conformance"
NODE = FOLDER / "node_modules" / ".bin" / "node"


@dataclass(slots=True)
class Inrupt:
    """The running client; sessions are named by their owner."""

    process: subprocess.Popen[str]

    def do(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Run one command and read its answer; `ok` says whether the client was content."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        stdin.flush()
        line = stdout.readline()
        assert line, "the foreign client ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def must(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Run a command that has to succeed."""
        answer = self.do(command, **arguments)
        assert answer["ok"], f"{command}: {answer}"
        return answer

    def log_in(self, session: str, agent: Agent) -> None:
        """Sign in with the agent's client credentials."""
        account = agent.account
        answer = self.must(
            "login",
            session=session,
            issuer=account["issuer"],
            clientId=account["client_id"],
            clientSecret=account["client_secret"],
        )
        assert answer["isLoggedIn"]
        assert answer["webId"] == agent.webid

    def fetch(self, session: str | None, url: str, **more: Any) -> dict[str, Any]:
        """A plain authenticated fetch: status, headers, body."""
        return self.must("fetch", session=session, url=url, **more)


@contextmanager
def inrupt_client() -> Iterator[Inrupt]:
    """Start the client and end it with the test."""
    process = subprocess.Popen(
        ending_with_parent(str(NODE), "--use-system-ca", "inrupt.mjs"),
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Inrupt(process)
    finally:
        process.terminate()
        process.communicate(timeout=20)
