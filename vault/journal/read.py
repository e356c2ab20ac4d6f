"""Reading a journal page by page, newest first, with filters.

Values rest encrypted and lines have no index by them: who steals the disk must not see which lines are equal. A page
therefore looks at a bounded number of lines, and says where the next one goes on.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from vault.errors import UnacceptableContent, Violation
from vault.journal.lines import REDACTABLE, Line, moment_ms
from vault.model.identifiers import StorageId
from vault.stores.ports import CatalogueReader
from vocab.namespaces import WKT

page_lines = 100
max_scanned_lines = 5_000
# Lines stand in the order in which they were sealed; by their times they can differ as much as clocks do.
_order_margin_ms = 24 * 3600 * 1000
_BY_VALUE = ("agent", "organisation", "outcome", "resource", "activity")
_NAMES = frozenset({*_BY_VALUE, "from", "to", "before"})
_OUTCOMES = {"allowed": WKT.AllowedOutcome, "refused": WKT.RefusedOutcome}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which lines are wanted, None for all; moments in wall milliseconds, both included; `before` is a line's number."""

    agent: str | None = None
    organisation: str | None = None
    outcome: str | None = None
    resource: str | None = None
    activity: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    before: int | None = None

    def keep(self, line: Line) -> bool:
        """Whether a line is wanted."""
        for name in _BY_VALUE:
            value = getattr(self, name)
            if value is not None and line.get(name) != value:
                return False
        time_ms = moment_ms(line["time"])
        return (self.from_ms is None or time_ms >= self.from_ms) and (
            self.to_ms is None or time_ms <= self.to_ms
        )

    def is_past(self, line: Line) -> bool:
        """Whether no older line can be wanted any more."""
        return self.from_ms is not None and moment_ms(line["time"]) < self.from_ms - _order_margin_ms


@dataclass(frozen=True, slots=True)
class Page:
    """Lines with their values, without salts, newest first; older ones come before number `before` (None: no more)."""

    lines: tuple[Line, ...]
    before: int | None


def read_filters(query: Mapping[str, str]) -> Filters:
    """Read the filters of a query: agent, organisation, outcome (allowed, refused), resource, activity, from, to, before.

    Raises:
        UnacceptableContent: an unknown name, or a value that it cannot have.
    """
    unknown = set(query) - _NAMES
    if unknown:
        raise _unacceptable(min(unknown), "Dit filter bestaat niet.")
    outcome, before = query.get("outcome"), query.get("before")
    if outcome is not None and outcome not in _OUTCOMES:
        raise _unacceptable("outcome", "Kies allowed of refused.")
    if before is not None and not (before.isascii() and before.isdecimal() and len(before) < 16):
        raise _unacceptable("before", "Dit is geen volgnummer.")
    return Filters(
        query.get("agent"),
        query.get("organisation"),
        None if outcome is None else _OUTCOMES[outcome],
        query.get("resource"),
        query.get("activity"),
        _moment(query, "from"),
        _moment(query, "to"),
        None if before is None else int(before),
    )


def read_page(view: CatalogueReader, storage: StorageId, filters: Filters, size: int = page_lines) -> Page:
    """The newest lines that pass the filters.

    A page may hold fewer than `size`, even none, and still have older ones: it looks at a bounded number of lines.
    """
    found: list[Line] = []
    lines = view.sealed_lines(
        storage, last=_newest(view, storage, filters), newest_first=True, whole_only=True
    )
    for seen, sealed in enumerate(lines):
        if len(found) == size or seen == max_scanned_lines:
            return Page(tuple(found), sealed.sequence + 1)
        line = json.loads(sealed.body)
        if filters.is_past(line):
            break
        if filters.keep(line):
            found.append(_shown(line))
    return Page(tuple(found), None)


def _shown(line: Line) -> Line:
    """A line for its reader: no salts, and the name of a value that was taken away in place of its hash."""
    taken_away = [name for name in REDACTABLE if name in line and name not in line["salts"]]
    shown = {name: value for name, value in line.items() if name not in {"salts", *taken_away}}
    return shown | {"takenAway": taken_away} if taken_away else shown


def _newest(view: CatalogueReader, storage: StorageId, filters: Filters) -> int:
    """The newest line that can be wanted: no later one was before the last moment that is, whatever clocks did."""
    last = view.journal_head(storage).sequence if filters.before is None else filters.before - 1
    if filters.to_ms is None:
        return last
    until_ms = filters.to_ms + _order_margin_ms
    return bisect_right(range(1, last + 1), until_ms, key=lambda number: _time_ms(view, storage, number))


def _time_ms(view: CatalogueReader, storage: StorageId, number: int) -> int:
    # Lines whose time is over are the oldest ones.
    lines = view.sealed_lines(storage, first=number, last=number, whole_only=True)
    return next((moment_ms(json.loads(line.body)["time"]) for line in lines), 0)


def _moment(query: Mapping[str, str], name: str) -> int | None:
    if name not in query:
        return None
    try:
        return moment_ms(query[name])
    except ValueError as error:
        raise _unacceptable(name, "Dit is geen moment met tijdzone.") from error


def _unacceptable(name: str, sentence: str) -> UnacceptableContent:
    return UnacceptableContent("the filters of the journal cannot be read", (Violation(name, sentence),))
