"""What proves each normative statement that binds a server, written as `docs/conformance.md`.

`solidproject.org/TR/protocol#conformance`
"""

from __future__ import annotations

import ast
import csv
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGISTER = ROOT / "vocab" / "requirements.csv"
VERDICTS = Path(__file__).with_name("verdicts.toml")
REPORT = ROOT / "docs" / "conformance.md"
_BINDING = frozenset({"server", "provider", "both"})
_LATER_SPECS = frozenset({"notifications", "websocket-channel-2023", "webhook-channel-2023"})
_LATER_PREFIX = "server-notifications-"
_DECISION = re.compile(r"docs/decisions/\d{4}-[a-z0-9-]+\.md")
Key = tuple[str, str]


class Verdict(StrEnum):
    """How the server stands towards a statement."""

    TESTED = "tested"
    NOT_APPLICABLE = "not applicable"
    DEVIATION = "deviation"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Statement:
    """A row of the register."""

    key: Key
    level: str
    subject: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A statement with how the server stands towards it: the tests that prove it, or the reason there are none."""

    statement: Statement
    verdict: Verdict
    tests: tuple[str, ...] = ()
    reason: str = ""


class Unjudged(Exception):
    """Statements that nothing proves and nothing excuses, or an excuse that does not hold."""


def judge_all() -> list[Judged]:
    """Every statement that binds a server, judged.

    Raises:
        Unjudged: with every row that has no verdict, or a verdict that does not hold.
    """
    statements = [one for one in read_register() if one.subject in _BINDING]
    return judge(statements, find_marks(sorted((ROOT / "tests").rglob("test_*.py"))), read_verdicts())


def judge(
    statements: Iterable[Statement],
    marks: Mapping[Key, tuple[str, ...]],
    verdicts: Mapping[Key, tuple[Verdict, str]],
) -> list[Judged]:
    """Judge statements by the tests that carry their mark, otherwise by what was written down.

    Raises:
        Unjudged: with every row that has no verdict, or a verdict that does not hold.
    """
    found, faults = [], []
    unused = set(verdicts)
    for statement in statements:
        unused.discard(statement.key)
        judged = _judge(statement, marks.get(statement.key, ()), verdicts.get(statement.key))
        if judged is None:
            faults.append(f"{statement.key}: no test and no verdict")
        elif judged.tests and statement.key in verdicts:
            faults.append(f"{statement.key}: tested, so its verdict must go")
        else:
            found.append(judged)
    faults += [f"{key}: a verdict about no row that binds a server" for key in sorted(unused)]
    if faults:
        raise Unjudged("\n".join(faults))
    return found


def _judge(
    statement: Statement, tests: tuple[str, ...], written: tuple[Verdict, str] | None
) -> Judged | None:
    if tests:
        return Judged(statement, Verdict.TESTED, tests)
    if written is not None:
        return Judged(statement, written[0], reason=written[1])
    spec, id_ = statement.key
    if spec in _LATER_SPECS or id_.startswith(_LATER_PREFIX):
        return Judged(statement, Verdict.OPEN, reason="Notifications come later.")
    return None


def read_register() -> list[Statement]:
    """All rows of the register, in its order."""
    with REGISTER.open(encoding="utf-8", newline="") as file:
        return [
            Statement((row["spec"], row["id"]), row["level"], row["subject"], row["url"], row["statement"])
            for row in csv.DictReader(file)
        ]


def read_verdicts(path: Path = VERDICTS) -> dict[Key, tuple[Verdict, str]]:
    """What was decided about statements without a test, each with a reason.

    Raises:
        Unjudged: a verdict that cannot be given by hand, without a reason, or a deviation without its decision record.
    """
    found: dict[Key, tuple[Verdict, str]] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["verdict"]:
        verdict, reason = Verdict(entry["verdict"]), str(entry["reason"]).strip()
        for id_ in entry["ids"]:
            key = (entry["spec"], id_)
            if key in found or not reason or verdict in {Verdict.TESTED, Verdict.OPEN}:
                raise Unjudged(f"{key}: twice, without a reason, or not a verdict to give by hand")
            if verdict is Verdict.DEVIATION:
                _check_decision(key, reason)
            found[key] = (verdict, reason)
    return found


def _check_decision(key: Key, reason: str) -> None:
    record = _DECISION.search(reason)
    if record is None or not (ROOT / record[0]).is_file():
        raise Unjudged(f"{key}: a deviation names its decision record")


def find_marks(paths: Iterable[Path]) -> dict[Key, tuple[str, ...]]:
    """The tests that carry `@pytest.mark.requirement(spec, id)`, found without running them."""
    found: dict[Key, list[str]] = {}
    for path in paths:
        place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for key in _marks_of(node):
                    found.setdefault(key, []).append(f"{place}::{node.name}")
    return {key: tuple(sorted(tests)) for key, tests in found.items()}


def _marks_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Key]:
    for decorator in node.decorator_list:
        match decorator:
            case ast.Call(
                func=ast.Attribute(attr="requirement"),
                args=[ast.Constant(value=str(spec)), ast.Constant(value=str(id_))],
                keywords=[],
            ):
                yield spec, id_


def render(judged: Iterable[Judged]) -> str:
    """The report as Markdown."""
    rows = list(judged)
    parts = [_HEAD, _summary(rows)]
    for spec in dict.fromkeys(one.statement.key[0] for one in rows):
        mine = [one for one in rows if one.statement.key[0] == spec]
        parts.append(f"\n## {spec}\n\n| Statement | Level | Verdict |\n|---|---|---|\n")
        parts += [_row(one) for one in mine]
    return "".join(parts)


_HEAD = """# Conformance

What the specifications demand of a server or a provider, one row a statement, with the tests that prove it. Made by
`make conformance` of `vocab/requirements.csv`, the marks of the tests and `tests/conformance/verdicts.toml`; a test
fails when this file is not in step, and when a statement has neither a test nor a reason.

"""


def _summary(rows: list[Judged]) -> str:
    specs = list(dict.fromkeys(one.statement.key[0] for one in rows))
    counts = Counter((one.statement.key[0], one.verdict) for one in rows)
    lines = [f"| Specification | {' | '.join(Verdict)} |", f"|---|{'---|' * len(Verdict)}"]
    lines += [
        f"| {spec} | {' | '.join(str(counts[spec, verdict]) for verdict in Verdict)} |" for spec in specs
    ]
    return "\n".join(lines) + "\n"


def _row(judged: Judged) -> str:
    statement = judged.statement
    text = statement.text.replace("|", "\\|")
    why = judged.reason if not judged.tests else "<br>".join(f"`{test}`" for test in judged.tests)
    name = f"[{statement.key[1]}]({statement.url})"
    return f"| {name}<br>{text} | {statement.level} | **{judged.verdict}**<br>{why} |\n"


def main() -> None:
    """Write the report."""
    REPORT.write_text(render(judge_all()), encoding="utf-8")
    sys.stdout.write(f"{REPORT.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
