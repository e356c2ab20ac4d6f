"""Apps of other origins for a real browser: npm modules bundled by esbuild, served on 127.0.0.1 with a Client ID Document."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.node import FOLDER

_TYPES = {".js": "text/javascript", ".jsonld": "application/ld+json", ".html": "text/html; charset=utf-8"}
_DOCUMENT = "/id.jsonld"


def bundle(folder: Path, *entries: str) -> None:
    """Bundle modules of `tests/conformance` for a browser, each as a file of its own name."""
    esbuild = FOLDER / "node_modules" / ".bin" / "esbuild"
    command = [
        *(str(esbuild), *entries, "--bundle", "--format=esm", "--target=es2022", f"--outdir={folder}"),
        "--entry-names=[name]",
        # Only a command that no page gives would load it.
        *("--external:@comunica/*", "--define:global=globalThis", "--log-level=error"),
    ]
    subprocess.run(command, cwd=FOLDER, check=True, timeout=120)


@contextmanager
def served_app(folder: Path, script: str, *, has_document: bool) -> Iterator[str]:
    """Serve a page with a script of the folder; gives the origin, which has a Client ID Document when asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    origin = f"http://127.0.0.1:{server.server_address[1]}"
    server.RequestHandlerClass = _handler_of(_documents(folder, script, origin if has_document else ""))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _documents(folder: Path, script: str, named: str) -> dict[str, bytes]:
    client_id = f' data-client-id="{named}{_DOCUMENT}"' if named else ""
    page = f'<!doctype html><html{client_id}><title>app</title><script type="module" src="/{script}"></script></html>'
    found = {f"/{path.name}": path.read_bytes() for path in folder.iterdir()} | {"/": page.encode()}
    if named:
        found[_DOCUMENT] = json.dumps(client_document(named)).encode()
    return found


def client_document(origin: str) -> dict[str, Any]:
    """The Client ID Document of an app at an origin."""
    return {
        "@context": ["https://www.w3.org/ns/solid/oidc-context.jsonld"],
        "client_id": f"{origin}{_DOCUMENT}",
        "client_name": "Verre app",
        "redirect_uris": [f"{origin}/"],
        "post_logout_redirect_uris": [f"{origin}/"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid webid offline_access",
        "token_endpoint_auth_method": "none",
    }


def _handler_of(documents: Mapping[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            body = documents.get(path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", _TYPES.get(Path(path).suffix or ".html", "text/plain"))
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


@dataclass(slots=True)
class BrowserApp:
    """An app of another origin in a window, and the person in front of it."""

    page: Page
    origin: str

    @property
    def client_id(self) -> str:
        """The address of its Client ID Document."""
        return f"{self.origin}{_DOCUMENT}"

    def open(self) -> dict[str, Any]:
        """Load the page anew, and say who is signed in when it is ready."""
        self.page.goto(f"{self.origin}/")
        return self.state()

    def state(self) -> dict[str, Any]:
        """Who is signed in, once the page is ready."""
        expect(self.page).to_have_title("ready", timeout=20_000)
        return self.must("state")

    def do(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Give a command; `ok` says whether the client was content."""
        answer: dict[str, Any] = self.page.evaluate(
            "command => window.doCommand(command)", {"do": command, **arguments}
        )
        return answer

    def must(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Give a command that has to succeed."""
        answer = self.do(command, **arguments)
        assert answer["ok"], f"{command}: {answer}"
        return answer

    def leave(self, command: str, **arguments: Any) -> None:
        """Give a command by which the browser goes elsewhere, and wait until it is gone from the page."""
        with self.page.expect_navigation():
            self.page.evaluate("command => void window.doCommand(command)", {"do": command, **arguments})
