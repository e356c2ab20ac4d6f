"""The account page: every way in, every app, every browser and every program, each with its own end."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template
from werkzeug.exceptions import NotFound

from pod_server.identity import endings
from pod_server.identity.account_items import Item, Kind, app_items, item_of, program_items, session_items
from pod_server.identity.allowed_apps import apps_of
from pod_server.identity.browsers import expire, the_provider, trace_id
from pod_server.identity.fresh_proof import Here, signed_in_account

account_pages = Blueprint("account", __name__, url_prefix="/account")


@account_pages.get("")
def show() -> Response:
    """Show all that lets somebody in."""
    here = signed_in_account()
    if isinstance(here, Response):
        return here
    page = render_template(
        "account.html",
        account=here[1],
        apps=app_items(*here),
        sessions=session_items(*here),
        programs=program_items(*here),
    )
    return make_response(page)


@account_pages.get("/<kind>/<id_>/stop")
def confirm(kind: str, id_: str) -> Response:
    """Ask whether one of them ends, and say what that does."""
    here = signed_in_account()
    if isinstance(here, Response):
        return here
    item = _find(here, kind, id_)
    if item is None:
        return _over(kind)
    return make_response(render_template("account-stop.html", item=item))


@account_pages.post("/<kind>/<id_>/stop")
def end(kind: str, id_: str) -> Response:
    """End it. What is over already is told so; stopping needs no fresh proof."""
    here = signed_in_account(f"/account/{kind}/{id_}/stop")
    if isinstance(here, Response):
        return here
    item = _find(here, kind, id_)
    if item is None:
        return _over(kind)
    _end(here, item)
    return make_response(render_template("account-stopped.html", item=item))


@account_pages.get("/overal-uitloggen")
def confirm_everywhere() -> Response:
    """Ask whether everything ends, and say what that does."""
    here = signed_in_account()
    if isinstance(here, Response):
        return here
    return make_response(render_template("everywhere.html", programs=program_items(*here)))


@account_pages.post("/overal-uitloggen")
def everywhere() -> Response:
    """End everything that lets somebody in without signing in again."""
    here = signed_in_account("/account/overal-uitloggen")
    if isinstance(here, Response):
        return here
    endings.sign_out_everywhere(the_provider().parts, here[1], trace_id())
    return expire(make_response(render_template("everywhere-done.html")))


def _find(here: Here, kind: str, id_: str) -> Item | None:
    if kind not in set(Kind):
        raise NotFound
    return item_of(*here, Kind(kind), id_)


def _over(kind: str) -> Response:
    return make_response(render_template("account-over.html", kind=kind), 404)


def _end(here: Here, item: Item) -> None:
    parts, account = the_provider().parts, here[1]
    match item.kind:
        case Kind.APP:
            app = next((one for one in apps_of(parts, account) if one.app_hash.hex() == item.id), None)
            if app is not None:
                endings.end_app(parts, account, app, trace_id())
        case Kind.SESSION:
            endings.end_session(parts, account, item.id, trace_id())
        case Kind.PROGRAM:
            endings.end_credential(parts, account, item.id, trace_id())
