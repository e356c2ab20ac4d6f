"""Folding equal lines of one sealing window, so that a flood of refusals cannot fill a journal (`docs/explanation/journal.md`).

What folds stays counted: the counts of the lines of a window add up to the requests that were answered. Nothing that
was allowed and done folds, but for the owner's looking into her own journal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vault.model.journal import JournalEntry

MORE, OTHERS = "more", "others"
max_refusals_of_one = 8
max_refused_agents = 32
_OWN_LOOKING = frozenset({"consult-journal", "checkpoint"})


def fold(entries: Iterable[JournalEntry], owner: str | None) -> list[JournalEntry]:
    """Fold what is equal but for time and trace id, and bound what was refused; order stays, by the first of equal ones.

    Of one agent at most `max_refusals_of_one` different refusals keep a line of their own. The rest is a line "more" of
    that agent, and of agents beyond the first `max_refused_agents` a line "others" without a name, each with its count.
    """
    folded: dict[object, JournalEntry] = {}
    for number, entry in enumerate(entries):
        _add(folded, _equal(entry) if _folds(entry, owner) else number, entry)
    return _bounded(list(folded.values()), owner)


def _folds(entry: JournalEntry, owner: str | None) -> bool:
    is_own_looking = entry.activity in _OWN_LOOKING and entry.agent == owner
    return is_own_looking or _came_to_nothing(entry, owner)


def _came_to_nothing(entry: JournalEntry, owner: str | None) -> bool:
    """Whether it was refused; what somebody else attempts in vain can be repeated as cheaply."""
    return entry.refusal is not None or (entry.failed and entry.agent != owner)


def _bounded(entries: Sequence[JournalEntry], owner: str | None) -> list[JournalEntry]:
    in_vain = [entry for entry in entries if _came_to_nothing(entry, owner)]
    if len(in_vain) <= max_refusals_of_one:
        return list(entries)
    named, kept = _named(in_vain), Counter[str | None]()
    found: dict[object, JournalEntry] = {}
    for number, entry in enumerate(entries):
        is_named = entry.agent in named
        if not _came_to_nothing(entry, owner) or (is_named and kept[entry.agent] < max_refusals_of_one):
            found[number] = entry
            kept[entry.agent] += _came_to_nothing(entry, owner)
        else:
            rest = _rest(entry) if is_named else replace(_rest(entry), activity=OTHERS, agent=None)
            _add(found, _equal(rest), rest)
    return list(found.values())


def _named(in_vain: Iterable[JournalEntry]) -> set[str | None]:
    """The agents who keep lines of their own: those of an organisation before others, earlier ones before later ones."""
    ordered = sorted(in_vain, key=lambda entry: entry.organisation is None)
    return set(list(dict.fromkeys(entry.agent for entry in ordered))[:max_refused_agents])


def _rest(entry: JournalEntry) -> JournalEntry:
    """An entry with only what holds for all that are folded with it."""
    return JournalEntry(
        entry.storage,
        entry.time_ms,
        entry.epoch,
        entry.trace_id,
        MORE,
        "",
        entry.mode,
        agent=entry.agent,
        refusal=entry.refusal,
        failed=entry.failed,
        count=entry.count,
    )


def _equal(entry: JournalEntry) -> JournalEntry:
    return replace(entry, time_ms=0, trace_id="", count=1)


def _add(folded: dict[object, JournalEntry], key: object, entry: JournalEntry) -> None:
    seen = folded.get(key)
    folded[key] = entry if seen is None else replace(seen, count=seen.count + entry.count)
