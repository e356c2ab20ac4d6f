"""Starting a session in a browser, and ending it."""

from __future__ import annotations

from flask import Response, make_response, redirect, request
from flask import session as form_session

from pod_server.identity import sessions
from pod_server.identity.accounts import Account
from pod_server.identity.approvals import Approval, journal_sign_in
from pod_server.identity.authorization import continued
from pod_server.identity.browsers import current_session, remember, the_provider, trace_id


def end_session() -> None:
    """End the session of this browser, and forget what its forms kept."""
    session = current_session()
    form_session.clear()
    if session is not None:
        sessions.end(the_provider().parts, session.id)


def welcome(account: Account, way_since_s: int, target: str) -> Response:
    """Start a new session of who proved a way in of that age, and go on to the app that asked for it, else to a page of our own."""
    parts = the_provider().parts
    end_session()
    browser = request.user_agent.string
    session, cookie = sessions.begin(parts, account.id, way_since_s, browser)
    asking = continued(request.form.get("verder", ""))
    if asking:
        target = f"/toestaan?{asking}"
    else:
        journal_sign_in(parts, Approval(account, session, trace_id()))
    return remember(make_response(redirect(target, 303)), cookie)
