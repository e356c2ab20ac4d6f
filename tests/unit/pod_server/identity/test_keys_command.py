"""The operator's command that changes the signing keys."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from pod_server.commands_keys import keys
from pod_server.identity.keys import announced_s, open_keys
from pod_server.settings import SettingsError
from tests.support.identity import House


@pytest.fixture
def wired(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    wiring = ModuleType("pod_server.wiring")
    monkeypatch.setattr(type(house.parts.database), "close", lambda _: None)
    monkeypatch.setattr(wiring, "open_identity", lambda _: house.parts, raising=False)
    monkeypatch.setitem(sys.modules, "pod_server.wiring", wiring)
    return house


def run(*arguments: str) -> Result:
    return CliRunner().invoke(keys, ["rotate-signing", "--data", "map", *arguments])


def test_it_says_from_when_the_new_keys_sign(wired: House) -> None:
    find = open_keys(wired.parts)
    old = find().signing["ES256"].kid
    assert run().output.startswith("new keys sign from 2027-01-15 08:10:00 UTC")
    wired.now_s += announced_s
    assert find().signing["ES256"].kid != old


def test_a_second_change_has_to_wait_unless_a_key_was_stolen(wired: House) -> None:
    find = open_keys(wired.parts)
    run()
    again = run()
    assert (again.exit_code, "try again in" in again.output) == (1, True)
    assert run("--at-once").output.startswith("new keys sign now")
    wired.now_s += 60
    assert len(find().published) == 2


def test_a_folder_that_cannot_be_used_is_told(wired: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise SettingsError("the folder is of nobody")

    monkeypatch.setattr(sys.modules["pod_server.wiring"], "open_identity", refuse)
    assert "the folder is of nobody" in run().output
