"""A restore that meets somebody else's change is decided again, on what is so then; what cannot be told let nobody in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.asgi import acl_for
from tests.support.people import STRANGER, People, make_people, stranger
from tests.support.vaults import add_resource, add_storage, make_context
from vault.admission import Asking
from vault.context import Context
from vault.errors import ConcurrentChange, Conflict, NoSuchResource, NotSignedIn, Unavailable
from vault.history.admission import enter
from vault.history.past import subject_at
from vault.history.removed import bring_back
from vault.history.restore import Wish, restore
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import AccessMode
from vault.model.operation import Body, Delete, Replace
from vault.model.records import StoredObject
from vault.model.representation import Span
from vault.model.requester import ANONYMOUS, Caller, Declared
from vault.service import perform
from vault.stores.ports import DocumentStore

PLAN = "plannen/rust"


@dataclass
class Meddled:
    """A document store in which something happens at each of the next reads."""

    store: DocumentStore
    meanwhile: list[Callable[[], object]]

    def write(
        self, storage: StorageId, resource_key: str, revision: str, chunks: Iterable[bytes]
    ) -> StoredObject:
        return self.store.write(storage, resource_key, revision, chunks)

    def read(
        self,
        storage: StorageId,
        resource_key: str,
        revision: str,
        stored: StoredObject,
        span: Span | None = None,
    ) -> Iterator[bytes]:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return self.store.read(storage, resource_key, revision, stored, span)


@pytest.fixture
def people(tmp_path: Path) -> People:
    made = make_people(tmp_path)
    for text in ("one", "two"):
        write(made, text)
    return made


def at(people: People, path: str) -> ResourceIdentifier:
    """A path in the storage."""
    return ResourceIdentifier(people.storage.storage, path)


def write(people: People, text: str, path: str = PLAN, media_type: str = "text/plain") -> None:
    """Write as the owner, and let time pass."""
    body = Body(media_type, iter((text.encode(),)))
    perform(people.context, Replace(at(people, path), body), people.owner)
    people.clock.forward(1)


def let(people: People, *modes: str) -> None:
    """Let the stranger do something with the plan."""
    text = acl_for(people.url + PLAN, people.storage.owner, STRANGER, modes)
    write(people, text, f"{PLAN}.acl", "text/turtle")


def remove(people: People) -> str:
    """Remove the plan and give its key."""
    perform(people.context, Delete(at(people, PLAN)), people.owner)
    people.clock.forward(1)
    with people.context.catalogue.view() as view:
        return next(one.key for one in view.removed(people.storage.storage) if one.identifier.path == PLAN)


def versions(people: People, path: str = PLAN) -> list[str]:
    """The ids of its versions, newest first."""
    with people.context.catalogue.view() as view:
        record = view.find_resource(at(people, path))
        return [] if record is None else [one.id for one in view.revisions(record)]


def meddled(people: People, *meanwhile: Callable[[], object]) -> Context:
    """A context in which these things happen while something is read."""
    return replace(people.context, documents=Meddled(people.context.documents, list(meanwhile)))


def asking(people: People, caller: Caller | None = None) -> Asking:
    """A call of the owner, or of somebody else."""
    return Asking(people.storage.storage, caller or people.owner)


def content(people: People) -> bytes:
    """What the plan says now."""
    with people.context.catalogue.view() as view:
        record = view.find_resource(at(people, PLAN))
    assert record is not None
    assert record.stored is not None
    documents = people.context.documents
    return b"".join(documents.read(people.storage.storage, record.key, record.revision, record.stored))


def test_a_write_at_the_same_moment_is_not_lost_but_restored_over(people: People) -> None:
    context = meddled(people, lambda: write(people, "three"))
    restore(context, asking(people), Wish(at(people, PLAN), versions(people)[1]))
    assert content(people) == b"one"
    assert len(versions(people)) == 4


def test_somebody_let_in_at_the_same_moment_does_not_see_the_version(people: People) -> None:
    context = meddled(people, lambda: let(people, "Read"))
    with pytest.raises(Conflict, match="audience"):
        restore(context, asking(people), Wish(at(people, PLAN), versions(people)[1]))
    assert content(people) == b"two"


def test_who_loses_control_at_the_same_moment_restores_nothing(people: People) -> None:
    let(people, "Read", "Control")
    write(people, "three")
    context = meddled(people, lambda: let(people, "Read"))
    with pytest.raises(NoSuchResource):
        restore(context, asking(people, stranger()), Wish(at(people, PLAN), versions(people)[1]))
    assert content(people) == b"three"


def test_a_restore_that_is_always_overtaken_gives_up(people: People) -> None:
    meanwhile = [lambda: write(people, "again") for _ in range(9)]
    with pytest.raises(ConcurrentChange):
        restore(meddled(people, *meanwhile), asking(people), Wish(at(people, PLAN), versions(people)[1]))


def test_access_rules_changed_at_the_same_moment_are_compared_anew(people: People) -> None:
    for modes in (("Read",), ("Read", "Write")):
        let(people, *modes)
    wish = Wish(at(people, f"{PLAN}.acl"), versions(people, f"{PLAN}.acl")[1])
    with pytest.raises(Conflict, match="let somebody in"):
        restore(meddled(people, lambda: let(people)), asking(people), wish)
    let(people, "Read", "Write")
    restore(meddled(people, lambda: let(people, "Read", "Append")), asking(people), wish)
    assert people.may(stranger(), people.url + PLAN)
    assert not people.may(stranger(), people.url + PLAN, AccessMode.APPEND)


def test_who_may_no_longer_change_access_rules_restores_none(people: People) -> None:
    let(people, "Read", "Control")
    let(people, "Read", "Write", "Control")
    wish = Wish(at(people, f"{PLAN}.acl"), versions(people, f"{PLAN}.acl")[1])
    with pytest.raises(NoSuchResource):
        restore(meddled(people, lambda: let(people, "Read")), asking(people, stranger()), wish)


def test_what_came_back_and_went_again_meanwhile_is_brought_back_once(people: People) -> None:
    key = remove(people)

    def back_and_forth() -> None:
        bring_back(people.context, asking(people), key, None)
        people.clock.forward(1)
        write(people, "newer")
        remove(people)

    bring_back(meddled(people, back_and_forth), asking(people), key, None)
    assert content(people) == b"newer"


def test_a_return_that_is_always_overtaken_gives_up(people: People) -> None:
    key = remove(people)

    def back_and_forth() -> None:
        bring_back(people.context, asking(people), key, None)
        people.clock.forward(1)
        remove(people)

    with pytest.raises(ConcurrentChange):
        bring_back(meddled(people, *[back_and_forth] * 9), asking(people), key, None)


def test_nobody_enters_who_is_not_signed_in(people: People) -> None:
    nobody = Caller(ANONYMOUS, Declared(), "a" * 32)
    with people.context.catalogue.view() as view, pytest.raises(NotSignedIn):
        enter(people.context, view, asking(people, nobody))


def test_without_access_rules_nobody_was_let_in(tmp_path: Path) -> None:
    context = make_context(tmp_path)
    home = add_storage(context)
    plan = add_resource(context, ResourceIdentifier(home.storage, PLAN), b"x").identifier
    with context.catalogue.view() as view:
        assert subject_at(context, view, home, plan, context.clock().wall_ms).rules == ()


def test_access_rules_that_cannot_be_read_any_more_let_nobody_in(people: People) -> None:
    def lost() -> None:
        raise Unavailable("an object is missing")

    moment, context = people.clock().wall_ms, meddled(people, lost)
    with people.context.catalogue.view() as view:
        assert subject_at(people.context, view, people.storage, at(people, PLAN), moment).rules
        assert not subject_at(context, view, people.storage, at(people, PLAN), moment).rules
