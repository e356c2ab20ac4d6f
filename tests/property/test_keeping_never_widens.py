"""Whatever happened to a storage: import and whole restore let nobody see more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.archives import archive_of, remove, share, write
from tests.support.backups import forget_nothing, quiet
from tests.support.people import People, make_people, stranger
from vault.keeping.archive import open_archive
from vault.keeping.bring_in import bring_in
from vault.keeping.restore import RestoredCatalogue, settle
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode

PATHS = ("brieven/a", "brieven/b", "plannen/c")
CONTAINERS = ("brieven/", "plannen/")
Act = tuple[str, str]
# Each lives a whole life on a real catalogue.
lives = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
    """A storage to which things happen."""

    people: People
    number: int = 0

    def live(self, act: Act) -> None:
        deed, path = act
        self.number += 1
        if deed == "write" and not path.endswith("/"):
            write(self.people, path, f"<> a <#N{self.number}> .".encode())
        elif self.exists(path):
            self._act(deed, path)
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


def live(folder: Path, what: list[Act]) -> Life:
    life = Life(make_people(folder))
    for act in what:
        life.live(act)
    return life


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
