"""`python -m tests.browser.screenshots FOLDER`: pictures of the story's pages, 360 and 1280 px wide."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser.people import Person, chromium
from tests.browser.tour import walk
from tests.support.demo import running_demo


def take(folder: Path, width: int) -> None:
    """Take every picture at one width, in a demonstration of its own."""

    def look(person: Person, name: str) -> None:
        person.picture(folder, f"{name}-{width}")

    with tempfile.TemporaryDirectory() as state, running_demo(Path(state)) as demo, chromium() as browser:
        walk(demo, browser, look, width=width)


if __name__ == "__main__":
    for one in (360, 1280):
        take(Path(sys.argv[1]), one)
