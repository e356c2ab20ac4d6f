"""The operator's command that makes accounts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from pod_server.commands_account import account
from pod_server.identity.accounts import authenticate
from pod_server.settings import SettingsError
from tests.support.identity import BASE_URL, ISSUER, PASSWORD, House
from vault.model.requester import EVERYTHING


@pytest.fixture
def wired(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    wiring = ModuleType("pod_server.wiring")
    monkeypatch.setattr(type(house.parts.database), "close", lambda _: None)
    monkeypatch.setattr(wiring, "open_identity", lambda _: house.parts, raising=False)
    monkeypatch.setitem(sys.modules, "pod_server.wiring", wiring)
    yield house
    monkeypatch.undo()


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(account, ["create", "--data", "map", *arguments], input=typed)


def test_the_answer_is_one_json_object(wired: House) -> None:
    done = run("--name", "Samira", "--json")
    made = json.loads(done.stdout)
    assert list(made) == ["webid", "pod", "issuer"]
    assert made["webid"] == f"{made['pod']}profiel/card#me"
    assert made["pod"].startswith(BASE_URL)
    assert made["issuer"] == ISSUER


def test_credentials_are_told_once_and_may_do_everything(wired: House) -> None:
    made = json.loads(run("--name", "Samira", "--client-credentials", "zaad", "--json").stdout)
    assert made["client"] == f"{ISSUER}.oidc/clients/{made['client_id']}"
    assert made["client_id"].isalnum()
    with wired.parts.context.catalogue.view() as view:
        assert view.app_limit(made["webid"], made["client"]) == EVERYTHING


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n"])
def test_a_password_may_come_from_standard_input(wired: House, line_end: str) -> None:
    done = run(
        "--name", "Samira", "--email", "sam@post.example", "--password-stdin", typed=PASSWORD + line_end
    )
    assert done.exit_code == 0, done.output
    assert "webid https://" in done.stdout
    assert authenticate(wired.parts, "sam@post.example", PASSWORD)


def test_without_a_login_name_the_name_is_one(wired: House) -> None:
    assert run("--name", "Samira El Idrissi", "--password", PASSWORD).exit_code == 0
    assert authenticate(wired.parts, "samira el idrissi", PASSWORD)


def test_a_password_that_is_easy_to_guess_is_refused_in_words(wired: House) -> None:
    done = run("--name", "Samira", "--password", "welkom2026")
    assert done.exit_code == 1
    assert "password too-common" in done.stderr
    assert run("--name", "S", "--password", PASSWORD, "--password-stdin").exit_code == 2


def test_a_folder_that_cannot_be_used_is_told(wired: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise SettingsError("map has no settings")

    monkeypatch.setattr(sys.modules["pod_server.wiring"], "open_identity", refuse)
    assert "map has no settings" in run("--name", "Samira").stderr


def test_credentials_can_be_made_for_an_account_that_is_there_and_for_no_other(wired: House) -> None:
    made = json.loads(run("--name", "Samira", "--json").stdout)
    ask = ["credentials", "--data", "map", "--label", "zaad", "--json", "--webid"]
    added = json.loads(CliRunner().invoke(account, [*ask, made["webid"]]).stdout)
    assert (added["webid"], added["client"]) == (made["webid"], f"{ISSUER}.oidc/clients/{added['client_id']}")
    stranger = CliRunner().invoke(account, [*ask, "https://elsewhere.example/card#me"])
    assert stranger.exit_code == 1
