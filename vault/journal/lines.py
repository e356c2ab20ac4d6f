"""Lines of the journal and their hashes (`kluis.example/ns/toegang#JournalLine`, `rfc-editor.org/rfc/rfc8785`).

A hash runs over the canonical JSON of a line without salts and hash, in which every field that names a document or a
party is a salted hash of its value. So such a value can be taken away later, and the chain still holds.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import rfc8785

from vault.model.journal import JournalEntry, JournalHead, SealedLine
from vocab.namespaces import WKT

# A JSON object as it is kept: its hash goes over whatever fields it has.
Line = dict[str, Any]

REDACTABLE = ("agent", "authorization", "grant", "organisation", "resource", "usedClient")
GAP = "gap"
_ALLOWED, _REFUSED = WKT.AllowedOutcome, WKT.RefusedOutcome
no_hash = bytes(32)
_PREFIX = "sha256:"
_salt_bytes = 16
_salt_characters = 26
_max_exact = 2**53 - 1
_TEXTUAL = (str, bool)
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def draft_of(entry: JournalEntry) -> Line:
    """A line without its number, salts and hashes."""
    line: Line = {
        "time": moment_text(entry.time_ms),
        "epoch": entry.epoch,
        "traceId": entry.trace_id,
        "activity": entry.activity,
        "agent": entry.agent,
        "usedClient": entry.client,
        "usedIssuer": entry.issuer,
        "organisation": entry.organisation,
        "mode": entry.mode.value,
        "resource": entry.resource or None,
        "outcome": _ALLOWED if entry.refusal is None else _REFUSED,
        "refusal": None if entry.refusal is None else entry.refusal.value,
        "authorization": entry.authorization or None,
        "grant": entry.grant,
        "declaredPurpose": entry.purpose,
        "legalBasis": entry.legal_basis,
        "failed": entry.failed or None,
        "absent": entry.absent or None,
        "count": entry.count,
    }
    return {name: value for name, value in line.items() if value is not None}


def draft_of_gap(time_ms: int, epoch: int, missing: int) -> Line:
    """A line that says how many lines of this server were lost before they could be sealed."""
    return {"time": moment_text(time_ms), "epoch": epoch, "activity": GAP, "count": missing}


def seal_drafts(drafts: Iterable[Line], head: JournalHead) -> Iterator[SealedLine]:
    """Number drafts from a head on, salt them and chain their hashes."""
    for draft in drafts:
        line: Line = {"sequence": head.sequence + 1, **draft}
        line["salts"] = {name: new_salt() for name in REDACTABLE if name in line}
        line["previousHash"] = hash_text(head.hash)
        head = JournalHead(head.sequence + 1, line_hash(line))
        line["hash"] = hash_text(head.hash)
        yield SealedLine(head.sequence, head.hash, write_line(line))


def line_hash(line: Line) -> bytes:
    """The hash of a line; a value without a salt counts as the hash it says it is.

    Raises:
        ValueError: it has no canonical form.
    """
    salts = line["salts"]
    body = {name: value for name, value in line.items() if name not in {"salts", "hash"}}
    for name, salt in salts.items():
        body[name] = digest_text((salt + body[name]).encode())
    return hashlib.sha256(canonical(body)).digest()


def without_values(line: Line, fields: Iterable[str]) -> Line:
    """A line without the values and salts of some fields; their hashes stay, so that its own hash holds."""
    left, salts = dict(line), dict(line["salts"])
    for name in fields:
        left[name] = digest_text((salts.pop(name) + line[name]).encode())
    return left | {"salts": salts}


def write_line(line: Line) -> bytes:
    """A line as it is kept."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()


def canonical(value: Line) -> bytes:
    """Canonical JSON (`rfc-editor.org/rfc/rfc8785`).

    Raises:
        ValueError: a number or text that has no canonical form.
    """
    try:
        if _is_plain(value):
            # The same bytes, ten times as fast: a property test compares them.
            return _CANONICAL.encode(value).encode()
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise ValueError("no canonical form") from error


def _is_plain(value: Line) -> bool:
    """Whether an object holds only texts, truths and small numbers under ASCII names, as nearly every line does."""
    return all(map(str.isascii, value)) and all(
        type(found) in _TEXTUAL or (type(found) is int and abs(found) <= _max_exact)
        for found in value.values()
    )


def new_salt() -> str:
    """A random salt of 26 characters (128 bits)."""
    return base64.b32encode(secrets.token_bytes(_salt_bytes))[:_salt_characters].decode().lower()


def digest_text(data: bytes) -> str:
    """The SHA-256 of bytes as it is written."""
    return hash_text(hashlib.sha256(data).digest())


def hash_text(hash_: bytes) -> str:
    """A hash as it is written."""
    return _PREFIX + hash_.hex()


def read_hash(text: object) -> bytes:
    """Read a written hash.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(text, str) or not text.startswith(_PREFIX):
        raise ValueError("not a written hash")
    found = bytes.fromhex(text.removeprefix(_PREFIX))
    if hash_text(found) != text or len(found) != len(no_hash):
        raise ValueError("not a written hash")
    return found


def moment_text(time_ms: int) -> str:
    """A moment to the millisecond, in UTC."""
    seconds, milliseconds = divmod(time_ms, 1000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_ms(text: str) -> int:
    """Read a written moment with a zone into wall milliseconds.

    Raises:
        ValueError: it is none, or without a zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return round(moment.timestamp() * 1000)
