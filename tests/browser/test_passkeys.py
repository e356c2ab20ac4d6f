"""Passkeys with a real browser and a device that it plays: add, sign in, prove, remove; and not for another site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.devices import a_device
from tests.browser.people import Person, chromium, window
from tests.support.identity import LOGIN, PASSWORD, House
from tests.support.identity_server import served_house

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]
BUTTON = "[data-passkey-on] button"
_KEPT = ("credentialId", "isResidentCredential", "privateKey", "signCount", "userHandle")
FAILED = "Dat lukte niet. Probeer het nog een keer"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with served_house(tmp_path) as one:
        yield one


@pytest.fixture
def her(house: House, browser: Browser) -> Person:
    """Samira, in a browser with scripts."""
    person = window(browser, house.issuer, scripts=True)
    person.page.on("pageerror", lambda error: pytest.fail(str(error)))
    return person


def with_password(her: Person) -> None:
    her.go("inloggen")
    her.fill("Uw inlognaam", LOGIN)
    her.page.get_by_label("Wachtwoord").fill(PASSWORD)
    her.press("Log in")
    her.heading("U bent ingelogd")


def add(her: Person) -> None:
    her.go("account")
    her.follow("Log voortaan in met dit toestel")
    her.fill("Hoe noemt u dit toestel?", "Mijn telefoon")
    her.press("Zet dit toestel erbij")
    her.heading("Inloggen en apps")


def sign_out(her: Person) -> None:
    her.go()
    her.press("Log uit")
    her.heading("U bent uitgelogd")


def test_she_adds_her_device_signs_in_with_it_and_removes_it(her: Person) -> None:
    with a_device(her.page) as device:
        with_password(her)
        add(her)
        her.sees("Mijn telefoon")
        assert [one["isResidentCredential"] for one in device.credentials()] == [True]
        sign_out(her)
        her.go("inloggen")
        her.press("Log in met dit toestel")
        her.heading("U bent ingelogd")
        her.go("account")
        her.follow("Verander of haal weg Mijn telefoon")
        her.heading("Mijn telefoon")
        her.press("Haal dit toestel weg")
        her.sees_not("Mijn telefoon")
        sign_out(her)
        her.go("inloggen")
        her.press("Log in met dit toestel")
        her.sees(FAILED)


def test_with_her_device_she_proves_that_it_is_she(her: Person, house: House) -> None:
    with a_device(her.page):
        with_password(her)
        add(her)
        house.now_s += 400
        her.follow("Log voortaan in met dit toestel")
        her.heading("Bent u het zelf?")
        her.press("Verder met dit toestel")
        her.heading("Log voortaan in met dit toestel")


def test_one_device_is_not_added_twice(her: Person) -> None:
    with a_device(her.page):
        with_password(her)
        add(her)
        her.follow("Log voortaan in met dit toestel")
        her.press("Zet dit toestel erbij")
        expect(her.page.locator("[data-passkey-failed]")).to_be_visible()


def test_a_device_that_does_not_know_its_holder_signs_nobody_in(her: Person) -> None:
    with a_device(her.page) as device:
        with_password(her)
        add(her)
        sign_out(her)
        device.know_holder(yes=False)
        her.go("inloggen")
        her.press("Log in met dit toestel")
        expect(her.page.locator("[data-passkey-failed]")).to_be_visible()
        her.heading("Inloggen")


def test_a_passkey_for_another_site_is_not_used_here_nor_ours_there(her: Person, house: House) -> None:
    with a_device(her.page) as device:
        with_password(her)
        add(her)
        sign_out(her)
        [ours] = device.credentials()
        # At the same server under another name, the browser itself refuses our site's name.
        elsewhere = house.issuer.replace("localhost", "elders.localhost")
        her.page.goto(f"{elsewhere}inloggen")
        her.press("Log in met dit toestel")
        expect(her.page.locator("[data-passkey-failed]")).to_be_visible()
        device.forget_all()
        device.put({name: ours[name] for name in _KEPT} | {"rpId": "elders.example"})
        her.go("inloggen")
        her.press("Log in met dit toestel")
        expect(her.page.locator("[data-passkey-failed]")).to_be_visible()


def test_without_scripts_there_is_no_such_button_and_the_password_works(
    house: House, browser: Browser
) -> None:
    her = window(browser, house.issuer, scripts=False)
    her.go("inloggen")
    her.sees("Uw browser kan dit niet. Gebruik uw wachtwoord.")
    expect(her.page.locator(BUTTON)).to_be_hidden()
    with_password(her)


def test_a_script_that_somebody_got_into_the_page_does_not_run(her: Person) -> None:
    her.go("inloggen")
    ran = _ran(her.page, "window.ran = true")
    assert not ran


def _ran(page: Page, code: str) -> bool:
    page.evaluate(
        """(code) => {
            const script = document.createElement("script");
            script.textContent = code;
            document.body.append(script);
        }""",
        code,
    )
    return bool(page.evaluate("window.ran === true"))
