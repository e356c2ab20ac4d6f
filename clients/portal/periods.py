"""How long: the choices on a card, and the day that a form chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clients.look.dates import day, months_later, parse_day
from clients.portal.here import text

OTHER = "anders"
ASKED = "gevraagd"
max_months = 12


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """One radio button."""

    value: str
    title: str
    hint: str
    until: date


def longest(today: date) -> date:
    """No access is longer than a year."""
    return months_later(today, max_months)


def shorter_choices(today: date, asked: date) -> tuple[PeriodChoice, ...]:
    """At most two choices that end before the asked day."""
    candidates = (
        ("1w", today + timedelta(weeks=1)),
        ("6w", today + timedelta(weeks=6)),
        ("3m", months_later(today, 3)),
    )
    fitting = [(name, until) for name, until in candidates if until < asked][-2:]
    return tuple(
        PeriodChoice(name, text(f"hoelang.{name}"), text("hoelang.tot", dag=day(until)), until)
        for name, until in fitting
    )


def chosen_day(form: Mapping[str, str], today: date, asked: date) -> date | str:
    """The last day that a form chose, or the sentence that says what is wrong with it."""
    choice = form.get("tot", ASKED)
    if choice == ASKED:
        return asked
    if choice != OTHER:
        known = {option.value: option.until for option in shorter_choices(today, asked)}
        return known.get(choice, asked)
    found = parse_day(form.get("dag", ""))
    if found is None:
        return text("hoelang.fout_dag")
    if found < today:
        return text("hoelang.fout_voorbij")
    if found > asked:
        return text("hoelang.fout_later", dag=day(asked))
    return found
