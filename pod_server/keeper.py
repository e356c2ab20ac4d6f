"""The keeper: seals the journal, drops lines whose time is over, signs checkpoints, sweeps orphaned objects, refreshes the workers of organisations, changes the signing keys."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from pod_server.back_off import BackOff
from pod_server.group_documents import Fetch, refresh_all, refresh_workers
from pod_server.named_groups import named_groups_every_s, refresh_named_groups
from vault.context import Context
from vault.errors import Unavailable, VaultError
from vault.journal import demand
from vault.journal.checkpoints import Signer
from vault.journal.heartbeat import Heartbeat, read_heartbeat, write_heartbeat
from vault.journal.lines import moment_ms
from vault.journal.retention import Retention
from vault.journal.seal import Sealer
from vault.keeping.erase import ErasingParts, erase_due
from vault.keeping.erasures import read_erasures
from vault.model.identifiers import StorageId
from vault.stores.files import locked
from vault.stores.ports import CatalogueReader, Cipher, ObjectStore
from vault.stores.reserve import Reserve

logger = logging.getLogger(__name__)
seal_every_s = 0.25
look_for_checkpoint_every_s = 60.0
# With the pause between looks less than an hour.
checkpoint_after_s = 3500
forget_every_s = 6 * 3600.0
forget_chunk_rows = 500
erase_every_s = 600.0
sweep_every_s = 24 * 3600.0
# Longer than any write takes from its first byte to its row.
orphan_grace_s = 48 * 3600
sweep_chunk_keys = 500
look_at_keys_every_s = 3600.0
finish_within_s = 5.0


@dataclass(frozen=True, slots=True)
class KeeperParts:
    """What the keeper works with. `rotate_keys` changes the keys of the OpenID provider when it is time, and says from when
    the new ones sign."""

    context: Context
    cipher: Cipher
    objects: ObjectStore
    intake_folder: Path
    heartbeat: Path
    backup_lock: Path
    reserve: Reserve
    signer: Signer
    fetch: Fetch
    group_refresh_s: float
    erasing: ErasingParts
    rotate_keys: Callable[[], int | None]
    asked: threading.Event = field(default_factory=threading.Event)
    failing_workers: BackOff = field(default_factory=BackOff)
    failing_groups: BackOff = field(default_factory=BackOff)


def run_keeper(parts: KeeperParts, stopping: threading.Event) -> None:
    """Keep until told to stop. Waits for its turn as long as another keeper of this data folder runs."""
    parts.intake_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    while not stopping.is_set():
        with locked(parts.intake_folder) as is_alone:
            if is_alone:
                _keep(parts, stopping)
                return
        stopping.wait(seal_every_s)


def _keep(parts: KeeperParts, stopping: threading.Event) -> None:
    sealer = make_sealer(parts)
    jobs: list[tuple[str, Callable[[], object], float]] = [
        ("groups", lambda: refresh_groups(parts), parts.group_refresh_s),
        (
            "named groups",
            lambda: refresh_named_groups(parts.context, parts.fetch, parts.failing_groups),
            named_groups_every_s,
        ),
        ("checkpoint", lambda: checkpoint_when_due(parts), look_for_checkpoint_every_s),
        ("retention", lambda: forget_old(parts), forget_every_s),
        ("erasures", lambda: erase_when_due(parts), erase_every_s),
        ("asked checkpoint", lambda: checkpoint_when_asked(parts), seal_every_s),
        ("reserve", parts.reserve.tend, seal_every_s),
        ("orphans", lambda: sweep_orphans(parts), sweep_every_s),
        ("signing keys", lambda: rotate_signing_keys(parts), look_at_keys_every_s),
    ]
    threads = [
        threading.Thread(target=_repeat, args=(*job, stopping), name=f"keeper-{job[0]}", daemon=True)
        for job in jobs
    ]
    for thread in threads:
        thread.start()
    attempts, retention = _Attempts("seal"), Retention(parts.context)

    def seal_and_drop() -> None:
        seal_pass(parts, sealer)
        retention.step()

    attempts.make(seal_and_drop)
    # The keeper before may have sealed a line that asks for one, and ended.
    parts.asked.set()
    while not stopping.wait(seal_every_s):
        attempts.make(seal_and_drop)
        # In this order: told to stop, they end too, and may do so before this one has looked.
        if not all(thread.is_alive() for thread in threads) and not stopping.is_set():
            raise RuntimeError("a thread of the keeper ended")
    attempts.make(lambda: seal_pass(parts, sealer))
    _Attempts("checkpoint").make(lambda: sign_checkpoint(parts))
    for thread in threads:
        thread.join(finish_within_s)


def make_sealer(parts: KeeperParts) -> Sealer:
    """The sealer of a data folder; what is on its erasure list may be gone."""
    context, erased = parts.context, partial(read_erasures, parts.erasing.erasures)
    return Sealer(context.catalogue, parts.cipher, context.clock, parts.intake_folder, erased)


def seal_pass(parts: KeeperParts, sealer: Sealer) -> None:
    """Seal everything that lies ready and leave a sign of life.

    Raises:
        VaultError: it could not be kept; then there is no sign of life.
    """
    started_ms = parts.context.clock().wall_ms
    last = read_heartbeat(parts.heartbeat)
    sealed = sealer.seal_all()
    if sealed.asks_checkpoint:
        parts.asked.set()
    until_ms = _newest_line_ms(parts.context) if last is None else last.sealed_until_ms
    write_heartbeat(parts.heartbeat, Heartbeat(started_ms, max(until_ms, sealed.until_ms)))


def checkpoint_when_due(parts: KeeperParts) -> None:
    """Sign a checkpoint when the newest one is nearly an hour old, or there is none."""
    with parts.context.catalogue.view() as view:
        newest = view.latest_checkpoint()
    if newest is None or _age_s(newest, parts.context.clock().wall_s) >= checkpoint_after_s:
        sign_checkpoint(parts)


def checkpoint_when_asked(parts: KeeperParts) -> None:
    """Sign a checkpoint when a line that was sealed asks for one; one for all that asked before."""
    if parts.asked.is_set():
        # Before it is signed: whoever asks from now on gets another one.
        parts.asked.clear()
        try:
            sign_checkpoint(parts)
        except BaseException:
            parts.asked.set()
            raise


def sign_checkpoint(parts: KeeperParts) -> None:
    """Sign the state of all journals now and keep it."""
    demand.sign_checkpoint(parts.context, parts.signer)


def forget_old(parts: KeeperParts) -> int:
    """Forget revisions and removed resources that were kept for their time; how many there were.

    What they leave in the object store are orphans then. In small transactions, so that writers never wait long, and not
    while a backup runs.
    """
    context = parts.context
    now_ms, limits = context.clock().wall_ms, context.limits
    removed_before = now_ms - limits.removed_kept_s * 1000
    replaced_before = now_ms - limits.revisions_kept_s * 1000
    while context.catalogue.write(lambda tx: tx.charge_older(forget_chunk_rows)):
        pass
    count, forgotten = 0, -1
    while forgotten != 0:
        with locked(parts.backup_lock) as nobody_copies:
            if not nobody_copies:
                logger.info("forgetting what is old waits for a backup", extra={"job": "retention"})
                return count
            forgotten = context.catalogue.write(
                lambda tx: tx.prune(removed_before, replaced_before, forget_chunk_rows)
            )
        count += forgotten
    return count


def erase_when_due(parts: KeeperParts) -> None:
    """Destroy the storages whose time out of sight is over, and sweep what they left."""
    if erase_due(parts.erasing):
        sweep_orphans(parts)


def rotate_signing_keys(parts: KeeperParts) -> None:
    """Let fresh signing keys take over when those that sign are old enough, and say so in the log."""
    signs_from_s = parts.rotate_keys()
    if signs_from_s is not None:
        logger.info("new signing keys take over", extra={"job": "signing keys", "signs_from_s": signs_from_s})


def sweep_orphans(parts: KeeperParts) -> int:
    """Delete objects that no revision rests in and that are older than the grace time; how many there were.

    A young one may belong to a write that is about to be committed. Nothing goes while a backup runs: it may be about to
    copy what the catalogue, as it was when it began, names.
    """
    oldest_kept_s = parts.context.clock().wall_s - orphan_grace_s
    written = parts.objects.keys()
    old = (key for key, written_s in written if written_s < oldest_kept_s)
    count = 0
    while keys := list(islice(old, sweep_chunk_keys)):
        # Held for some keys at a time, so that a backup never waits long for its turn.
        with locked(parts.backup_lock) as nobody_copies:
            if not nobody_copies:
                logger.info("the sweep of orphans waits for a backup", extra={"job": "orphans"})
                return count
            count += _delete_orphans(parts, keys)
    return count


def _delete_orphans(parts: KeeperParts, keys: list[str]) -> int:
    with parts.context.catalogue.view() as view:
        orphans = [key for key in keys if not view.knows_object(key)]
    for key in orphans:
        parts.objects.delete(key)
    return len(orphans)


def refresh_groups(parts: KeeperParts) -> None:
    """Fetch the workers of every organisation that is not suspended; what cannot be had stays as it was."""
    context = parts.context
    with context.catalogue.view() as view:
        organisations = [one for one in view.register().organisations if one.suspended_at is None]
    refresh_all(
        context,
        parts.failing_workers,
        {one.iri: partial(refresh_workers, context, one, parts.fetch) for one in organisations},
    )


class _Attempts:
    """Tries a job again and again; a failure is logged once, until it works again."""

    def __init__(self, job: str) -> None:
        self._job = job
        self._is_failing = False

    def make(self, run: Callable[[], object]) -> None:
        try:
            run()
        except (VaultError, OSError) as error:
            if not self._is_failing:
                logger.error("a job fails", exc_info=error, extra={"job": self._job})
            self._is_failing = True
        else:
            self._is_failing = False


def _repeat(name: str, run: Callable[[], object], every_s: float, stopping: threading.Event) -> None:
    attempts = _Attempts(name)
    while not stopping.is_set():
        attempts.make(run)
        stopping.wait(every_s)


def _newest_line_ms(context: Context) -> int:
    with context.catalogue.view() as view:
        return max((_last_line_ms(view, storage) for storage, _ in view.storage_epochs()), default=0)


def _last_line_ms(view: CatalogueReader, storage: StorageId) -> int:
    last = view.journal_head(storage).sequence
    lines = view.sealed_lines(storage, first=last, whole_only=True)
    try:
        return max((moment_ms(json.loads(line.body)["time"]) for line in lines), default=0)
    except Unavailable as error:
        # The newest of all the others is as good: they were sealed by the same clock.
        logger.error("the last line of a journal cannot be read", exc_info=error)
        return 0


def _age_s(checkpoint: bytes, now_s: int) -> float:
    # By its size either way: a clock that was set back must not keep checkpoints from being made.
    return abs(now_s - moment_ms(json.loads(checkpoint)["time"]) / 1000)
