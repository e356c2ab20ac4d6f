"""Every page of the story: no axe violation, no sideways scroll at 320 px, everything reachable by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.people import Person, chromium, problems_of
from tests.browser.tour import walk
from tests.support.demo import running_demo

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(600)]
_STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary"
_most_tabs = 200


def unreachable_by_tab(page: Page) -> list[str]:
    """What can be used with a mouse but is never reached with the Tab key (of radio buttons one a group is)."""
    page.evaluate("document.activeElement?.blur()")
    page.evaluate(
        "(stops) => document.querySelectorAll(stops).forEach((one, n) => one.setAttribute('data-stop', n))",
        _STOPS,
    )
    reached: set[str] = set()
    for _ in range(_most_tabs):
        page.keyboard.press("Tab")
        stop = page.evaluate("document.activeElement?.getAttribute('data-stop')")
        if stop is None and reached:
            break
        if stop is not None:
            reached.add(stop)
    missed: list[str] = page.evaluate(
        """(reached) => [...document.querySelectorAll('[data-stop]')].filter((one) =>
            one.checkVisibility() && one.type !== 'radio' && one.ariaHidden !== 'true' && !reached.includes(one.getAttribute('data-stop'))
        ).map((one) => one.outerHTML.slice(0, 80))""",
        sorted(reached),
    )
    return missed


def test_every_page_of_the_story_is_without_barriers(tmp_path: Path) -> None:
    found: dict[str, list[str]] = {}
    seen: list[str] = []

    def look(person: Person, name: str) -> None:
        seen.append(name)
        size = person.page.viewport_size
        problems = problems_of(person.page) + [
            f"not by keyboard: {one}" for one in unreachable_by_tab(person.page)
        ]
        if size is not None:
            person.page.set_viewport_size(size)
        if problems:
            found[name] = problems

    with running_demo(tmp_path / "state") as demo, chromium() as browser:
        walk(demo, browser, look)
    assert len(seen) > 35
    assert found == {}


def test_the_measure_sees_barriers() -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(
            "<div style='width:900px'>x</div><img src='data:,'><button tabindex='-1'>ja</button>"
        )
        assert any("image-alt" in one for one in problems_of(page))
        assert any("sideways" in one for one in problems_of(page))
        assert unreachable_by_tab(page) != []
