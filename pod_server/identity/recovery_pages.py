"""The pages of recovery: codes on paper, coming back with one, and stopping a way back that the operator started."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, render_template, request

from pod_server.identity import recoveries, recovery_codes, throttle, ways_back, ways_in
from pod_server.identity.accounts import Account, tidy_login
from pod_server.identity.browsers import current_account, the_provider, trace_id
from pod_server.identity.dates import day, moment
from pod_server.identity.fresh_proof import proved_account, signed_in_account
from pod_server.identity.languages import is_switching, text
from pod_server.identity.recovery_codes import CodesLeft
from pod_server.identity.throttle import RECOVERY_BY_ADDRESS, RECOVERY_BY_NAME
from pod_server.identity.ways_back import NotYet, WrongCode
from pod_server.identity.ways_in import WayRefused
from pod_server.identity.welcoming import welcome
from pod_server.identity.written_codes import written
from vault.errors import TooManyRequests, UnacceptableContent, Violation

recovery_pages = Blueprint("recovery", __name__)
_NAME, _CODE, _PASSWORD, _REPEAT = "inlognaam", "noodcode", "wachtwoord", "herhaal"
_NOT_THE_SAME = Violation("repeat", "herhaal")
_Errors = Mapping[str, str]


@recovery_pages.get("/account/noodcodes")
def codes_page() -> Response:
    """Tell what codes are for, and how many are left."""
    here = signed_in_account()
    if isinstance(here, Response):
        return here
    return _codes_page(here[1], {})


@recovery_pages.post("/account/noodcodes")
def make_codes() -> Response:
    """Make a set and show it, this once."""
    here = proved_account()
    if isinstance(here, Response):
        return here
    session, account = here
    try:
        codes = ways_in.make_recovery_codes(the_provider().parts, session, account, trace_id())
    except WayRefused as error:
        return _codes_page(account, {"noodcodes": text(f"manier.{error.refusal}")})
    page = render_template(
        "recovery-codes-made.html", codes=[written(code) for code in codes], login=account.login
    )
    return make_response(page)


@recovery_pages.get("/herstel")
def recover_page() -> str:
    """Ask for the login name and a code."""
    return _recover_page({})


@recovery_pages.post("/herstel")
def recover() -> Response:
    """Look whether the code lets her in; then ask for a new password. Nothing is used up yet."""
    if is_switching():
        return make_response(_recover_page({}))
    refused = _refuse_often()
    if refused is not None:
        return refused
    try:
        ways_back.find_way_back(the_provider().parts, _sent(_NAME), _sent(_CODE))
    except (WrongCode, NotYet) as error:
        return _refused(error)
    return make_response(_password_page({}))


@recovery_pages.post("/herstel/wachtwoord")
def choose_password() -> Response:
    """Use the code, set the password, and sign her in; every other sign-in ends."""
    if is_switching():
        return make_response(_password_page({}))
    refused = _refuse_often()
    if refused is not None:
        return refused
    try:
        account = _come_back()
    except (WrongCode, NotYet) as error:
        return _refused(error)
    except UnacceptableContent as error:
        fault = error.violations[0].sentence
        return make_response(_password_page({_PASSWORD: text(f"nieuw.fout.{fault}")}), 422)
    throttle.forgive(the_provider().parts, (RECOVERY_BY_ADDRESS, request.remote_addr or ""))
    return welcome(account, account.password_since_s, "/herstel/klaar")


@recovery_pages.get("/herstel/klaar")
def recovered() -> Response:
    """Tell that she is in again, and how many codes are left."""
    here = signed_in_account()
    if isinstance(here, Response):
        return here
    return make_response(render_template("recovered.html", left=_left(here[1])))


@recovery_pages.post("/herstel/stop")
def stop() -> Response:
    """Stop the way back that the operator started: from any session, without proof."""
    here = signed_in_account("/account")
    if isinstance(here, Response):
        return here
    recoveries.cancel(the_provider().parts, here[1], trace_id())
    return make_response(render_template("recovery-stopped.html"))


def recovery_that_waits() -> str | None:
    """What every page tells who is signed in about the way back that the operator started for her."""
    here = current_account()
    found = None if here is None else recoveries.pending_of(the_provider().parts, here[1].id)
    if found is None:
        return None
    return text("terugweg.uitleg", dag=day(found.started_s), moment=moment(found.opens_s))


def _come_back() -> Account:
    password = _sent(_PASSWORD)
    if password != _sent(_REPEAT):
        raise UnacceptableContent("not the same twice", (_NOT_THE_SAME,))
    parts = the_provider().parts
    return ways_back.come_back(parts, _sent(_NAME), _sent(_CODE), password, trace_id())


def _refuse_often() -> Response | None:
    """Count the attempt; the answer when there were too many. A name may be tried more often than an address may try."""
    by_name = (RECOVERY_BY_NAME, tidy_login(_sent(_NAME)) or "")
    try:
        throttle.count(the_provider().parts, [(RECOVERY_BY_ADDRESS, request.remote_addr or ""), by_name])
    except TooManyRequests as error:
        page = make_response(_recover_page({_NAME: text("inloggen.te_vaak")}), 429)
        page.headers["Retry-After"] = str(error.retry_after_s)
        return page
    return None


def _refused(error: WrongCode | NotYet) -> Response:
    if isinstance(error, NotYet):
        words = text("herstel.nog_niet", moment=moment(error.opens_s))
    else:
        words = text("herstel.fout")
    return make_response(_recover_page({_CODE: words}), 422)


def _recover_page(errors: _Errors) -> str:
    return render_template("recover.html", errors=errors, typed=request.form)


def _password_page(errors: _Errors) -> str:
    return render_template(
        "recover-password.html", errors=errors, carried=[(name, _sent(name)) for name in (_NAME, _CODE)]
    )


def _codes_page(account: Account, errors: _Errors) -> Response:
    page = render_template("recovery-codes.html", errors=errors, left=_left(account))
    return make_response(page, 422 if errors else 200)


def _left(account: Account) -> CodesLeft | None:
    return recovery_codes.codes_left(the_provider().parts, account.id)


def _sent(name: str) -> str:
    return request.form.get(name, "")
