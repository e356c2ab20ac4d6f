"""What a code, a refresh token or client credentials are changed for: tokens bound to the key of the proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from sqlalchemy import Connection

from pod_server.authentication.replay import UsedProof
from pod_server.identity import allowed_apps, authorization_codes, credentials, refresh_tokens, sessions
from pod_server.identity.accounts import Account
from pod_server.identity.authorization_codes import AuthorizationCode
from pod_server.identity.clients import Client
from pod_server.identity.credentials import CredentialClient
from pod_server.identity.parts import IdentityParts
from pod_server.identity.refresh_tokens import RefreshToken
from pod_server.identity.tokens import Holder, Mint, SignIn, lifetime_s

TokenAnswer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TokenDesk:
    """Hands out tokens; whoever comes here has shown who it is and what it gives in return."""

    parts: IdentityParts
    mint: Mint

    def for_code(
        self, client: Client, code: AuthorizationCode, account: Account, proof: UsedProof
    ) -> TokenAnswer:
        """Change an authorization code, once.

        Raises:
            InvalidGrantError: somebody else just used it.
            InvalidToken: the proof was used before.
        """
        self.parts.replay.remember(proof, self.parts.now_s)
        following = RefreshToken(
            token=refresh_tokens.new_token(),
            account=account.id,
            session=code.session,
            family=code.family,
            client=client.id,
            scope=code.scope,
            jkt=proof.thumbprint,
            auth_time=code.auth_time,
        )

        def change(connection: Connection) -> bool:
            if not authorization_codes.take(self.parts, connection, code.code):
                return False
            self._keep(connection, client, following)
            return True

        self._change_once(change, code.family)
        sign_in = SignIn(code.session, code.auth_time, code.nonce)
        return self._answer(client, account, following, sign_in)

    def for_refresh_token(
        self, client: Client, used: RefreshToken, account: Account, proof: UsedProof
    ) -> TokenAnswer:
        """Change a refresh token for new tokens and the next one.

        Raises:
            InvalidGrantError: somebody else just used it.
            InvalidToken: the proof was used before.
        """
        self.parts.replay.remember(proof, self.parts.now_s)
        following = used.followed_by(refresh_tokens.new_token())

        def change(connection: Connection) -> bool:
            if not refresh_tokens.take(self.parts, connection, used.token):
                return False
            self._keep(connection, client, following)
            return True

        self._change_once(change, used.family)
        sign_in = SignIn(used.session, used.auth_time)
        return self._answer(client, account, following, sign_in)

    def for_credentials(self, client: CredentialClient, account: Account, proof: UsedProof) -> TokenAnswer:
        """Give a program an access token, and no ID token: nobody signed in.

        Raises:
            InvalidToken: the proof was used before.
        """
        self.parts.replay.remember(proof, self.parts.now_s)
        credentials.touch(self.parts, client.id)
        holder = Holder(account, client.iri, client.iri, proof.thumbprint, "webid")
        now_s = self.parts.now_s
        end_s = now_s + lifetime_s if client.expires_s is None else min(now_s + lifetime_s, client.expires_s)
        answer = _bearer(self.mint.access_token(holder, now_s, end_s), holder.scope)
        return answer | {"expires_in": end_s - now_s}

    def _change_once(self, change: Callable[[Connection], bool], family: str) -> None:
        if not self.parts.database.write(change):
            refresh_tokens.end_family(self.parts, family)
            raise InvalidGrantError("it was used before")

    def _keep(self, connection: Connection, client: Client, following: RefreshToken) -> None:
        if _is_lasting(client, following.scope):
            family_s = sessions.lifetime_s if client.is_registered else refresh_tokens.lifetime_s
            app_hash = allowed_apps.hash_of(self.parts, following.account, client.iri)
            allowed_apps.touch(self.parts, connection, app_hash)
            refresh_tokens.keep(self.parts, connection, following, family_s, app_hash)

    def _answer(
        self, client: Client, account: Account, following: RefreshToken, sign_in: SignIn
    ) -> TokenAnswer:
        now_s = self.parts.now_s
        holder = Holder(account, client.id, client.iri, following.jkt, following.scope)
        answer = _bearer(self.mint.access_token(holder, now_s), holder.scope)
        if "openid" in holder.scope.split():
            answer["id_token"] = self.mint.id_token(holder, sign_in, client.algorithm, now_s)
        if _is_lasting(client, following.scope):
            answer["refresh_token"] = following.token
        return answer


def _bearer(access_token: str, scope: str) -> TokenAnswer:
    return {"access_token": access_token, "token_type": "DPoP", "expires_in": lifetime_s, "scope": scope}


def _is_lasting(client: Client, scope: str) -> bool:
    return "offline_access" in scope.split() and client.check_grant_type("refresh_token")
