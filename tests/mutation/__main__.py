"""Mutation testing of some modules with some tests: which faults does no test notice?

    python -m tests.mutation --least 90 --tests tests/unit/vault/access vault/access/*.py

Every mutant gets a process of its own, forked from one that has imported what does not change. A driver of our own and
not mutmut: that would add a terminal interface and a second syntax tree to the lock for what is 200 lines here.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

from tests.mutation.mutants import Mutant, mutants_of

_PRELOADED = (
    "pytest",
    "_pytest.assertion.rewrite",
    "hypothesis",
    "sqlalchemy",
    "pyoxigraph",
    "rdflib",
    "pyld",
)
_NOTICED, _MISSED, _STILLBORN = 1, 0, 99
# Of its own CPU, so that a busy machine fails no tests; waiting for ever ends too.
max_cpu_s = 120
max_wall_s = 3600


@dataclass(frozen=True)
class Job:
    """One mutant of one module, to be met by some tests."""

    module: str
    path: Path
    mutant: Mutant
    tests: list[str]


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module other code than its file has."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name = name
        self._code = code

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Answer for the one module."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code."""
        exec(self._code, module.__dict__)


def main() -> int:
    """Try every mutant and tell the score; 1 when it is too low."""
    asked = _read_arguments()
    for name in _PRELOADED:
        importlib.import_module(name)
    jobs = [
        Job(".".join(path.with_suffix("").parts), path, mutant, asked.tests)
        for path in asked.modules
        for mutant in mutants_of(path.read_text("utf-8"))
    ]
    if asked.some:
        jobs = random.Random(asked.some).sample(jobs, min(asked.some, len(jobs)))
    whole = ast.parse(jobs[0].path.read_text("utf-8"))
    control = replace(jobs[0], mutant=Mutant(0, "no fault", whole))
    if [outcome for _, outcome in _outcomes([control], 1)] != [_MISSED]:
        sys.stdout.write("the tests fail without any fault, so they would notice everything\n")
        return 1
    return _report(list(_outcomes(jobs, asked.at_once)), asked.least)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="+", type=Path)
    parser.add_argument("--tests", action="append", required=True)
    parser.add_argument("--least", type=float, default=0.0, help="the lowest score that passes, in percent")
    parser.add_argument(
        "--some", type=int, default=0, help="how many to try, always the same choice; 0 for all"
    )
    parser.add_argument("--at-once", type=int, default=2)
    return parser.parse_args()


def _outcomes(jobs: list[Job], at_once: int) -> Iterator[tuple[Job, int]]:
    """What became of each mutant. No threads: whatever lock one of them holds, a forked process would wait for."""
    waiting, running = list(reversed(jobs)), dict[int, tuple[Job, float]]()
    while waiting or running:
        while waiting and len(running) < at_once:
            job = waiting.pop()
            running[_start(job)] = job, time.monotonic() + max_wall_s
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended:
            job, _ = running.pop(ended)
            outcome = max(0, os.waitstatus_to_exitcode(status)) or _killed(status)
            if outcome == _MISSED:
                sys.stdout.write(f"{job.path}:{job.mutant.line}: {job.mutant.fault}\n")
                sys.stdout.flush()
            yield job, outcome
            continue
        for child, (_, deadline) in running.items():
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
        time.sleep(0.02)


def _killed(status: int) -> int:
    """A mutant that took for ever, or took its process down, was noticed."""
    return _NOTICED if os.WIFSIGNALED(status) else _MISSED


def _start(job: Job) -> int:
    child = os.fork()
    if child == 0:
        os._exit(_meet(job))
    return child


def _meet(job: Job) -> int:
    """In a process of its own: run the tests on the mutant."""
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (max_cpu_s, max_cpu_s))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    sys.meta_path.insert(0, _Loader(job.module, compile(job.mutant.tree, str(job.path), "exec")))
    try:
        importlib.import_module(job.module)
    except BaseException:  # whatever it is: a module that cannot be imported is no fault that tests must find
        return _STILLBORN
    # Hypothesis is imported already: its asserts need no rewriting.
    quiet = [
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "-x",
        "-q",
        "--no-header",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "--disable-socket",
    ]
    return _NOTICED if pytest.main([*quiet, "--allow-unix-socket", *job.tests]) else _MISSED


def _report(outcomes: list[tuple[Job, int]], least: float) -> int:
    born = [(job, outcome) for job, outcome in outcomes if outcome != _STILLBORN]
    for path in sorted({job.path for job, _ in born}):
        found = [outcome for job, outcome in born if job.path == path]
        sys.stdout.write(f"{path}: {len(found) - found.count(_MISSED)} of {len(found)} noticed\n")
    noticed = sum(outcome != _MISSED for _, outcome in born)
    score = 100 * noticed / max(1, len(born))
    sys.stdout.write(
        f"{noticed} of {len(born)} faults noticed: {score:.1f} %, at least {least:.0f} % asked\n"
    )
    return 0 if score >= least else 1


if __name__ == "__main__":
    sys.exit(main())
