"""Whatever happened before: a restore lets nobody but the owner do or see what she could not, at any URL.

Who sees what is asked of the decision; what somebody has ever seen at a URL is remembered by the test itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from pod_server.storages import grants
from tests.support.asgi import acl_for
from tests.support.examples import examples
from tests.support.people import make_people, stranger, worker
from vault.access.decide import allowed_modes
from vault.access.rules import subject_of
from vault.admission import Asking
from vault.errors import VaultError
from vault.history.removed import bring_back
from vault.history.restore import Wish, restore
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.operation import Body, Delete, Operation, Replace
from vault.model.requester import ANONYMOUS, Caller, Declared
from vault.organisations import resolve
from vault.service import perform
from vault.stores.catalogue import SqlCatalogue

OTHERS = {
    "worker": worker(),
    "stranger": stranger(),
    "anonymous": Caller(ANONYMOUS, Declared(), "a" * 32),
}
PLACES = ("plannen/a", "plannen/map/b", "plannen/map/c", "geld/d")
SUBJECTS = (*PLACES, "plannen/", "plannen/map/", "geld/")
ELSEWHERE = ("plannen/nieuw/e", "geld/f")
ACLS = tuple(f"{path}.acl" for path in SUBJECTS)
URLS = (*SUBJECTS, *ELSEWHERE, "plannen/nieuw/")
# Not integers: those are mostly small.
PICKS = st.sampled_from(range(120))


@dataclass
class Look:
    """What others may do and see, by name and path."""

    modes: dict[tuple[str, str], frozenset[AccessMode]]
    seen: dict[tuple[str, str], str]


class History:
    """Gifts, edits of ACLs, writes, removals and restores at random, in a vault with every part of the road."""

    def __init__(self, folder: Path, done: Counter[str]) -> None:
        folder.mkdir()
        self.people, self.done, self.numbers = make_people(folder), done, count()
        self.context, self.storage = self.people.context, self.people.storage.storage
        self.ever_seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.people.meet()
        for path in PLACES:
            self.write(path)

    def close(self) -> None:
        assert isinstance(self.context.catalogue, SqlCatalogue)
        self.context.catalogue.close()

    def at(self, path: str) -> ResourceIdentifier:
        return ResourceIdentifier(self.storage, path)

    def do(self, name: str, deed: Callable[[], object]) -> None:
        """Do something that may be refused, and let time pass."""
        try:
            deed()
        except VaultError:
            self.done[f"{name} refused"] += 1
        else:
            self.done[name] += 1
        self.people.clock.forward(1)
        self.now = self.look()
        for key, content in self.now.seen.items():
            self.ever_seen[key].add(content)

    def operate(self, operation: Operation) -> None:
        perform(self.context, operation, self.people.owner)

    def write(self, path: str) -> None:
        text = f"state {next(self.numbers)}".encode()
        body = Body("text/plain", iter((text,)))
        self.do("write", lambda: self.operate(Replace(self.at(path), body)))

    def remove(self, path: str) -> None:
        self.do("remove", lambda: self.operate(Delete(self.at(path))))

    def edit(self, path: str, who: str, modes: tuple[str, ...], *, default: bool) -> None:
        url = self.people.url + path
        text = acl_for(url, self.people.storage.owner, who, modes, default=default)
        body = Body("text/turtle", iter((text.encode(),)))
        self.do("edit", lambda: self.operate(Replace(self.at(f"{path}.acl"), body)))

    def give(self, path: str) -> None:
        kind = "StorageResource" if path.endswith("/") else "DataResource"
        self.do("give", lambda: self.people.give(self.people.url + path, target_kind=kind))

    def stop(self) -> None:
        self.do("stop", lambda: self.people.call(grants.handle, "DELETE"))

    def restore(self, number: int, *, acl: bool, alone: bool) -> None:
        """Restore some old version of something, or of its ACL."""
        with self.context.catalogue.view() as view:
            found = (view.find_resource(self.at(f"{path}.acl" if acl else path)) for path in SUBJECTS)
            kept = [
                (record.identifier, old.id)
                for record in found
                if record is not None
                for old in view.revisions(record)
                if old.id != record.revision
            ]
        if not kept:
            return
        target, version = kept[number % len(kept)]
        wish = Wish(target, version, for_owner_only=alone and not target.is_container)
        name = "restore an ACL" if acl else "restore"
        self.check(name, lambda: restore(self.context, self.asking(), wish))

    def bring_back(self, number: int, place: str | None) -> None:
        with self.context.catalogue.view() as view:
            kept = [
                one
                for one in view.removed(self.storage)
                if one.restored_ms is None and not one.identifier.is_auxiliary
            ]
        if not kept:
            return
        target = None if place is None else self.at(place)
        key = kept[number % len(kept)].key
        self.check("bring back", lambda: bring_back(self.context, self.asking(), key, target))

    def asking(self) -> Asking:
        return Asking(self.storage, self.people.owner)

    def check(self, name: str, deed: Callable[[], object]) -> None:
        """Do something that must not widen access."""
        before, ever = self.now, {key: set(contents) for key, contents in self.ever_seen.items()}
        self.do(name, deed)
        for key, after in self.now.modes.items():
            assert after <= before.modes[key], f"{name}: {key} gained {after - before.modes[key]}"
        for key, content in self.now.seen.items():
            assert key in before.seen, f"{name}: {key} sees something where nothing was seen"
            assert content in ever[key], f"{name}: {key} sees what was never seen there"

    def look(self) -> Look:
        """What each of the others may do and see where: `seen` holds the hash of the bytes."""
        found = Look({}, {})
        with self.context.catalogue.view() as view:
            for name, caller in OTHERS.items():
                requester = resolve(view, caller, self.people.clock())
                for path in URLS:
                    subject = subject_of(view, self.people.storage, self.at(path))
                    modes = allowed_modes(requester, subject, self.people.clock().policy_s)
                    found.modes[name, path] = modes
                    record = view.find_resource(self.at(path))
                    if record is not None and AccessMode.READ in modes:
                        found.seen[name, path] = record.stored.sha256.hex() if record.stored else ""
        return found


Step = Callable[[History], None]
AGENTS = ("everyone", *(str(one.credentials.agent) for one in OTHERS.values() if one.credentials.agent))
EDITS: st.SearchStrategy[Step] = st.builds(
    lambda path, who, modes, default: lambda h: h.edit(path, who, modes, default=default),
    st.sampled_from(SUBJECTS),
    st.sampled_from(AGENTS),
    st.sampled_from((("Read",), ("Read", "Write"), ("Control",), ())),
    st.booleans(),
)
RETURNS: st.SearchStrategy[Step] = st.builds(
    lambda number, place: lambda h: h.bring_back(number, place),
    PICKS,
    st.sampled_from((None, None, None, *ELSEWHERE, *PLACES)),
)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda path: lambda h: h.write(path), st.sampled_from(PLACES)),
    st.builds(lambda path: lambda h: h.remove(path), st.sampled_from((*SUBJECTS, *ACLS))),
    EDITS,
    EDITS,
    st.builds(lambda path: lambda h: h.give(path), st.sampled_from(SUBJECTS)),
    st.builds(
        lambda number, alone: lambda h: h.restore(number, acl=False, alone=alone), PICKS, st.booleans()
    ),
    st.builds(lambda number: lambda h: h.restore(number, acl=True, alone=False), PICKS),
    RETURNS,
    RETURNS,
)
STORIES = st.lists(STEPS, min_size=20, max_size=30)


def test_no_restore_lets_anybody_see_or_do_more(tmp_path: Path) -> None:
    numbers, done = count(), Counter[str]()

    @settings(max_examples=examples(100, fewest=8), deadline=None, suppress_health_check=list(HealthCheck))
    @given(STORIES, st.integers(0, 9))
    def tell(story: list[Step], stop_after: int) -> None:
        history = History(tmp_path / str(next(numbers)), done)
        for number, step in enumerate(story):
            step(history)
            if number == stop_after:
                history.stop()
        history.close()

    tell()
    refused = done["restore refused"] + done["restore an ACL refused"]
    assert min(done["restore"], done["bring back"], done["give"], refused) > 0, done
