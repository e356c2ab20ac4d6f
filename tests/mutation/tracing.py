"""Which tests run which lines, and how long each takes: what there is to know before faults are put in."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage
import pytest

from tests.mutation.mutants import Mutant

QUIET = (
    # Much is imported before pytest can rewrite its asserts, of which there are none.
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
    "-q",
    "--no-header",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:randomly",
    "--disable-socket",
    "--allow-unix-socket",
)


@dataclass(frozen=True, slots=True)
class Traces:
    """How long each test takes, in seconds, and by file and line the tests that run it."""

    took_s: dict[str, float]
    tests: dict[str, dict[int, list[str]]]

    def tests_of(self, path: Path, mutant: Mutant, *, is_remembered: bool) -> list[str]:
        """The tests that can meet a fault, the likeliest and quickest first.

        What a function remembers from one call to the next, and what is done once and for all on import, was seen
        running in the first test only: such a fault is met by every test, first those that run more of the module.
        """
        lines = self.tests.get(str(path), {})
        if mutant.scope is None or is_remembered:
            near = {test for tests in lines.values() for test in tests}
            return sorted(self.took_s, key=lambda test: (test not in near, self.took_s[test]))
        found = {test for line in range(mutant.line, mutant.last_line + 1) for test in lines.get(line, ())}
        return sorted(found, key=self.took_s.__getitem__)

    def seconds(self, tests: Iterable[str]) -> float:
        """How long these took together."""
        return sum(self.took_s[test] for test in tests)


@dataclass(slots=True)
class _Tracer:
    """A plugin of pytest that tells coverage which test is running."""

    measuring: coverage.Coverage
    took_s: dict[str, float] = field(default_factory=dict)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Around everything of one test, its fixtures too."""
        self.measuring.switch_context(item.nodeid)
        began = time.monotonic()
        result = yield
        self.took_s[item.nodeid] = time.monotonic() - began
        self.measuring.switch_context("")
        return result


def trace(paths: list[Path], tests: list[str], answer: Path) -> int:
    """Run the tests and write down their traces in modules; gives pytest's exit code."""
    measuring = coverage.Coverage(
        data_file=None, config_file=False, include=[str(path) for path in paths], messages=False
    )
    tracer = _Tracer(measuring)
    measuring.start()
    outcome = pytest.main([*QUIET, *tests], [tracer])
    measuring.stop()
    data = measuring.get_data()
    found = {
        str(path): {
            line: [test for test in sorted(names) if test]
            for line, names in data.contexts_by_lineno(str(path.resolve())).items()
        }
        for path in paths
    }
    answer.write_text(json.dumps({"took_s": tracer.took_s, "tests": found}), "utf-8")
    return int(outcome)


def read_traces(answer: Path) -> Traces:
    """Read what `trace` wrote down."""
    found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    tests = {
        path: {int(line): names for line, names in lines.items()} for path, lines in found["tests"].items()
    }
    return Traces(found["took_s"], tests)
