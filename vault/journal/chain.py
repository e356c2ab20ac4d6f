"""Following a chain of journal lines one by one, without the server: each must follow from the one before."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from vault.journal.lines import GAP, REDACTABLE, Line, hash_text, line_hash, no_hash, read_hash
from vault.journal.redaction import digest_of
from vault.model.journal import JournalHead

REDACTS, DROPPED = "redacts", "dropped"
_hash_bytes = len(no_hash)
_no_epoch = -1


class BrokenChain(Exception):
    """A line is not what it must be; the message names its number and nothing of its content."""


@dataclass(slots=True)
class Chain:
    """What is known after some lines: the end, the hash and epoch of each line, and what was taken away from which.

    Forty bytes a line, and more only for lines from which something was taken away.
    """

    head: JournalHead
    unsalted: dict[int, frozenset[str]] = field(default_factory=dict)
    redacted: dict[int, frozenset[str]] = field(default_factory=dict)
    dropped: list[tuple[int, int]] = field(default_factory=list)
    drops: list[tuple[int, int]] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    _hashes: bytearray = field(default_factory=bytearray)
    _epochs: array[int] = field(default_factory=lambda: array("q"))

    @property
    def count(self) -> int:
        """How many lines were followed."""
        return len(self._epochs)

    def state(self, number: int) -> tuple[bytes, int | None]:
        """The hash and the epoch (None when only the hash was kept) of a line that was followed."""
        at = number - self._first
        epoch = self._epochs[at]
        return bytes(self._hashes[at * _hash_bytes : (at + 1) * _hash_bytes]), None if epoch < 0 else epoch

    def follow(self, line: Line) -> None:
        """Add the next line.

        Raises:
            BrokenChain: it does not follow.
        """
        number = self.head.sequence + 1
        if line.get("sequence") != number or type(line["sequence"]) is not int:
            raise BrokenChain(f"line {number} is missing or not in its place")
        if DROPPED in line:
            self._add(_hash_alone(line, number), _no_epoch)
            self._extend_dropped(number)
            return
        _check_fields(line, number)
        if line["previousHash"] != hash_text(self.head.hash):
            raise BrokenChain(f"line {number} does not follow from the line before it")
        self._add(_own_hash(line, number), line["epoch"])
        self._note(line, number)

    def finish(self) -> None:
        """Say that no more lines come.

        Raises:
            BrokenChain: something was taken away and no later line says so.
        """
        for number, fields in sorted(self.unsalted.items()):
            if not fields <= self.redacted.get(number, frozenset()):
                raise BrokenChain(f"values of line {number} were taken away, and no later line says so")
        covered = _joined(self.drops)
        for first, last in self.dropped:
            if not any(start <= first and last <= end for start, end in covered):
                raise BrokenChain(
                    f"of lines {first} to {last} only the hash is left, and no later line says so"
                )

    @property
    def _first(self) -> int:
        return self.head.sequence - self.count + 1

    def _add(self, hash_: bytes, epoch: int) -> None:
        self.head = JournalHead(self.head.sequence + 1, hash_)
        self._hashes += hash_
        self._epochs.append(epoch)

    def _extend_dropped(self, number: int) -> None:
        if self.dropped and self.dropped[-1][1] == number - 1:
            self.dropped[-1] = (self.dropped[-1][0], number)
        else:
            self.dropped.append((number, number))

    def _note(self, line: Line, number: int) -> None:
        unsalted = frozenset(name for name in REDACTABLE if name in line and name not in line["salts"])
        if unsalted:
            self.unsalted[number] = unsalted
        if line.get("activity") == GAP:
            self.gaps.append((number, line["count"]))
        if REDACTS in line:
            self._note_redaction(line, number)
        if "dropsTo" in line:
            self._note_drop(line, number)

    def _note_redaction(self, line: Line, number: int) -> None:
        redacted = line[REDACTS]
        if type(redacted) is not int or not self._first <= redacted < number:
            raise BrokenChain(f"line {number} takes values away from no earlier line")
        fields = line.get("redactedFields", REDACTABLE)
        if not set(fields) <= set(REDACTABLE):
            raise BrokenChain(f"line {number} takes away what no line has")
        self.redacted[redacted] = self.redacted.get(redacted, frozenset()) | frozenset(fields)

    def _note_drop(self, line: Line, number: int) -> None:
        first, last = line.get("dropsFrom"), line["dropsTo"]
        if type(first) is not int or type(last) is not int or not self._first <= first <= last < number:
            raise BrokenChain(f"line {number} drops no earlier lines")
        hashes = (self.state(one)[0] for one in range(first, last + 1))
        if line.get("dropsDigest") != hash_text(digest_of(hashes)):
            raise BrokenChain(f"lines {first} to {last} are not those that line {number} dropped")
        self.drops.append((first, last))


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of numbers as few ones that do not touch."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _hash_alone(line: Line, number: int) -> bytes:
    if set(line) != {"sequence", DROPPED, "hash"} or line[DROPPED] is not True:
        raise BrokenChain(f"line {number} is neither whole nor only a hash")
    try:
        return read_hash(line["hash"])
    except ValueError as error:
        raise BrokenChain(f"line {number} has no hash") from error


def _check_fields(line: Line, number: int) -> None:
    salts = line.get("salts")
    if not isinstance(salts, dict) or type(line.get("epoch")) is not int or "previousHash" not in line:
        raise BrokenChain(f"line {number} lacks what every line has")
    if not 0 <= line["epoch"] < 2**63:
        raise BrokenChain(f"line {number} has an epoch that none can be")
    named = [name for name in REDACTABLE if name in line]
    texts = [*salts.values(), *(line[name] for name in named)]
    if not set(salts) <= set(named) or not all(isinstance(text, str) for text in texts):
        raise BrokenChain(f"line {number} has salts that do not fit its values")
    for name in set(named) - set(salts):
        try:
            read_hash(line[name])
        except ValueError as error:
            raise BrokenChain(f"line {number} has a value without a salt") from error


def _own_hash(line: Line, number: int) -> bytes:
    try:
        found = line_hash(line)
    except ValueError as error:
        raise BrokenChain(f"line {number} has no canonical form") from error
    if line.get("hash") != hash_text(found):
        raise BrokenChain(f"line {number} was changed: its hash does not fit")
    return found
