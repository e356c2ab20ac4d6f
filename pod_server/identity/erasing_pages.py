"""The pages on which she lets her vault be erased, or takes that back; while it waits, there is no other page for her."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request

from pod_server.identity.accounts import Account
from pod_server.identity.browsers import current_account, expire, the_provider, trace_id
from pod_server.identity.dates import day
from pod_server.identity.erasing import ask_erasure, erased_at, take_back
from pod_server.identity.fresh_proof import proved_account, signed_in_account
from vault.errors import Conflict, NoSuchResource

erasing_pages = Blueprint("erasing", __name__, url_prefix="/account/wissen")
_STAY = frozenset(
    {
        "static",
        "languages.choose",
        "pages.sign_in",
        "pages.sign_in_page",
        "pages.sign_out",
        "pages.leave_quickly",
        "proof.ask",
        "recovery.stop",
    }
)


@erasing_pages.before_app_request
def lead_to_what_waits() -> Response | None:
    """While her vault waits to be erased, every page of hers leads to the one that says so."""
    blueprint = request.blueprint
    if request.endpoint is None or request.endpoint in _STAY or blueprint in {"endpoints", "erasing"}:
        return None
    here = current_account()
    if here is None or erased_at(the_provider().parts, here[1]) is None:
        return None
    return make_response(redirect("/account/wissen", 303))


@erasing_pages.get("")
def show() -> Response:
    """Say what goes when her vault is erased, or that it waits."""
    here = signed_in_account()
    if isinstance(here, Response):
        return here
    waiting = _waiting_page(here[1])
    if waiting is not None:
        return waiting
    proved = proved_account()
    return proved if isinstance(proved, Response) else make_response(render_template("erase.html"))


@erasing_pages.post("")
def ask() -> Response:
    """Let her vault be erased after fourteen days; she is signed out everywhere."""
    here = signed_in_account("/account/wissen")
    if isinstance(here, Response):
        return here
    waiting = _waiting_page(here[1])
    if waiting is not None:
        return waiting
    proved = proved_account()
    if isinstance(proved, Response):
        return proved
    at_s = ask_erasure(the_provider().parts, proved[1], trace_id())
    return expire(make_response(render_template("erase-asked.html", day=day(at_s))))


@erasing_pages.post("/terug")
def keep() -> Response:
    """Let her vault be as it was; needs no fresh proof."""
    here = signed_in_account("/account/wissen")
    if isinstance(here, Response):
        return here
    try:
        take_back(the_provider().parts, here[1], trace_id())
    except (Conflict, NoSuchResource):
        return make_response(redirect("/account/wissen", 303))
    return make_response(render_template("erase-taken-back.html"))


def _waiting_page(account: Account) -> Response | None:
    parts = the_provider().parts
    at_s = erased_at(parts, account)
    if at_s is None:
        return None
    page = render_template("erase-waits.html", day=day(at_s), can_take_back=parts.now_s < at_s)
    return make_response(page)
