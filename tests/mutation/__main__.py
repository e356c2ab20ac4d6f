"""Mutation testing of some modules with some tests: which faults does no test notice?

    python -m tests.mutation --least 90 --tests tests/unit/vault/access vault/access/*.py

The tests run once without a fault, to know which of them run which lines. Then every mutant gets a process of its own,
forked from one that has imported everything, and meets the tests that run it. A driver of our own and not mutmut: that
would add a terminal interface and a second syntax tree to the lock for what is 400 lines here.

The handlers are tried in two runs, each with a score of its own. What requirements ask for must be noticed by the tests
marked with them. What no requirement of the register asks for is in `unrequired.csv`, each part with its reason: the
first run leaves it out (`--except`), the second tries nothing else (`--only`), with the tests that bear no mark too.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.parts import Parts, read_parts
from tests.mutation.planting import module_of, plant, remembers
from tests.mutation.tracing import QUIET, Traces, read_traces, trace

_NOTICED, _MISSED, _STILLBORN, _UNMET = 1, 0, 99, 98
# Of its own CPU, so that a busy machine fails no tests; waiting for ever ends too.
_patience_s, _patience_times = 30, 10
max_wall_s = 3600


@dataclass(frozen=True, slots=True)
class Job:
    """One mutant of a module, to be met by some tests within so much CPU time."""

    path: Path
    mutant: Mutant
    tests: list[str]
    patience_s: float


def main() -> int:
    """Try every mutant and tell the score; 1 when it is too low."""
    asked = _read_arguments()
    left, only = (None if table is None else read_parts(table) for table in (asked.left, asked.only))
    modules = [path for path in asked.modules if only is None or path in only.lines]
    _import_everything(modules, asked.tests)
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "traces")
        tracing = partial(trace, modules, asked.tests, answer)
        traces = read_traces(answer) if _succeeds(tracing) else None
    if traces is None or not _succeeds(partial(_run, list(traces.took_s))):
        sys.stdout.write("the tests fail without any fault, so they would notice everything\n")
        return 1
    jobs = [
        job
        for job in _jobs(modules, traces, features_only=asked.features)
        if _is_meant(job, left=left, only=only)
    ]
    if asked.some:
        jobs = random.Random(asked.some).sample(jobs, min(asked.some, len(jobs)))
    return _report(list(_outcomes(jobs, asked.at_once)), asked.least)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="+", type=Path)
    parser.add_argument("--tests", action="append", required=True)
    parser.add_argument("--least", type=float, default=0.0, help="the lowest score that passes, in percent")
    parser.add_argument(
        "--features", action="store_true", help="only take out what is done, do nothing wrongly"
    )
    parser.add_argument(
        "--some", type=int, default=0, help="how many to try, always the same choice; 0 for all"
    )
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument("--except", dest="left", type=Path, help="a table of parts of modules to leave out")
    parts.add_argument("--only", type=Path, help="a table of the only parts of modules to try")
    parser.add_argument("--at-once", type=int, default=2)
    return parser.parse_args()


def _import_everything(paths: Iterable[Path], tests: list[str]) -> None:
    """Import what the tests import, once for all the processes that will be forked. Nothing is run."""
    importlib.import_module("hypothesis")
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        kept, sys.stdout = sys.stdout, nowhere
        pytest.main([*QUIET, "--collect-only", *tests])
        sys.stdout = kept
    for path in paths:
        importlib.import_module(module_of(path))


def _jobs(paths: Iterable[Path], traces: Traces, *, features_only: bool) -> Iterator[Job]:
    for path in paths:
        for mutant in mutants_of(path.read_text("utf-8"), features_only=features_only):
            is_remembered = remembers(path, mutant.scope)
            tests = traces.tests_of(path, mutant, is_remembered=is_remembered)
            yield Job(path, mutant, tests, _patience_s + _patience_times * traces.seconds(tests))


def _is_meant(job: Job, *, left: Parts | None, only: Parts | None) -> bool:
    is_left = left is not None and left.have(job.path, job.mutant)
    return not is_left and (only is None or only.have(job.path, job.mutant))


def _outcomes(jobs: list[Job], at_once: int) -> Iterator[tuple[Job, int]]:
    """What became of each mutant. No threads: whatever lock one of them holds, a forked process would wait for."""
    waiting, running = list(reversed(jobs)), dict[int, tuple[Job, float]]()
    while waiting or running:
        while waiting and len(running) < at_once:
            job = waiting.pop()
            running[_fork(partial(_meet, job))] = job, time.monotonic() + max_wall_s
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended:
            job, _ = running.pop(ended)
            # A mutant that took for ever, or took its process down, was noticed.
            outcome = _NOTICED if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)
            if outcome in {_MISSED, _UNMET}:
                sys.stdout.write(
                    f"{job.path}:{job.mutant.line}: {job.mutant.fault} ({len(job.tests)} tests)\n"
                )
                sys.stdout.flush()
            yield job, outcome
            continue
        for child, (_, deadline) in running.items():
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
        time.sleep(0.01)


def _fork(work: Callable[[], int]) -> int:
    """Do something in a silent process of its own, which ends with what comes of it."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        os._exit(work())
    return child


def _succeeds(work: Callable[[], int]) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(_fork(work), 0)[1]) == 0


def _run(tests: list[str]) -> int:
    return int(pytest.main([*QUIET, "-x", *tests]))


def _meet(job: Job) -> int:
    """Run the tests on the mutant."""
    most_s = int(job.patience_s)
    resource.setrlimit(resource.RLIMIT_CPU, (most_s, most_s))
    try:
        plant(job.path, job.mutant)
    except BaseException:  # whatever it is: a module that cannot be imported is no fault that tests must find
        return _STILLBORN
    if not job.tests:
        return _UNMET
    return _NOTICED if _run(job.tests) else _MISSED


def _report(outcomes: list[tuple[Job, int]], least: float) -> int:
    born = [(job, outcome) for job, outcome in outcomes if outcome != _STILLBORN]
    for path in sorted({job.path for job, _ in born}):
        found = [outcome == _NOTICED for job, outcome in born if job.path == path]
        sys.stdout.write(f"{path}: {sum(found)} of {len(found)} noticed\n")
    noticed = sum(outcome == _NOTICED for _, outcome in born)
    score = 100 * noticed / max(1, len(born))
    sys.stdout.write(
        f"{noticed} of {len(born)} faults noticed: {score:.1f} %, at least {least:.0f} % asked\n"
    )
    return 0 if score >= least else 1


if __name__ == "__main__":
    sys.exit(main())
