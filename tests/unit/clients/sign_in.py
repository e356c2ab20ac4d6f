"""A portal in memory with somebody signed in."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from clients.portal.app import PortalSettings, create_app
from tests.support.templates import compiled_templates
from tests.unit.clients.fake_vault import APP, BASE, ISSUER, FakeVault, query_of

NEUTRAL = "https://www.buienradar.nl/"


def open_portal(vault: FakeVault) -> FlaskClient:
    """The portal of a vault, nobody signed in."""
    settings = PortalSettings(APP, ISSUER, BASE, b"s" * 32, NEUTRAL)
    app = create_app(settings, vault.http(), lambda: vault.now_s)
    app.jinja_env.bytecode_cache = compiled_templates()
    return app.test_client()


def enter(browser: FlaskClient, vault: FakeVault) -> str:
    """Sign in; gives where the browser is sent afterwards."""
    asked = query_of(browser.get("/inloggen").headers["Location"])
    vault.nonce = asked["nonce"]
    answer = {"code": "c0de", "state": asked["state"], "iss": ISSUER}
    back = browser.get("/terug", query_string=answer)
    assert back.status_code == 303, back.text
    return back.headers["Location"]


def signed_in(vault: FakeVault) -> FlaskClient:
    """The portal of a vault with its owner signed in."""
    browser = open_portal(vault)
    enter(browser, vault)
    return browser


def token_on(page: str) -> str:
    """The form token that stands on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def send(browser: FlaskClient, path: str, page: str, **fields: object) -> str:
    """Post a form whose token stands on a page; gives where it leads to, or the page it answers."""
    answer = browser.post(path, data={"csrf_token": token_on(page), **fields})
    return answer.headers.get("Location") or answer.text


def words(page: str) -> str:
    """The words that stand in the main part of a page."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("\u00a0", " ").split())
