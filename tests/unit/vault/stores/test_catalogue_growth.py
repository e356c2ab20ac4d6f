"""How groups grow in the catalogue: who came since a storage gave access, counted exactly, and when that pauses a group."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.vaults import GONE, add_resource, add_storage, make_context
from tests.unit.vault.stores.test_migrations import migrate_up_to
from vault.context import Context
from vault.model.groups import Group, Growth
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation, Worker
from vault.model.rules import ClientCondition, CompiledAcl, Rule
from vault.stores import sqlite
from vault.stores.ports import CatalogueTransaction

REMOTE, TEAM = "https://groups.example/team#team", "https://o.example/groepen/medewerkers"
ORGANISATION = Organisation(
    iri="https://o.example/#organisation",
    name="Team",
    kind="https://kluis.example/ns/wijk#soort-wijkteam",
    number_kind="KvK",
    number="12345678",
    municipality="Nijmegen",
    issuers=frozenset({"https://o.example/"}),
    clients=frozenset(),
    group=TEAM,
    verified_by="somebody",
    verified_at=1,
)
Fetch = Callable[..., tuple[StorageId, ...]]


@pytest.fixture
def context(tmp_path: Path) -> Context:
    made = make_context(tmp_path)
    made.catalogue.write(lambda tx: tx.put_organisation(ORGANISATION))
    return made


def person(number: int) -> str:
    return f"https://o.example/{number}#me"


def fetch_remote(context: Context, *numbers: int, at: int) -> tuple[StorageId, ...]:
    """Keep these people as the group of another server."""
    group = Group(REMOTE, frozenset(map(person, numbers)))
    return context.catalogue.write(lambda tx: tx.put_group(group, at))


def fetch_workers(context: Context, *numbers: int, at: int) -> tuple[StorageId, ...]:
    """Keep these people as the workers of the organisation."""
    workers = [Worker(person(number), f"W{number}") for number in numbers]
    return context.catalogue.write(lambda tx: tx.put_workers(ORGANISATION.iri, workers, at))


BOTH = pytest.mark.parametrize(
    ("group", "fetch"), [(REMOTE, fetch_remote), (TEAM, fetch_workers)], ids=["remote", "register"]
)


def name(context: Context, group: str, storage: StorageId | None = None, path: str = "plan") -> StorageId:
    """Let an ACL of a storage (a new one) name a group."""
    home = storage or add_storage(context).storage
    rule = Rule("#g", frozenset({AccessMode.READ}), groups=frozenset({group}))
    add_resource(context, ResourceIdentifier(home, path), b"", CompiledAcl((rule,)))
    return home


def growth(context: Context, storage: StorageId, group: str) -> Growth:
    with context.catalogue.view() as view:
        found = view.group_growth(storage, group)
    assert found is not None
    return found


def is_paused(context: Context, storage: StorageId, group: str) -> bool:
    with context.catalogue.view() as view:
        return view.is_group_paused(storage, group)


def accept(context: Context, storage: StorageId, group: str, at: int) -> None:
    context.catalogue.write(lambda tx: tx.accept_group(storage, group, at))


def server_epoch(context: Context) -> int:
    with context.catalogue.view() as view:
        return view.server_epoch()


def test_of_a_team_that_was_fetched_before_it_is_known_at_once_who_came_since(context: Context) -> None:
    fetch_workers(context, 1, 2, at=10)
    home = name(context, TEAM)
    assert growth(context, home, TEAM) == Growth(2)
    fetch_workers(context, 1, 2, 3, at=20)
    assert growth(context, home, TEAM) == Growth(3, (20,))


@BOTH
def test_a_group_is_measured_when_it_is_first_fetched(context: Context, group: str, fetch: Fetch) -> None:
    home = name(context, group)
    with context.catalogue.view() as view:
        assert view.group_growth(home, group) is None
    assert fetch(context, 1, 2, at=10) == ()
    assert growth(context, home, group) == Growth(2)


@BOTH
def test_leavers_and_those_who_come_back_are_no_joiners(context: Context, group: str, fetch: Fetch) -> None:
    home = name(context, group)
    fetch(context, 1, 2, 3, at=10)
    fetch(context, 2, 3, 4, at=20)
    assert growth(context, home, group) == Growth(3, (20,)), "one left, one came"
    fetch(context, 1, 2, 3, 4, at=30)
    assert growth(context, home, group) == Growth(4, (20,)), "who was there then and comes back did not join"
    fetch(context, 1, 2, 3, at=40)
    assert growth(context, home, group) == Growth(3), "who joined and left is not there"
    fetch(context, 1, 2, 3, 4, at=50)
    assert growth(context, home, group) == Growth(4, (50,)), "and when she comes again, she came then"
    fetch(context, 1, 2, 3, 4, at=60)
    assert growth(context, home, group) == Growth(4, (50,)), "fetching the same again counts nobody twice"


@BOTH
def test_each_storage_counts_from_when_it_gave_access(context: Context, group: str, fetch: Fetch) -> None:
    first = name(context, group)
    fetch(context, 1, 2, at=10)
    fetch(context, 1, 2, 3, at=20)
    second = name(context, group)
    fetch(context, 2, 3, 4, at=30)
    assert growth(context, first, group) == Growth(3, (20, 30))
    assert growth(context, second, group) == Growth(3, (30,))
    with context.catalogue.view() as view:
        assert view.group_growth(add_storage(context).storage, group) is None


@BOTH
def test_a_group_that_more_than_doubled_is_paused_where_it_did(
    context: Context, group: str, fetch: Fetch
) -> None:
    small = name(context, group)
    fetch(context, 1, 2, at=10)
    fetch(context, 1, 2, 3, at=20)
    large = name(context, group)
    assert fetch(context, 1, 2, 3, 4, at=30) == (), "twice as many is not more than twice"
    before = server_epoch(context)
    assert fetch(context, 1, 2, 3, 4, 5, at=40) == (small,)
    assert server_epoch(context) > before, "decisions from before count no more"
    assert is_paused(context, small, group)
    assert not is_paused(context, large, group)
    assert growth(context, small, group) == Growth(5, (20, 30, 40), 40)
    assert fetch(context, 1, 2, 3, 4, 5, 6, at=50) == (), "told once"
    assert growth(context, small, group).paused_s == 40


@BOTH
def test_a_pause_stays_when_the_group_shrinks_again(context: Context, group: str, fetch: Fetch) -> None:
    home = name(context, group)
    fetch(context, 1, at=10)
    assert fetch(context, 1, 2, 3, at=20) == (home,)
    fetch(context, 1, at=30)
    assert is_paused(context, home, group)


@BOTH
def test_a_yes_ends_the_pause_and_counts_from_there(context: Context, group: str, fetch: Fetch) -> None:
    home, other = name(context, group), name(context, group)
    fetch(context, 1, at=10)
    fetch(context, 1, 2, 3, at=20)
    with context.catalogue.view() as view:
        before = view.epochs(home).storage
    accept(context, home, group, 25)
    with context.catalogue.view() as view:
        assert view.epochs(home).storage > before
    assert not is_paused(context, home, group)
    assert is_paused(context, other, group), "a yes is for one storage"
    assert growth(context, home, group) == Growth(3, (), None, 25)
    assert fetch(context, 1, 2, 3, 4, 5, 6, at=30) == ()
    assert fetch(context, 1, 2, 3, 4, 5, 6, 7, at=40) == (home,)


@BOTH
def test_a_team_of_nobody_that_gets_somebody_is_paused(context: Context, group: str, fetch: Fetch) -> None:
    home = name(context, group)
    fetch(context, at=10)
    assert growth(context, home, group) == Growth(0)
    assert fetch(context, 1, at=20) == (home,)


@BOTH
def test_access_that_moves_from_one_acl_to_another_stays_counted_and_paused(
    context: Context, group: str, fetch: Fetch
) -> None:
    home = name(context, group)
    fetch(context, 1, at=10)
    fetch(context, 1, 2, 3, at=20)
    add_resource(context, ResourceIdentifier(home, "other"), b"")
    rule = Rule("#g", frozenset({AccessMode.READ}), groups=frozenset({group}))

    def move(tx: CatalogueTransaction) -> None:
        plan, other = (tx.find_resource(ResourceIdentifier(home, path)) for path in ("plan", "other"))
        assert plan is not None
        assert other is not None
        tx.put_rules(plan, CompiledAcl())
        tx.put_rules(other, CompiledAcl((rule,)))

    context.catalogue.write(move)
    assert growth(context, home, group) == Growth(3, (20, 20), 20)


@BOTH
def test_access_that_ended_and_is_given_again_counts_from_there(
    context: Context, group: str, fetch: Fetch
) -> None:
    home, other = name(context, group), name(context, group)
    fetch(context, 1, at=10)
    fetch(context, 1, 2, 3, at=20)
    with context.catalogue.view() as view:
        plan = view.find_resource(ResourceIdentifier(home, "plan"))
    assert plan is not None
    context.catalogue.write(lambda tx: tx.delete_resource(plan, GONE))
    with context.catalogue.view() as view:
        assert view.group_growth(home, group) is None
    name(context, group, home, "again")
    assert growth(context, home, group) == Growth(3)
    assert growth(context, other, group).paused_s == 20


def test_of_a_group_of_another_server_that_nobody_names_nothing_is_kept(
    context: Context, tmp_path: Path
) -> None:
    home = name(context, REMOTE)
    fetch_remote(context, 1, 2, at=10)
    with context.catalogue.view() as view:
        plan = view.find_resource(ResourceIdentifier(home, "plan"))
    assert plan is not None
    context.catalogue.write(lambda tx: tx.drop_rules(plan))
    assert rows(tmp_path) == (0, 0)
    assert fetch_remote(context, 1, 2, at=20) == ()
    assert rows(tmp_path) == (0, 0)


def test_of_a_group_that_only_a_destroyed_storage_named_nothing_is_kept(
    context: Context, tmp_path: Path
) -> None:
    home, other = name(context, REMOTE), name(context, REMOTE)
    fetch_remote(context, 1, 2, at=10)
    context.catalogue.write(lambda tx: tx.destroy_storage(home))
    assert rows(tmp_path) == (2, 1), "the other one names it still"
    context.catalogue.write(lambda tx: tx.destroy_storage(other))
    assert rows(tmp_path) == (0, 0)
    with context.catalogue.view() as view:
        assert view.group_fetched_at(REMOTE) is None


def test_who_left_before_anybody_gave_access_is_not_kept(context: Context, tmp_path: Path) -> None:
    fetch_workers(context, 1, 2, at=10)
    fetch_workers(context, 2, at=20)
    assert rows(tmp_path) == (1, 0), "nobody named it when she left"
    home = name(context, TEAM)
    fetch_workers(context, 3, at=30)
    assert rows(tmp_path) == (2, 1), "she is kept, for she may come back"
    accept(context, home, TEAM, 35)
    fetch_workers(context, 3, at=40)
    assert rows(tmp_path) == (1, 1)


def test_a_group_in_a_condition_is_counted_too(context: Context) -> None:
    home = add_storage(context).storage
    condition = ClientCondition(frozenset(), frozenset({REMOTE}))
    rule = Rule("#g", frozenset({AccessMode.READ}), signed_in=True, conditions=(condition,))
    add_resource(context, ResourceIdentifier(home, "plan"), b"", CompiledAcl((rule,)))
    fetch_remote(context, 1, at=10)
    assert fetch_remote(context, 1, 2, 3, at=20) == (home,)


def test_what_was_given_before_there_was_counting_is_measured_at_the_next_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "catalogue.sqlite"
    migrate_up_to(path, "0010", tmp_path / "migrations", monkeypatch)
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO storage (id, epoch, sealed) VALUES ('s', 1, x'00')")
    for resource in ("a", "b"):
        connection.execute(
            "INSERT INTO group_use (resource, group_hash, document_hash, storage, sealed) "
            "VALUES (?, x'01', x'02', 's', x'00')",
            (resource,),
        )
    connection.commit()
    connection.close()
    sqlite.migrate(path)
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT storage, group_hash, size, paused_s FROM group_access").fetchall()
    connection.close()
    assert found == [("s", b"\x01", None, None)]


def rows(folder: Path) -> tuple[int, int]:
    """How many rows there are of presence and of access."""
    connection = sqlite3.connect(folder / "catalogue.sqlite")
    try:
        (presence,) = connection.execute("SELECT count(*) FROM group_presence").fetchone()
        (access,) = connection.execute("SELECT count(*) FROM group_access").fetchone()
    finally:
        connection.close()
    return presence, access
