"""Patches of one document from many threads: none is lost, each is decided on, and what does not fit fails alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal

from tests.support.asgi import BOB, BOBS_ISSUER, Home, make_home
from vault.access.required_modes import to_replace
from vault.authorize import stand
from vault.contended import Course, carry_out_together
from vault.context import Context
from vault.entries import Deed
from vault.errors import (
    AccessRefused,
    ConcurrentChange,
    Conflict,
    NoSuchResource,
    StorageFull,
    Unavailable,
    VaultError,
)
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.operation import Body, Delete, Patch, Preconditions
from vault.model.outcome import Outcome, Written
from vault.model.requester import Caller, Credentials, Declared
from vault.operations.read import own_triples
from vault.patches import max_attempts
from vault.permits import ask
from vault.rdf.patterns import GraphPatch
from vault.service import perform
from vault.stores.documents import EncryptedDocuments
from vault.stores.objects_folder import FolderStore
from vault.stores.ports import ObjectStore

N3 = "text/n3"
PREFIX = "@prefix solid: <http://www.w3.org/ns/solid/terms#> . _:p a solid:InsertDeletePatch ; "


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = make_home(tmp_path)
    home.put("plannen/a", "<#it> <#n> 0 .")
    home.put("plannen/c/", "")
    return home


def owner(home: Home) -> Caller:
    """The owner with an app that may everything."""
    issuer = home.context.issuer_url
    who = Credentials(home.owner, "https://app.example/id", issuer, is_local=True, is_trusted_client=True)
    return Caller(who, Declared(), "trace")


BOB_ASKS = Caller(Credentials(BOB, "https://app.example/id", BOBS_ISSUER), Declared(), "bob")


def patch_of(home: Home, text: str, path: str = "plannen/a") -> Patch:
    """A patch of a path."""
    body = f"{PREFIX}{text} .".encode()
    return Patch(ResourceIdentifier(home.storage, path), Body(N3, iter((body,))))


def adding(home: Home, number: int, path: str = "plannen/a") -> Patch:
    """A patch that adds a number."""
    return patch_of(home, f"solid:inserts {{ <#it> <#n> {number} }}", path)


def numbers(context: Context, home: Home, path: str = "plannen/a") -> set[int]:
    """The numbers in a document."""
    with context.catalogue.view() as view:
        record = view.find_resource(ResourceIdentifier(home.storage, path))
    assert record is not None
    return {int(t.object.value) for t in own_triples(context, record) if isinstance(t.object, Literal)}


def all_at_once(
    context: Context, asked: Sequence[tuple[Patch, Caller]], threads: int = 16
) -> list[Outcome | VaultError]:
    """Ask all in so many threads; what came of each."""

    def ask(one: tuple[Patch, Caller]) -> Outcome | VaultError:
        try:
            return perform(context, *one)
        except VaultError as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(ask, asked))


@pytest.mark.parametrize(
    ("path", "count"), [("plannen/a", 512), ("plannen/nieuw", 48), ("plannen/a.meta", 48)]
)
def test_nothing_is_lost_of_what_many_threads_add(home: Home, path: str, count: int) -> None:
    outcomes = all_at_once(home.context, [(adding(home, n, path), owner(home)) for n in range(count)])
    assert {type(outcome) for outcome in outcomes} == {Written}
    assert numbers(home.context, home, path) >= set(range(count))
    versions = {outcome.version for outcome in outcomes if isinstance(outcome, Written)}
    lines = [line for line in home.lines if line.resource.endswith(path) and line.trace_id == "trace"]
    assert len(versions) == len(lines) == count


def test_what_threads_add_to_a_container_is_there_or_was_not_acknowledged(home: Home) -> None:
    path = "plannen/c/"
    outcomes = all_at_once(home.context, [(adding(home, n, path), owner(home)) for n in range(32)], 4)
    assert {type(outcome) for outcome in outcomes} <= {Written, Unavailable}
    acknowledged = {n for n, outcome in enumerate(outcomes) if isinstance(outcome, Written)}
    assert acknowledged
    assert numbers(home.context, home, path) == acknowledged


def test_nothing_is_lost_on_a_real_folder(home: Home, tmp_path: Path) -> None:
    assert isinstance(home.context.documents, EncryptedDocuments)
    documents = replace(home.context.documents, objects=FolderStore(tmp_path / "objects"))
    context = replace(home.context, documents=documents)
    outcomes = all_at_once(context, [(adding(home, n, "plannen/b"), owner(home)) for n in range(64)])
    assert {type(outcome) for outcome in outcomes} == {Written}
    assert numbers(context, home, "plannen/b") == set(range(64))


def test_a_counter_that_all_raise_counts_right(home: Home) -> None:
    asked = []
    for number in range(60):
        text = f"solid:where {{ <#it> <#n> {number % 4} }} ; solid:deletes {{ <#it> <#n> {number % 4} }} ; solid:inserts {{ <#it> <#n> {(number + 1) % 4} }}"
        asked.append((patch_of(home, text), owner(home)))
    outcomes = all_at_once(home.context, asked)
    steps = sum(isinstance(outcome, Written) for outcome in outcomes)
    assert {type(outcome) for outcome in outcomes} <= {Written, Conflict}
    assert numbers(home.context, home) == {steps % 4}


def test_who_may_not_is_refused_among_those_who_may_and_keeps_nobody_else_out(home: Home) -> None:
    asked = [(adding(home, n), BOB_ASKS if n % 4 == 0 else owner(home)) for n in range(1, 65)]
    outcomes = all_at_once(home.context, asked)
    for number, outcome in enumerate(outcomes, start=1):
        assert isinstance(outcome, AccessRefused if number % 4 == 0 else Written)
    assert numbers(home.context, home) == {n for n in range(65) if n % 4 or n == 0}


class Meddling:
    """An object store in which something happens at the first puts, one each."""

    def __init__(self, objects: ObjectStore, happenings: Iterable[Callable[[], object]]) -> None:
        self.objects = objects
        self.happenings = iter(happenings)

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        next(self.happenings, lambda: None)()
        self.objects.put(key, chunks)

    def __getattr__(self, name: str) -> object:
        return getattr(self.objects, name)


def meddled(home: Home, happenings: Iterable[Callable[[], object]]) -> Context:
    """The context with a meddling object store."""
    documents = home.context.documents
    assert isinstance(documents, EncryptedDocuments)
    objects: ObjectStore = Meddling(documents.objects, happenings)  # type: ignore[assignment]  # passes the rest on
    return replace(home.context, documents=replace(documents, objects=objects))


def test_a_patch_that_lost_the_document_once_is_worked_out_on_what_is_there_now(home: Home) -> None:
    context = meddled(home, [lambda: home.put("plannen/a", "<#it> <#n> 7 .")])
    assert isinstance(perform(context, adding(home, 8), owner(home)), Written)
    assert numbers(context, home) == {7, 8}


def test_a_patch_whose_document_went_meanwhile_makes_it_anew(home: Home) -> None:
    context = meddled(home, [lambda: home.as_owner("DELETE", "plannen/a")])
    outcome = perform(context, adding(home, 8), owner(home))
    assert isinstance(outcome, Written)
    assert outcome.is_new
    assert numbers(context, home) == {8}


def test_a_patch_whose_document_became_a_file_meanwhile_conflicts(home: Home) -> None:
    context = meddled(home, [lambda: home.put("plannen/a", "x", "text/plain")])
    with pytest.raises(Conflict, match="PUT"):
        perform(context, adding(home, 8), owner(home))


def test_a_patch_that_may_not_any_more_is_refused_when_it_is_tried_again(home: Home) -> None:
    home.let("plannen/a", "Append")

    def stop() -> None:
        home.let("plannen/a")

    with pytest.raises(AccessRefused):
        perform(meddled(home, [stop]), adding(home, 8), BOB_ASKS)
    assert numbers(home.context, home) == {0}


def test_a_patch_of_an_expected_state_is_not_worked_out_on_another(home: Home) -> None:
    tag = home.as_owner("GET", "plannen/a").headers["etag"].strip('"').rpartition(".")[0]
    expecting = replace(adding(home, 8), preconditions=Preconditions(match=frozenset({tag})))
    context = meddled(home, [lambda: home.put("plannen/a", "<#it> <#n> 7 .")])
    with pytest.raises(VaultError, match="expected"):
        perform(context, expecting, owner(home))
    assert numbers(context, home) == {7}


def test_who_always_loses_hears_that_it_can_be_tried_again(home: Home) -> None:
    def elsewhere() -> None:
        home.as_owner(
            "PATCH", "plannen/c/", {"Content-Type": N3}, f"{PREFIX} solid:inserts {{ <> <#n> 1 }} .".encode()
        )

    context = meddled(home, [elsewhere] * max_attempts)
    with pytest.raises(Unavailable, match="others"):
        perform(context, adding(home, 8, "plannen/c/"), owner(home))


def test_a_store_without_room_fails_all_that_wait_and_nothing_is_changed(home: Home) -> None:
    def full() -> None:
        raise StorageFull("no room")

    context = meddled(home, [full] * 1000)
    outcomes = all_at_once(context, [(adding(home, n), owner(home)) for n in range(1, 33)])
    assert {type(outcome) for outcome in outcomes} == {StorageFull}
    assert numbers(home.context, home) == {0}


def test_a_document_that_goes_among_its_patches_is_made_anew_by_the_next(home: Home) -> None:
    target = ResourceIdentifier(home.storage, "plannen/a")

    def ask(number: int) -> bool:
        operation = Delete(target) if number % 16 == 0 else adding(home, number)
        try:
            perform(home.context, operation, owner(home))
        except (ConcurrentChange, NoSuchResource):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(ask, range(1, 64)))
    assert all(results[n - 1] for n in range(1, 64) if n % 16)
    assert numbers(home.context, home) <= set(range(64))


@pytest.mark.parametrize("meanwhile", ["gone", "a file"])
def test_patches_that_meet_on_what_is_no_document_any_more_are_worked_out_anew(
    home: Home, meanwhile: str
) -> None:
    target = ResourceIdentifier(home.storage, "plannen/a")
    with home.context.catalogue.view() as view:
        standing = stand(home.context, view, home.storage, owner(home))
        permit = ask(standing, lambda _: to_replace(target))
    course = Course(permit, target, GraphPatch((), is_exact=True), Deed("change", AccessMode.APPEND, target))
    if meanwhile == "gone":
        home.as_owner("DELETE", "plannen/a")
    else:
        home.put("plannen/a", "x", "text/plain")
    outcomes = carry_out_together(home.context, [course, course])
    assert {type(outcome) for outcome in outcomes} == {ConcurrentChange}
