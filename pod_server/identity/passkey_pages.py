"""The pages on which a person adds a passkey, gives it another name, or takes it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import NotFound

from pod_server.identity import passkey_forms, passkeys, recovery_codes, ways_in
from pod_server.identity.accounts import Account
from pod_server.identity.browsers import current_account, the_provider, trace_id
from pod_server.identity.fresh_proof import proved_account, signed_in_account
from pod_server.identity.languages import is_switching, text
from pod_server.identity.passkey_answers import InvalidPasskey
from pod_server.identity.passkeys import Passkey
from pod_server.identity.recovery_codes import CodesLeft
from pod_server.identity.sessions import Session
from pod_server.identity.ways_in import WayRefused
from vault.errors import Conflict

passkey_pages = Blueprint("passkeys", __name__)
AFTER = "/account"


@dataclass(frozen=True, slots=True)
class Ways:
    """How somebody can sign in."""

    passkeys: list[Passkey]
    login: str
    has_password: bool
    codes: CodesLeft | None


def ways_of_her() -> Ways:
    """The ways in of who is signed in, for the page of her account, which nobody else gets."""
    here = current_account()
    assert here is not None
    account = here[1]
    parts = the_provider().parts
    return Ways(
        passkeys.passkeys_of(parts, account.id),
        account.login or "",
        account.password_hash is not None,
        recovery_codes.codes_left(parts, account.id),
    )


@passkey_pages.route("/account/toestel", methods=["GET", "POST"])
def add() -> Response:
    """Add the device she holds."""
    here = proved_account()
    if isinstance(here, Response):
        return here
    if request.method == "GET" or is_switching():
        return _add_page(*here, {})
    session, account = here
    name = request.form.get("naam", "").strip() or text("toestel.naam_zonder")
    try:
        passkeys.add(the_provider().parts, account, passkey_forms.add_answer(session), name)
    except InvalidPasskey:
        return _add_page(*here, {"toestel": text("toestel.fout")})
    except Conflict:
        return _add_page(*here, {"toestel": text("toestel.fout_al")})
    return make_response(redirect(AFTER, 303))


@passkey_pages.get("/account/toestel/<id_>")
def show(id_: str) -> Response:
    """Show one, with all that can be done to it."""
    here = signed_in_account()
    if isinstance(here, Response):
        return here
    return _page(_hers(here[1], id_), {})


@passkey_pages.post("/account/toestel/<id_>/naam")
def rename(id_: str) -> Response:
    """Give it another name."""
    here = signed_in_account(f"/account/toestel/{id_}")
    if isinstance(here, Response):
        return here
    passkeys.rename(the_provider().parts, here[1], id_, request.form.get("naam", ""))
    return make_response(redirect(AFTER, 303))


@passkey_pages.post("/account/toestel/<id_>/weg")
def remove(id_: str) -> Response:
    """Take it away, unless it is the last way in or older than the one she came by."""
    here = proved_account()
    if isinstance(here, Response):
        return here
    session, account = here
    try:
        ways_in.remove_passkey(the_provider().parts, session, account, id_, trace_id())
    except WayRefused as error:
        return _page(_hers(account, id_), {"weg": text(f"manier.{error.refusal}")})
    return make_response(redirect(AFTER, 303))


def _hers(account: Account, id_: str) -> Passkey:
    for passkey in passkeys.passkeys_of(the_provider().parts, account.id):
        if passkey.id == id_:
            return passkey
    raise NotFound


def _page(passkey: Passkey, errors: Mapping[str, str]) -> Response:
    page = render_template("passkey.html", passkey=passkey, errors=errors)
    return make_response(page, 422 if errors else 200)


def _add_page(session: Session, account: Account, errors: Mapping[str, str]) -> Response:
    page = render_template(
        "add-passkey.html",
        errors=errors,
        typed=request.form,
        passkey=passkey_forms.add_form(session, account),
    )
    return make_response(page, 422 if errors else 200)
