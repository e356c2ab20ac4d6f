"""`docs/conformance.md` is in step, and a statement without a test or a reason cannot pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.report import (
    REPORT,
    Judged,
    Statement,
    Unjudged,
    Verdict,
    find_marks,
    judge,
    judge_all,
    read_verdicts,
    render,
)

KEY = ("protocol", "server-x")
STATEMENT = Statement(KEY, "MUST", "server", "https://spec.example/#server-x", "Servers MUST a | b.")
EXCUSED = {KEY: (Verdict.NOT_APPLICABLE, "There is no such thing here.")}


def test_the_report_is_in_step_with_register_tests_and_verdicts() -> None:
    assert REPORT.read_text(encoding="utf-8") == render(judge_all()), "make conformance"


def test_only_notifications_are_open() -> None:
    for one in judge_all():
        spec, id_ = one.statement.key
        if one.verdict is Verdict.OPEN:
            assert id_.startswith("server-notifications-") or spec != "protocol"


def test_a_statement_without_test_or_verdict_does_not_pass() -> None:
    with pytest.raises(Unjudged, match="no test and no verdict"):
        judge([STATEMENT], {}, {})


def test_a_verdict_goes_when_a_test_comes() -> None:
    with pytest.raises(Unjudged, match="must go"):
        judge([STATEMENT], {KEY: ("tests/a.py::test_b",)}, EXCUSED)


def test_a_verdict_about_no_row_does_not_pass() -> None:
    with pytest.raises(Unjudged, match="no row"):
        judge([], {}, EXCUSED)


def test_a_tested_and_an_excused_statement_stand_with_what_speaks_for_them() -> None:
    (tested,) = judge([STATEMENT], {KEY: ("tests/a.py::test_b",)}, {})
    (excused,) = judge([STATEMENT], {}, EXCUSED)
    assert (tested.verdict, excused) == (
        Verdict.TESTED,
        Judged(STATEMENT, Verdict.NOT_APPLICABLE, reason="There is no such thing here."),
    )
    assert "Servers MUST a \\| b. | MUST | **tested**<br>`tests/a.py::test_b` |" in render([tested])
    assert "**not applicable**<br>There is no such thing here. |" in render([excused])


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        ("tested", "It is."),
        ("open", "Later."),
        ("not applicable", " "),
        ("deviation", "Because."),
        ("deviation", "See docs/decisions/9999-no-such-record.md."),
    ],
)
def test_an_excuse_that_does_not_hold_is_refused(tmp_path: Path, verdict: str, reason: str) -> None:
    path = tmp_path / "verdicts.toml"
    path.write_text(f'[[verdict]]\nspec = "wac"\nids = ["x"]\nverdict = "{verdict}"\nreason = "{reason}"\n')
    with pytest.raises(Unjudged):
        read_verdicts(path)


def test_marks_are_read_from_the_text_of_tests(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(
        '@pytest.mark.requirement("wac", "a")\n@pytest.mark.requirement("wac", "b")\n'
        '@pytest.mark.parametrize("c", [1])\ndef test_it(c): ...\n'
        '# @pytest.mark.requirement("wac", "d")\ndef test_other(): ...\n'
    )
    assert find_marks([path]) == {
        ("wac", "a"): ("test_it.py::test_it",),
        ("wac", "b"): ("test_it.py::test_it",),
    }
