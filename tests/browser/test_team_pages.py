"""The pages about a team that grew, in a browser: no axe violation, no sideways scroll at 320 px, all by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route

from tests.browser.people import chromium, problems_of
from tests.browser.test_pages import unreachable_by_tab
from tests.unit.clients.fake_vault import APP
from tests.unit.clients.portal.test_teams import JOINED, PAUSED, give_to_team, path_of_team, team
from tests.unit.clients.portal.world import full_vault
from tests.unit.clients.sign_in import signed_in

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(200)]
TEAMS: dict[str, dict[str, Any]] = {
    "quiet": team(),
    "grown": team(members=5, joined=JOINED),
    "paused": team(members=7, joined=JOINED, paused=PAUSED),
}


def serve(page: Page, browser: FlaskClient) -> None:
    """Let a page get everything from a portal in memory."""

    def answer(route: Route) -> None:
        with browser.get(route.request.url.removeprefix(APP.rstrip("/"))) as found:
            route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.data)

    page.route("**/*", answer)


@pytest.mark.parametrize("told", TEAMS)
def test_the_pages_of_a_team_are_without_barriers(told: str) -> None:
    vault = full_vault()
    give_to_team(vault, TEAMS[told])
    browser = signed_in(vault)
    path = path_of_team(browser)
    with chromium() as chrome:
        for address in ("/toegang", path, f"{path}?melding=ja", f"{path}?melding=lukte_niet"):
            page = chrome.new_page(viewport={"width": 360, "height": 740}, locale="nl-NL", bypass_csp=True)
            serve(page, browser)
            page.goto(APP.rstrip("/") + address)
            assert problems_of(page) == [], address
            assert unreachable_by_tab(page) == [], address
            page.close()
