"""Announcing a move, choosing, and carrying it out as one transaction; until then nothing changes.

`kluis.example/ns/toegang#RelocationPlan`
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from vault.admission import Asking, admit_owner
from vault.bsn import holds_bsn
from vault.context import Context
from vault.errors import Conflict, NoSuchResource, PreconditionFailed, UnacceptableContent, Violation
from vault.grants.keep import Change, apply_changes, stopped
from vault.grants.known import known_grants
from vault.grants.layout import GrantChange, storage_url
from vault.grants.lines import Happening, line
from vault.grants.preview import Preview, preview_grant
from vault.model.grant import Grant, Instant, Period, instant_at
from vault.model.identifiers import StorageId
from vault.model.journal import JournalEntry
from vault.model.records import DocumentKind, ServiceDocument, StorageRecord
from vault.organisations import resolve
from vault.relocation.days import day_of
from vault.relocation.new_team import grant_to_team
from vault.relocation.plan import (
    CHOICES,
    Line,
    NewTeam,
    Plan,
    dump_plan,
    end_of_choice,
    load_plan,
    suggest_line,
)
from vault.relocation.rules import fitting_rule, kind_of_receiver, suggested_end
from vault.stores.ports import CatalogueReader, CatalogueTransaction
from vocab.concepts import relocation_rules

SERVICE = "RelocationService"
PATH = ".well-known/wijkkluis/verhuizingen/"
max_days_ahead = 366


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where to and when, which circumstances hold (concept IRIs), and where from if she says so."""

    municipality: str
    move_date: date
    circumstances: tuple[str, ...] = ()
    old_municipality: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What she chose for one grant; `last_day` only when she chose a day herself."""

    grant: str
    choice: str
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """A plan with the version of the document that keeps it."""

    plan: Plan
    version: int

    @property
    def short_id(self) -> str:
        """The last part of its IRI, by which it is kept."""
        return self.plan.id.rsplit("/", 1)[-1]

    @property
    def etag(self) -> str:
        """What names this state of the plan."""
        return f'"{self.short_id}-{self.version}"'


def announce(context: Context, asking: Asking, announcement: Announcement) -> KnownPlan:
    """Make a plan in which every grant that lets somebody in has a line with a suggestion.

    Raises:
        UnacceptableContent: a day that is over or too far ahead, no municipality, or what may be a BSN.
    """
    _check(context, announcement)

    def change(tx: CatalogueTransaction) -> KnownPlan:
        admit(context, tx, asking)
        known = KnownPlan(_draft(context, tx, asking.storage, announcement), 1)
        tx.put_document(_document(context, asking.storage, known))
        tx.append_lines([_line(context, tx, asking, "announce", known)])
        return known

    return context.catalogue.write(change)


def choose(
    context: Context, asking: Asking, seen: KnownPlan, choices: Sequence[Choice], team: NewTeam | None
) -> KnownPlan:
    """Keep her choices; what she did not choose yet stays open.

    Raises:
        PreconditionFailed: the plan is not the one she saw.
        Conflict: it was confirmed already.
        UnacceptableContent: a choice for no line, one that does not exist, or a day that is over.
    """

    def change(tx: CatalogueTransaction) -> KnownPlan:
        admit(context, tx, asking)
        known = find_plan(tx, asking.storage, seen.short_id)
        _check_open(known, seen.version)
        _check_days(context, choices)
        grants = {one.grant.id: one.grant for one in known_grants(tx, asking.storage)}
        lines = _chosen(known.plan, {choice.grant: choice for choice in choices}, grants)
        after = KnownPlan(replace(known.plan, lines=lines, new_team=team), known.version + 1)
        tx.put_document(_document(context, asking.storage, after))
        tx.append_lines([_line(context, tx, asking, "choose", after)])
        return after

    return context.catalogue.write(change)


def confirm(context: Context, asking: Asking, short_id: str, previewed: Iterable[str]) -> KnownPlan:
    """Carry the plan out: ends of old grants and the new team's grant in one transaction; nothing is copied.

    Raises:
        Conflict: it was confirmed already, or the new team would see something else than was previewed.
        UnacceptableContent: a line has no choice.
    """
    shown = frozenset(previewed)

    def make(view: CatalogueReader) -> Change:
        storage = admit(context, view, asking)
        known = find_plan(view, asking.storage, short_id)
        _check_open(known, known.version)
        if known.plan.undecided:
            raise _violation("lines", "Kies eerst wat u wilt voor iedereen die nu kan kijken.")
        change = grants_of_plan(context, view, storage, known.plan)
        if any(preview_grant(context, view, storage, new).digests() != shown for new in change.new):
            raise Conflict("the new team would see something else than was previewed")
        after = _confirmed(context, known, change)
        return Change(
            change,
            (_document(context, asking.storage, after),),
            (_line(context, view, asking, "relocate", after),),
        )

    apply_changes(context, asking.storage, make)
    with context.catalogue.view() as view:
        return find_plan(view, asking.storage, short_id)


def preview(context: Context, asking: Asking, short_id: str) -> Preview:
    """What the new team will see from the move date on, by the same decision as the server's own.

    Raises:
        Conflict: it was confirmed already.
        UnacceptableContent: no team was chosen yet.
    """
    with context.catalogue.view() as view:
        storage = admit(context, view, asking)
        known = find_plan(view, asking.storage, short_id)
        _check_open(known, known.version)
        return preview_grant(context, view, storage, grant_to_team(context, view, storage, known.plan))


def admit(context: Context, view: CatalogueReader, asking: Asking) -> StorageRecord:
    """Let only the owner in, with an app that may move her.

    Raises:
        NotSignedIn, NoSuchResource, AccessRefused: see `vault.admission.admit_owner`.
    """
    requester = resolve(view, asking.caller, context.clock())
    return admit_owner(view, asking.storage, requester, SERVICE)


def find_plan(view: CatalogueReader, storage: StorageId, short_id: str) -> KnownPlan:
    """One plan.

    Raises:
        NoSuchResource: there is none with this id.
    """
    found = view.find_document(storage, DocumentKind.RELOCATION, short_id)
    if found is None:
        raise NoSuchResource("no such relocation")
    return KnownPlan(load_plan(found.body), found.version)


def find_plans(view: CatalogueReader, storage: StorageId) -> list[KnownPlan]:
    """Every plan of a storage, oldest first."""
    documents = view.documents(storage, DocumentKind.RELOCATION)
    return [KnownPlan(load_plan(found.body), found.version) for found in documents]


def grants_of_plan(
    context: Context, view: CatalogueReader, storage: StorageRecord, plan: Plan
) -> GrantChange:
    """What a plan does to grants: which end earlier, and the one that the new team gets."""
    known = {one.grant.id: one.grant for one in known_grants(view, storage.storage)}
    pairs = ((known[line.grant], line.end) for line in plan.lines if line.grant in known)
    replaced = (_until(context, grant, end) for grant, end in pairs if end is not None)
    changed = tuple(grant for grant in replaced if grant != known[grant.id])
    new = () if plan.new_team is None else (grant_to_team(context, view, storage, plan),)
    return GrantChange(new, changed)


def _until(context: Context, grant: Grant, end: Instant) -> Grant:
    """The grant with an earlier end; one that would end before it begins, or is over, stops at once."""
    period = grant.terms.period
    if end.seconds >= period.end.seconds or grant.stopped_at is not None:
        return grant
    now = context.clock()
    begins = now.policy_s if period.start is None else period.start.seconds
    if end.seconds <= begins:
        return stopped(grant, now)
    return grant.with_period(Period(period.start, end))


def _check(context: Context, announcement: Announcement) -> None:
    today = day_of(context.clock().policy_s)
    if not announcement.municipality.strip():
        raise _violation("municipality", "Schrijf de naam van de gemeente.")
    if any(holds_bsn(text or "") for text in (announcement.municipality, announcement.old_municipality)):
        raise _violation("municipality", "Hier staat een getal dat een BSN kan zijn. Haal het weg.")
    if not today < announcement.move_date <= today + timedelta(days=max_days_ahead):
        raise _violation("date", "Kies een dag na vandaag, binnen een jaar.")


def _check_days(context: Context, choices: Iterable[Choice]) -> None:
    today = day_of(context.clock().policy_s)
    if any(choice.last_day is not None and choice.last_day < today for choice in choices):
        raise _violation("lines", "Kies vandaag of een dag die nog komt.")


def _draft(context: Context, view: CatalogueReader, storage: StorageId, announcement: Announcement) -> Plan:
    register, policy_s = view.register(), context.clock().policy_s
    lines = []
    for known in known_grants(view, storage):
        if known.grant.is_in_force(policy_s):
            kind = kind_of_receiver(known.grant, register)
            rule = fitting_rule(known.grant, kind, announcement.circumstances, relocation_rules())
            end = suggested_end(known.grant, rule, announcement.move_date)
            lines.append(suggest_line(known.grant, rule, end))
    return Plan(
        f"{storage_url(context, storage)}{PATH}{context.new_id()}",
        announcement.old_municipality,
        announcement.municipality.strip(),
        announcement.move_date,
        announcement.circumstances,
        tuple(lines),
    )


def _chosen(plan: Plan, choices: Mapping[str, Choice], grants: Mapping[str, Grant]) -> tuple[Line, ...]:
    unknown = set(choices) - {line.grant for line in plan.lines}
    if unknown or any(choice.choice not in CHOICES for choice in choices.values()):
        raise _violation("lines", "Kies één van de keuzes, bij iemand die in het plan staat.")
    return tuple(
        _with_choice(plan, line, choices[line.grant], grants[line.grant]) if line.grant in choices else line
        for line in plan.lines
    )


def _with_choice(plan: Plan, line: Line, choice: Choice, grant: Grant) -> Line:
    end = end_of_choice(line, choice.choice, choice.last_day, plan, grant)
    return replace(line, choice=choice.choice, end=end)


def _check_open(known: KnownPlan, version: int) -> None:
    if known.plan.confirmed_at is not None:
        raise Conflict("this relocation was confirmed already")
    if known.version != version:
        raise PreconditionFailed("the plan was changed since it was read")


def _confirmed(context: Context, known: KnownPlan, change: GrantChange) -> KnownPlan:
    confirmed_at = instant_at(context.clock().wall_s)
    plan = replace(known.plan, confirmed_at=confirmed_at, new_grants=tuple(grant.id for grant in change.new))
    return KnownPlan(plan, known.version + 1)


def _document(context: Context, storage: StorageId, known: KnownPlan) -> ServiceDocument:
    return ServiceDocument(
        storage=storage,
        kind=DocumentKind.RELOCATION,
        id=known.short_id,
        version=known.version,
        status="Confirmed" if known.plan.confirmed_at else "Draft",
        party=None,
        body=dump_plan(known.plan),
        time_ms=context.clock().wall_ms,
    )


def _line(
    context: Context, view: CatalogueReader, asking: Asking, activity: str, known: KnownPlan
) -> JournalEntry:
    return line(context, view, asking, Happening(activity, known.plan.id))


def _violation(field: str, sentence: str) -> UnacceptableContent:
    return UnacceptableContent(f"against a rule: {field}", (Violation(field, sentence),))
