"""Authlib's grants fitted to Solid-OIDC; the one module that inherits from Authlib (`docs/decisions/0004-authlib-grants.md`)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import compare_s256_code_challenge
from flask import Response

from pod_server.authentication.errors import InvalidToken
from pod_server.authentication.replay import UsedProof
from pod_server.identity import authorization_codes, credentials, refresh_tokens, registrations
from pod_server.identity.accounts import Account, find_account, find_signed_in
from pod_server.identity.approvals import Approval, keep_approval
from pod_server.identity.authorization_codes import AuthorizationCode
from pod_server.identity.client_assertions import check_assertion, claimed_client
from pod_server.identity.clients import Client, client_directory
from pod_server.identity.credentials import CredentialClient
from pod_server.identity.exchange import TokenAnswer, TokenDesk
from pod_server.identity.keys import open_keys
from pod_server.identity.parts import IdentityParts
from pod_server.identity.refresh_tokens import RefreshToken
from pod_server.identity.tokens import Mint
from vault.errors import Unavailable

AUTH_METHODS = registrations.AUTH_METHODS
max_parameters = 50
max_query_length = 8 * 1024
# What may stand in a description (RFC 6749, section 5.2): Authlib repeats some parameters there, and fails on others.
_PLAIN = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")
_REPEATED = ("client_id", "redirect_uri", "response_type", "grant_type")


class Asked(OAuth2Request):
    """One request at the authorization or the token endpoint; no parameter may be there twice."""

    def __init__(self, url: str, values: Mapping[str, str], headers: Mapping[str, str]) -> None:
        super().__init__("POST", url, headers=headers)
        self.payload = BasicOAuth2Payload(values)
        self.proof: UsedProof | None = None

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters."""
        values: Mapping[str, str] = self.payload.data
        return values


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """An authorization request that holds: the app, where the answer goes, and what was asked with it."""

    grant: Any
    client: Client
    redirect_uri: str
    values: Mapping[str, str]


class S256Challenge(CodeChallenge):
    """PKCE without the ways around it: a challenge is needed, by the one method that hides the verifier."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    CODE_CHALLENGE_METHODS = {"S256": compare_s256_code_challenge}  # noqa: RUF012 -- Authlib's own shape

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse a request without a challenge (Authlib would give a code)."""
        values = grant.request.form
        if not values.get("code_challenge") or values.get("code_challenge_method") != "S256":
            raise InvalidRequestError("a code_challenge with method S256 is needed")
        super().validate_code_challenge(grant, redirect_uri)


class CodeGrant(AuthorizationCodeGrant):
    """Authorization codes."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def generate_authorization_code(self) -> str:
        """Make a code that cannot be guessed."""
        return authorization_codes.new_code()

    def save_authorization_code(self, code: str, request: Asked) -> None:
        """Keep the code with what it stands for."""
        approval: Approval = request.user
        parts: IdentityParts = self.server.parts
        issued = AuthorizationCode(
            code=code,
            account=approval.account.id,
            session=approval.session.id,
            family=parts.context.new_id(),
            client=request.client.id,
            redirect_uri=request.form["redirect_uri"],
            scope=request.scope,
            code_challenge=request.form["code_challenge"],
            nonce=request.form.get("nonce"),
            jkt=request.form.get("dpop_jkt"),
            auth_time=approval.session.signed_in_s,
        )
        keep_approval(parts, approval, request.client, issued)

    def query_authorization_code(self, code: str, client: Client) -> AuthorizationCode | None:
        """What the code stands for, when it is this client's and, where it was bound to a key, that key's."""
        found = authorization_codes.find(self.server.parts, code)
        is_bound = found is not None and found.jkt in {None, self.request.proof.thumbprint}
        return found if found is not None and is_bound and found.client == client.id else None

    def authenticate_user(self, authorization_code: AuthorizationCode) -> Account | None:
        """Whose code it is."""
        return find_signed_in(self.server.parts, authorization_code.account, authorization_code.auth_time)

    def generate_token(self, user: Account, **_: object) -> TokenAnswer:
        """Change the code for tokens."""
        request = self.request
        desk: TokenDesk = self.server.desk
        return desk.for_code(request.client, request.authorization_code, user, request.proof)

    def delete_authorization_code(self, _: AuthorizationCode) -> None:
        """Nothing to do: it was used in the transaction that kept the refresh token."""


class RefreshGrant(RefreshTokenGrant):
    """Refresh tokens, each used once."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        """What the token stands for, when the proof is of its key."""
        found = refresh_tokens.find(self.server.parts, refresh_token)
        if found is None or found.jkt != self.request.proof.thumbprint:
            return None
        # Here and not below: Authlib calls a token without a user a wrong request, and it is a grant that is over.
        return None if self.authenticate_user(found) is None else found

    def authenticate_user(self, refresh_token: RefreshToken) -> Account | None:
        """Whose token it is."""
        return find_signed_in(self.server.parts, refresh_token.account, refresh_token.auth_time)

    def generate_token(self, user: Account, **_: object) -> TokenAnswer:
        """Change the token for the next."""
        request = self.request
        desk: TokenDesk = self.server.desk
        return desk.for_refresh_token(request.client, request.refresh_token, user, request.proof)

    def revoke_old_credential(self, _: RefreshToken) -> None:
        """Nothing to do: it was used in the transaction that kept the next."""


class CredentialsGrant(ClientCredentialsGrant):
    """Client credentials, proved as RFC 6749 has it: Basic with both parts percent-encoded."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def generate_token(self, **_: object) -> TokenAnswer:
        """Give a token for the account that the program acts for."""
        desk: TokenDesk = self.server.desk
        client: CredentialClient = self.request.client
        account = find_account(desk.parts, client.account)
        if account is None:
            raise OAuth2Error("the account is gone", error="invalid_grant")
        return desk.for_credentials(client, account, self.request.proof)


class Provider(AuthorizationServer):
    """The OpenID provider: who may ask for what, and what is answered."""

    def __init__(self, parts: IdentityParts) -> None:
        super().__init__()
        self.parts = parts
        self.clients = client_directory(parts.fetch)
        self.keys = open_keys(parts)
        self.desk = TokenDesk(parts, Mint(parts.issuer, self.keys))
        self.register_client_auth_method("private_key_jwt", self._by_assertion)
        self.register_grant(CodeGrant, [S256Challenge(required=True)])
        self.register_grant(RefreshGrant)
        self.register_grant(CredentialsGrant)

    def query_client(self, client_id: str) -> Client | CredentialClient | None:
        """The app whose document is at this address, or the program or registered client with this id."""
        return self.find_app(client_id) or credentials.find(self.parts, client_id)

    def find_app(self, client_id: str) -> Client | None:
        """The app with this id or whose document is at this address; None when there is none that can be had now."""
        if not client_id.startswith(("https://", "http://")):
            return registrations.find(self.parts, client_id)
        try:
            return self.clients.get(client_id, self.parts.now_s)[0]
        except Unavailable:
            return None

    def examine(self, query: str) -> AuthorizationRequest:
        """Check an authorization request, given as the query of its URL.

        Raises:
            OAuth2Error: it does not hold; with a redirect URI when the app may be told.
        """
        if len(query) > max_query_length:
            raise InvalidRequestError("the request is too long")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=max_parameters)
        except ValueError as error:
            raise InvalidRequestError("the request has too many parameters") from error
        grant = self.get_consent_grant(self._asked("toestaan", pairs))
        request: Asked = grant.request
        if (
            request.form.keys() & {"request", "request_uri"}
            or request.form.get("response_mode", "query") != "query"
        ):
            raise InvalidRequestError("request objects and other response modes are not known here")
        return AuthorizationRequest(grant, request.client, grant.redirect_uri, request.form)

    def approve(self, asked: AuthorizationRequest, approval: Approval | None) -> Response:
        """Send the browser back to the app, with a code, or (None) with a refusal."""
        answer: Response = self.create_authorization_response(asked.grant.request, approval, asked.grant)
        return answer

    def send_back(self, asked: AuthorizationRequest, error: str) -> Response:
        """Send the browser back to the app with an error."""
        state = asked.values.get("state")
        return self.tell(OAuth2Error(error=error, state=state, redirect_uri=asked.redirect_uri))

    def tell(self, error: OAuth2Error) -> Response:
        """Answer an error as its kind asks: by redirect, or as JSON."""
        answer: Response = self.handle_error_response(None, error)
        return answer

    def with_state(self, url: str, state: str) -> str:
        """An address of an app with its own state."""
        target: str = add_params_to_uri(url, [("state", state)])
        return target

    def change(self, pairs: list[tuple[str, str]], authorization: str | None, proof: UsedProof) -> Response:
        """Answer a request at the token endpoint whose proof holds.

        Raises:
            InvalidToken: the proof was used before.
        """
        headers = {"Authorization": authorization} if authorization and is_readable(authorization) else {}
        try:
            request = self._asked(".oidc/token", pairs, headers)
        except OAuth2Error as error:
            return self.tell(error)
        request.proof = proof
        answer: Response = self.create_token_response(request)
        return answer

    def identify(self, pairs: list[tuple[str, str]], authorization: str | None) -> Asked:
        """Establish which client makes a request that is not for tokens.

        Raises:
            OAuth2Error: it does not prove to be any.
        """
        headers = {"Authorization": authorization} if authorization and is_readable(authorization) else {}
        request = self._asked(".oidc/revoke", pairs, headers)
        request.client = self.authenticate_client(request, AUTH_METHODS, "revocation")
        return request

    def create_oauth2_request(self, request: Asked) -> Asked:
        """Requests are read before Authlib sees them."""
        return request

    def save_token(self, token: TokenAnswer, request: Asked) -> None:
        """Nothing to do: tokens are kept in the transaction that uses up what they are given for."""

    def send_signal(self, name: str, *args: object, **more: object) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        """Make the answer; a redirect says who sends it (RFC 9207)."""
        location = dict(headers).get("Location")
        if location is None:
            return Response(json.dumps(body), status, headers)
        # 303, for it may answer a POST.
        return Response("", 303, {"Location": add_params_to_uri(location, [("iss", self.parts.issuer)])})

    def _by_assertion(self, _: object, request: Asked) -> Client | None:
        """The client that signed the assertion of a request; for Authlib."""
        client_id = claimed_client(request.form)
        client = None if client_id is None else self.find_app(client_id)
        if client is None:
            return None
        audiences = frozenset({self.parts.issuer, f"{self.parts.issuer}.oidc/token"})
        try:
            proof = check_assertion(request.form["client_assertion"], client, audiences, self.parts.now_s)
            self.parts.replay.remember(proof, self.parts.now_s)
        except (ValueError, InvalidToken):
            return None
        return client

    def _asked(
        self, path: str, pairs: list[tuple[str, str]], headers: Mapping[str, str] | None = None
    ) -> Asked:
        values = dict(pairs)
        if len(values) != len(pairs):
            raise InvalidRequestError("a parameter is there twice")
        if not all(_PLAIN.fullmatch(values.get(name, "")) for name in _REPEATED):
            raise InvalidRequestError("a parameter has characters that it may not have")
        return Asked(f"{self.parts.issuer}{path}", values, headers or {})


def is_readable(authorization: str) -> bool:
    """Whether Authlib can read this header: it fails on bytes that are no text."""
    try:
        base64.b64decode(authorization.partition(" ")[2]).decode()
    except ValueError:
        return False
    return True
