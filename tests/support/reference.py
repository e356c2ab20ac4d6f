"""The reference server, `@solid/community-server` from npm, in memory on 127.0.0.1, and accounts on it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.support.agents import Agent
from tests.support.node import NODE
from tests.support.servers import ending_with_parent
from tests.support.waiting import wait_until

FOLDER = Path(__file__).parents[1] / "reference"
_SERVER = "node_modules/@solid/community-server/bin/server.js"
ready_within_s = 120.0
_PASSWORD = "drie lange woorden"


@dataclass(frozen=True, slots=True)
class ReferenceServer:
    """A running reference server, by its base URL."""

    base_url: str

    def new_account(self, name: str) -> Agent:
        """Make an account with a storage, a WebID and client credentials, by its account API; names are short words."""
        with httpx2.Client(trust_env=False, timeout=60) as http:
            controls = self._log_in(http, name)
            made = _post(http, controls["account"]["pod"], {"name": name})
            credentials = _post(
                http, controls["account"]["clientCredentials"], {"name": "test", "webId": made["webId"]}
            )
        known = {"webid": made["webId"], "pod": made["pod"], "issuer": self.base_url}
        return Agent({**known, "client_id": credentials["id"], "client_secret": credentials["secret"]})

    def let_in(self, url: str, name: str, webid: str) -> str:
        """Go where an app sends somebody, sign in by the account API and say yes; where she is sent back to."""
        with httpx2.Client(trust_env=False, timeout=60, headers={"Accept": "application/json"}) as http:
            _follow(http, url)
            controls = http.get(f"{self.base_url}.account/").json()["controls"]
            for step, said in (
                (controls["password"]["login"], _login(name)),
                (controls["oidc"]["webId"], {"webId": webid, "remember": False}),
                (controls["oidc"]["consent"], {"remember": True}),
            ):
                back = _follow(http, _post(http, step, said)["location"])
        return back

    def _log_in(self, http: httpx2.Client, name: str) -> Mapping[str, Any]:
        index = f"{self.base_url}.account/"
        created = _post(http, http.get(index).json()["controls"]["account"]["create"], {})
        http.headers["Authorization"] = f"CSS-Account-Token {created['authorization']}"
        controls: Mapping[str, Any] = http.get(index).json()["controls"]
        _post(http, controls["password"]["create"], _login(name))
        return controls


def _login(name: str) -> dict[str, str]:
    return {"email": f"{name}@reference.example", "password": _PASSWORD}


def _follow(http: httpx2.Client, url: str) -> str:
    """Follow redirects as long as they stay here; the URL that comes next, or the last one."""
    origin = url.split("/")[2]
    while url.split("/")[2] == origin and (answer := http.get(url)).is_redirect:
        url = str(answer.headers["Location"])
    return url


def _post(http: httpx2.Client, url: str, body: Mapping[str, Any]) -> Any:
    answer = http.post(url, json=body)
    assert answer.is_success, f"{url}: {answer.status_code} {answer.text}"
    return answer.json()


@contextmanager
def reference_server(port: int, log: Path) -> Iterator[ReferenceServer]:
    """Start it and wait until it answers; what it says goes to `log`."""
    base_url = f"http://localhost:{port}/"
    command = [
        *(str(NODE), "--require", "./loopback.cjs", _SERVER, "--port", str(port), "--baseUrl", base_url),
        *("--config", "@css:config/default.json", "--loggingLevel", "warn"),
    ]
    with log.open("wb") as written:
        process = subprocess.Popen(ending_with_parent(*command), cwd=FOLDER, stdout=written, stderr=written)
        try:
            wait_until(lambda: _answers(process, base_url, log), within_s=ready_within_s)
            yield ReferenceServer(base_url)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)


def _answers(process: subprocess.Popen[bytes], base_url: str, log: Path) -> bool:
    assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
    try:
        return httpx2.get(f"{base_url}.account/", trust_env=False, timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
