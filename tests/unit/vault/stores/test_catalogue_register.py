"""The register and the limits of apps: what changes them makes every decision stale, what does not leaves them be."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from vault.context import Context
from vault.errors import NoSuchResource
from vault.model.modes import AccessMode
from vault.model.organisation import Membership, Organisation, Register, Worker
from vault.model.requester import EVERYTHING, NOTHING, AppLimit
from vault.stores.ports import CatalogueTransaction

TEAM = Organisation(
    iri="https://team.example/#org",
    name="Wijkteam Lindenholt",
    kind="https://kluis.example/ns/begrippen#Wijkteam",
    number_kind="KvK",
    number="12345678",
    municipality="Nijmegen",
    issuers=frozenset({"https://id.team.example/"}),
    clients=frozenset({"https://app.team.example/client-id", "https://b.example/"}),
    group="https://team.example/group#us",
    verified_by="Operator",
    verified_at=1_700_000_000,
)
MARIEKE = Worker("https://team.example/marieke#me", "Marieke Bos", "wijkteammedewerker")
ROB = Worker("https://team.example/rob#me", None)
ALICE, APP = "https://alice.example/#me", "https://app.example/client-id"


def register(context: Context) -> Register:
    """What a new view sees."""
    with context.catalogue.view() as view:
        return view.register()


def epoch(context: Context) -> int:
    """What a new view sees."""
    with context.catalogue.view() as view:
        return view.server_epoch()


def add(context: Context, organisation: Organisation) -> None:
    """Put an organisation in the register."""
    context.catalogue.write(lambda tx: tx.put_organisation(organisation))


def fetch(context: Context, at: int, *workers: Worker) -> None:
    """Keep a group as fetched at a second."""
    context.catalogue.write(lambda tx: tx.put_workers(TEAM.iri, workers, at))


def test_an_organisation_comes_back_and_nobody_works_there_yet(context: Context) -> None:
    assert register(context) == Register()
    add(context, TEAM)
    for _ in range(2):
        assert register(context) == Register((TEAM,), {TEAM.iri: Membership()})


def test_a_changed_organisation_keeps_place_and_workers(context: Context) -> None:
    add(context, TEAM)
    add(context, replace(TEAM, iri="https://other.example/#org"))
    fetch(context, 10, MARIEKE)
    suspended = replace(TEAM, suspended_at=20)
    add(context, suspended)
    assert [o.iri for o in register(context).organisations] == [TEAM.iri, "https://other.example/#org"]
    assert register(context).find(TEAM.iri) == suspended
    assert register(context).membership(TEAM.iri) == Membership((MARIEKE,), 10)


def test_a_removed_organisation_takes_its_workers_along(context: Context) -> None:
    add(context, TEAM)
    fetch(context, 10, MARIEKE)
    context.catalogue.write(lambda tx: tx.remove_organisation(TEAM.iri))
    assert register(context) == Register()
    add(context, TEAM)
    assert register(context).membership(TEAM.iri) == Membership()


def test_each_change_of_the_register_raises_the_server_epoch(context: Context) -> None:
    add(context, TEAM)
    assert epoch(context) == 2
    fetch(context, 10, MARIEKE)
    assert epoch(context) == 3
    fetch(context, 10, ROB)
    assert epoch(context) == 4
    context.catalogue.write(lambda tx: tx.remove_organisation(TEAM.iri))
    assert epoch(context) == 5


def test_fetching_the_same_workers_again_only_tells_how_fresh_they_are(context: Context) -> None:
    add(context, TEAM)
    fetch(context, 10, MARIEKE, ROB)
    before = epoch(context)
    assert register(context).membership(TEAM.iri).fetched_at == 10
    fetch(context, 40, ROB, MARIEKE)
    assert epoch(context) == before
    assert register(context).membership(TEAM.iri) == Membership((ROB, MARIEKE), 40)


def test_workers_of_an_unknown_organisation_are_not_kept(context: Context) -> None:
    with pytest.raises(NoSuchResource):
        fetch(context, 10, MARIEKE)


def test_the_register_in_a_transaction_is_what_the_transaction_made_it(context: Context) -> None:
    def change(tx: CatalogueTransaction) -> Register:
        tx.remove_organisation(TEAM.iri)
        return tx.register()

    add(context, TEAM)
    assert context.catalogue.write(change) == Register()


def put_limit(context: Context, given: AppLimit | None) -> None:
    """Record what the app may do for Alice."""
    context.catalogue.write(lambda tx: tx.put_app_limit(ALICE, APP, given))


def limit(context: Context, agent: str = ALICE, client: str = APP) -> AppLimit | None:
    """What a new view sees."""
    with context.catalogue.view() as view:
        return view.app_limit(agent, client)


@pytest.mark.parametrize(
    "given",
    [
        EVERYTHING,
        NOTHING,
        AppLimit(frozenset({AccessMode.READ}), ("plannen/",), frozenset({"JournalService"})),
        AppLimit(frozenset({AccessMode.READ}), None, frozenset(), until_s=1_800_000_000),
    ],
)
def test_a_limit_comes_back_for_exactly_this_agent_and_client(context: Context, given: AppLimit) -> None:
    put_limit(context, given)
    assert limit(context) == given
    assert limit(context) == given
    assert limit(context, agent="https://bob.example/#me") is None
    assert limit(context, client="https://other.example/") is None


def test_a_limit_is_replaced_and_removed_and_each_makes_decisions_stale(context: Context) -> None:
    for number, given in enumerate((EVERYTHING, NOTHING, None)):
        put_limit(context, given)
        assert limit(context) == given
        assert epoch(context) == number + 2


def test_a_limit_in_a_transaction_is_what_the_transaction_made_it(context: Context) -> None:
    def change(tx: CatalogueTransaction) -> AppLimit | None:
        tx.put_app_limit(ALICE, APP, NOTHING)
        return tx.app_limit(ALICE, APP)

    assert context.catalogue.write(change) == NOTHING


def sign_outs(context: Context, agent: str = ALICE) -> int:
    """What a new view sees."""
    with context.catalogue.view() as view:
        return view.sign_outs(agent)


def test_how_often_she_ended_everything_comes_back_for_her_alone_and_makes_decisions_stale(
    context: Context,
) -> None:
    assert sign_outs(context) == 0
    for number, count in enumerate((1, 2, 0)):
        context.catalogue.write(partial(_put_sign_outs, count=count))
        assert sign_outs(context) == sign_outs(context) == count
        assert sign_outs(context, "https://bob.example/#me") == 0
        assert epoch(context) == number + 2


def _put_sign_outs(tx: CatalogueTransaction, count: int) -> None:
    tx.put_sign_outs(ALICE, count)
    assert tx.sign_outs(ALICE) == count
