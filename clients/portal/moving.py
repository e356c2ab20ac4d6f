"""A move as choices in words: for every grant the suggestion and the way out, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clients.look.dates import day, local_day
from clients.portal.here import text
from clients.portal.people import Person, of_receiver
from clients.solid.parties import Parties, Party
from clients.solid.relocation import Choice, Plan, PlanLine, Receipt, ReceiptLine
from vocab.namespaces import WKT

overlap = timedelta(days=42)
END, OVERLAP, CONTINUE = "stopt", "zesweken", "door"
_CHOICES = {END: WKT.ChooseEnd, OVERLAP: WKT.ChooseOverlap, CONTINUE: WKT.ChooseContinue}
_SUGGESTED = {
    WKT.Ends: END,
    WKT.KeptByLaw: END,
    WKT.Overlaps: OVERLAP,
    WKT.Continues: CONTINUE,
    WKT.Unaffected: CONTINUE,
}


@dataclass(frozen=True, slots=True)
class Option:
    """One radio button of a line."""

    value: str
    title: str
    hint: str
    checked: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """One grant in step 2: who, the sentence of the rule, the options; `field` names its radio buttons."""

    field: str
    person: Person
    sentence: str
    options: tuple[Option, ...]


def line_views(plan: Plan, form: Mapping[str, str]) -> tuple[LineView, ...]:
    """Every grant of a plan with its options; what was typed goes before what was chosen, that before the suggestion."""
    return tuple(_line_view(plan, line, form) for line in plan.lines)


def read_choices(plan: Plan, form: Mapping[str, str]) -> tuple[tuple[Choice, ...], dict[str, str]]:
    """The choices of step 2, and what is missing by field."""
    choices, errors = [], {}
    for line in plan.lines:
        value = form.get(field_of(line), "")
        if value in _offered(plan, line):
            choices.append(_choice(plan, line, value))
        else:
            errors[field_of(line)] = text("verhuizen.fout_kies", wie=_person(plan.parties, line).name)
    return tuple(choices), errors


def kept_choices(plan: Plan) -> tuple[Choice, ...]:
    """What was chosen before, to put again."""
    chosen = {iri: value for value, iri in _CHOICES.items()}
    return tuple(_choice(plan, line, chosen[line.choice]) for line in plan.lines if line.choice in chosen)


def summary_lines(plan: Plan) -> tuple[str, ...]:
    """Who may still look, a sentence each."""
    return tuple(_summary(plan, line) for line in plan.lines)


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """Who may look before and after the day of the move."""

    who: str
    before: str
    after: str


def receipt_rows(plan: Plan, receipt: Receipt) -> tuple[ReceiptRow, ...]:
    """The table of a receipt."""
    known = {one.id: Party(one.id, one.name, None, one) for one in plan.candidates}
    parties = {**known, **plan.parties, **receipt.parties}
    old = [_receipt_row(plan, parties, line) for line in receipt.lines]
    new = [
        ReceiptRow(
            _name(parties, line),
            text("bewijs.kan_niet"),
            text("hoelang.tot", dag=day(line.end or plan.move_date)),
        )
        for line in receipt.new_grants
    ]
    return (*old, *new)


def field_of(line: PlanLine) -> str:
    """The name of the radio buttons of a line."""
    return f"k-{line.grant.rsplit('/', 1)[-1]}"


def _line_view(plan: Plan, line: PlanLine, form: Mapping[str, str]) -> LineView:
    chosen = {iri: value for value, iri in _CHOICES.items()}.get(line.choice or "")
    suggested = _suggested(plan, line)
    checked = form.get(field_of(line)) or chosen or suggested
    options = tuple(
        Option(
            value,
            text(f"verhuizen.keuze.{value}"),
            _hint(_until(plan, line, value), is_suggested=value == suggested),
            value == checked,
        )
        for value in _offered(plan, line)
    )
    return LineView(field_of(line), _person(plan.parties, line), line.sentence, options)


def _hint(until: date | None, *, is_suggested: bool) -> str:
    parts = [] if until is None else [f"{text('hoelang.tot', dag=day(until))}."]
    return " ".join([*parts, *([text("verhuizen.voorstel")] if is_suggested else [])])


def _suggested(plan: Plan, line: PlanLine) -> str | None:
    offered = _offered(plan, line)
    suggestion = _SUGGESTED.get(line.suggestion)
    return suggestion if suggestion in offered else (offered[0] if len(offered) == 1 else None)


def _offered(plan: Plan, line: PlanLine) -> tuple[str, ...]:
    if line.grant_end is not None and local_day(line.grant_end) < plan.move_date:
        return (CONTINUE,)
    suggestion = _SUGGESTED.get(line.suggestion, CONTINUE)
    return (END, CONTINUE) if suggestion == END else (suggestion, END)


def _choice(plan: Plan, line: PlanLine, value: str) -> Choice:
    until = None if value == CONTINUE else _until(plan, line, value)
    return Choice(line.grant, _CHOICES[value], until)


def _until(plan: Plan, line: PlanLine, value: str) -> date | None:
    own_end = None if line.grant_end is None else local_day(line.grant_end)
    if value == END:
        return plan.move_date - timedelta(days=1)
    if value == OVERLAP:
        later = local_day(line.suggested_end) if line.suggested_end is not None else plan.move_date + overlap
        return min(later, own_end) if own_end is not None else later
    return own_end


def _summary(plan: Plan, line: PlanLine) -> str:
    name = _person(plan.parties, line).name
    value = {iri: value for value, iri in _CHOICES.items()}.get(line.choice or "", "")
    until = local_day(line.end) if line.end is not None else _until(plan, line, value)
    return text("verhuizen.nog_tot", wie=name, dag=day(until)) if until is not None else name


def _receipt_row(plan: Plan, parties: Parties, line: ReceiptLine) -> ReceiptRow:
    end = None if line.end is None else local_day(line.end)
    stops = end is not None and end < plan.move_date
    after = text("bewijs.kan_niet") if stops else text("bewijs.nog", dag=day(end or plan.move_date))
    return ReceiptRow(_name(parties, line), text("bewijs.kan"), after)


def _person(parties: Parties, line: PlanLine) -> Person:
    return of_receiver(line.assignee, line.assignee_kind, line.organisation, parties)


def _name(parties: Parties, line: ReceiptLine) -> str:
    return of_receiver(line.assignee, line.assignee_kind, line.organisation, parties).name
