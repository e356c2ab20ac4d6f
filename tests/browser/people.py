"""People in front of a browser: each has a window of her own, and does what the pages offer, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(slots=True)
class Person:
    """Somebody with a window; JavaScript is off, as on the oldest phone."""

    page: Page
    app: str

    def go(self, path: str = "") -> None:
        """Open a page of the app by its path."""
        self.page.goto(self.app + path)

    def sees(self, words: str | re.Pattern[str]) -> None:
        """The page shows these words."""
        expect(self.page.locator("main")).to_contain_text(words)

    def sees_not(self, words: str) -> None:
        """The page does not show these words."""
        expect(self.page.locator("body")).not_to_contain_text(words)

    def heading(self, words: str | re.Pattern[str]) -> None:
        """The page's first heading says this."""
        expect(self.page.locator("h1").first).to_have_text(words)

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Click a link."""
        self.page.locator("main, nav, header").get_by_role("link", name=name).first.click()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button of the page itself."""
        self.page.locator("main").get_by_role("button", name=name, exact=isinstance(name, str)).first.click()

    def fill(self, label: str | re.Pattern[str], value: str) -> None:
        """Fill in a field."""
        self.page.get_by_label(label).first.fill(value)

    def choose(self, label: str | re.Pattern[str]) -> None:
        """Tick a box or choose a radio button."""
        self.page.get_by_label(label).first.check()

    def log_in(self, login: str, password: str) -> None:
        """Open the app and sign in at the issuer."""
        self.go()
        if self.page.get_by_label("Uw inlognaam").count() == 0:
            self.go("inloggen")
        self.fill("Uw inlognaam", login)
        self.page.get_by_label("Wachtwoord").fill(password)
        self.press("Log in")

    def picture(self, folder: Path, name: str) -> None:
        """Save what is on the screen, whole page."""
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png", full_page=True)


def window(browser: Browser, app: str, *, width: int = 360, scripts: bool = False) -> Person:
    """A new window with nothing remembered."""
    context = browser.new_context(
        viewport={"width": width, "height": 740}, java_script_enabled=scripts, locale="nl-NL"
    )
    context.set_default_timeout(15_000)
    return Person(context.new_page(), app)


def problems_of(page: Page) -> list[str]:
    """What axe finds wrong on a page, and whether it scrolls sideways at 320 px; needs scripts in the test's own window."""
    found = [
        f"{one['id']}: {one['help']}" for one in Axe().run(page, options=_AXE_RULES).response["violations"]
    ]
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"scrolls sideways at 320 px: {wide}"] if wide > 320 else [])
