"""Asking a resident for access: kinds of documents, one purpose, one sentence why, what a no means, until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from werkzeug.datastructures import MultiDict

from clients.look.dates import end_of_day, months_later, numbers, parse_day
from clients.professional.here import team, text, worker
from clients.solid.terms import KIND, Policy, Terms
from vocab.concepts import PurposeConcept, purposes
from vocab.namespaces import WK

max_months = 12
usual_months = 3
KINDS: Mapping[str, tuple[str, ...]] = {
    "plan": ("st-plan", "st-doel", "st-actie"),
    "verslag": ("st-gespreksverslag",),
    "geld": ("st-schuldoverzicht",),
    "brief": ("st-brief", "st-besluit"),
}
READ_ONLY = "lezen"
ACTIONS: Mapping[str, tuple[str, ...]] = {READ_ONLY: ("read",), "erbij": ("read", "create")}


@dataclass(frozen=True, slots=True)
class Question:
    """The form as it was filled in, with what is wrong with it, by field."""

    kinds: tuple[str, ...]
    action: str
    purpose: str
    why: str
    refusal: str
    until: str
    errors: Mapping[str, str]


def empty_question() -> Question:
    """The form before anything was filled in."""
    until = months_later(team().today(), usual_months)
    return Question((), READ_ONLY, "", "", "", numbers(until), {})


def askable_purposes() -> Mapping[str, PurposeConcept]:
    """The purposes for which a worker can ask, by the name that the form gives them."""
    found = (purpose for purpose in purposes() if purpose.grantable and not purpose.forbidden)
    return {purpose.iri.rpartition("#")[2]: purpose for purpose in found}


def read_question(form: MultiDict[str, str]) -> Question:
    """Read the form and say what is missing, in the order of the page."""
    action = form.get("mag", READ_ONLY)
    question = Question(
        tuple(kind for kind in form.getlist("soort") if kind in KINDS),
        action if action in ACTIONS else READ_ONLY,
        form.get("doel", ""),
        form.get("waarom", "").strip(),
        form.get("nee", "").strip(),
        form.get("tot", "").strip(),
        {},
    )
    checks = {
        "soort": bool(question.kinds),
        "doel": question.purpose in askable_purposes(),
        "waarom": bool(question.why),
        "nee": bool(question.refusal),
        "tot": _last_day(question) is not None,
    }
    errors = {field: text(f"vragen.fout_{field}") for field, holds in checks.items() if not holds}
    return replace(question, errors=errors)


def typed_question(form: MultiDict[str, str]) -> Question:
    """The form as it was typed before signing in again, or a new one."""
    return replace(read_question(form), errors={}) if form else empty_question()


def _last_day(question: Question) -> date | None:
    found = parse_day(question.until)
    today = team().today()
    return found if found is not None and today <= found <= months_later(today, max_months) else None


def terms_of(question: Question) -> Terms:
    """The terms that a right form asks for.

    Raises:
        ValueError: the form is not right.
    """
    last = _last_day(question)
    purpose = askable_purposes()[question.purpose]
    if last is None:
        raise ValueError("the form is not right")
    kinds = tuple(WK[kind] for name in question.kinds for kind in KINDS[name])
    return Terms(
        worker().webid,
        "Worker",
        purpose.iri,
        end_of_day(last),
        None,
        (Policy(ACTIONS[question.action], KIND, kinds),),
        tuple(purpose.legal_bases),
        question.why,
    )
