"""The operator's commands for somebody who lost every way in."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from pod_server.__main__ import main
from pod_server.identity import recoveries
from pod_server.identity.accounts import NewAccount, authenticate, create_account
from pod_server.identity.ways_back import NotYet, WrongCode, come_back
from pod_server.settings import SettingsError
from tests.support.identity import BASE_URL, LOGIN, PASSWORD, House, samira

TRACE, NEW = "a" * 32, "nog vier andere woorden"
HOUR_S = 3600


@pytest.fixture
def wired(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    wiring = ModuleType("pod_server.wiring")
    monkeypatch.setattr(type(house.parts.database), "close", lambda _: None)
    monkeypatch.setattr(wiring, "open_identity", lambda _: house.parts, raising=False)
    monkeypatch.setitem(sys.modules, "pod_server.wiring", wiring)
    yield house
    monkeypatch.undo()


def run(command: str, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["account", command, "--data", "map", *arguments], input=typed)


def test_the_code_that_is_printed_counts_after_three_days(wired: House) -> None:
    account = samira(wired)
    told = json.loads(run("recover", "--login", LOGIN, "--checked", "--json").stdout)
    assert list(told) == ["code", "pod", "started", "counts_from", "counts_until"]
    assert told["pod"] == f"{BASE_URL}{account.storage}/"
    with pytest.raises(NotYet):
        come_back(wired.parts, LOGIN, told["code"], NEW, TRACE)
    wired.now_s += 72 * HOUR_S
    come_back(wired.parts, LOGIN, told["code"], NEW, TRACE)
    assert authenticate(wired.parts, LOGIN, NEW)


@pytest.mark.parametrize("given", [[], ["--json"]])
def test_nothing_is_started_before_the_operator_says_who_it_is(wired: House, given: list[str]) -> None:
    account = samira(wired)
    done = run("recover", "--login", LOGIN, *given, typed="n\n")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert recoveries.pending_of(wired.parts, account.id) is None
    assert "code" in run("recover", "--login", LOGIN, *given, typed="y\n").stdout


def test_it_can_be_started_and_stopped_by_the_storage_too(wired: House) -> None:
    account = samira(wired)
    pod = f"{BASE_URL}{account.storage}/"
    code = run("recover", "--pod", pod, "--checked").stdout.splitlines()[0].removeprefix("code ")
    assert run("cancel-recovery", "--pod", pod).stdout == "stopped\n"
    wired.now_s += 72 * HOUR_S
    with pytest.raises(WrongCode):
        come_back(wired.parts, LOGIN, code, NEW, TRACE)
    assert run("cancel-recovery", "--pod", pod).exit_code == 1
    assert [(line.activity, line.agent) for line in wired.lines()] == [
        ("start-recovery", None),
        ("cancel-recovery", None),
    ]


def test_those_that_wait_are_listed_without_names(wired: House) -> None:
    account = samira(wired)
    run("recover", "--login", LOGIN, "--checked")
    [row] = json.loads(run("recoveries", "--json").stdout)
    assert list(row) == ["pod", "started", "counts_from", "counts_until"]
    listed = run("recoveries").stdout
    assert listed.split("  ")[0] == f"{BASE_URL}{account.storage}/"
    assert LOGIN not in listed.lower()
    wired.now_s += 14 * 24 * HOUR_S + 1
    assert run("recoveries").stdout == ""


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ([], 2),
        (["--login", LOGIN, "--pod", f"{BASE_URL}x/"], 2),
        (["--login", "niemand"], 1),
        (["--pod", f"{BASE_URL}niemand/"], 1),
        (["--pod", "https://elders.example/x/"], 1),
    ],
)
def test_an_account_that_is_not_there_is_refused(wired: House, given: list[str], status: int) -> None:
    samira(wired)
    assert run("recover", "--checked", *given).exit_code == status
    assert wired.lines() == []


def test_an_account_of_programs_has_no_way_back(wired: House) -> None:
    made = create_account(wired.parts, NewAccount("Robot"))
    done = run("recover", "--checked", "--pod", f"{BASE_URL}{made.storage}/")
    assert (done.exit_code, "only programs use it" in done.stderr) == (1, True)


def test_a_folder_that_cannot_be_used_is_told(wired: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise SettingsError("map has no settings")

    monkeypatch.setattr(sys.modules["pod_server.wiring"], "open_identity", refuse)
    assert "map has no settings" in run("recoveries").stderr


def test_a_password_is_not_changed_by_starting(wired: House) -> None:
    samira(wired)
    run("recover", "--login", LOGIN, "--checked")
    assert authenticate(wired.parts, LOGIN, PASSWORD)
