"""The endpoints that programs use: discovery, keys, tokens, revocation and signing out (`solidproject.org/TR/oidc#discovery`)."""

from __future__ import annotations

import json
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request

from pod_server.authentication.challenges import challenge
from pod_server.authentication.dpop import ExpectedProof, check_proof
from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.keys import SIGNING_ALGORITHMS
from pod_server.identity import refresh_tokens, registrations, sessions, throttle, userinfo
from pod_server.identity.browsers import current_session, expire, let_forms_lead_to, the_provider
from pod_server.identity.clients import SCOPES
from pod_server.identity.keys import ALGORITHMS
from pod_server.identity.oauth import AUTH_METHODS
from pod_server.identity.registrations import InvalidRegistration
from pod_server.identity.signing_out import AfterSigningOut, read_target
from pod_server.identity.texts import Language
from pod_server.identity.throttle import REGISTRATION_BY_ADDRESS, REGISTRATION_BY_ANYBODY
from vault.errors import TooManyRequests

endpoints = Blueprint("endpoints", __name__)
TOKEN_PATH = ".oidc/token"  # noqa: S105 -- a path
_kept_s = 300
_FOR_ALL = frozenset(f"endpoints.{name}" for name in ("discovery", "jwks", "token", "person", "register"))
_CLAIMS = ("sub", "webid", "iss", "aud", "azp", "exp", "iat", "auth_time", "nonce", "sid")


@endpoints.get("/.well-known/openid-configuration")
def discovery() -> Response:
    """Say what this provider can do."""
    response = jsonify(configuration(the_provider().parts.issuer))
    response.cache_control.max_age = _kept_s
    return response


def configuration(issuer: str) -> dict[str, Any]:
    """The discovery document (`openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata`)."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}toestaan",
        "token_endpoint": f"{issuer}{TOKEN_PATH}",
        "jwks_uri": f"{issuer}.oidc/jwks",
        "registration_endpoint": f"{issuer}.oidc/register",
        "userinfo_endpoint": f"{issuer}{userinfo.PATH}",
        "revocation_endpoint": f"{issuer}.oidc/revoke",
        "end_session_endpoint": f"{issuer}.oidc/logout",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "claims_supported": list(_CLAIMS),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": list(Language),
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


@endpoints.get("/.oidc/jwks")
def jwks() -> Response:
    """Give the public keys."""
    response = jsonify({"keys": [key.public() for key in the_provider().keys().published]})
    response.cache_control.max_age = _kept_s
    return response


@endpoints.post(f"/{TOKEN_PATH}")
def token() -> Response:
    """Change a code, a refresh token or client credentials for tokens."""
    provider = the_provider()
    expected = ExpectedProof("POST", f"{provider.parts.issuer}{TOKEN_PATH}")
    pairs = list(request.form.items(multi=True))
    try:
        proof = check_proof(request.headers.get("DPoP", ""), expected, provider.parts.now_s)
        return provider.change(pairs, request.headers.get("Authorization"), proof)
    except InvalidToken as error:
        return make_response(jsonify(error=error.code, error_description=error.description), 400)


@endpoints.route(f"/{userinfo.PATH}", methods=["GET", "POST"])
def person() -> Response:
    """Tell an app about the person who signed in at it."""
    provider = the_provider()
    authorization, proofs = (request.headers.getlist(name) for name in ("Authorization", "DPoP"))
    try:
        return jsonify(userinfo.person_of(provider, request.method, authorization, proofs))
    except userinfo.InsufficientScope:
        return make_response(jsonify(error="insufficient_scope"), 403)
    except InvalidToken as error:
        answer = make_response(jsonify(error=error.code, error_description=error.description), 401)
        answer.headers["WWW-Authenticate"] = challenge(
            error if authorization else None, provider.parts.issuer
        )
        return answer


@endpoints.post("/.oidc/register")
def register() -> Response:
    """Register a client (`rfc-editor.org/rfc/rfc7591#section-3`)."""
    parts = the_provider().parts
    try:
        throttle.count(
            parts, [(REGISTRATION_BY_ADDRESS, request.remote_addr or ""), (REGISTRATION_BY_ANYBODY, "")]
        )
        return make_response(jsonify(registrations.register(parts, _json_body()).answer()), 201)
    except TooManyRequests as error:
        answer = make_response(jsonify(error="temporarily_unavailable"), 429)
        answer.headers["Retry-After"] = str(error.retry_after_s)
        return answer
    except InvalidRegistration as error:
        return make_response(jsonify(error=error.code, error_description=error.description), 400)


def _json_body() -> object:
    """The body as JSON; None when it is none."""
    try:
        body: object = json.loads(request.get_data()) if request.is_json else None
    except (ValueError, RecursionError):
        return None
    return body


@endpoints.post("/.oidc/revoke")
def revoke() -> Response:
    """End a refresh token with its family; says the same of one that is unknown (`rfc-editor.org/rfc/rfc7009`).

    Access tokens cannot be taken back: they end by themselves within ten minutes, and what they reach is decided anew
    for each request.
    """
    provider, presented = the_provider(), request.form.get("token", "")
    parts = provider.parts
    try:
        asked = provider.identify(list(request.form.items(multi=True)), request.headers.get("Authorization"))
    except OAuth2Error as error:
        return provider.tell(error)
    if provider.desk.mint.presented(presented, parts.now_s) is not None:
        return make_response(jsonify(error="unsupported_token_type"), 400)
    found = refresh_tokens.find(parts, presented)
    if found is not None and found.client == asked.client.id:
        refresh_tokens.end_family(parts, found.family)
    return make_response("", 200)


@endpoints.route("/.oidc/logout", methods=["GET", "POST"])
def log_out() -> Response:
    """Sign out for an app (`openid.net/specs/openid-connect-rpinitiated-1_0.html`); without its own ID token a person is asked."""
    provider = the_provider()
    here = current_session()
    known = provider.desk.mint.session_of(request.values.get("id_token_hint", ""))
    claimed = request.values.get("client_id", "" if known is None else known[1])
    if known is None or claimed != known[1]:
        # Who shows an ID token of one app and names another one gets no target.
        return _ask_first(read_target(provider, claimed, request.values) if known is None else None)
    ended, client_id = known
    sessions.end(provider.parts, ended)
    after = read_target(provider, client_id, request.values)
    page = make_response(redirect(after.url(provider), 303) if after else render_template("signed-out.html"))
    return expire(page) if here is not None and here.id == ended else page


def _ask_first(after: AfterSigningOut | None) -> Response:
    """Ask the person, when she is signed in at all; her yes leads on to an address that was checked, and is again."""
    if current_session() is None:
        return make_response(render_template("signed-out.html"))
    if after is not None:
        let_forms_lead_to(after.address)
    return make_response(render_template("sign-out.html", after=after))


def add_cors(response: Response) -> Response:
    """Let scripts of any origin read what is public, or needs more than a cookie."""
    if request.endpoint in _FOR_ALL:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate, Trace-Id"
        if request.method == "OPTIONS":
            response.status_code = 204
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, DPoP"
            response.headers["Access-Control-Max-Age"] = "600"
    return response
