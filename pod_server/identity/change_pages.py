"""The pages on which she changes her password, and makes credentials for a program; both after a fresh proof."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, render_template, request

from pod_server.identity import consent, endings
from pod_server.identity.account_items import limit_words
from pod_server.identity.accounts import Account
from pod_server.identity.browsers import the_provider, trace_id
from pod_server.identity.consent import Choices
from pod_server.identity.dates import day
from pod_server.identity.fresh_proof import Here, proved_account
from pod_server.identity.languages import current_language, text
from pod_server.identity.passwords import find_fault, hash_password
from pod_server.identity.ways_in import WayRefused
from vault.errors import Conflict
from vault.model.requester import AppLimit

change_pages = Blueprint("changes", __name__, url_prefix="/account")
# How long credentials may count; the first is chosen when nothing is. Never longer than a year.
PERIODS_DAYS: Mapping[str, int] = {"maand": 30, "kwartaal": 90, "jaar": 365}
_day_s = 24 * 3600


@change_pages.route("/wachtwoord", methods=["GET", "POST"])
def password() -> Response:
    """Change the password; every other session ends."""
    here = proved_account()
    if isinstance(here, Response):
        return here
    if request.method == "GET":
        return _password_page(here[1], {})
    new = request.form.get("wachtwoord", "")
    errors = _password_errors(here[1], new)
    if errors:
        return _password_page(here[1], errors, 422)
    return _set_password(here, new)


@change_pages.route("/programma/nieuw", methods=["GET", "POST"])
def program() -> Response:
    """Make credentials for a program, and tell them once."""
    here = proved_account()
    if isinstance(here, Response):
        return here
    if request.method == "GET":
        return _program_page(Choices(), {})
    choices = _read_choices()
    limit = consent.limit_of(choices)
    if limit is None:
        return _program_page(choices, {"plaats": text("programma.fout.niets")}, 422)
    return _make_program(here[1], choices, limit)


def _set_password(here: Here, new: str) -> Response:
    try:
        endings.change_password(the_provider().parts, *here, hash_password(new), trace_id())
    except WayRefused:
        return _password_page(here[1], {"wachtwoord": text("wachtwoord.te_nieuw")}, 422)
    return make_response(render_template("password-changed.html"))


def _password_errors(account: Account, new: str) -> dict[str, str]:
    fault = find_fault(new, account.login or "", account.name)
    if fault is not None:
        return {"wachtwoord": text(f"nieuw.fout.{fault}")}
    if request.form.get("herhaal_wachtwoord", "") != new:
        return {"wachtwoord": text("nieuw.fout.herhaal")}
    return {}


def _password_page(account: Account, errors: Mapping[str, str], status: int = 200) -> Response:
    return make_response(render_template("password.html", account=account, errors=errors), status)


def _read_choices() -> Choices:
    form = request.form
    return consent.read_choices(form.get("wat", ""), form.getlist("plaats"), (), has_control=False)


def _make_program(account: Account, choices: Choices, limit: AppLimit) -> Response:
    parts = the_provider().parts
    days = PERIODS_DAYS.get(request.form.get("hoe_lang", ""), PERIODS_DAYS["maand"])
    ending = AppLimit(limit.modes, limit.containers, limit.services, parts.now_s + days * _day_s)
    try:
        made = endings.make_program(parts, account, request.form.get("naam", ""), ending, trace_id())
    except Conflict:
        return _program_page(choices, {"naam": text("programma.fout.te_veel")}, 422)
    until = text("account.tot", dag=day(ending.until_s or 0))
    page = render_template(
        "program-made.html", made=made, issuer=parts.issuer, may=[*limit_words(ending), until]
    )
    return make_response(page)


def _program_page(choices: Choices, errors: Mapping[str, str], status: int = 200) -> Response:
    page = render_template(
        "program.html",
        errors=errors,
        choices=choices,
        typed=request.form,
        period=request.form.get("hoe_lang", "maand"),
        periods=tuple(PERIODS_DAYS),
        places=consent.places(current_language()),
        modes=tuple(consent.MODES),
        everywhere=consent.EVERYWHERE,
    )
    return make_response(page, status)
