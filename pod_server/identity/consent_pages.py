"""The authorization endpoint, and the page on which a person says what an app may do."""

from __future__ import annotations

from urllib.parse import quote

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, make_response, redirect, render_template, request

from pod_server.identity import consent, session_clients
from pod_server.identity.accounts import Account
from pod_server.identity.approvals import Approval
from pod_server.identity.authorization import Step, continued, next_step
from pod_server.identity.browsers import current_account, let_forms_lead_to, the_provider, trace_id
from pod_server.identity.clients import Client, origin_text
from pod_server.identity.consent import Choices
from pod_server.identity.fresh_proof import proved_account
from pod_server.identity.languages import current_language, is_switching, text
from pod_server.identity.oauth import AuthorizationRequest
from pod_server.identity.session_clients import LetIn
from pod_server.identity.sessions import Session
from vault.model.requester import SERVICES

consent_pages = Blueprint("consent", __name__)


@consent_pages.get("/toestaan")
def ask() -> Response:
    """Answer an authorization request, or ask the person first."""
    asked = _examine()
    if isinstance(asked, Response):
        return asked
    here = current_account()
    may_go = here is not None and _needs_no_consent(asked.client, *here)
    step = next_step(asked, here[0] if here else None, may_go=may_go, now_s=the_provider().parts.now_s)
    match step:
        case Step.LOGIN_REQUIRED | Step.CONSENT_REQUIRED:
            return the_provider().send_back(asked, step.name.lower())
        case Step.GO if here is not None:
            return the_provider().approve(asked, Approval(here[1], here[0], trace_id()))
        case Step.CONSENT if here is not None:
            return make_response(_page(asked, here[1], Choices(), {}))
        case _:
            return _to_sign_in()


@consent_pages.post("/toestaan")
def decide() -> Response:
    """Keep what the person said, and send her back to the app."""
    asked = _examine()
    if isinstance(asked, Response):
        return asked
    here = current_account()
    if here is None:
        return _to_sign_in()
    if is_switching():
        return make_response(_page(asked, here[1], _read_choices(), {}))
    if request.form.get("besluit") != "ja":
        return the_provider().approve(asked, None)
    return _allow(asked, *here)


def _allow(asked: AuthorizationRequest, session: Session, account: Account) -> Response:
    choices = _read_choices()
    limit = consent.limit_of(choices)
    if limit is None:
        errors = {"plaats": text("app.fout.niets")}
        return make_response(_page(asked, account, choices, errors), 422)
    if consent.is_weighty(limit):
        let_forms_lead_to(asked.redirect_uri)
        proved = proved_account()
        if isinstance(proved, Response):
            return proved
        session, account = proved
    approval = Approval(account, session, trace_id(), None if _is_trusted(asked.client) else limit)
    return the_provider().approve(asked, approval)


def _examine() -> AuthorizationRequest | Response:
    """The request, or the answer to one that does not hold: at the app when it may be told, else here."""
    try:
        return the_provider().examine(request.query_string.decode("ascii", "replace"))
    except OAuth2Error as error:
        if error.redirect_uri:
            return the_provider().tell(error)
        return make_response(render_template("message.html", words="app_fout"), 400)


def _to_sign_in() -> Response:
    asking = continued(request.query_string.decode("ascii", "replace"))
    return make_response(redirect(f"/inloggen?verder={quote(asking, safe='')}", 303))


def _page(asked: AuthorizationRequest, account: Account, choices: Choices, errors: dict[str, str]) -> str:
    let_forms_lead_to(asked.redirect_uri)
    with the_provider().parts.context.catalogue.view() as view:
        organisation = consent.organisation_of(view.register(), asked.client)
    asking = continued(request.query_string.decode("ascii", "replace"))
    return render_template(
        "consent.html",
        app=asked.client,
        organisation=organisation,
        target=origin_text(asked.redirect_uri).partition("://")[2],
        account=account,
        choices=choices,
        errors=errors,
        asking=asking,
        action=f"/toestaan?{asking}",
        places=consent.places(current_language()),
        modes=tuple(consent.MODES),
        services=sorted(SERVICES),
        everywhere=consent.EVERYWHERE,
    )


def _read_choices() -> Choices:
    form = request.form
    return consent.read_choices(
        form.get("wat", ""),
        form.getlist("plaats"),
        form.getlist("dienst"),
        has_control=form.get("regelen") == "ja",
    )


def _needs_no_consent(client: Client, session: Session, account: Account) -> bool:
    if _is_trusted(client):
        return True
    let_in = LetIn(session.id, account.webid, client.iri)
    if client.is_registered and not session_clients.is_kept(the_provider().parts, let_in):
        return False
    with the_provider().parts.context.catalogue.view() as view:
        return view.app_limit(account.webid, client.iri) is not None


def _is_trusted(client: Client) -> bool:
    return client.id in the_provider().parts.settings.trusted_clients
