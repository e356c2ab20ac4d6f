"""`make bench-sight`: time of the three answers about who sees what, of a storage with many documents and grants.

In this process, through the preview service, with the clock and the catalogue of tests. Every answer is checked: what
somebody sees is what the vault lets her read. The figure is the median of several runs, with the least and the most.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pod_server.storages import previews
from tests.support.grants import WORKER
from tests.support.people import People, document_of, make_people, worker
from vault.model.identifiers import ResourceIdentifier
from vault.model.records import NewRevision, ResourceKind
from vault.stores.ports import CatalogueTransaction

_container = "leefgebieden/wonen/"


@dataclass(frozen=True, slots=True)
class Filled:
    """A storage with everything in it; `seen` are the URLs that the worker was given."""

    people: People
    seen: frozenset[str]

    def ask(self, **query: str) -> dict[str, Any]:
        """Ask the preview service as the owner."""
        return document_of(self.people.call(previews.handle, "GET", query=query))


def main() -> None:
    """Fill a storage, measure, and print a table."""
    parser = argparse.ArgumentParser(prog="bench.who_sees")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--documents", type=int, default=5_000)
    parser.add_argument("--grants", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        filled = fill(Path(folder), options.documents, options.grants)
        one = min(filled.seen)
        print(f"{options.documents} documents, {options.grants} grants, {options.runs} runs")
        print("| question | CPU ms (least–most) | wall ms |")
        print("|---|--:|--:|")
        print(_row("what she sees", options.runs, lambda: check_agent(filled)))
        print(_row("who sees a document", options.runs, lambda: check_resource(filled, one)))
        print(_row("what was set by hand", options.runs, lambda: check_by_hand(filled)))


def fill(folder: Path, documents: int, grants: int) -> Filled:
    """Make a storage in which a worker was given so many documents, each by a grant of its own, among all others."""
    people = make_people(folder)
    people.meet()
    given = [people.add(f"plannen/p{number:04}") for number in range(grants)]
    for url in given:
        people.give(url)
    root = ResourceIdentifier(people.storage.storage, _container)
    people.add(f"{_container}d")

    def add(tx: CatalogueTransaction) -> None:
        for number in range(documents - grants - 1):
            new = NewRevision(
                people.context.new_id(), "text/turtle", None, people.storage.owner, people.clock().wall_ms
            )
            identifier = ResourceIdentifier(root.storage, f"{_container}d{number:05}")
            tx.create_resource(identifier, ResourceKind.DOCUMENT, new, people.context.new_id())

    people.context.catalogue.write(add)
    return Filled(people, frozenset(given))


def check_agent(filled: Filled) -> None:
    """Ask what the worker sees: exactly what she was given."""
    found = filled.ask(agent=WORKER)
    assert {entry["id"] for entry in found["visible"]} == filled.seen


def check_resource(filled: Filled, url: str) -> None:
    """Ask who sees a document: the worker, by one grant, and so the vault decides."""
    (viewer,) = filled.ask(resource=url)["agents"]
    assert (viewer["id"], len(viewer["grants"]), viewer["setByHand"]) == (WORKER, 1, False)
    assert filled.people.may(worker(), url)


def check_by_hand(filled: Filled) -> None:
    """Ask what was set by hand: nothing."""
    assert filled.ask()["setByHand"] == []


def _row(name: str, runs: int, ask: Callable[[], None]) -> str:
    ask()
    cpu, wall = zip(*(_measured(ask) for _ in range(runs)), strict=True)
    middle = f"{statistics.median(cpu):.1f} ({min(cpu):.1f}–{max(cpu):.1f})"
    return f"| {name} | {middle} | {statistics.median(wall):.1f} |"


def _measured(ask: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds of CPU and on the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    ask()
    return (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3


if __name__ == "__main__":
    main()
