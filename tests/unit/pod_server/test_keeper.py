from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pod_server import keeper as module
from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import FetchedDocument
from pod_server.back_off import longest_pause_s
from pod_server.group_documents import refresh_workers
from pod_server.keeper import (
    KeeperParts,
    checkpoint_when_asked,
    checkpoint_when_due,
    erase_when_due,
    forget_old,
    make_sealer,
    orphan_grace_s,
    refresh_groups,
    rotate_signing_keys,
    run_keeper,
    seal_pass,
    sign_checkpoint,
    sweep_orphans,
)
from tests.support.backups import forget_nothing
from tests.support.journals import entry, make_intake, make_signer
from tests.support.vaults import NOON_MS, TestClock, add_resource, add_storage, keyring_of, make_context
from tests.support.waiting import wait_until
from vault.context import Context
from vault.errors import NoSuchResource, UnacceptableContent, Unavailable
from vault.journal.frames import Place, make_frame
from vault.journal.heartbeat import read_heartbeat
from vault.journal.seal import Sealer
from vault.keeping.erase import ErasingParts, hide, out_of_sight_s
from vault.keeping.erasures import add_erasures
from vault.model.identifiers import ResourceIdentifier
from vault.model.journal import JournalEntry
from vault.model.organisation import Organisation
from vault.model.records import NewRevision, Removal, ResourceKind, StorageRecord, StoredObject
from vault.model.rules import RefusalReason
from vault.stores.catalogue import SqlCatalogue
from vault.stores.files import locked, sharing_lock
from vault.stores.objects_folder import FolderStore
from vault.stores.ports import CatalogueTransaction, ObjectStore
from vault.stores.reserve import Reserve

GROUP = "https://o.example/groepen/medewerkers"
WORKER = "https://o.example/a6ru6ku4wxa33b68/profiel/card#me"
DAY_S = 24 * 3600
TEAM = Organisation(
    iri="https://kluis.example/ns/wijk#o",
    name="Team",
    kind="https://kluis.example/ns/wijk#soort-wijkteam",
    number_kind="KvK",
    number="12345678",
    municipality="Nijmegen",
    issuers=frozenset({"https://o.example/"}),
    clients=frozenset(),
    group=GROUP,
    verified_by="somebody",
    verified_at=1,
)


@dataclass
class Web:
    """Documents by URL; what is not there cannot be fetched."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def fetch(self, url: str, *_: object) -> FetchedDocument:
        self.asked.append(url)
        self.meanwhile()
        if url not in self.documents:
            raise CannotFetch("nobody there")
        return FetchedDocument(url, "text/turtle", self.documents[url])

    def publish(self, *members: str, url: str = GROUP) -> None:
        said = " ".join(f"; <http://www.w3.org/2006/vcard/ns#hasMember> <{member}>" for member in members)
        self.documents[url] = f"<> a <http://www.w3.org/2006/vcard/ns#Group> {said} .".encode()


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def context(tmp_path: Path, clock: TestClock) -> Iterator[Context]:
    context = make_context(tmp_path, clock)
    yield context
    assert isinstance(context.catalogue, SqlCatalogue)
    context.catalogue.close()


@pytest.fixture
def home(context: Context) -> StorageRecord:
    return add_storage(context)


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def parts(context: Context, tmp_path: Path, web: Web) -> KeeperParts:
    (tmp_path / "backup.lock").touch()
    return KeeperParts(
        context,
        keyring_of(context),
        FolderStore(tmp_path / "objects"),
        tmp_path / "intake",
        tmp_path / "alive",
        tmp_path / "backup.lock",
        Reserve(tmp_path / "reserve", 4096),
        make_signer(),
        web.fetch,
        0.05,
        ErasingParts(context, keyring_of(context), tmp_path / "erased.list", forget_nothing),
        lambda: None,
    )


def sealer_of(parts: KeeperParts) -> Sealer:
    return make_sealer(parts)


def register(parts: KeeperParts, *organisations: Organisation) -> None:
    for one in organisations:
        parts.context.catalogue.write(partial(_put, one))


def _put(one: Organisation, tx: CatalogueTransaction) -> None:
    tx.put_organisation(one)


def members(parts: KeeperParts, iri: str = TEAM.iri) -> list[str]:
    with parts.context.catalogue.view() as view:
        return [worker.webid for worker in view.register().membership(iri).workers]


def line_count(parts: KeeperParts, home: StorageRecord) -> int:
    with parts.context.catalogue.view() as view:
        return view.journal_head(home.storage).sequence


def wrote(parts: KeeperParts, home: StorageRecord, time_ms: int = NOON_MS) -> None:
    parts.context.catalogue.write(lambda tx: tx.append_lines([entry(home.storage, time_ms=time_ms)]))


def asked_checkpoint(home: StorageRecord, **more: Any) -> JournalEntry:
    return entry(home.storage, time_ms=NOON_MS, activity="sign-checkpoint", agent=home.owner, **more)


def test_a_line_that_asks_for_a_checkpoint_gets_one_that_covers_it(
    parts: KeeperParts, home: StorageRecord
) -> None:
    parts.context.catalogue.write(lambda tx: tx.append_lines([asked_checkpoint(home)] * 3))
    seal_pass(parts, sealer_of(parts))
    checkpoint_when_asked(parts)
    with parts.context.catalogue.view() as view:
        kept = view.latest_checkpoint()
    assert kept is not None
    assert json.loads(kept)["leaves"][0]["sequence"] == 3
    assert not parts.asked.is_set()
    checkpoint_when_asked(parts)


@pytest.mark.parametrize("more", [{"failed": True}, {"refusal": RefusalReason.OTHER_CLIENT}])
def test_what_was_refused_or_failed_asks_for_nothing(
    parts: KeeperParts, home: StorageRecord, more: dict[str, Any]
) -> None:
    parts.context.catalogue.write(lambda tx: tx.append_lines([asked_checkpoint(home, **more)]))
    seal_pass(parts, sealer_of(parts))
    assert not parts.asked.is_set()


def test_a_checkpoint_that_could_not_be_signed_stays_asked_for(
    parts: KeeperParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.asked.set()

    def fail(*_: object) -> None:
        raise Unavailable("the test says so")

    monkeypatch.setattr(parts.context.catalogue, "view", fail)
    with pytest.raises(Unavailable):
        checkpoint_when_asked(parts)
    assert parts.asked.is_set()


def test_a_running_keeper_drops_lines_whose_time_is_over(
    parts: KeeperParts, home: StorageRecord, clock: TestClock
) -> None:
    wrote(parts, home)
    seal_pass(parts, sealer_of(parts))
    clock.forward(parts.context.limits.journal_kept_s + 1)
    stopping = threading.Event()
    keeper = threading.Thread(target=run_keeper, args=(parts, stopping))
    keeper.start()
    wait_until(lambda: line_count(parts, home) == 2, within_s=10)
    stopping.set()
    keeper.join()
    with parts.context.catalogue.view() as view:
        assert [bool(line.body) for line in view.sealed_lines(home.storage)] == [False, True]


def test_a_pass_seals_and_leaves_a_sign_of_life(parts: KeeperParts, home: StorageRecord) -> None:
    wrote(parts, home, NOON_MS - 7)
    seal_pass(parts, sealer_of(parts))
    beat = read_heartbeat(parts.heartbeat)
    assert beat is not None
    assert (beat.passed_ms, beat.sealed_until_ms) == (NOON_MS, NOON_MS - 7)
    assert line_count(parts, home) == 1


def test_an_idle_pass_moves_its_sign_of_life_but_not_what_was_sealed(
    parts: KeeperParts, home: StorageRecord, clock: TestClock
) -> None:
    wrote(parts, home)
    seal_pass(parts, sealer_of(parts))
    clock.forward(5)
    seal_pass(parts, sealer_of(parts))
    beat = read_heartbeat(parts.heartbeat)
    assert beat is not None
    assert (beat.passed_ms, beat.sealed_until_ms) == (NOON_MS + 5000, NOON_MS)


def test_a_lost_sign_of_life_is_made_again_from_the_newest_line(
    parts: KeeperParts, home: StorageRecord
) -> None:
    wrote(parts, home, NOON_MS - 9)
    seal_pass(parts, sealer_of(parts))
    parts.heartbeat.unlink()
    seal_pass(parts, sealer_of(parts))
    beat = read_heartbeat(parts.heartbeat)
    assert beat is not None
    assert beat.sealed_until_ms == NOON_MS - 9


def test_a_journal_that_cannot_be_read_keeps_no_sign_of_life_from_being_made(
    parts: KeeperParts, home: StorageRecord
) -> None:
    other = add_storage(parts.context)
    for storage, time_ms in ((home, NOON_MS - 9), (other, NOON_MS - 2)):
        wrote(parts, storage, time_ms)
    seal_pass(parts, sealer_of(parts))
    parts.heartbeat.unlink()
    keyring_of(parts.context).destroy(other.storage)
    seal_pass(parts, sealer_of(parts))
    beat = read_heartbeat(parts.heartbeat)
    assert beat is not None
    assert beat.sealed_until_ms == NOON_MS - 9


def test_the_keeper_passes_over_lines_of_what_is_on_the_erasure_list(
    parts: KeeperParts, home: StorageRecord
) -> None:
    gone, catalogue = add_storage(parts.context), parts.context.catalogue
    parts.intake_folder.mkdir(parents=True)
    piece, _ = make_frame(keyring_of(parts.context), "x.intake", Place(), entry(gone.storage))
    (parts.intake_folder / "x.intake").write_bytes(piece)
    add_erasures(parts.erasing.erasures, [gone.storage])
    catalogue.write(lambda tx: tx.hide_storage(gone.storage, 0))
    catalogue.write(lambda tx: tx.destroy_storage(gone.storage))
    keyring_of(parts.context).destroy(gone.storage)
    assert sealer_of(parts).seal_all().count == 0
    assert list(parts.intake_folder.iterdir()) == []
    with catalogue.view() as view:
        assert view.journal_head(home.storage).sequence == 0


def test_a_pass_that_fails_leaves_no_sign_of_life(parts: KeeperParts, home: StorageRecord) -> None:
    wrote(parts, home)
    sealer = sealer_of(parts)
    assert isinstance(parts.context.catalogue, SqlCatalogue)
    parts.context.catalogue.close()
    with pytest.raises(Unavailable):
        seal_pass(parts, sealer)
    assert read_heartbeat(parts.heartbeat) is None


def checkpoint(parts: KeeperParts) -> bytes | None:
    with parts.context.catalogue.view() as view:
        return view.latest_checkpoint()


def test_the_first_checkpoint_comes_with_the_first_storage(parts: KeeperParts) -> None:
    checkpoint_when_due(parts)
    assert checkpoint(parts) is None
    add_storage(parts.context)
    checkpoint_when_due(parts)
    assert checkpoint(parts) is not None


def test_a_checkpoint_is_made_again_within_the_hour_and_not_before(
    parts: KeeperParts, home: StorageRecord, clock: TestClock
) -> None:
    checkpoint_when_due(parts)
    first = checkpoint(parts)
    clock.forward(3000)
    checkpoint_when_due(parts)
    assert checkpoint(parts) == first
    clock.forward(540)
    checkpoint_when_due(parts)
    assert checkpoint(parts) != first


def test_a_clock_that_was_set_back_does_not_keep_checkpoints_away(
    parts: KeeperParts, home: StorageRecord, clock: TestClock
) -> None:
    sign_checkpoint(parts)
    first = checkpoint(parts)
    clock.forward(-DAY_S)
    checkpoint_when_due(parts)
    assert checkpoint(parts) != first


def orphan(parts: KeeperParts, tmp_path: Path, key: str, age_s: int) -> None:
    parts.objects.put(key, [b"x"])
    (path,) = (tmp_path / "objects").rglob(key)
    written_s = NOON_MS // 1000 - age_s
    os.utime(path, (written_s, written_s))


def test_an_object_without_a_row_goes_after_the_grace_time(parts: KeeperParts, tmp_path: Path) -> None:
    orphan(parts, tmp_path, "old", 3 * DAY_S)
    orphan(parts, tmp_path, "old.part", 3 * DAY_S)
    orphan(parts, tmp_path, "young", DAY_S)
    assert sweep_orphans(parts) == 2
    left = parts.objects.keys()
    assert [key for key, _ in left] == ["young"]


def test_an_object_with_a_row_stays_however_old(
    parts: KeeperParts, home: StorageRecord, tmp_path: Path
) -> None:
    plan = add_resource(parts.context, ResourceIdentifier(home.storage, "plan"), b"x")
    assert plan.stored is not None
    orphan(parts, tmp_path, plan.stored.key, 300 * DAY_S)
    assert sweep_orphans(parts) == 0


def test_an_erased_storage_is_swept_with_the_same_pass(
    parts: KeeperParts, home: StorageRecord, clock: TestClock, tmp_path: Path
) -> None:
    plan = add_resource(parts.context, ResourceIdentifier(home.storage, "plannen/plan"), b"plan")
    assert plan.stored is not None
    orphan(parts, tmp_path, plan.stored.key, 30 * DAY_S)
    hide(parts.context, home.storage)
    erase_when_due(parts)
    assert dict(parts.objects.keys()).keys() == {plan.stored.key}
    clock.forward(out_of_sight_s)
    erase_when_due(parts)
    assert dict(parts.objects.keys()) == {}


def test_nothing_is_swept_while_a_backup_runs_and_everything_after_it(
    parts: KeeperParts, tmp_path: Path
) -> None:
    orphan(parts, tmp_path, "old", 3 * DAY_S)
    with sharing_lock(parts.backup_lock):
        assert sweep_orphans(parts) == 0
    assert sweep_orphans(parts) == 1


def remove(parts: KeeperParts, home: StorageRecord, path: str) -> None:
    """Write a document and remove it, now."""
    record = add_resource(parts.context, ResourceIdentifier(home.storage, path), b"x")
    gone = Removal(None, parts.context.clock().wall_ms)
    parts.context.catalogue.write(lambda tx: tx.delete_resource(record, gone))


def removed(parts: KeeperParts, home: StorageRecord) -> int:
    with parts.context.catalogue.view() as view:
        return len(list(view.removed(home.storage)))


def test_what_was_removed_is_forgotten_when_its_time_is_over(
    parts: KeeperParts, home: StorageRecord, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "forget_chunk_rows", 2)
    for number in range(5):
        remove(parts, home, f"plan-{number}")
    clock.forward(parts.context.limits.removed_kept_s)
    assert forget_old(parts) == 0
    clock.forward(1)
    assert forget_old(parts) == 10
    assert removed(parts, home) == 0


def test_nothing_is_forgotten_while_a_backup_runs(
    parts: KeeperParts, home: StorageRecord, clock: TestClock
) -> None:
    remove(parts, home, "plan")
    clock.forward(parts.context.limits.removed_kept_s + 1)
    with sharing_lock(parts.backup_lock):
        assert forget_old(parts) == 0
        assert removed(parts, home) == 1
    assert forget_old(parts) == 2


@dataclass
class Listing:
    """A store in which something happens after each key that is listed."""

    store: ObjectStore
    after: Callable[[str], object]

    def keys(self) -> Iterator[tuple[str, int]]:
        for key, written_s in list(self.store.keys()):
            yield key, written_s
            self.after(key)

    def delete(self, key: str) -> None:
        self.store.delete(key)

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        self.store.put(key, chunks)

    def get(self, key: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        return self.store.get(key, start, size)


def test_a_backup_that_starts_half_way_ends_the_sweep(
    parts: KeeperParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "sweep_chunk_keys", 1)
    for key in ("aa-first", "bb-second"):
        orphan(parts, tmp_path, key, 3 * DAY_S)
    with ExitStack() as backup:
        listing = Listing(parts.objects, lambda _: backup.enter_context(sharing_lock(parts.backup_lock)))
        assert sweep_orphans(replace(parts, objects=listing)) == 1
    assert list(dict(parts.objects.keys())) == ["bb-second"]


def test_a_row_committed_after_its_object_was_listed_keeps_the_object(
    parts: KeeperParts, home: StorageRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orphan(parts, tmp_path, "late", 3 * DAY_S)
    new = NewRevision("r1", "text/plain", StoredObject("late", 1, bytes(32)), None, NOON_MS)

    def commit(_: str) -> None:
        plan = ResourceIdentifier(home.storage, "plan")
        parts.context.catalogue.write(
            lambda tx: tx.create_resource(plan, ResourceKind.DOCUMENT, new, "resource")
        )

    assert sweep_orphans(replace(parts, objects=Listing(parts.objects, commit))) == 0


def test_an_object_that_waits_for_its_row_is_young_until_the_grace_time_is_over(
    parts: KeeperParts, tmp_path: Path, clock: TestClock
) -> None:
    orphan(parts, tmp_path, "fresh", 0)
    clock.forward(orphan_grace_s)
    assert sweep_orphans(parts) == 0
    clock.forward(1)
    assert sweep_orphans(parts) == 1


def test_a_group_is_fetched_and_kept_with_the_moment_it_was_asked(
    parts: KeeperParts, web: Web, clock: TestClock
) -> None:
    register(parts, TEAM)
    web.publish(WORKER)
    web.meanwhile = lambda: clock.forward(5)
    refresh_workers(parts.context, TEAM, parts.fetch)
    with parts.context.catalogue.view() as view:
        membership = view.register().membership(TEAM.iri)
    assert membership.fetched_at == NOON_MS // 1000
    assert members(parts) == [WORKER]


def test_a_leaver_is_out_after_the_next_refresh(parts: KeeperParts, web: Web) -> None:
    register(parts, TEAM)
    web.publish(WORKER)
    refresh_groups(parts)
    web.publish()
    refresh_groups(parts)
    assert members(parts) == []


def test_an_unreachable_or_forged_group_leaves_the_workers_as_they_were(
    parts: KeeperParts, web: Web, clock: TestClock
) -> None:
    register(parts, TEAM)
    web.publish(WORKER)
    refresh_groups(parts)
    for document in (b"<https://elsewhere.example/> a <#Group> .", b"no turtle", None):
        web.documents = {} if document is None else {GROUP: document}
        clock.forward(longest_pause_s)
        web.asked.clear()
        refresh_groups(parts)
        assert web.asked == [GROUP]
        assert members(parts) == [WORKER]


def test_a_group_that_is_a_part_of_a_document_is_fetched_without_its_fragment(
    parts: KeeperParts, web: Web
) -> None:
    team = replace(TEAM, group=f"{GROUP}#team")
    register(parts, team)
    web.documents[GROUP] = b"<#team> a <http://www.w3.org/2006/vcard/ns#Group> ."
    refresh_workers(parts.context, team, parts.fetch)
    assert web.asked == [GROUP]


def test_a_group_that_answers_under_another_url_is_not_the_group(parts: KeeperParts, web: Web) -> None:
    register(parts, TEAM)
    web.publish(WORKER)

    def redirected(url: str, accept: str, max_bytes: int) -> FetchedDocument:
        return replace(web.fetch(url, accept, max_bytes), url="https://elsewhere.example/group")

    with pytest.raises(UnacceptableContent):
        refresh_workers(parts.context, TEAM, redirected)


def test_a_group_that_was_fetched_for_another_address_is_not_kept(parts: KeeperParts, web: Web) -> None:
    register(parts, TEAM)
    web.publish(WORKER)
    web.meanwhile = lambda: register(parts, replace(TEAM, group="https://o.example/other"))
    with pytest.raises(NoSuchResource):
        refresh_workers(parts.context, TEAM, parts.fetch)
    assert members(parts) == []


def test_an_older_answer_does_not_replace_a_newer_one(parts: KeeperParts, web: Web, clock: TestClock) -> None:
    register(parts, TEAM)
    web.publish(WORKER)

    def newer_first() -> None:
        web.meanwhile = lambda: None
        clock.forward(2)
        newer = Web()
        newer.publish()
        refresh_workers(parts.context, TEAM, newer.fetch)

    web.meanwhile = newer_first
    refresh_workers(parts.context, TEAM, parts.fetch)
    assert members(parts) == []


def test_a_suspended_organisation_is_not_asked(parts: KeeperParts, web: Web) -> None:
    register(parts, replace(TEAM, suspended_at=1))
    refresh_groups(parts)
    assert web.asked == []


def test_one_unreachable_organisation_keeps_no_other_waiting(parts: KeeperParts, web: Web) -> None:
    other = replace(TEAM, iri="https://kluis.example/ns/wijk#p", group="https://p.example/g")
    register(parts, TEAM, other)
    web.publish(WORKER, url="https://p.example/g")
    refresh_groups(parts)
    assert members(parts, other.iri) == [WORKER]


class Stopping(threading.Event):
    """Stops by itself when something holds, looked at each time somebody waits."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        super().__init__()
        self._holds = holds

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        if self._holds():
            self.set()
        return super().wait(0.01)


def test_the_keeper_does_all_its_work_until_it_is_told_to_stop(
    parts: KeeperParts, home: StorageRecord, web: Web
) -> None:
    register(parts, TEAM)
    web.publish(WORKER)
    wrote(parts, home)
    run_keeper(parts, Stopping(lambda: members(parts) == [WORKER] and line_count(parts, home) == 1))
    assert checkpoint(parts) is not None


def test_what_came_in_last_is_sealed_before_the_keeper_ends(parts: KeeperParts, home: StorageRecord) -> None:
    intake = make_intake(parts.intake_folder, parts.cipher, parts.context.clock, parts.heartbeat)

    def ready() -> bool:
        if read_heartbeat(parts.heartbeat) is None:
            return False
        intake.append(entry(home.storage, time_ms=NOON_MS))
        return True

    run_keeper(parts, Stopping(ready))
    assert line_count(parts, home) >= 1
    intake.close()


def test_a_second_keeper_waits_for_its_turn(parts: KeeperParts, home: StorageRecord) -> None:
    wrote(parts, home)
    parts.intake_folder.mkdir()
    with locked(parts.intake_folder):
        turns = iter([False, False, True])
        run_keeper(parts, Stopping(lambda: next(turns)))
    assert line_count(parts, home) == 0


def test_a_failing_job_is_logged_once_and_does_not_stop_the_others(
    parts: KeeperParts, home: StorageRecord, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def fail(*_: object) -> None:
        tries.append(1)
        raise Unavailable("no disk")

    monkeypatch.setattr(module, "seal_pass", fail)
    # The other jobs run in threads of their own: it is over when all have had their turn, however late that is.
    with caplog.at_level(logging.ERROR):
        run_keeper(parts, Stopping(lambda: len(tries) > 3 and checkpoint(parts) is not None))
    seals = [record for record in caplog.records if getattr(record, "job", "") == "seal"]
    assert len(seals) == 1
    assert checkpoint(parts) is not None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_that_breaks_ends_the_keeper_so_that_it_is_started_again(
    parts: KeeperParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: KeeperParts) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(module, "refresh_groups", broken)
    stopping = Stopping(lambda: False)
    with pytest.raises(RuntimeError, match="thread"):
        run_keeper(parts, stopping)
    # Where the keeper is a process, the others end with it.
    stopping.set()
    for thread in threading.enumerate():
        if thread.name.startswith("keeper-"):
            thread.join(10)


def test_a_change_of_signing_keys_is_told_once(parts: KeeperParts, caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([None, 1_800_000_600, None])
    changing = replace(parts, rotate_keys=lambda: next(answers))
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            rotate_signing_keys(changing)
    assert [record.__dict__["signs_from_s"] for record in caplog.records] == [1_800_000_600]


def test_the_keeper_looks_at_the_signing_keys_when_it_starts(parts: KeeperParts) -> None:
    stopping, looked = threading.Event(), threading.Event()

    def look() -> None:
        looked.set()

    thread = threading.Thread(target=run_keeper, args=(replace(parts, rotate_keys=look), stopping))
    thread.start()
    assert looked.wait(20)
    stopping.set()
    thread.join(20)
    assert not thread.is_alive()
