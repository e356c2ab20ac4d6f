"""Whether an object store does what the vault needs, tried with objects of its own and told in words."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from pod_server.object_stores import S3Location
from pod_server.settings import is_loopback
from vault.errors import VaultError
from vault.stores.ports import ObjectStore

large_bytes = 12 * 1024 * 1024
_piece_bytes = 256 * 1024
# The keeper judges by these times whether an object is an orphan, with days to spare.
most_skew_s = 60
_PREFIX = "check-"


class Verdict(Enum):
    """What a finding means for the operator; its value is the word that is printed."""

    GOOD = "good"
    NOTE = "note"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried, in a sentence."""

    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The store under check: how to list it by prefix, how to explain its failures, and the time here."""

    store: ObjectStore
    listed: Callable[[str], Iterable[tuple[str, int]]]
    explain: Callable[[Exception], str]
    now_s: Callable[[], int]


class _CutOff(Exception):
    """The end of an upload that is cut."""


def check_store(subject: Subject) -> Iterator[Finding]:
    """Try everything on objects that are removed again; the first step that fails ends it."""
    prefix = f"{_PREFIX}{secrets.token_hex(8)}-"
    try:
        for step, fault in _STEPS:
            try:
                found = step(subject, prefix)
            except VaultError as error:
                found = Finding(Verdict.BAD, f"{fault}: {subject.explain(error)}.")
            yield found
            if found.verdict is Verdict.BAD:
                return
    finally:
        _clean(subject, prefix)


def notes_on_service(location: S3Location, *, keeps_versions: bool, has_lifecycle: bool) -> Iterator[Finding]:
    """What an S3 service does besides, that an operator should know."""
    host = location.endpoint.rpartition(":")[0] or location.endpoint
    if not location.is_secure and not is_loopback(host.strip("[]")):
        yield Finding(
            Verdict.NOTE,
            "The way to the service is not encrypted; objects are, but who listens sees their sizes.",
        )
    if keeps_versions:
        yield Finding(
            Verdict.NOTE,
            "The bucket keeps versions: what is deleted goes on taking room. It is unreadable once its key is gone.",
        )
    if has_lifecycle:
        yield Finding(
            Verdict.NOTE,
            "The bucket has lifecycle rules: a rule that deletes or moves objects loses documents. Let it only end"
            " unfinished uploads.",
        )
    yield Finding(
        Verdict.NOTE,
        "Whether the service keeps what it acknowledged when its machines fail cannot be seen from here: ask who runs it.",
    )


def _small(subject: Subject, prefix: str) -> Finding:
    body = secrets.token_bytes(2000)
    subject.store.put(f"{prefix}small", (body,))
    if b"".join(subject.store.get(f"{prefix}small")) != body:
        return Finding(Verdict.BAD, "An object comes back changed.")
    return Finding(Verdict.GOOD, "An object can be put, and comes back as it was.")


def _part(subject: Subject, prefix: str) -> Finding:
    key = f"{prefix}small"
    whole = b"".join(subject.store.get(key))
    if b"".join(subject.store.get(key, 100, 50)) != whole[100:150]:
        return Finding(Verdict.BAD, "Asked for a part of an object, the store gives something else.")
    return Finding(Verdict.GOOD, "A part of an object can be read alone.")


def _large(subject: Subject, prefix: str) -> Finding:
    sent, found = hashlib.sha256(), hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        for _ in range(0, large_bytes, _piece_bytes):
            piece = os.urandom(_piece_bytes)
            sent.update(piece)
            yield piece

    subject.store.put(f"{prefix}large", pieces())
    for piece in subject.store.get(f"{prefix}large"):
        found.update(piece)
    if found.digest() != sent.digest():
        return Finding(Verdict.BAD, "A large object comes back changed.")
    return Finding(Verdict.GOOD, "A large object can be put in parts, and comes back as it was.")


def _cut(subject: Subject, prefix: str) -> Finding:

    def half() -> Iterator[bytes]:
        yield bytes(large_bytes)
        raise _CutOff

    with suppress(_CutOff):
        subject.store.put(f"{prefix}cut", half())
    if any(subject.listed(f"{prefix}cut")):
        return Finding(Verdict.BAD, "An upload that was cut leaves an object.")
    return Finding(Verdict.GOOD, "An upload that is cut leaves nothing.")


def _times(subject: Subject, prefix: str) -> Finding:
    found = dict(subject.listed(prefix))
    if sorted(found) != [f"{prefix}large", f"{prefix}small"]:
        return Finding(Verdict.BAD, "The list of objects is not complete at once.")
    skew_s = max(abs(written_s - subject.now_s()) for written_s in found.values())
    if skew_s > most_skew_s:
        return Finding(
            Verdict.BAD, f"The clocks of the store and of this machine differ by {skew_s} s: set them right."
        )
    return Finding(Verdict.GOOD, "Objects are listed at once, with the right time.")


def _delete(subject: Subject, prefix: str) -> Finding:
    key = f"{prefix}small"
    subject.store.delete(key)
    try:
        b"".join(subject.store.get(key))
    except KeyError:
        if not any(subject.listed(key)):
            return Finding(Verdict.GOOD, "A deleted object is gone, and is told from one that is there.")
    return Finding(Verdict.BAD, "A deleted object is still there.")


def _clean(subject: Subject, prefix: str) -> None:
    try:
        for key, _ in list(subject.listed(prefix)):
            subject.store.delete(key)
    except VaultError:
        # Then the steps told why already; what is left has no row, and the keeper sweeps it.
        return


_STEPS: tuple[tuple[Callable[[Subject, str], Finding], str], ...] = (
    (_small, "An object cannot be put and read back"),
    (_part, "A part of an object cannot be read"),
    (_large, "An object of many parts cannot be put and read back"),
    (_cut, "An upload that is cut cannot be ended"),
    (_times, "Objects cannot be listed"),
    (_delete, "An object cannot be deleted"),
)
