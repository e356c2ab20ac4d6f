"""Fresh proof that it is still she: asked for what would let somebody else in for good, on a browser that she left open.

For credentials, passkeys, codes, taking along, apps that may do everything, and deletion; never for stopping, signing out
or leaving in a hurry. A view asks like this, for GET and for POST alike:

    here = proved_account()
    if isinstance(here, Response):
        return here
    session, account = here

Another way to prove it than the password is one function more in `_WAYS` (it gives how old that way in is, None when nothing
is proved by it), its field in `_FIELDS`, and its part in `proof.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, after_this_request, make_response, redirect, render_template, request

from pod_server.identity import passkey_forms, passkeys, sessions, throttle
from pod_server.identity.accounts import Account, tidy_login
from pod_server.identity.browsers import current_account, remember, the_provider
from pod_server.identity.languages import is_switching, text
from pod_server.identity.own_paths import own_path
from pod_server.identity.passkey_answers import InvalidPasskey
from pod_server.identity.passkey_forms import PROOF_CHALLENGE_FIELD, PROOF_FIELD
from pod_server.identity.passwords import is_password
from pod_server.identity.sessions import Session
from pod_server.identity.throttle import SIGN_IN_BY_ADDRESS, SIGN_IN_BY_NAME
from vault.errors import TooManyRequests

fresh_s = 5 * 60
PASSWORD_FIELD = "bewijs_wachtwoord"  # noqa: S105 -- the name of a field
_FIELDS = (PASSWORD_FIELD, PROOF_FIELD)
_NOT_CARRIED = frozenset({"csrf_token", "taal", PROOF_CHALLENGE_FIELD, *_FIELDS})
Here = tuple[Session, Account]
Way = Callable[[Session, Account, Mapping[str, str]], int | None]

proof_pages = Blueprint("proof", __name__)


@proof_pages.route("/bewijs", methods=["GET", "POST"])
def ask() -> Response:
    """Ask for proof, and go on to the page that wanted it."""
    target = own_path(request.values.get("verder", "")) or "/account"
    here = signed_in_account(target)
    if isinstance(here, Response):
        return here
    if request.method == "GET" or is_switching():
        return _page({})
    outcome = _prove(*here)
    return outcome if isinstance(outcome, Response) else make_response(redirect(target, 303))


def is_fresh(session: Session, now_s: int) -> bool:
    """Whether she proved that it is she within the last five minutes, the fifth included."""
    return 0 <= now_s - session.proved_s <= fresh_s


def signed_in_account(back_to: str | None = None) -> Here | Response:
    """Who is signed in, or the way to the sign-in page; after it she is back here (`back_to`, or where a GET was)."""
    here = current_account()
    if here is not None:
        return here
    back = back_to or (request.full_path.removesuffix("?") if request.method == "GET" else None)
    query = f"?{urlencode({'naar': back})}" if back else ""
    return make_response(redirect(f"/inloggen{query}", 303))


def proved_account() -> Here | Response:
    """Who is signed in and proved it freshly, or the answer that asks for it.

    A form that was sent comes back as fields of the page that asks, so that nothing is lost: sent again with the proof it
    does what it would have done. Passwords in it are not carried.
    """
    here = signed_in_account()
    if isinstance(here, Response) or is_fresh(here[0], the_provider().parts.now_s):
        return here
    if request.method == "GET":
        asked = urlencode({"verder": request.full_path.removesuffix("?")})
        return make_response(redirect(f"/bewijs?{asked}", 303))
    if is_switching() or not any(name in request.form for name in _FIELDS):
        return _page({})
    return _prove(*here)


def _prove(session: Session, account: Account) -> Here | Response:
    """Take the proof that was sent; the session gets a new cookie with it."""
    parts = the_provider().parts
    by_name = (SIGN_IN_BY_NAME, tidy_login(account.login) or account.id)
    by_address = (SIGN_IN_BY_ADDRESS, request.remote_addr or "")
    try:
        throttle.count(parts, [by_name, by_address])
    except TooManyRequests as error:
        page = _page({_tried(): text("bewijs.te_vaak")}, 429)
        page.headers["Retry-After"] = str(error.retry_after_s)
        return page
    proofs = (way(session, account, request.form) for way in _WAYS)
    way_since_s = next((since_s for since_s in proofs if since_s is not None), None)
    if way_since_s is None:
        words = "telefoon.fout" if _tried() == "telefoon" else "bewijs.fout"
        return _page({_tried(): text(words)}, 422)
    throttle.forget(parts, by_name)
    throttle.forgive(parts, by_address)
    proved, cookie = sessions.prove(parts, session, way_since_s)
    after_this_request(lambda answer: remember(answer, cookie))
    return proved, account


def _tried() -> str:
    """The part of the page that was used."""
    return "telefoon" if PROOF_FIELD in request.form else PASSWORD_FIELD


def _by_password(_: Session, account: Account, form: Mapping[str, str]) -> int | None:
    password = form.get(PASSWORD_FIELD)
    is_right = password is not None and is_password(password, account.password_hash)
    return account.password_since_s if is_right else None


def _by_passkey(session: Session, account: Account, form: Mapping[str, str]) -> int | None:
    if PROOF_FIELD not in form:
        return None
    try:
        passkey = passkeys.check(the_provider().parts, passkey_forms.proof_answer(session))
    except InvalidPasskey:
        return None
    return passkey.created_s if passkey.account == account.id else None


_WAYS: tuple[Way, ...] = (_by_password, _by_passkey)


def _page(errors: Mapping[str, str], status: int = 200) -> Response:
    here = current_account()
    assert here is not None, "nobody else is asked"
    session, account = here
    has_passkey = bool(passkeys.passkeys_of(the_provider().parts, account.id))
    page = render_template(
        "proof.html",
        errors=errors,
        action=request.full_path.removesuffix("?"),
        carried=list(_carried()),
        passkey=passkey_forms.proof_form(session) if has_passkey else None,
        has_password=account.password_hash is not None,
    )
    return make_response(page, status)


def _carried() -> Iterator[tuple[str, str]]:
    for name, value in request.form.items(multi=True):
        if name not in _NOT_CARRIED and "wachtwoord" not in name:
            yield name, value
