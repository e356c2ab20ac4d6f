"""Checking an export of a journal without the server, and saying what could not be checked (`docs/explanation/journal.md`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.journal.chain import BrokenChain, Chain
from vault.journal.checkpoints import TYPE, Checkpoint, read_checkpoint, read_public_key
from vault.journal.export import END, FORMAT, HEADER, end_row
from vault.journal.lines import Line, hash_text, no_hash
from vault.model.journal import JournalHead

max_row_bytes = 1024 * 1024
max_checkpoint_rows = 1000
_HEADER_BEGINS = b'{"type":"JournalExport"'


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and holds, what was not checked and why, and what is wrong."""

    storage: str
    count: int
    checked: tuple[str, ...]
    not_checked: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


class _Unreadable(Exception):
    """A row is not what must stand there."""


@dataclass(slots=True)
class _Findings:
    """What comes to light while an export is read."""

    chain: Chain = field(default_factory=lambda: Chain(JournalHead(0, no_hash)))
    storage: str = ""
    own: Checkpoint | None = None
    checked: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def verify(export: bytes | Path, key: bytes | None = None, checkpoints: Sequence[Checkpoint] = ()) -> Report:
    """Check an export, with the public key (PEM) of the server and with checkpoints that were kept from earlier, if given.

    Raises:
        ValueError: the key is none.
        OSError: the file cannot be read.
    """
    public = None if key is None else read_public_key(key)
    findings = _Findings()
    try:
        _read(_rows(export), findings)
        findings.chain.finish()
    except (_Unreadable, BrokenChain) as error:
        findings.faults.append(str(error))
        findings.not_checked.append("what stands after the first fault, and every checkpoint")
    else:
        _tell_of_chain(findings)
        _check_all(findings, public, checkpoints)
    return Report(
        findings.storage,
        findings.chain.head.sequence,
        tuple(findings.checked),
        tuple(findings.not_checked),
        tuple(findings.faults),
    )


def read_checkpoints(source: bytes | Path) -> list[Checkpoint]:
    """The checkpoint in a file: alone, as the server answers it, or in an earlier export.

    Raises:
        ValueError: there is none in it.
        OSError: the file cannot be read.
    """
    rows = _rows(source)
    first = next(rows, b"")
    try:
        if not first.startswith(_HEADER_BEGINS):
            return [read_checkpoint(_parse(first + b"".join(islice(rows, max_checkpoint_rows))))]
        found = [
            read_checkpoint(row)
            for row in map(_parse, filter(_names_checkpoint, rows))
            if row.get("type") == TYPE
        ]
    except (ValueError, _Unreadable) as error:
        raise ValueError("the file is neither a checkpoint nor an export") from error
    if not found:
        raise ValueError("the export holds no checkpoint with a leaf")
    return found


def _read(rows: Iterator[bytes], findings: _Findings) -> None:
    row = next(rows, b"")
    findings.storage = _read_header(_parse(row))
    digest = hashlib.sha256(row)
    for row in rows:
        line = _parse(row)
        if line.get("type") == END:
            _check_end(row, findings.chain.head, digest.digest())
            break
        _take(line, findings)
        digest.update(row)
    else:
        raise _Unreadable(
            f"the file was cut after line {findings.chain.head.sequence}: its last row is missing"
        )
    if next(rows, None) is not None:
        raise _Unreadable("the file goes on after its last row")


def _read_header(header: Line) -> str:
    storage = header.get("storage")
    if header.get("type") != HEADER or header.get("format") != FORMAT or not isinstance(storage, str):
        raise _Unreadable("this is no export of a journal")
    return storage


def _check_end(row: bytes, head: JournalHead, digest: bytes) -> None:
    if row != end_row(head.sequence, head.hash, digest):
        raise _Unreadable("the last row does not fit what stands before it")


def _take(line: Line, findings: _Findings) -> None:
    if findings.own is not None:
        raise _Unreadable("something stands between the checkpoint and the last row")
    if line.get("type") != TYPE:
        findings.chain.follow(line)
        return
    try:
        findings.own = read_checkpoint(line)
    except ValueError as error:
        raise _Unreadable("the checkpoint in the file cannot be read") from error


def _tell_of_chain(findings: _Findings) -> None:
    chain = findings.chain
    findings.checked.append(
        f"each of the {chain.count} lines follows from the one before: none was changed, dropped, inserted or "
        "swapped by itself"
    )
    if chain.unsalted:
        findings.checked.append(
            f"where values were taken away ({len(chain.unsalted)} lines) a later line says so"
        )
    if chain.dropped:
        alone = sum(last - first + 1 for first, last in chain.dropped)
        findings.checked.append(
            f"of {alone} lines only the hash is left; a later line says so, and their hashes are those of then"
        )
        findings.not_checked.append(f"what these {alone} lines said: it was dropped because its time is over")
    for number, missing in chain.gaps:
        findings.not_checked.append(
            f"line {number} says that about {missing} lines of the server were lost before they were sealed"
        )


def _check_all(
    findings: _Findings, public: Ed25519PublicKey | None, checkpoints: Sequence[Checkpoint]
) -> None:
    if findings.own is not None:
        _check(findings, findings.own, public, "the checkpoint in the export")
    for checkpoint in checkpoints:
        _check(findings, checkpoint, public, "the checkpoint given")
    if not checkpoints:
        findings.not_checked.append(
            "whether the journal was made anew as a whole, or cut at its end, before this export: for that, give a "
            "checkpoint that was kept from earlier (--checkpoint)"
        )
    known = [*checkpoints, *([] if findings.own is None else [findings.own])]
    if known and public is None:
        findings.not_checked.append(
            "who signed the checkpoints: for that, give the key of the server (--key)"
        )
    covered = max((checkpoint.leaf.sequence for checkpoint in known), default=0)
    if known and covered < findings.chain.count:
        findings.not_checked.append(
            f"lines {covered + 1} to {findings.chain.count}: they are newer than every checkpoint"
        )


def _check(findings: _Findings, checkpoint: Checkpoint, public: Ed25519PublicKey | None, which: str) -> None:
    name, leaf = f"{which} of {checkpoint.time}", checkpoint.leaf
    fault = _fault_of(findings, checkpoint)
    if fault is not None:
        findings.faults.append(f"{name}: {fault}")
        return
    findings.checked.append(f"{name}: lines 1 to {leaf.sequence} are what they were then")
    if public is not None and not checkpoint.is_signed_by(public):
        findings.faults.append(f"{name}: it is not signed with this key")
    elif public is not None:
        findings.checked.append(f"{name}: it is signed with the key given")


def _fault_of(findings: _Findings, checkpoint: Checkpoint) -> str | None:
    leaf, chain = checkpoint.leaf, findings.chain
    if not checkpoint.leads_to_root():
        return "its leaf is not in its tree"
    if leaf.storage != findings.storage:
        return "it is of another storage"
    if leaf.sequence > chain.count:
        return f"the end was cut off: it knows {leaf.sequence} lines, the export has {chain.count}"
    if leaf.sequence == 0:
        return None if leaf.head == hash_text(no_hash) else "it knows another beginning"
    hash_, epoch = chain.state(leaf.sequence)
    if leaf.head != hash_text(hash_) or epoch not in {None, leaf.epoch}:
        return "the chain was made anew: the lines are not those of then"
    return None


def _rows(export: bytes | Path) -> Iterator[bytes]:
    """Rows one by one; one that is longer than any that we write comes in pieces, which are no JSON."""
    with BytesIO(export) if isinstance(export, bytes) else export.open("rb") as file:
        yield from iter(lambda: file.readline(max_row_bytes), b"")


def _names_checkpoint(row: bytes) -> bool:
    return b'"type":"Checkpoint"' in row


def _parse(row: bytes) -> Line:
    try:
        found = json.loads(row, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _Unreadable("a row of the file is no JSON, or names a field twice") from error
    if not isinstance(found, dict):
        raise _Unreadable("a row of the file is no JSON object")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> Line:
    found = dict(pairs)
    # A name that stands twice would mean one thing to this program and another to the next reader.
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refuse(_: str) -> Any:
    raise ValueError("not a number of JSON")
