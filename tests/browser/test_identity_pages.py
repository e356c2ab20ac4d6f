"""The pages of the identity application in both languages: no axe violation, no sideways scroll, all by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.identity_tour import walk
from tests.browser.people import Person, chromium, problems_of, window
from tests.browser.test_pages import unreachable_by_tab
from tests.support.identity import LOGIN, PASSWORD, House
from tests.support.identity_server import served_house

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with served_house(tmp_path) as one:
        yield one


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_signing_in_and_of_the_account_is_without_barriers(
    house: House, browser: Browser, language: str
) -> None:
    found: dict[str, list[str]] = {}
    seen: list[str] = []

    def look(person: Person, name: str) -> None:
        seen.append(name)
        expect(person.page.locator("html")).to_have_attribute("lang", language)
        size = person.page.viewport_size
        problems = problems_of(person.page)
        problems += [f"not by keyboard: {one}" for one in unreachable_by_tab(person.page)]
        if size is not None:
            person.page.set_viewport_size(size)
        if problems:
            found[name] = problems

    walk(house, window(browser, house.issuer, scripts=True), language, look)
    assert len(seen) > 8
    assert found == {}


def test_enter_sends_the_form_and_does_not_change_the_language(house: House, browser: Browser) -> None:
    her = window(browser, house.issuer)
    her.go("inloggen")
    her.fill("Uw inlognaam", LOGIN)
    her.fill("Wachtwoord", PASSWORD)
    her.page.keyboard.press("Enter")
    her.heading("U bent ingelogd")


def test_what_is_typed_stays_while_the_language_changes(house: House, browser: Browser) -> None:
    her = window(browser, house.issuer)
    her.go("nieuw")
    her.fill("Hoe heet u?", "Kevin Peters")
    her.page.locator("summary").click()
    her.page.get_by_role("button", name="English").click()
    her.heading("Make your vault")
    expect(her.page.get_by_label("What is your name?")).to_have_value("Kevin Peters")
    her.go("inloggen")
    her.heading("Sign in")
