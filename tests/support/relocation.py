"""A citizen who moves, and the team of the town she moves to."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.grants import CLIENT, ISSUER
from tests.support.people import People, make_people
from tests.support.vaults import TestClock, close_context, make_context, objects_of
from vault.model.organisation import Organisation, Worker
from vault.model.records import StorageRecord
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


def people_who_move(folder: Path) -> People:
    """A citizen who gave a worker her plan, has a letter, and moves to a town with a team.

    Copied from what is made once: giving checks shapes, which takes longer than most tests.
    """
    made = _made()
    shutil.copytree(made.folder, folder, dirs_exist_ok=True)
    people = People(make_context(folder, clock := TestClock()), clock, made.storage)
    objects = objects_of(people.context)
    for key, content in made.objects.items():
        objects.put(key, (content,))
    return people


@dataclass(frozen=True, slots=True)
class _Made:
    """What a vault consists of: files, and objects in memory."""

    folder: Path
    objects: dict[str, bytes]
    storage: StorageRecord


@cache
def _made() -> _Made:
    folder = Path(tempfile.mkdtemp(prefix="wijkkluis-people-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    people = make_people(folder)
    people.meet()
    people.give(people.add("plannen/rust/plan"))
    people.add("brieven/brief")
    register_new_team(people)
    store = objects_of(people.context)
    keys = [key for key, _ in store.keys()]  # noqa: SIM118 - a store is no dictionary
    objects = {key: b"".join(store.get(key)) for key in keys}
    close_context(people.context)
    return _Made(folder, objects, people.storage)
