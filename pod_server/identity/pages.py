"""The pages of coming and going: a new account, signing in, signing out, and leaving in a hurry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, make_response, redirect, render_template, request

from pod_server.identity import passkey_forms, passkeys, throttle
from pod_server.identity.accounts import (
    NewAccount,
    authenticate,
    create_account,
    find_account,
    tidy_login,
)
from pod_server.identity.authorization import continued
from pod_server.identity.browsers import (
    current_account,
    expire,
    let_forms_lead_to,
    the_provider,
)
from pod_server.identity.clients import Client
from pod_server.identity.languages import is_switching, text
from pod_server.identity.own_paths import own_path
from pod_server.identity.passkey_answers import InvalidPasskey
from pod_server.identity.signing_out import read_target
from pod_server.identity.throttle import NEW_ACCOUNT_BY_ADDRESS, SIGN_IN_BY_ADDRESS, SIGN_IN_BY_NAME
from pod_server.identity.welcoming import end_session, welcome
from vault.errors import Conflict, TooManyRequests, UnacceptableContent, Violation

pages = Blueprint("pages", __name__)
_FIELDS = {"name": "naam", "login": "inlognaam", "password": "wachtwoord"}


@pages.get("/")
def home() -> Response:
    """Show who is signed in, and the way to the apps of this house."""
    here = current_account()
    if here is None:
        return make_response(redirect("/inloggen"))
    return make_response(render_template("home.html", account=here[1], apps=_own_apps()))


@pages.get("/inloggen")
def sign_in_page() -> str:
    """Ask for a login name and a password."""
    return _sign_in_page({}, {})


@pages.post("/inloggen")
def sign_in() -> Response:
    """Sign somebody in, and go on where she came from."""
    if is_switching():
        return make_response(_sign_in_page({}, request.form))
    if passkey_forms.ANSWER_FIELD in request.form:
        return _sign_in_with_passkey()
    login, password = request.form.get("inlognaam", ""), request.form.get("wachtwoord", "")
    by_name = (SIGN_IN_BY_NAME, tidy_login(login) or "")
    by_address = (SIGN_IN_BY_ADDRESS, request.remote_addr or "")
    parts = the_provider().parts
    try:
        throttle.count(parts, [by_name, by_address])
    except TooManyRequests as error:
        return _too_often("inlognaam", error)
    account = authenticate(parts, login, password)
    if account is None:
        return make_response(_sign_in_page({"inlognaam": text("inloggen.fout")}, request.form), 422)
    throttle.forget(parts, by_name)
    throttle.forgive(parts, by_address)
    return welcome(account, account.password_since_s, _back_to() or "/")


def _sign_in_with_passkey() -> Response:
    """The same with a passkey; whatever is wrong with it is told in the same words."""
    by_address = (SIGN_IN_BY_ADDRESS, request.remote_addr or "")
    parts = the_provider().parts
    try:
        throttle.count(parts, [by_address])
    except TooManyRequests as error:
        return _too_often("telefoon", error)
    try:
        passkey = passkeys.check(parts, passkey_forms.sign_in_answer())
    except InvalidPasskey:
        return make_response(_sign_in_page({"telefoon": text("telefoon.fout")}, request.form), 422)
    account = find_account(parts, passkey.account)
    assert account is not None, "a passkey goes with its account"
    throttle.forgive(parts, by_address)
    return welcome(account, passkey.created_s, _back_to() or "/")


def _too_often(field: str, error: TooManyRequests) -> Response:
    page = make_response(_sign_in_page({field: text("inloggen.te_vaak")}, request.form), 429)
    page.headers["Retry-After"] = str(error.retry_after_s)
    return page


@pages.get("/nieuw")
def new_account_page() -> str:
    """Ask what a new account needs."""
    return _new_account_page({}, {})


@pages.post("/nieuw")
def new_account() -> Response:
    """Make an account with its storage, and sign its owner in."""
    form = request.form
    if is_switching():
        return make_response(_new_account_page({}, form))
    parts = the_provider().parts
    try:
        throttle.count(parts, [(NEW_ACCOUNT_BY_ADDRESS, request.remote_addr or "")])
        new = NewAccount(form.get("naam", ""), form.get("inlognaam", ""), form.get("wachtwoord", ""))
        if form.get("herhaal", "") != new.password:
            raise UnacceptableContent("not the same twice", (Violation("repeat", ""),))
        account = create_account(parts, new)
    except (TooManyRequests, UnacceptableContent, Conflict) as error:
        status = 429 if isinstance(error, TooManyRequests) else 422
        return make_response(_new_account_page(_new_account_errors(error), form), status)
    return welcome(account, account.password_since_s, "/klaar")


@pages.get("/klaar")
def ready() -> Response:
    """Tell that the account is there."""
    if current_account() is None:
        return make_response(redirect("/inloggen"))
    return make_response(render_template("ready.html", apps=_own_apps()))


@pages.post("/uitloggen")
def sign_out() -> Response:
    """End the session of this browser, and go on to the app that asked for it."""
    end_session()
    provider = the_provider()
    after = read_target(provider, request.form.get("client_id", ""), request.form)
    page = make_response(redirect(after.url(provider), 303) if after else render_template("signed-out.html"))
    return expire(page)


@pages.post("/weg")
def leave_quickly() -> Response:
    """End the session and go to an ordinary website, whatever state the page was in."""
    end_session()
    site = the_provider().parts.settings.neutral_site
    page = make_response(render_template("gone.html", site=site))
    page.headers["Refresh"] = f"0; url={site}"
    page.headers["Clear-Site-Data"] = '"cache"'
    return expire(page)


def _sign_in_page(errors: Mapping[str, str], typed: Mapping[str, str]) -> str:
    return render_template(
        "sign-in.html",
        errors=errors,
        typed=typed,
        back_to=_back_to(),
        passkey=passkey_forms.sign_in_form(),
        **_asking(),
    )


def _back_to() -> str | None:
    """The page of our own that sent her to sign in."""
    return own_path(request.values.get("naar", ""))


def _new_account_page(errors: Mapping[str, str], typed: Mapping[str, str]) -> str:
    return render_template("new-account.html", errors=errors, typed=typed, **_asking())


def _asking() -> dict[str, Any]:
    """The app that waits for the sign-in, when its request holds; a form of this page may then end there."""
    query = request.values.get("verder", "")
    if not query:
        return {"app": None, "asking": ""}
    try:
        asked = the_provider().examine(query)
    except OAuth2Error:
        return {"app": None, "asking": ""}
    let_forms_lead_to(asked.redirect_uri)
    return {"app": asked.client, "asking": continued(query)}


def _own_apps() -> list[Client]:
    """The apps that get their rights by configuration and say where they begin."""
    provider = the_provider()
    apps = [provider.find_app(client_id) for client_id in provider.parts.settings.trusted_clients]
    return [app for app in apps if app is not None and app.home is not None]


def _new_account_errors(error: TooManyRequests | UnacceptableContent | Conflict) -> dict[str, str]:
    if isinstance(error, TooManyRequests):
        return {"naam": text("nieuw.te_vaak")}
    if isinstance(error, Conflict):
        return {"inlognaam": text("nieuw.fout.bezet")}
    return dict(_sentence(violation) for violation in error.violations)


def _sentence(violation: Violation) -> tuple[str, str]:
    if violation.field == "repeat":
        return "wachtwoord", text("nieuw.fout.herhaal")
    field = _FIELDS[violation.field]
    fault = violation.sentence if field == "wachtwoord" else field
    return field, text(f"nieuw.fout.{fault}")
