"""Lines of the journal as sentences: who did what, why, when, with which app."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from clients.look.dates import clock, local_day
from clients.portal.containers import container_label, container_of, enumerate_words
from clients.portal.here import count_text, portal, resident, text
from clients.portal.people import Person, of
from clients.portal.purposes import purpose_label
from clients.solid.journal import Line
from clients.solid.parties import Parties

LOOKING = frozenset(
    {
        "read",
        "list",
        "preview",
        "consult-journal",
        "checkpoint",
        "sign-checkpoint",
        "look-back",
        "list-removed",
    }
)
WRITING = frozenset({"create", "replace", "change", "delete", "put-back", "bring-back"})
_ABOUT_ACCESS = frozenset(
    {"give", "narrow", "stop", "stop-all", "ask", "refuse", "withdraw", "invite", "redeem", "meet", "cancel"}
)
_OF_THE_OPERATOR = frozenset(
    {
        "erase",
        "undo-erase",
        "restore",
        "resume",
        "export",
        "import",
        "export-journal",
        "rewind",
        "start-recovery",
    }
)
# Of an organisation that she deals with: what the operator does to it in the register, and its team that grew.
_OF_TEAMS = frozenset({"pause-team", "confirm-team"})
_OF_THE_REGISTER = frozenset(
    {"add-organisation", "suspend-organisation", "resume-organisation", "remove-organisation"}
)
_WAYS_IN = frozenset(
    {
        "add-passkey",
        "remove-passkey",
        "make-recovery-codes",
        "use-recovery-code",
        "cancel-recovery",
        "use-recovery",
    }
)
_ABOUT_ACCOUNT = frozenset(
    {
        "end-app",
        "end-session",
        "end-program",
        "make-program",
        "sign-out-everywhere",
        "change-password",
        "ask-erasure",
        "take-back-erasure",
    }
)
_MOVING = frozenset({"announce", "choose", "relocate"})
_KNOWN = (
    LOOKING
    | WRITING
    | _ABOUT_ACCESS
    | _MOVING
    | _ABOUT_ACCOUNT
    | _OF_THE_OPERATOR
    | _WAYS_IN
    | {"sign-in", "more", "others", "public-reads"}
)
# Who does what the vault does by itself or the operator does.
_OF_THE_VAULT = {
    **dict.fromkeys(_OF_THE_OPERATOR | _OF_THE_REGISTER, "beheerder"),
    "redact": "beheerder",
    # She stops it herself, and then the line names her.
    "cancel-recovery": "beheerder",
    "gap": "kluis",
    "pause-team": "kluis",
    "retention": "kluis",
    "others": "anderen",
    "public-reads": "iemand",
}
_WITH_NAME = frozenset({"give", "narrow", "stop", "refuse"})
_SILENT = frozenset({"register"})
_ICONS = {
    **dict.fromkeys(("create", "replace", "change", "delete", "put-back", "bring-back"), "pencil"),
    **dict.fromkeys(("stop", "stop-all", "refuse", "cancel"), "ban"),
    **dict.fromkeys(("announce", "choose", "relocate"), "truck"),
    **dict.fromkeys(("invite", "redeem", "meet"), "users"),
    **dict.fromkeys(_OF_THE_REGISTER, "building"),
    **dict.fromkeys(_OF_TEAMS, "users"),
    **dict.fromkeys(_ABOUT_ACCOUNT, "key"),
    "give": "check",
    "narrow": "check",
    "ask": "message-circle",
    "sign-in": "key",
    "start-recovery": "alert-triangle",
    **dict.fromkeys(_WAYS_IN, "key"),
    "redact": "ban",
    "retention": "clock",
}
_TAKEN_AWAY = {
    "agent": "wie",
    "organisation": "organisatie",
    "usedClient": "app",
    "resource": "stuk",
    "authorization": "toegang",
    "grant": "toegang",
}
max_times = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One row on the page, made of one line or of equal ones of a day."""

    day: date
    mark: str
    icon: str
    who: str
    organisation: str
    did: str
    why: str
    refusal: str
    times: tuple[datetime, ...]
    count: int
    app: str
    gone: str = ""

    @property
    def when(self) -> str:
        """The times in words; many become "tussen … en …"."""
        written = [clock(moment) for moment in dict.fromkeys(sorted(self.times))]
        written = list(dict.fromkeys(written))
        if len(written) > max_times:
            return text("logboek.tussen", van=written[0], tot=written[-1])
        return enumerate_words(written)


@dataclass(frozen=True, slots=True)
class Teller:
    """Makes rows of lines.

    `knows` says whether a person is in her own team, so that her name may be shown; `about` names the receiver of a
    grant or the asker of a request, by their IRIs.
    """

    parties: Parties
    knows: Callable[[str], bool]
    about: Mapping[str, str]

    def rows(self, lines: Iterable[Line]) -> tuple[Row, ...]:
        """The rows of some lines, newest first; equal ones of a day are one."""
        folded: dict[tuple[object, ...], Row] = {}
        for line in lines:
            if line.activity in _SILENT:
                continue
            row = self.row(line)
            key = (row.day, row.who, row.organisation, row.did, row.why, row.refusal, row.app, row.gone)
            seen = folded.get(key)
            folded[key] = row if seen is None else _joined(seen, row)
        return tuple(folded.values())

    def row(self, line: Line) -> Row:
        """The row of one line."""
        is_self = line.agent == resident().webid
        person = None if is_self or line.agent is None else of(line.agent, self.parties, line.organisation)
        refused = line.refusal is not None
        return Row(
            local_day(line.time),
            "refused" if refused else "self" if is_self else "",
            "hand-stop" if refused else _ICONS.get(line.activity, "eye"),
            self._who(line, person, is_self=is_self),
            person.organisation if person is not None and self._is_named(line, person) else "",
            self._did(line, is_self=is_self),
            "" if is_self else _why(line),
            text(f"geweigerd.{_local(line.refusal or '')}") if refused else "",
            (line.time,),
            line.count,
            "" if is_self else _app(line, person),
            _gone(line),
        )

    def _did(self, line: Line, *, is_self: bool) -> str:
        place = container_label(line.resource or "")
        if line.refusal is not None:
            return text(f"deed.wilde.{_wish(line)}", wat=place)
        told = _of_the_vault(line) or self._of_the_register(line)
        if told:
            return told
        if is_self and line.activity in LOOKING:
            return text("deed.keek_zelf")
        whom = self.about.get(line.grant or "") or self.about.get(line.resource or "")
        if whom and line.activity in _WITH_NAME:
            verb = text(f"deed.met_naam.{line.activity}", wie=whom)
        elif "resource" in line.taken_away:
            verb = text(f"deed.weg.{_wish(line)}")
        else:
            verb = text(f"deed.{line.activity if line.activity in _KNOWN else 'anders'}", wat=place)
        return text("deed.mislukt", wat=verb) if line.failed else verb

    def _of_the_register(self, line: Line) -> str:
        if line.activity not in _OF_THE_REGISTER | _OF_TEAMS or line.failed:
            return ""
        known = self.parties.get(line.organisation or "")
        name = known.organisation.name if known is not None and known.organisation is not None else None
        return text(f"deed.{line.activity}", organisatie=name or text("mensen.organisatie"))

    def _is_named(self, line: Line, person: Person) -> bool:
        return person.kind == "person" and line.agent is not None and self.knows(line.agent)

    def _who(self, line: Line, person: Person | None, *, is_self: bool) -> str:
        if is_self:
            return text("logboek.u")
        if person is None:
            if "agent" in line.taken_away:
                return text("logboek.iemand")
            who = _OF_THE_VAULT.get(line.activity)
            return text("mensen.iemand") if who is None else text(f"logboek.{who}")
        if person.kind == "person" and not self._is_named(line, person) and person.organisation:
            return text("mensen.medewerker", organisatie=person.organisation)
        return person.name


def _joined(seen: Row, row: Row) -> Row:
    return replace(seen, times=(*seen.times, *row.times), count=seen.count + row.count)


def _of_the_vault(line: Line) -> str:
    if line.activity == "gap":
        return count_text("deed.gat", line.count)
    if line.activity == "public-reads":
        return text("deed.openbaar")
    if line.redacts is not None:
        return text("deed.redact", regel=line.redacts)
    return count_text("deed.bewaartijd", line.dropped) if line.dropped else ""


def _gone(line: Line) -> str:
    """What the line no longer says."""
    names = [name for name in _TAKEN_AWAY if name in line.taken_away]
    words = dict.fromkeys(text(f"weggehaald.{_TAKEN_AWAY[name]}") for name in names)
    return text("logboek.weggehaald", wat=enumerate_words(list(words))) if words else ""


def _wish(line: Line) -> str:
    if line.activity in LOOKING:
        return "lezen" if container_of(line.resource or "") is not None else "kijken"
    return "veranderen" if line.activity in WRITING else "anders"


def _why(line: Line) -> str:
    if line.purpose is not None:
        label = purpose_label(line.purpose)
        return label[:1].lower() + label[1:]
    return text("logboek.geen_doel") if line.activity in LOOKING | WRITING else ""


def _app(line: Line, person: Person | None) -> str:
    if line.client is None:
        return ""
    if line.client == portal().entrance.client.id:
        return text("app.naam")
    if person is not None and person.organisation:
        return text("logboek.app_van", organisatie=person.organisation)
    return text("logboek.andere_app")


def _local(iri: str) -> str:
    name = iri.rsplit("#", 1)[-1]
    known = portal().texts.texts
    return name if f"geweigerd.{name}" in known else "Anders"
