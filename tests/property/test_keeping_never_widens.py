"""Whatever happened to a storage: import, whole restore and going back in time let nobody see more."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.archives import archive_of, remove, share, write
from tests.support.backups import forget_nothing, quiet
from tests.support.examples import examples
from tests.support.people import People, make_people, stranger
from vault.keeping.archive import open_archive
from vault.keeping.bring_in import bring_in
from vault.keeping.restore import RestoredCatalogue, settle
from vault.keeping.rewind import plan_rewind, rewind
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode

PATHS = ("brieven/a", "brieven/b", "plannen/c")
CONTAINERS = ("brieven/", "plannen/")
Act = tuple[str, str]
# Each lives a whole life on a real catalogue.
lives = settings(
    max_examples=examples(25, fewest=8), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
acts = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("write", "remove")), st.sampled_from(PATHS)),
        st.tuples(st.sampled_from(("share", "close")), st.sampled_from((*PATHS, *CONTAINERS))),
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class Life:
    """A storage to which things happen; `seen` remembers which contents of which path a stranger could read."""

    people: People
    number: int = 0
    moments: list[int] = field(default_factory=list)
    seen: set[tuple[str, bytes]] = field(default_factory=set)

    def live(self, act: Act) -> None:
        deed, path = act
        self.number += 1
        if deed == "write" and not path.endswith("/"):
            write(self.people, path, f"<> a <#N{self.number}> .".encode())
        elif self.exists(path):
            self._act(deed, path)
        self.people.clock.forward(1)
        self.look()
        self.moments.append(self.people.clock.wall_ms)
        self.people.clock.forward(1)

    def _act(self, deed: str, path: str) -> None:
        if deed == "remove":
            remove(self.people, path)
        elif deed == "share":
            share(self.people, path)
        elif self.exists(f"{path}.acl"):
            remove(self.people, f"{path}.acl")

    def exists(self, path: str) -> bool:
        with self.people.context.catalogue.view() as view:
            return view.find_resource(ResourceIdentifier(self.people.storage.storage, path)) is not None

    def readable(self) -> set[tuple[str, bytes]]:
        """The contents that a stranger can read now."""
        found = set()
        for path in PATHS:
            if self.exists(path) and self.people.may(stranger(), self.people.url + path):
                found.add((path, self.content(path)))
        return found

    def content(self, path: str) -> bytes:
        people = self.people
        with people.context.catalogue.view() as view:
            record = view.find_resource(ResourceIdentifier(people.storage.storage, path))
            assert record is not None
            assert record.stored is not None
            chunks = people.context.documents.read(
                people.storage.storage, record.key, record.revision, record.stored
            )
            return b"".join(chunks)

    def look(self) -> None:
        self.seen |= self.readable()


def live(folder: Path, what: list[Act]) -> Life:
    life = Life(make_people(folder))
    for act in what:
        life.live(act)
    return life


@lives
@given(acts, st.data())
def test_going_back_shows_only_what_could_be_seen_then_to_whom_may_see_it_now(
    what: list[Act], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        life = live(Path(folder), what)
        context, storage = life.people.context, life.people.storage.storage
        moment = data.draw(st.sampled_from(life.moments))
        open_now = {path for path, _ in life.readable()}
        with context.catalogue.view() as view:
            steps = plan_rewind(view, storage, moment)
        done = rewind(context, storage, steps, quiet)
        assert [one.why for one in done if one.why] == []
        after = life.readable()
        assert {path for path, _ in after} <= open_now, "nobody gets in where she was out"
        assert after <= life.seen, "nobody sees what was never shown to her"


@lives
@given(acts)
def test_an_import_and_a_whole_restore_show_nothing_to_a_stranger(what: list[Act]) -> None:
    with TemporaryDirectory() as old, TemporaryDirectory() as new:
        life = live(Path(old), what)
        people = make_people(Path(new))
        place = Path(new) / "kluis.zip"
        place.write_bytes(archive_of(life.people.context, life.people.storage.storage))
        opened = open_archive(place, 10**9)
        with opened.zip:
            bring_in(people.context, people.storage.storage, opened, quiet)
        settle(
            RestoredCatalogue(life.people.context, frozenset(), forget_nothing, forget_nothing),
            is_paused=True,
        )
        for where in (people, life.people):
            for path in (*PATHS, *CONTAINERS, ""):
                for mode in AccessMode:
                    assert not where.may(stranger(), where.url + path, mode)
