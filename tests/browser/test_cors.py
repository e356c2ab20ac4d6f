"""An app of another origin, in a real browser: it writes, patches and reads, and may read every header it needs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.people import chromium
from tests.support.agents import Agent
from tests.support.servers import RunningServer, free_ports
from tests.support.world import PURPOSE, new_account

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
_ASK = """async ([method, url, headers, body]) => {
  const answer = await fetch(url, {method, headers, body: body ?? undefined, credentials: 'omit'})
  return {status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text()}
}"""
_INSERT = "@prefix solid: <http://www.w3.org/ns/solid/terms#> .\n_:p a solid:InsertDeletePatch ; solid:inserts { <#it> <#bij> 1 } ."


class _Blank(BaseHTTPRequestHandler):
    """A page with nothing on it."""

    def do_GET(self) -> None:
        """Give the page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>app</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def other_origin() -> Iterator[str]:
    """The URL of a page of another origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class App:
    """A page of another origin that asks for an agent."""

    def __init__(self, page: Page, agent: Agent) -> None:
        self.page, self.agent = page, agent

    def ask(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        body: str | None = None,
        *,
        signed_in: bool = True,
    ) -> dict[str, Any]:
        """What the app sees of the answer."""
        proof = self.agent.headers(method, url, PURPOSE) if signed_in else {}
        seen: dict[str, Any] = self.page.evaluate(_ASK, [method, url, {**proof, **(headers or {})}, body])
        return seen


@pytest.mark.requirement("protocol", "server-cors")
def test_an_app_of_another_origin_can_use_a_storage(tmp_path: Path) -> None:
    ports = free_ports(2)
    server = RunningServer(tmp_path / "data", ports[0], ports[1]).start()
    try:
        owner = new_account(server, "Samira")
        with other_origin() as origin, chromium() as browser:
            page = browser.new_page()
            page.goto(origin)
            _use(App(page, owner))
    finally:
        server.stop()


def _use(app: App) -> None:
    url = f"{app.agent.pod}brieven/brief"
    turtle = {"Content-Type": "text/turtle"}
    made = app.ask("PUT", url, {**turtle, "If-None-Match": "*"}, "<#it> a <#Brief> .")
    assert (made["status"], made["headers"]["location"]) == (201, url)
    assert app.ask("PUT", url, {**turtle, "If-None-Match": "*"}, "<#it> a <#Brief> .")["status"] == 412
    read = app.ask("GET", url, {"Accept": "application/ld+json"})
    assert read["status"] == 200
    assert read["headers"]["wac-allow"].startswith('user="read write append control"')
    for name in ("etag", "trace-id", "link", "allow", "last-modified", "accept-put", "vary", "server"):
        assert read["headers"][name]
    assert read["headers"]["server"] == "wijkkluis"
    patched = app.ask("PATCH", url, {"Content-Type": "text/n3", "If-Match": read["headers"]["etag"]}, _INSERT)
    assert (patched["status"], patched["headers"]["trace-id"] != "") == (204, True)
    assert "bij" in app.ask("GET", url)["text"]
    part = app.ask("GET", url, {"Range": "bytes=0-3"})
    assert (part["status"], part["headers"]["content-range"].startswith("bytes 0-3/")) == (206, True)
    added = app.ask("POST", f"{app.agent.pod}brieven/", {**turtle, "Slug": "tweede"}, "<> a <#Brief> .")
    assert (added["status"], added["headers"]["location"]) == (201, f"{app.agent.pod}brieven/tweede")
    refused = app.ask("GET", url, signed_in=False)
    assert (refused["status"], refused["headers"]["www-authenticate"].startswith("DPoP ")) == (401, True)
    assert app.ask("GET", f"{app.agent.pod}niets")["status"] == 404
    assert app.ask("DELETE", url, {"If-Match": "*"})["status"] == 204
