"""What the proof by mutation puts into the code, and whom it lets meet it."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.parts import read_parts
from tests.mutation.planting import find_function, plant, remembers
from tests.mutation.tracing import Traces

SOURCE = '''"""Something to put faults into."""
HEADERS = ((b"vary", b"Accept"), (b"server", b"wijkkluis"))


def answer(size, most=3):
    """Say no when it is too much."""
    if size > most and size:
        raise ValueError("too much")
    return size


class Counter:
    def add(self, number):
        try:
            self.total += number
        except TypeError:
            self.total = 0
'''


TESTS = """from faulty import HEADERS, answer
import pytest


def test_it_varies():
    assert HEADERS[0] == (b"vary", b"Accept")


def test_it_says_no():
    assert answer(3) == 3
    with pytest.raises(ValueError):
        answer(4)
"""
ROOT = Path(__file__).parents[3]


def _told(source: str, *, features_only: bool) -> set[str]:
    return {mutant.fault for mutant in mutants_of(source, features_only=features_only)}


def test_what_says_only_of_which_type_something_is_has_no_faults() -> None:
    assert not list(mutants_of("Send = Callable[[Scope, Receive], Awaitable[None]]"))
    assert _told("SEND = call[[1, 2]]", features_only=True) == {
        "[1, 2]: without entry 1",
        "[1, 2]: without entry 2",
    }


def test_taking_out_what_is_done_is_no_doing_it_wrongly() -> None:
    features = _told(SOURCE, features_only=True)

    assert features == {
        "((b'vary', b'Accept'), (b'server', b'wijkkluis')): without entry 1",
        "((b'vary', b'Accept'), (b'server', b'wijkkluis')): without entry 2",
        "if size > most and size:: always",
        "if size > most and size:: never",
        "size > most and size: without part 1",
        "size > most and size: without part 2",
        "raise ValueError('too much'): without it",
        "try:: without handler 1",
        "self.total += number: without it",
    }
    assert _told(SOURCE, features_only=False) - features == {
        "size > most: GtE",
        "size > most and size: Or",
        "return size: nothing",
        "3: one more",
        "0: one more",
    }


def test_a_fault_knows_in_which_function_it_is() -> None:
    scopes = {mutant.fault: (mutant.scope, mutant.line) for mutant in mutants_of(SOURCE, features_only=False)}

    assert scopes["size > most: GtE"] == ("answer", 7)
    assert scopes["self.total += number: without it"] == ("Counter.add", 15)
    assert scopes["3: one more"] == (None, 5), "what a parameter is by default is found on import"


def test_a_fault_that_was_put_in_is_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("faulty")
    exec(compile(SOURCE, "faulty.py", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, "faulty", module)
    with pytest.raises(ValueError, match="too much"):
        module.answer(4)

    plant(
        Path("faulty.py"),
        next(one for one in mutants_of(SOURCE) if one.fault == "if size > most and size:: never"),
    )

    assert module.answer(4) == 4


def test_every_fault_meets_the_tests_and_what_they_miss_is_told(tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(SOURCE, "utf-8")
    (tmp_path / "test_faulty.py").write_text(TESTS, "utf-8")
    arguments = ["--features", "--least", "70", "--tests", "test_faulty.py", "faulty.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    ran = subprocess.run(
        [sys.executable, "-m", "tests.mutation", *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )

    missed, _, _ = ran.stdout.partition("faulty.py: ")
    assert missed.splitlines() == [
        "faulty.py:2: ((b'vary', b'Accept'), (b'server', b'wijkkluis')): without entry 2 (2 tests)",
        "faulty.py:7: size > most and size: without part 2 (1 tests)",
        "faulty.py:15: try:: without handler 1 (0 tests)",
        "faulty.py:15: self.total += number: without it (0 tests)",
    ], ran.stdout + ran.stderr
    assert ran.stdout.endswith("5 of 9 faults noticed: 55.6 %, at least 70 % asked\n")
    assert ran.returncode == 1


def test_only_a_function_that_can_be_told_is_changed_in_place() -> None:
    module = importlib.import_module("pod_server.http.responses")

    assert find_function(module, "allow") is module.allow.__wrapped__
    assert find_function(module, "finish") is module.finish
    assert find_function(module, "nowhere") is None
    assert find_function(module, None) is None
    assert remembers(Path("pod_server/http/responses.py"), "allow")
    assert not remembers(Path("pod_server/http/responses.py"), "finish")


def test_a_fault_is_met_by_the_tests_that_run_it_the_quickest_first() -> None:
    traces = Traces({"slow": 2.0, "quick": 1.0, "far": 0.5}, {"a.py": {7: ["slow", "quick"]}, "b.py": {}})
    inside = Mutant(7, 8, "answer", "", ast.Module([], []))
    outside = Mutant(2, 2, None, "", ast.Module([], []))

    assert traces.tests_of(Path("a.py"), inside, is_remembered=False) == ["quick", "slow"]
    assert traces.tests_of(Path("b.py"), inside, is_remembered=False) == []
    assert traces.seconds(["slow", "quick"]) == 3.0
    for fault, is_remembered in ((inside, True), (outside, False)):
        found = traces.tests_of(Path("a.py"), fault, is_remembered=is_remembered)
        assert found == ["quick", "slow", "far"], "whatever could notice it, the likeliest first"


def _table(folder: Path, *rows: str) -> tuple[Path, Path]:
    module, table = folder / "faulty.py", folder / "parts.csv"
    module.write_text(SOURCE, "utf-8")
    table.write_text("\n".join(("path,name,reason", *(f"{module},{row}" for row in rows))), "utf-8")
    return module, table


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("HEADERS", {None}),
        ("answer", {"answer"}),
        ("Counter", {"Counter.add"}),
        ("*", {None, "answer", "Counter.add"}),
    ],
)
def test_a_part_has_the_faults_of_one_name_or_of_the_whole_module(
    tmp_path: Path, name: str, scopes: set[str | None]
) -> None:
    module, table = _table(tmp_path, f"{name},not asked for")
    parts = read_parts(table)
    found = [mutant for mutant in mutants_of(SOURCE, features_only=True) if parts.have(module, mutant)]
    assert {mutant.scope for mutant in found} == scopes
    assert not any(parts.have(Path("elsewhere.py"), mutant) for mutant in found)


@pytest.mark.parametrize("row", ["gone,not asked for", "answer,"])
def test_a_part_that_is_gone_or_has_no_reason_is_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(LookupError):
        read_parts(_table(tmp_path, row)[1])


def test_all_that_no_requirement_asks_for_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert read_parts(ROOT / "tests/mutation/unrequired.csv").lines
