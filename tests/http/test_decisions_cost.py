"""What a decision costs, in statements: the same at any depth, with any number of members, storages and other ACLs."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.asgi import BOB, BOBS_ISSUER, Home, make_home
from tests.support.groups import acl_text, group_text, to_group
from tests.support.vaults import add_storage
from vault.access.rules import subject_of
from vault.authorize import stand
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.requester import Caller, Credentials, Declared
from vault.model.rules import Allowed
from vault.stores.driver import Statement

TURTLE = {"Content-Type": "text/turtle"}
CALLER = Caller(Credentials(BOB, "https://app.example/id", BOBS_ISSUER), Declared(), "0" * 32)


def write_acl(home: Home, path: str, *authorizations: str) -> None:
    """Write an ACL as the owner."""
    text = acl_text(home.url + path, home.owner, *authorizations)
    assert home.as_owner("PUT", f"{path}.acl", TURTLE, text.encode()).status in {201, 204}


def statements_of_a_decision(home: Home, path: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements it takes to find out who Bob is and that he may read, with nothing remembered."""
    run, count, here = Statement.run, [0], threading.get_ident()

    def counted(self: Statement, driver: sqlite3.Connection, values: Mapping[str, object]) -> sqlite3.Cursor:
        # Not what a thread that outlived another test does meanwhile.
        count[0] += threading.get_ident() == here
        return run(self, driver, values)

    # Makes every decision before this one stale, and with it what was remembered for it.
    home.context.catalogue.write(lambda tx: tx.raise_storage_epoch(home.storage))
    home.context.catalogue.write(lambda tx: tx.raise_server_epoch())
    with monkeypatch.context() as patched:
        patched.setattr(Statement, "run", counted)
        with home.context.catalogue.view() as view:
            standing = stand(home.context, view, home.storage, CALLER)
            subject = subject_of(view, standing.storage, ResourceIdentifier(home.storage, path))
            assert isinstance(standing.decide(AccessMode.READ, subject), Allowed)
    return count[0]


def test_a_decision_costs_the_same_at_any_depth(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.let("brieven/", "Read")
    deep = "brieven/" + "/".join("abcdefghijklmnopqrst") + "/brief"
    for path in ("brieven/brief", deep):
        home.put(path)
    near, far = (statements_of_a_decision(home, path, monkeypatch) for path in ("brieven/brief", deep))
    assert near == far <= 5


def test_a_decision_costs_the_same_with_any_number_of_members(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.put("plannen/plan")
    home.put("groepen/team", group_text(BOB))
    write_acl(home, "plannen/", to_group(f"{home.url}groepen/team#team"))
    few = statements_of_a_decision(home, "plannen/plan", monkeypatch)
    home.put("groepen/team", group_text(BOB, *(f"https://m.example/{number}" for number in range(1000))))
    assert statements_of_a_decision(home, "plannen/plan", monkeypatch) == few <= 10


def test_a_decision_costs_the_same_with_any_number_of_storages_and_other_acls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home(tmp_path)
    home.put("plannen/plan")
    home.let("plannen/", "Read")
    alone = statements_of_a_decision(home, "plannen/plan", monkeypatch)
    for number in range(10):
        add_storage(home.context)
        home.put(f"brieven/{number}/brief")
        home.let(f"brieven/{number}/", "Read")
    assert statements_of_a_decision(home, "plannen/plan", monkeypatch) == alone <= 5


@pytest.mark.parametrize("groups", [1, 20])
def test_a_decision_that_names_groups_asks_for_each_of_them_once(
    home: Home, monkeypatch: pytest.MonkeyPatch, groups: int
) -> None:
    home.put("plannen/plan")
    named = (to_group(f"https://groups.example/{number}") for number in range(groups))
    write_acl(home, "plannen/", f"acl:agent <{BOB}> ; acl:mode acl:Read", *named)
    assert statements_of_a_decision(home, "plannen/plan", monkeypatch) <= 6 + groups
