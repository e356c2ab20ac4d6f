"""Where services are, and the application's life around requests."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pod_server.storages.app import create_app
from pod_server.storages.calls import ServiceAnswer, ServiceCall
from pod_server.storages.endpoints import ENDPOINTS
from pod_server.storages.services import Address, find_service, methods_at
from tests.support.asgi import make_home
from tests.support.vaults import RecordingIntake
from vault.context import Context
from vault.model.requester import SERVICES


def service(_context: Context, _call: ServiceCall) -> ServiceAnswer:
    """A service that nobody calls."""
    raise AssertionError("not called")


def test_every_service_that_an_app_can_be_limited_to_has_an_endpoint() -> None:
    assert {endpoint.type for endpoint in ENDPOINTS.values()} == SERVICES


def test_the_longest_prefix_wins_and_no_prefix_is_no_service() -> None:
    services = {"a/": service, "a/b/": service}
    assert find_service(services, None, "a/b/c") == Address(service, None, "a/b/", "c")
    assert find_service(services, None, "a/x") == Address(service, None, "a/", "x")
    assert find_service(services, None, "c/") is None


def test_a_call_without_a_word_of_its_own_is_reading() -> None:
    assert ENDPOINTS["toegang/"].activity("GET") == "read"
    assert ENDPOINTS["logboek/"].activity("GET") == "consult-journal"
    assert "POST" in methods_at(Address(service, None, "x", ""))


def test_the_application_starts_and_stops(tmp_path: Path) -> None:
    home, sent = make_home(tmp_path), list[str]()
    app = create_app(home.parts)
    assert home.ask("GET", "profiel/card").status == 200
    asked = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, Any]:
        return {"type": next(asked)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def live(kind: str) -> None:
        await app({"type": kind}, receive, send)

    asyncio.run(live("lifespan"))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert isinstance(home.context.intake, RecordingIntake)
    (line,) = home.context.intake.entries
    assert (line.activity, line.count, line.agent) == ("public-reads", 1, None)
    with pytest.raises(ValueError, match="HTTP"):
        asyncio.run(live("websocket"))
