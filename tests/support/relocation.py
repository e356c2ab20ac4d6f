"""The team of the town that the citizen of the tests moves to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.grants import CLIENT, ISSUER
from tests.support.people import People
from vault.model.organisation import Organisation, Worker
from vault.stores.ports import CatalogueTransaction
from vocab.namespaces import WK

ZWOLLE = "https://organisations.example/zwolle"
ZWOLLE_GROUP = "https://organisations.example/zwolle/groep"
FEMKE = "https://organisations.example/femke/card#me"
TEAM = Organisation(
    iri=ZWOLLE,
    name="Wijkteam Stadshagen",
    kind=WK["soort-wijkteam"],
    number_kind="OIN",
    number="0" * 20,
    municipality="Zwolle",
    issuers=frozenset({ISSUER}),
    clients=frozenset({CLIENT}),
    group=ZWOLLE_GROUP,
    verified_by="Beheerder",
    verified_at=1_700_000_000,
)


def register_new_team(people: People, **changes: Any) -> None:
    """Put the new town's team into the register, or change it there, with its one worker fetched just now."""

    def change(tx: CatalogueTransaction) -> None:
        tx.put_organisation(replace(TEAM, **changes))
        tx.put_workers(ZWOLLE, (Worker(FEMKE, "Femke Visser"),), people.clock().wall_s)

    people.context.catalogue.write(change)
