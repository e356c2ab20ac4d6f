"""Following a chain of journal lines one by one, without the server: each must follow from the one before."""

from __future__ import annotations

from dataclasses import dataclass, field

from vault.journal.lines import GAP, REDACTABLE, Line, hash_text, line_hash, read_hash
from vault.model.journal import JournalHead

REDACTS = "redacts"


class BrokenChain(Exception):
    """A line is not what it must be; the message names its number and nothing of its content."""


@dataclass(slots=True)
class Chain:
    """What is known after some lines: the end, the hash and epoch of each line, and what was taken away from which."""

    head: JournalHead
    states: list[tuple[bytes, int]] = field(default_factory=list)
    unsalted: set[int] = field(default_factory=set)
    redacted: set[int] = field(default_factory=set)
    gaps: list[tuple[int, int]] = field(default_factory=list)

    def follow(self, line: Line) -> None:
        """Add the next line.

        Raises:
            BrokenChain: it does not follow.
        """
        number = self.head.sequence + 1
        if line.get("sequence") != number or type(line["sequence"]) is not int:
            raise BrokenChain(f"line {number} is missing or not in its place")
        _check_fields(line, number)
        if line["previousHash"] != hash_text(self.head.hash):
            raise BrokenChain(f"line {number} does not follow from the line before it")
        self.head = JournalHead(number, _own_hash(line, number))
        self.states.append((self.head.hash, line["epoch"]))
        self._note(line, number)

    def finish(self) -> None:
        """Say that no more lines come.

        Raises:
            BrokenChain: a value was taken away and no later line says so.
        """
        silent = sorted(self.unsalted - self.redacted)
        if silent:
            raise BrokenChain(f"values of line {silent[0]} were taken away, and no later line says so")

    def _note(self, line: Line, number: int) -> None:
        if any(name in line and name not in line["salts"] for name in REDACTABLE):
            self.unsalted.add(number)
        if line.get("activity") == GAP:
            self.gaps.append((number, line["count"]))
        if REDACTS not in line:
            return
        redacted = line[REDACTS]
        if type(redacted) is not int or not 0 < redacted < number:
            raise BrokenChain(f"line {number} takes values away from no earlier line")
        self.redacted.add(redacted)


def _check_fields(line: Line, number: int) -> None:
    salts = line.get("salts")
    if not isinstance(salts, dict) or type(line.get("epoch")) is not int or "previousHash" not in line:
        raise BrokenChain(f"line {number} lacks what every line has")
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
