"""A tour past the pages of the identity application, for pictures and for looking at each with axe."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pod_server.identity import allowed_apps, credentials, recoveries, sessions
from pod_server.identity.accounts import authenticate
from pod_server.identity.oauth import Provider
from tests.browser.devices import a_device
from tests.browser.people import Person, chromium, window
from tests.support.identity import APP, LOGIN, PASSWORD, TRUSTED, House, asking
from tests.support.identity_server import served_house
from vault.model.modes import AccessMode
from vault.model.requester import AppLimit
from vault.stores.ports import CatalogueTransaction

Look = Callable[[Person, str], None]


def walk(house: House, her: Person, language: str, look: Look) -> None:
    """Walk past every page in a language and look at each."""
    her.go(f"taal/{language}")
    _outside(her, look)
    _sign_in(her)
    look(her, "thuis")
    her.go("klaar")
    look(her, "klaar")
    _add_a_device(her, look)
    her.go(f"toestaan?{asking()}")
    look(her, "app-onbekend")
    _prove(her, look)
    _account(house, her, look)
    _codes(house, her, look)
    her.go(".oidc/logout")
    look(her, "uitloggen")
    her.page.locator("main form[action='/uitloggen'] button").click()
    look(her, "uitgelogd")


def _add_a_device(her: Person, look: Look) -> None:
    with a_device(her.page):
        her.go("account/toestel")
        look(her, "toestel-erbij")
        her.page.locator("#naam").fill("Mijn telefoon")
        her.page.locator("[data-passkey-on] button").click()
        her.page.wait_for_url(f"{her.app}account")
        look(her, "account-met-toestel")
        her.page.locator("a[href^='/account/toestel/']").first.click()
        look(her, "toestel")
        her.go("bewijs")
        look(her, "bewijs-met-toestel")


def _codes(house: House, her: Person, look: Look) -> None:
    her.go("account/noodcodes")
    look(her, "noodcodes")
    her.page.locator("#noodcodes button").click()
    look(her, "noodcodes-gemaakt")
    code = her.page.locator(".wk-written-codes li").first.inner_text()
    account = authenticate(house.parts, LOGIN, PASSWORD)
    assert account is not None
    recoveries.start(house.parts, account)
    her.go("account")
    look(her, "account-terugweg")
    her.page.locator("form[action='/herstel/stop'] button").click()
    look(her, "terugweg-gestopt")
    _come_back(her, code, look)


def _come_back(her: Person, code: str, look: Look) -> None:
    her.go("herstel")
    look(her, "herstel")
    send = her.page.locator("#formulier button[type=submit]")
    her.page.locator("#inlognaam").fill(LOGIN)
    send.click()
    look(her, "herstel-fout")
    her.page.locator("#noodcode").fill(code)
    send.click()
    look(her, "herstel-wachtwoord")
    her.page.locator("#wachtwoord").fill(PASSWORD)
    send.click()
    look(her, "herstel-wachtwoord-fout")
    for field in ("wachtwoord", "herhaal"):
        her.page.locator(f"#{field}").fill(PASSWORD)
    send.click()
    look(her, "herstel-klaar")


def _prove(her: Person, look: Look) -> None:
    her.go("bewijs")
    look(her, "bewijs")
    her.page.locator("#formulier button[type=submit]").first.click()
    look(her, "bewijs-fout")


def _account(house: House, her: Person, look: Look) -> None:
    her.go("account")
    look(her, "account-leeg")
    _fill_account(house)
    her.go("account")
    look(her, "account")
    for number, kind in enumerate(("sessie", "app", "programma")):
        her.page.locator(f"a[href^='/account/{kind}/'][href$='/stop']").first.click()
        look(her, f"account-stop-{kind}")
        if number == 1:
            her.page.locator("main form button").click()
            look(her, "account-gestopt")
            her.page.go_back()
            her.page.reload()
            look(her, "account-al-gestopt")
        her.go("account")
    for path, name in (("account/wachtwoord", "wachtwoord"), ("account/programma/nieuw", "programma")):
        her.go(path)
        look(her, name)
        her.page.locator("input[name=plaats]:checked").evaluate_all(
            "all => all.map(one => one.checked = false)"
        )
        her.page.locator("main button[type=submit]").first.click()
        look(her, f"{name}-fout")
    her.page.locator("input[name=plaats]").first.check()
    her.page.locator("#naam").fill("Agenda op mijn telefoon")
    her.page.locator("main button[type=submit]").first.click()
    look(her, "programma-gemaakt")
    her.go("account/overal-uitloggen")
    look(her, "overal-uitloggen")
    her.page.locator("main form button").click()
    look(her, "overal-uitgelogd")
    _sign_in(her)
    _erase(her, look)


def _erase(her: Person, look: Look) -> None:
    her.go("account/wissen")
    look(her, "wissen")
    her.page.locator("main form button").click()
    look(her, "wissen-gevraagd")
    _sign_in(her)
    look(her, "wissen-wacht")
    her.page.locator("main form button").first.click()
    look(her, "wissen-teruggedraaid")


def _fill_account(house: House) -> None:
    """Let apps in, sign in elsewhere, and give a program a key."""
    parts, catalogue = house.parts, house.parts.context.catalogue
    account = authenticate(parts, LOGIN, PASSWORD)
    assert account is not None
    reading = AppLimit(
        frozenset({AccessMode.READ}), ("afspraken/", "plannen/"), frozenset({"JournalService"})
    )
    provider = Provider(parts)
    catalogue.write(partial(_limit, account.webid, reading))
    for client_id in (APP, TRUSTED):
        app = provider.find_app(client_id)
        assert app is not None
        catalogue.write(partial(allowed_apps.note, parts, account=account, client=app, is_anew=True))
    sessions.begin(parts, account.id, 0, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1")
    credentials.create(parts, account, "Agenda op mijn computer", reading)


def _limit(webid: str, limit: AppLimit, tx: CatalogueTransaction) -> None:
    tx.put_app_limit(webid, APP, limit)


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
        her.page.locator("#formulier button[type=submit]").first.click()
        look(her, f"{path}-fout")


def _sign_in(her: Person) -> None:
    her.go("inloggen")
    her.page.locator("#inlognaam").fill(LOGIN)
    her.page.locator("#wachtwoord").fill(PASSWORD)
    her.page.locator("#formulier button[type=submit]").first.click()


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
