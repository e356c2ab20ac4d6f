"""A tour past the pages of the identity application, for pictures and for looking at each with axe."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.browser.people import Person, chromium, window
from tests.support.identity import LOGIN, PASSWORD, House, asking
from tests.support.identity_server import served_house

Look = Callable[[Person, str], None]


def walk(house: House, her: Person, language: str, look: Look) -> None:
    """Walk past every page in a language and look at each."""
    her.go(f"taal/{language}")
    _outside(her, look)
    _sign_in(her)
    look(her, "thuis")
    her.go("klaar")
    look(her, "klaar")
    her.go(f"toestaan?{asking()}")
    look(her, "app-onbekend")
    _prove(her, look)
    her.go(".oidc/logout")
    look(her, "uitloggen")
    her.page.locator("main form[action='/uitloggen'] button").click()
    look(her, "uitgelogd")


def _prove(her: Person, look: Look) -> None:
    her.go("bewijs")
    look(her, "bewijs")
    her.page.locator("main button[type=submit]").first.click()
    look(her, "bewijs-fout")


def _outside(her: Person, look: Look) -> None:
    for path in ("inloggen", "nieuw", "niets"):
        her.go(path)
        look(her, path)
    her.go("nieuw")
    # Not by a click: from there the Tab key would go on, and not from the top.
    her.page.evaluate("document.querySelector('details.wk-language').open = true")
    look(her, "taal")
    for path in ("inloggen", "nieuw"):
        her.go(path)
        her.page.locator("main button[type=submit]").first.click()
        look(her, f"{path}-fout")


def _sign_in(her: Person) -> None:
    her.go("inloggen")
    her.page.locator("#inlognaam").fill(LOGIN)
    her.page.locator("#wachtwoord").fill(PASSWORD)
    her.page.locator("main button[type=submit]").first.click()


def take(folder: Path, language: str, width: int) -> None:
    """Take a picture of every page."""

    def look(person: Person, name: str) -> None:
        person.picture(folder, f"{name}-{language}-{width}")

    with tempfile.TemporaryDirectory() as state, served_house(Path(state)) as house, chromium() as browser:
        walk(house, window(browser, house.issuer, width=width, scripts=True), language, look)


if __name__ == "__main__":
    for one in ("nl", "en"):
        for wide in (360, 1280):
            take(Path(sys.argv[1]), one, wide)
