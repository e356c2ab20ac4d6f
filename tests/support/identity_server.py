"""The identity application on a socket of this machine, for tests that look at its pages in a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from pod_server.identity import keys
from pod_server.identity.app import create_app
from tests.support.identity import House, samira
from tests.support.servers import free_ports


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 -- as werkzeug calls it
        """Say nothing."""


@contextmanager
def served_house(folder: Path) -> Iterator[House]:
    """A house where Samira lives, with its pages at `house.issuer`."""
    (port,) = free_ports(1)
    house = House(folder, issuer=f"http://localhost:{port}/")
    keys.keep_missing_keys(house.parts, keys.make_keys())
    samira(house)
    server = make_server(
        "127.0.0.1", port, create_app(house.parts, {}), threaded=True, request_handler=_Quiet
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield house
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        house.close()
